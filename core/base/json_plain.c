/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_plain.h"

#include <stdbool.h>
#include <string.h>

#define DEPTH_MAX  16
#define DIGITS_MAX 15 /* of a number: it fits into any integer */

/* What may come next in the innermost container. */
enum next {
    FIRST, /* its first element, or its end */
    OTHER, /* a comma, or its end */
    VALUE  /* an element: a comma was there */
};

struct text {
    const char *bytes; /* in the document */
    size_t size;
};

struct reader {
    const char *at, *end;
    enum next next;
    json_t *open[DEPTH_MAX]; /* containers, each lent by the one before */
    size_t depth;
    struct text name; /* of the element that comes, in an object */
};

static void skip_space(struct reader *reader)
{
    const char *at = reader->at;

    while (at < reader->end
           && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    reader->at = at;
}

static bool take(struct reader *reader, char wanted)
{
    if (reader->at == reader->end || *reader->at != wanted)
        return false;
    reader->at++;
    return true;
}

static bool take_word(struct reader *reader, const char *word)
{
    size_t size = strlen(word);

    if ((size_t)(reader->end - reader->at) < size
        || memcmp(reader->at, word, size) != 0)
        return false;
    reader->at += size;
    return true;
}

static bool is_plain(char byte)
{
    return byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\';
}

static bool take_text(struct reader *reader, struct text *ret_text)
{
    if (!take(reader, '"'))
        return false;
    const char *start = reader->at;
    const char *end = start;
    while (end < reader->end && is_plain(*end))
        end++;
    *ret_text = (struct text){ start, (size_t)(end - start) };
    reader->at = end;
    return take(reader, '"');
}

static bool is_digit(const struct reader *reader)
{
    return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

/* Whole, without a leading zero; what follows decides whether it ends there. */
static bool take_number(struct reader *reader, json_int_t *ret_number)
{
    bool is_negative = take(reader, '-');
    json_int_t number = 0;
    size_t digits = 0;

    for (; is_digit(reader) && digits < DIGITS_MAX; digits++) {
        if (digits > 0 && number == 0)
            return false;
        number = 10 * number + (*reader->at++ - '0');
    }
    *ret_number = is_negative ? -number : number;
    return digits > 0 && (number > 0 || !is_negative);
}

/* By its first byte; NULL: it is none. */
static json_t *read_scalar(struct reader *reader)
{
    bool has_more = reader->at < reader->end;
    struct text text;
    json_int_t number;

    if (has_more && *reader->at == '"') {
        return take_text(reader, &text) ? json_stringn_nocheck(text.bytes, text.size)
                                        : NULL;
    }
    if (is_digit(reader) || (has_more && *reader->at == '-'))
        return take_number(reader, &number) ? json_integer(number) : NULL;
    if (take_word(reader, "true"))
        return json_true();
    if (take_word(reader, "false"))
        return json_false();
    return take_word(reader, "null") ? json_null() : NULL;
}

/* Takes over the value; a name that was there before is not plain. */
static bool attach(struct reader *reader, json_t *value)
{
    json_t *inner = reader->open[reader->depth - 1];
    size_t before = json_object_size(inner);

    if (json_is_array(inner))
        return json_array_append_new(inner, value) == 0;
    return json_object_setn_new_nocheck(inner, reader->name.bytes, reader->name.size,
                                        value)
               == 0
           && json_object_size(inner) > before;
}

static bool enter(struct reader *reader, json_t *container)
{
    if (reader->depth == DEPTH_MAX) {
        json_decref(container);
        return false;
    }
    if (!container || (reader->depth > 0 && !attach(reader, container)))
        return false;
    reader->open[reader->depth++] = container;
    reader->next = FIRST;
    return true;
}

static bool read_name(struct reader *reader)
{
    if (!json_is_object(reader->open[reader->depth - 1]))
        return true;
    if (!take_text(reader, &reader->name))
        return false;
    skip_space(reader);
    if (!take(reader, ':'))
        return false;
    skip_space(reader);
    return true;
}

static bool read_element(struct reader *reader)
{
    if (!read_name(reader))
        return false;
    if (take(reader, '{'))
        return enter(reader, json_object());
    if (take(reader, '['))
        return enter(reader, json_array());
    reader->next = OTHER;
    return attach(reader, read_scalar(reader));
}

/* One element, comma or end of the innermost container. */
static bool step(struct reader *reader)
{
    bool is_array = json_is_array(reader->open[reader->depth - 1]);

    skip_space(reader);
    if (reader->next != VALUE && take(reader, is_array ? ']' : '}')) {
        reader->depth--;
        reader->next = OTHER;
        return true;
    }
    if (reader->next != OTHER)
        return read_element(reader);
    reader->next = VALUE;
    return take(reader, ',');
}

json_t *ac_json_read_plain(const char *bytes, size_t size)
{
    struct reader reader = { .at = bytes, .end = bytes + size };
    bool is_good = false;

    skip_space(&reader);
    json_t *root = take(&reader, '{') ? json_object() : NULL;
    if (root)
        is_good = enter(&reader, root);
    while (is_good && reader.depth > 0)
        is_good = step(&reader);
    skip_space(&reader);
    if (is_good && reader.at == reader.end)
        return root;
    json_decref(root);
    return NULL;
}
