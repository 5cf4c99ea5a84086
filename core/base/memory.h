/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scope-bound ownership and overflow-checked growth. Plain malloc underneath.
 */
#ifndef AC_BASE_MEMORY_H
#define AC_BASE_MEMORY_H

#include "base/error.h"

#include <stddef.h>

/*
 * AC_AUTO(ac_order) *order = NULL;      freed on every path by ac_order_drop
 * AC_AUTO(ac_secret) pem = { 0 };       a struct by value: wiped by its drop
 * AC_DEFINE_DROP(ac_order, ac_order_free) in the header makes the drop function for a
 * pointer; AC_DEFINE_DROP_VALUE(ac_secret, ac_secret_wipe) for a struct by value.
 */
#define AC_AUTO(type) __attribute__((cleanup(type##_drop))) struct type

#define AC_DEFINE_DROP(type, free_function)                                            \
    static inline void type##_drop(struct type **held)                                 \
    {                                                                                  \
        free_function(*held);                                                          \
    }
#define AC_DEFINE_DROP_VALUE(type, done_function)                                      \
    static inline void type##_drop(struct type *held)                                  \
    {                                                                                  \
        done_function(held);                                                           \
    }

/* char *text freed on every path: AC_AUTO_TEXT char *line = NULL; */
#define AC_AUTO_TEXT __attribute__((cleanup(ac_memory_drop_text)))

/* A descriptor closed on every path: AC_AUTO_FD int fd = -1; */
#define AC_AUTO_FD __attribute__((cleanup(ac_memory_drop_fd)))

/* Hands over and leaves NULL: *ret_order = AC_TAKE(order); */
#define AC_TAKE(pointer)                                                               \
    __extension__({                                                                    \
        __typeof__(pointer) ac_taken_ = (pointer);                                     \
        (pointer) = NULL;                                                              \
        ac_taken_;                                                                     \
    })

#define AC_COUNT(array) (sizeof(array) / sizeof *(array))

void ac_memory_drop_text(char **held);
void ac_memory_drop_fd(int *held);

/* Zeroed memory for count things of size bytes; AC_E_NOMEM. Free with free(). */
AC_MUST enum ac_code ac_memory_new(size_t count, size_t size, void *ret_pointer,
                                   struct ac_error *err);

/*
 * Makes room for at least `needed` items in a growing array (doubling,
 * overflow-checked; new items are zeroed). `items` points to the array's pointer; it
 * and *capacity change on success only.
 */
AC_MUST enum ac_code ac_memory_grow(void *items, size_t *capacity, size_t needed,
                                    size_t size, struct ac_error *err);

/* Copies of NUL-terminated text, or of `size` bytes plus a NUL. Free with free(). */
AC_MUST enum ac_code ac_memory_copy_text(const char *text, char **ret_copy,
                                         struct ac_error *err);
AC_MUST enum ac_code ac_memory_copy_bytes(const void *bytes, size_t size,
                                          char **ret_copy, struct ac_error *err);

/* As asprintf with our error. Free with free(). */
AC_MUST enum ac_code ac_memory_format(char **ret_text, struct ac_error *err,
                                      const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
