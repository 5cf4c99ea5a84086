/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROW_FIRST 8 /* items of a new array */

static enum ac_code out_of_memory(struct ac_error *err)
{
    return ac_fail(err, AC_E_NOMEM, "out of memory");
}

void ac_memory_drop_text(char **held)
{
    free(*held);
}

void ac_memory_drop_fd(int *held)
{
    /* A failure on its way out may still be about to read errno. */
    int kept_errno = errno;

    if (*held >= 0)
        (void)close(*held);
    errno = kept_errno;
}

enum ac_code ac_memory_new(size_t count, size_t size, void *ret_pointer,
                           struct ac_error *err)
{
    /* calloc(0, n) may give NULL, which would read as a failure. */
    void *memory = calloc(count ? count : 1, size ? size : 1);

    if (!memory)
        return out_of_memory(err);
    memcpy(ret_pointer, &memory, sizeof memory);
    /* cppcheck-suppress memleak; memcpy has handed it over */
    return AC_OK;
}

/* Doubles until `needed` fits; where doubling would overflow, `needed` itself. */
static size_t grown_capacity(size_t capacity, size_t needed)
{
    size_t grown = capacity < GROW_FIRST ? GROW_FIRST : capacity;

    while (grown < needed) {
        if (grown > SIZE_MAX / 2)
            return needed;
        grown *= 2;
    }
    return grown;
}

enum ac_code ac_memory_grow(void *items, size_t *capacity, size_t needed, size_t size,
                            struct ac_error *err)
{
    if (needed <= *capacity)
        return AC_OK;

    size_t grown = grown_capacity(*capacity, needed);
    size_t grown_size = 0;
    if (__builtin_mul_overflow(grown, size, &grown_size) || grown_size > PTRDIFF_MAX)
        return out_of_memory(err);

    void *memory = NULL;
    memcpy(&memory, items, sizeof memory);
    memory = realloc(memory, grown_size ? grown_size : 1);
    if (!memory)
        return out_of_memory(err);

    memset((unsigned char *)memory + *capacity * size, 0, (grown - *capacity) * size);
    memcpy(items, &memory, sizeof memory);
    *capacity = grown;
    return AC_OK;
}

enum ac_code ac_memory_copy_text(const char *text, char **ret_copy,
                                 struct ac_error *err)
{
    return ac_memory_copy_bytes(text, strlen(text), ret_copy, err);
}

enum ac_code ac_memory_copy_bytes(const void *bytes, size_t size, char **ret_copy,
                                  struct ac_error *err)
{
    char *copy = size < SIZE_MAX ? malloc(size + 1) : NULL;

    if (!copy)
        return out_of_memory(err);
    if (size)
        memcpy(copy, bytes, size);
    copy[size] = '\0';
    *ret_copy = copy;
    return AC_OK;
}

enum ac_code ac_memory_format(char **ret_text, struct ac_error *err, const char *format,
                              ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    int size = vasprintf(&text, format, args);
    va_end(args);
    if (size < 0)
        return out_of_memory(err);
    *ret_text = text;
    return AC_OK;
}
