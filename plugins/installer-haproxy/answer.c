/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <stdbool.h>
#include <string.h>

#define SEPARATOR " | "

/* How a line begins that says that it went well; HAProxy 2.2 to 3.x. Where a path comes
 * next, what stands behind it. */
static const struct good {
    const char *beginnings[2];
    const char *behind_path; /* NULL: any words may come */
} good[] = {
    [ANSWER_SHOW] = { { "Filename: " }, "" },
    [ANSWER_NEW] = { { "New empty certificate store " }, NULL },
    [ANSWER_SET] = { { "Transaction created for certificate ",
                       "Transaction updated for certificate " },
                     "!" },
    [ANSWER_COMMIT] = { { "Success!" }, NULL },
    [ANSWER_ABORT] = { { "Transaction aborted for certificate ",
                         "No ongoing transaction!" },
                       NULL },
    [ANSWER_ADD] = { { "Success!" }, NULL },
    [ANSWER_DELETE] = { { "Certificate " }, NULL },
    [ANSWER_DELETE_LINE] = { { "Entry " }, NULL },
};

static enum answer_kind read_shown(const struct answer_text *text);
static bool is_good(enum answer_verb verb, const char *path,
                    const struct answer_text *text);
static const char *find_line(const struct answer_text *text, const char *beginning);
static bool is_path(const struct answer_text *text, const char *at, const char *path,
                    const char *behind);
static void copy_words(const struct answer_text *text, char why[ANSWER_WHY_MAX]);
static size_t add(char why[ANSWER_WHY_MAX], size_t used, const char *text, size_t size);

enum answer_kind answer_read(enum answer_verb verb, const char *path,
                             const struct answer_text *text, char why[ANSWER_WHY_MAX])
{
    why[0] = '\0';
    if (is_good(verb, path, text))
        return verb == ANSWER_SHOW ? read_shown(text) : ANSWER_GOOD;
    copy_words(text, why);
    if (verb == ANSWER_SHOW
        && find_line(text, "Can't display the certificate: Not found"))
        return ANSWER_UNKNOWN;
    return ANSWER_REFUSED;
}

static bool is_good(enum answer_verb verb, const char *path,
                    const struct answer_text *text)
{
    const struct good *wanted = &good[verb];

    for (size_t i = 0; i < 2 && wanted->beginnings[i]; i++) {
        const char *rest = find_line(text, wanted->beginnings[i]);

        if (rest
            && (!wanted->behind_path || is_path(text, rest, path, wanted->behind_path)))
            return true;
    }
    return false;
}

/* "Status: Used", "Unused" or "Empty"; one without the line is taken for used. */
static enum answer_kind read_shown(const struct answer_text *text)
{
    return find_line(text, "Status: Unused") || find_line(text, "Status: Empty")
               ? ANSWER_IDLE
               : ANSWER_GOOD;
}

/* Behind the beginning of the first such line; NULL: there is none. */
static const char *find_line(const struct answer_text *text, const char *beginning)
{
    const char *at = text->bytes;
    const char *end = text->bytes + text->size;
    size_t length = strlen(beginning);

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        if ((size_t)(end - at) >= length && memcmp(at, beginning, length) == 0)
            return at + length;
        if (!newline)
            return NULL;
        at = newline + 1;
    }
    return NULL;
}

/* The path, these words, and the end of the line. */
static bool is_path(const struct answer_text *text, const char *at, const char *path,
                    const char *behind)
{
    size_t size = strlen(path);
    size_t more = strlen(behind);
    size_t left = (size_t)(text->bytes + text->size - at);

    return left > size + more && memcmp(at, path, size) == 0
           && memcmp(at + size, behind, more) == 0 && at[size + more] == '\n';
}

/* Lines are joined; what is not printable ASCII is left out. */
static void copy_words(const struct answer_text *text, char why[ANSWER_WHY_MAX])
{
    size_t used = 0;
    bool is_begun = true;

    for (size_t i = 0; i < text->size; i++) {
        const char *letter = text->bytes + i;

        if (*letter == '\n') {
            is_begun = false;
        } else if (*letter >= ' ' && *letter <= '~') {
            if (!is_begun && used > 0)
                used = add(why, used, SEPARATOR, sizeof SEPARATOR - 1);
            is_begun = true;
            used = add(why, used, letter, 1);
        }
    }
    if (used == 0)
        (void)add(why, used, "it said nothing", sizeof "it said nothing" - 1);
}

static size_t add(char why[ANSWER_WHY_MAX], size_t used, const char *text, size_t size)
{
    if (used + size >= ANSWER_WHY_MAX)
        return used;
    memcpy(why + used, text, size);
    why[used + size] = '\0';
    return used + size;
}
