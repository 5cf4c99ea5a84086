/* SPDX-License-Identifier: Apache-2.0 */
#include "allocation.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

/*
 * A test that holds half of them at once is told to be smaller. Few, because each run
 * is a process that pays for every page of the table it touches.
 */
#define SLOT_BITS  14
#define SLOT_COUNT ((size_t)1 << SLOT_BITS)

static struct {
    bool is_counting, is_paused;
    bool has_failed;
    size_t fail_at;
    size_t made;
    size_t live;
    uintptr_t slots[SLOT_COUNT]; /* open addressing; 0: empty */
} state;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
void __real_free(void *memory);
int __real_vasprintf(char **ret_text, const char *format, va_list arguments);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);
void __wrap_free(void *memory);
int __wrap_vasprintf(char **ret_text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
int __wrap_asprintf(char **ret_text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void ac_allocation_start(size_t fail_at)
{
    state.fail_at = fail_at;
    state.made = 0;
    state.has_failed = false;
    state.is_counting = true;
}

void ac_allocation_stop(void)
{
    state.is_counting = false;
}

void ac_allocation_pause(void)
{
    state.is_paused = true;
}

void ac_allocation_resume(void)
{
    state.is_paused = false;
}

size_t ac_allocation_live(void)
{
    return state.live;
}

bool ac_allocation_has_failed(void)
{
    return state.has_failed;
}

void ac_allocation_hook_jansson(void)
{
    json_set_alloc_funcs(__wrap_malloc, __wrap_free);
}

static bool must_fail(void)
{
    if (!state.is_counting || state.is_paused || ++state.made != state.fail_at)
        return false;
    state.has_failed = true;
    errno = ENOMEM;
    return true;
}

static size_t home_of(uintptr_t key)
{
    return (size_t)((key >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> (64 - SLOT_BITS))
           & (SLOT_COUNT - 1);
}

static void *remember(void *memory)
{
    size_t slot = home_of((uintptr_t)memory);

    if (!state.is_counting || memory == NULL)
        return memory;
    if (state.live >= SLOT_COUNT / 2) {
        (void)fputs("allocation.c: too many allocations at once\n", stderr);
        abort();
    }
    while (state.slots[slot] != 0)
        slot = (slot + 1) & (SLOT_COUNT - 1);
    state.slots[slot] = (uintptr_t)memory;
    state.live++;
    return memory;
}

/* Closes the gap, so that no search stops short of what lay behind it. */
static void close_gap(size_t gap)
{
    for (size_t next = (gap + 1) & (SLOT_COUNT - 1); state.slots[next] != 0;
         next = (next + 1) & (SLOT_COUNT - 1)) {
        size_t home = home_of(state.slots[next]);

        if (((next - home) & (SLOT_COUNT - 1)) < ((next - gap) & (SLOT_COUNT - 1)))
            continue;
        state.slots[gap] = state.slots[next];
        gap = next;
    }
    state.slots[gap] = 0;
}

/* What a library allocated for us is not in the table, and is none of our business. */
static void forget(uintptr_t key)
{
    size_t slot = home_of(key);

    if (key == 0 || state.live == 0)
        return;
    while (state.slots[slot] != 0 && state.slots[slot] != key)
        slot = (slot + 1) & (SLOT_COUNT - 1);
    if (state.slots[slot] != key)
        return;
    state.live--;
    close_gap(slot);
}

void *__wrap_malloc(size_t size)
{
    return must_fail() ? NULL : remember(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return must_fail() ? NULL : remember(__real_calloc(count, size));
}

void *__wrap_realloc(void *old, size_t size)
{
    uintptr_t key = (uintptr_t)old;
    void *memory;

    if (must_fail())
        return NULL;
    memory = __real_realloc(old, size);
    if (memory == NULL && size > 0)
        return NULL;
    forget(key);
    return remember(memory);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    return __wrap_realloc(old, total);
}

char *__wrap_strdup(const char *text)
{
    return must_fail() ? NULL : remember(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t size)
{
    return must_fail() ? NULL : remember(__real_strndup(text, size));
}

void __wrap_free(void *memory)
{
    forget((uintptr_t)memory);
    __real_free(memory);
}

int __wrap_vasprintf(char **ret_text, const char *format, va_list arguments)
{
    int length;

    *ret_text = NULL;
    if (must_fail())
        return -1;
    length = __real_vasprintf(ret_text, format, arguments);
    if (length >= 0)
        (void)remember(*ret_text);
    return length;
}

int __wrap_asprintf(char **ret_text, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = __wrap_vasprintf(ret_text, format, arguments);
    va_end(arguments);
    return length;
}
