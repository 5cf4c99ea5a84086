/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CUT         "..."
#define CUT_SIZE    (sizeof CUT - 1)
#define PIECE_SIZE  16 /* one character or its escape, "\u{10FFFF}" at most */
#define SHOWN_SIZE  40 /* bytes of a wrong number that an error repeats */
#define NEAREST_MAX 64 /* longest word that ac_text_nearest looks at */

static size_t text_limit(const struct ac_text *text)
{
    return text->limit ? text->limit : AC_TEXT_LIMIT;
}

/* Room for `size` more bytes and the NUL. */
static enum ac_code make_room(struct ac_text *text, size_t size, struct ac_error *err)
{
    size_t limit = text_limit(text);

    if (size > limit - text->size || size >= SIZE_MAX - text->size)
        return ac_fail(err, AC_E_INVALID, "text is longer than %zu bytes", limit);
    return ac_memory_grow(&text->bytes, &text->capacity, text->size + size + 1, 1, err);
}

enum ac_code ac_text_add(struct ac_text *text, const void *bytes, size_t size,
                         struct ac_error *err)
{
    AC_TRY(make_room(text, size, err));
    if (size)
        memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    text->bytes[text->size] = '\0';
    return AC_OK;
}

enum ac_code ac_text_addf(struct ac_text *text, struct ac_error *err,
                          const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (size < 0)
        return ac_fail(err, AC_E_INVALID, "text cannot be formatted");
    AC_TRY(make_room(text, (size_t)size, err));

    va_start(args, format);
    (void)vsnprintf(text->bytes + text->size, (size_t)size + 1, format, args);
    va_end(args);
    text->size += (size_t)size;
    return AC_OK;
}

const char *ac_text_get(const struct ac_text *text)
{
    return text->bytes ? text->bytes : "";
}

enum ac_code ac_text_take(struct ac_text *text, char **ret_bytes, struct ac_error *err)
{
    AC_TRY(ac_text_add(text, "", 0, err)); /* an empty text has no bytes yet */
    *ret_bytes = AC_TAKE(text->bytes);
    ac_text_done(text);
    return AC_OK;
}

void ac_text_done(struct ac_text *text)
{
    free(text->bytes);
    *text = (struct ac_text){ .limit = text->limit };
}

/* How many octets a lead byte announces (RFC 3629 section 3); 0 for none. */
static size_t utf8_announced(uint8_t lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/* The octets of the well-formed character at `bytes`, or 0 (RFC 3629 section 4). */
static size_t utf8_read(const uint8_t *bytes, size_t size, uint32_t *ret_character)
{
    static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t length = utf8_announced(bytes[0]);

    if (length == 0 || length > size)
        return 0;
    uint32_t character = length == 1 ? bytes[0] : bytes[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0u) != 0x80u)
            return 0;
        character = character << 6 | (bytes[i] & 0x3Fu);
    }
    if (character < lowest[length] || character > 0x10FFFF
        || (character >= 0xD800 && character <= 0xDFFF))
        return 0;
    *ret_character = character;
    return length;
}

/* C1 controls move cursors too; the others show text in an order it does not have. */
static bool is_disguise(uint32_t character)
{
    return (character >= 0x80 && character <= 0x9F)
           || (character >= 0x202A && character <= 0x202E)
           || (character >= 0x2066 && character <= 0x2069);
}

/* What to show for the first character of bytes; returns how many octets it was. */
static size_t clean_one(const uint8_t *bytes, size_t size, char piece[PIECE_SIZE])
{
    uint32_t character = 0;
    size_t length = utf8_read(bytes, size, &character);

    if (length == 0 || character < 0x20 || character == 0x7F) {
        (void)snprintf(piece, PIECE_SIZE, "\\x%02X", bytes[0]);
        return 1;
    }
    if (is_disguise(character)) {
        (void)snprintf(piece, PIECE_SIZE, "\\u{%" PRIX32 "}", character);
        return length;
    }
    memcpy(piece, bytes, length);
    piece[length] = '\0';
    return length;
}

char *ac_text_clean(char *buffer, size_t buffer_size, const char *bytes, size_t size)
{
    size_t room = buffer_size ? buffer_size - 1 : 0;
    size_t used = 0;
    size_t cut_at = 0; /* the last place between pieces where CUT still fits */
    char piece[PIECE_SIZE];

    if (buffer_size == 0)
        return buffer;
    for (size_t i = 0; i < size;) {
        i += clean_one((const uint8_t *)bytes + i, size - i, piece);
        size_t length = strlen(piece);
        if (length > room - used) {
            used = cut_at + (room < CUT_SIZE ? room : CUT_SIZE);
            memcpy(buffer + cut_at, CUT, used - cut_at);
            break;
        }
        memcpy(buffer + used, piece, length);
        used += length;
        if (used + CUT_SIZE <= room)
            cut_at = used;
    }
    buffer[used] = '\0';
    return buffer;
}

bool ac_text_is_made_of(const char *text, const char *alphabet, size_t minimum,
                        size_t maximum)
{
    if (!text)
        return false;
    size_t length = strspn(text, alphabet);
    return text[length] == '\0' && length >= minimum && length <= maximum;
}

/* Digits only; false on anything else and past INT64_MAX. */
static bool read_digits(const char *text, int64_t *ret_number)
{
    int64_t number = 0;

    if (!text || *text == '\0')
        return false;
    for (const char *at = text; *at; at++) {
        if (*at < '0' || *at > '9')
            return false;
        if (__builtin_mul_overflow(number, 10, &number)
            || __builtin_add_overflow(number, *at - '0', &number))
            return false;
    }
    *ret_number = number;
    return true;
}

enum ac_code ac_text_parse_number(const char *text, int64_t minimum, int64_t maximum,
                                  int64_t *ret_number, struct ac_error *err)
{
    int64_t number = 0;
    bool is_number = read_digits(text, &number);

    if (!is_number || number < minimum || number > maximum) {
        return ac_fail(err, AC_E_INVALID,
                       "\"%.*s\" is not a number from %" PRId64 " to %" PRId64,
                       SHOWN_SIZE, text ? text : "", minimum, maximum);
    }
    *ret_number = number;
    return AC_OK;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, replacements, swaps of neighbours; both within NEAREST_MAX. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][NEAREST_MAX + 1]; /* this row, the one before, and before that */
    size_t a_size = strlen(a);
    size_t b_size = strlen(b);

    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3];
        const size_t *before = rows[(i + 2) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t replaced = before[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(replaced, least(before[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], rows[(i + 1) % 3][j - 2] + 1);
        }
    }
    return rows[a_size % 3][b_size];
}

const char *ac_text_nearest(const char *word, const char *const *known)
{
    size_t size = strnlen(word, NEAREST_MAX + 1);
    size_t best = size / 3 > 1 ? size / 3 : 1;
    const char *nearest = NULL;

    if (size == 0 || size > NEAREST_MAX)
        return NULL;
    for (size_t i = 0; known[i]; i++) {
        if (strnlen(known[i], NEAREST_MAX + 1) > NEAREST_MAX)
            continue;
        size_t distance = edit_distance(word, known[i]);
        if (distance < best || (distance == best && !nearest)) {
            best = distance;
            nearest = known[i];
        }
    }
    return nearest;
}
