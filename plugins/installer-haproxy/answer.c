/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <stdbool.h>
#include <string.h>

#define SEPARATOR " | "

/* How a line begins that says that it went well; HAProxy 2.2 to 3.x. */
static const char *const good[][2] = {
    [ANSWER_SHOW] = { "Filename: ", NULL },
    [ANSWER_NEW] = { "New empty certificate store ", NULL },
    [ANSWER_SET] = { "Transaction created for certificate ",
                     "Transaction updated for certificate " },
    [ANSWER_COMMIT] = { "Success!", NULL },
    [ANSWER_ABORT] = { "Transaction aborted for certificate ", NULL },
    [ANSWER_ADD] = { "Success!", NULL },
    [ANSWER_DELETE] = { "Certificate ", NULL },
    [ANSWER_DELETE_LINE] = { "Entry ", NULL },
};

static bool has_line(const char *text, size_t size, const char *beginning);
static void copy_words(const char *text, size_t size, char why[ANSWER_WHY_MAX]);
static size_t add(char why[ANSWER_WHY_MAX], size_t used, const char *text, size_t size);

enum answer_kind answer_read(enum answer_verb verb, const char *text, size_t size,
                             char why[ANSWER_WHY_MAX])
{
    why[0] = '\0';
    for (size_t i = 0; i < 2; i++) {
        if (good[verb][i] && has_line(text, size, good[verb][i]))
            return ANSWER_GOOD;
    }
    copy_words(text, size, why);
    if (verb == ANSWER_SHOW
        && has_line(text, size, "Can't display the certificate: Not found"))
        return ANSWER_UNKNOWN;
    return ANSWER_REFUSED;
}

static bool has_line(const char *text, size_t size, const char *beginning)
{
    const char *end = text + size;
    size_t length = strlen(beginning);

    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));

        if ((size_t)(end - text) >= length && memcmp(text, beginning, length) == 0)
            return true;
        if (!newline)
            return false;
        text = newline + 1;
    }
    return false;
}

/* Lines are joined; what is not printable ASCII is left out. */
static void copy_words(const char *text, size_t size, char why[ANSWER_WHY_MAX])
{
    size_t used = 0;
    bool is_begun = true;

    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n') {
            is_begun = false;
        } else if (text[i] >= ' ' && text[i] <= '~') {
            if (!is_begun && used > 0)
                used = add(why, used, SEPARATOR, sizeof SEPARATOR - 1);
            is_begun = true;
            used = add(why, used, text + i, 1);
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
