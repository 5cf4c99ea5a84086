/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of words. Comes with base/text.h.
 */
#ifndef AC_BASE_WORDS_H
#define AC_BASE_WORDS_H

#include "base/memory.h"

#include <stdbool.h>

struct ac_text;

/* An owned list of owned NUL-terminated words. Zero-initialised is empty. */
struct ac_words {
    char **items; /* count pointers, then a NULL: usable as an argv-like list */
    size_t count;
    size_t capacity;
};

AC_MUST enum ac_code ac_words_add(struct ac_words *words, const char *word,
                                  struct ac_error *err);
AC_MUST enum ac_code ac_words_addf(struct ac_words *words, struct ac_error *err,
                                   const char *format, ...)
    __attribute__((format(printf, 3, 4)));
AC_MUST enum ac_code ac_words_copy(const struct ac_words *from, struct ac_words *ret_to,
                                   struct ac_error *err);
bool ac_words_has(const struct ac_words *words, const char *word);
/* The same words, in any order. Neither list has doubles. */
bool ac_words_is_same_set(const struct ac_words *a, const struct ac_words *b);
void ac_words_sort(struct ac_words *words);
/* "a, b, c" appended to text. */
AC_MUST enum ac_code ac_words_join(const struct ac_words *words, const char *between,
                                   struct ac_text *text, struct ac_error *err);
void ac_words_done(struct ac_words *words);
AC_DEFINE_DROP_VALUE(ac_words, ac_words_done)

#endif
