/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_memory.h"

#include "base/memory.h"

#include <jansson.h>
#include <stdlib.h>

#define BLOCK_SIZE 16 /* what malloc takes for itself with each block, about */

static struct {
    size_t room;
    bool is_over;
    bool has_failed; /* also when it is over */
    void *spare;
    size_t spare_size;
} state;

static void *allocate(size_t size)
{
    size_t cost = size + BLOCK_SIZE;
    void *memory = NULL;

    if (!state.has_failed && cost > state.room)
        state.is_over = state.has_failed = true;
    if (!state.has_failed)
        memory = malloc(size);
    if (memory != NULL) {
        state.room -= cost;
        return memory;
    }
    state.has_failed = true;
    return size <= state.spare_size ? AC_TAKE(state.spare) : NULL;
}

void ac_json_memory_begin(size_t room)
{
    json_set_alloc_funcs(allocate, free);
    state.room = room;
    state.is_over = false;
    state.has_failed = false;
}

bool ac_json_memory_has_failed(void)
{
    return state.has_failed;
}

bool ac_json_memory_is_over(void)
{
    return state.is_over;
}

enum ac_code ac_json_memory_fail(struct ac_error *err)
{
    return ac_fail(err, AC_E_NOMEM, "no memory for a JSON value");
}

enum ac_code ac_json_memory_spare(size_t size, struct ac_error *err)
{
    AC_TRY(ac_memory_new(1, size, &state.spare, err));
    state.spare_size = size;
    return AC_OK;
}

void ac_json_memory_drop_spare(void)
{
    free(AC_TAKE(state.spare));
    state.spare_size = 0;
}
