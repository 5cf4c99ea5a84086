/* SPDX-License-Identifier: Apache-2.0 */
#include "base/words.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keeps *word on success only. */
static enum ac_code keep_word(struct ac_words *words, char **word, struct ac_error *err)
{
    AC_TRY(ac_memory_grow(&words->items, &words->capacity, words->count + 2,
                          sizeof *words->items, err));
    words->items[words->count++] = AC_TAKE(*word);
    words->items[words->count] = NULL;
    return AC_OK;
}

enum ac_code ac_words_add(struct ac_words *words, const char *word,
                          struct ac_error *err)
{
    AC_AUTO_TEXT char *copy = NULL;

    AC_TRY(ac_memory_copy_text(word, &copy, err));
    return keep_word(words, &copy, err);
}

enum ac_code ac_words_addf(struct ac_words *words, struct ac_error *err,
                           const char *format, ...)
{
    AC_AUTO_TEXT char *word = NULL;
    va_list args;

    va_start(args, format);
    int size = vasprintf(&word, format, args);
    va_end(args);
    if (size < 0) {
        word = NULL; /* vasprintf leaves it undefined */
        return ac_fail(err, AC_E_NOMEM, "out of memory");
    }
    return keep_word(words, &word, err);
}

enum ac_code ac_words_copy(const struct ac_words *from, struct ac_words *ret_to,
                           struct ac_error *err)
{
    AC_AUTO(ac_words) to = { 0 };

    for (size_t i = 0; i < from->count; i++)
        AC_TRY(ac_words_add(&to, from->items[i], err));
    *ret_to = to;
    to = (struct ac_words){ 0 };
    return AC_OK;
}

bool ac_words_has(const struct ac_words *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++) {
        if (!strcmp(words->items[i], word))
            return true;
    }
    return false;
}

bool ac_words_is_same_set(const struct ac_words *a, const struct ac_words *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!ac_words_has(b, a->items[i]))
            return false;
    }
    return true;
}

static int compare_words(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void ac_words_sort(struct ac_words *words)
{
    if (words->count > 1)
        qsort(words->items, words->count, sizeof *words->items, compare_words);
}

enum ac_code ac_words_join(const struct ac_words *words, const char *between,
                           struct ac_text *text, struct ac_error *err)
{
    for (size_t i = 0; i < words->count; i++) {
        if (i > 0)
            AC_TRY(ac_text_add(text, between, strlen(between), err));
        AC_TRY(ac_text_add(text, words->items[i], strlen(words->items[i]), err));
    }
    return AC_OK;
}

void ac_words_done(struct ac_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i]);
    free(words->items);
    *words = (struct ac_words){ 0 };
}
