/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded growing text, and text from outside made fit to show.
 */
#ifndef AC_BASE_TEXT_H
#define AC_BASE_TEXT_H

#include "base/memory.h"
#include "base/words.h"

#include <stdbool.h>

/* Growing bytes with a hard limit; always NUL-terminated once something was added. */
struct ac_text {
    char *bytes; /* owned; may be NULL when size is 0 */
    size_t size; /* without the NUL */
    size_t capacity;
    size_t limit; /* set before use; 0 means AC_TEXT_LIMIT */
};

#define AC_TEXT_LIMIT ((size_t)1024 * 1024)

/* AC_E_INVALID when the limit would be passed; the text is then unchanged. */
AC_MUST enum ac_code ac_text_add(struct ac_text *text, const void *bytes, size_t size,
                                 struct ac_error *err);
AC_MUST enum ac_code ac_text_addf(struct ac_text *text, struct ac_error *err,
                                  const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "" for an empty text; lent. */
const char *ac_text_get(const struct ac_text *text);
/* Hands the bytes over (never NULL on success) and empties the text. */
AC_MUST enum ac_code ac_text_take(struct ac_text *text, char **ret_bytes,
                                  struct ac_error *err);
void ac_text_done(struct ac_text *text);
AC_DEFINE_DROP_VALUE(ac_text, ac_text_done)

/*
 * Copies outside text into a buffer so that it can be shown: control characters
 * (C0, C1, DEL), bidirectional overrides and broken UTF-8 become \xNN or \u{N}; cut at
 * the size with "...". Always NUL-terminated. Returns buffer.
 */
char *ac_text_clean(char *buffer, size_t buffer_size, const char *bytes, size_t size);

/* Only characters of `alphabet`, and length within [minimum, maximum]. */
bool ac_text_is_made_of(const char *text, const char *alphabet, size_t minimum,
                        size_t maximum);
#define AC_ALPHABET_BASE64URL                                                          \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/*
 * Decimal digits only, no sign or spaces, within [minimum, maximum]; AC_E_INVALID with
 * a detail that says the range.
 */
AC_MUST enum ac_code ac_text_parse_number(const char *text, int64_t minimum,
                                          int64_t maximum, int64_t *ret_number,
                                          struct ac_error *err);

/*
 * The entry of a NULL-terminated list that is nearest to `word` (edit distance at most
 * a third of its length, at least 1), for "did you mean"; NULL when none is. Lent.
 */
const char *ac_text_nearest(const char *word, const char *const *known);

#endif
