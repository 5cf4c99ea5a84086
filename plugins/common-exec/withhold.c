/* SPDX-License-Identifier: Apache-2.0 */
#include "withhold.h"

#include <string.h>

#define MARK_SIZE (sizeof EXEC_WITHHELD - 1)

static size_t find_at(const struct exec_words *secrets, const char *text, size_t size);
static size_t find_rest(const struct exec_words *secrets, const char *text,
                        size_t size);
static size_t find_begun(const struct exec_words *secrets, const char *text,
                         size_t size);
static const char *value_of(const char *word);

size_t exec_withhold(const struct exec_words *secrets, bool is_cut, char *text,
                     size_t size)
{
    size_t from = 0;
    size_t to = 0;

    if (!secrets || secrets->count == 0)
        return size;
    while (from < size) {
        size_t found = from == 0 && is_cut ? find_rest(secrets, text, size) : 0;

        if (found == 0)
            found = find_at(secrets, text + from, size - from);
        if (found == 0) {
            text[to++] = text[from++];
            continue;
        }
        memcpy(text + to, EXEC_WITHHELD, MARK_SIZE);
        to += MARK_SIZE;
        from += found;
    }
    return to;
}

/* The size of the longest value that begins here; of one that is cut off by the end of
 * the text, what there is of it. */
static size_t find_at(const struct exec_words *secrets, const char *text, size_t size)
{
    const char *word = NULL;
    size_t longest = 0;

    while ((word = exec_words_next(secrets, word)) != NULL) {
        const char *value = value_of(word);
        size_t length = value ? strlen(value) : 0;

        if (length > longest && length <= size && memcmp(text, value, length) == 0)
            longest = length;
    }
    return longest > 0 ? longest : find_begun(secrets, text, size);
}

/* All of the text, when a value begins with it: the command was killed amid it. */
static size_t find_begun(const struct exec_words *secrets, const char *text,
                         size_t size)
{
    const char *word = NULL;

    if (size < EXEC_WITHHELD_MIN)
        return 0;
    while ((word = exec_words_next(secrets, word)) != NULL) {
        const char *value = value_of(word);

        if (value && strlen(value) > size && memcmp(text, value, size) == 0)
            return size;
    }
    return 0;
}

/* The size of the longest end of a value that the text begins with. */
static size_t find_rest(const struct exec_words *secrets, const char *text, size_t size)
{
    const char *word = NULL;
    size_t longest = 0;

    while ((word = exec_words_next(secrets, word)) != NULL) {
        const char *value = value_of(word);
        size_t length = value ? strlen(value) : 0;

        /* From the longest end on that fits; one that is too short to tell is left. */
        for (size_t rest = length <= size ? length : size;
             rest >= EXEC_WITHHELD_MIN && rest > longest; rest--) {
            if (memcmp(text, value + length - rest, rest) == 0)
                longest = rest;
        }
    }
    return longest;
}

/* NULL: it is not withheld. */
static const char *value_of(const char *word)
{
    static const char *const open[] = { "PATH=", "HOME=", "LANG=" };
    const char *equals = strchr(word, '=');

    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        if (strncmp(word, open[i], strlen(open[i])) == 0)
            return NULL;
    }
    return equals && strlen(equals + 1) >= EXEC_WITHHELD_MIN ? equals + 1 : NULL;
}
