/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/json_memory.h"
#include "base/json_plain.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

/* Jansson's buffer has 16 bytes at first and doubles, so so few never make it grow
 * twice. */
#define PORTION_SIZE   8
#define SPARE_SIZE_MIN 64

struct input {
    const char *bytes;
    size_t size;
};

/* What a byte may do to the nesting; most do nothing. */
enum mark {
    PLAIN,
    END,
    ESCAPE,
    QUOTE,
    OPENS,
    CLOSES
};

static const unsigned char marks[UCHAR_MAX + 1] = {
    ['\0'] = END,  ['\\'] = ESCAPE, ['"'] = QUOTE,  ['['] = OPENS,
    ['{'] = OPENS, [']'] = CLOSES,  ['}'] = CLOSES,
};

/*
 * Jansson's parser recurses, and so does everything that walks its values: the nesting
 * is bounded before it sees the bytes. NUL would end the document for it, whatever
 * follows. What else is no JSON is left to it.
 */
static enum ac_code check_bytes(const char *bytes, size_t size, struct ac_error *err)
{
    size_t depth = 0;
    bool is_in_text = false;

    for (size_t i = 0; i < size; i++) {
        enum mark mark = marks[(unsigned char)bytes[i]];

        if (mark == PLAIN)
            continue;
        if (mark == END)
            return ac_fail(err, AC_E_INVALID, "not valid JSON: NUL at byte %zu", i + 1);
        if (is_in_text && mark == ESCAPE && i + 1 < size && bytes[i + 1] != '\0') {
            i++;
        } else if (mark == QUOTE) {
            is_in_text = !is_in_text;
        } else if (!is_in_text && mark == OPENS) {
            depth++;
        } else if (!is_in_text && mark == CLOSES && depth > 0) {
            depth--;
        }
        if (depth > AC_JSON_DEPTH_MAX) {
            return ac_fail(err, AC_E_INVALID, "JSON nested deeper than %d at byte %zu",
                           AC_JSON_DEPTH_MAX, i + 1);
        }
    }
    return AC_OK;
}

static size_t give_portion(void *buffer, size_t buffer_size, void *arg)
{
    struct input *input = arg;
    size_t size = input->size < PORTION_SIZE ? input->size : PORTION_SIZE;

    if (ac_json_memory_has_failed() || size > buffer_size)
        return 0; /* the end */
    memcpy(buffer, input->bytes, size);
    input->bytes += size;
    input->size -= size;
    return size;
}

static json_t *load_any(const char *bytes, size_t size, json_error_t *error)
{
    struct input input = { bytes, size };
    json_t *value = json_load_callback(give_portion, &input,
                                       JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, error);

    ac_json_memory_drop_spare();
    return value;
}

static size_t room_for(size_t size)
{
    return AC_JSON_ROOM_MIN + AC_JSON_ROOM_MANY * size;
}

static enum ac_code read_document(const char *bytes, size_t size,
                                  struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    json_error_t error = { 0 };

    ac_json_memory_begin(room_for(size));
    json = (struct ac_json *)ac_json_read_plain(bytes, size);
    if (!json && !ac_json_memory_has_failed()) {
        AC_TRY(check_bytes(bytes, size, err));
        ac_json_memory_begin(room_for(size)); /* what was read so far is gone */
        AC_TRY(ac_json_memory_spare(2 * size + SPARE_SIZE_MIN, err));
        json = (struct ac_json *)load_any(bytes, size, &error);
    }
    if (ac_json_memory_is_over()) {
        return ac_fail(err, AC_E_INVALID, "JSON of %zu bytes has too many values",
                       size);
    }
    if (ac_json_memory_has_failed())
        return ac_json_memory_fail(err);
    if (json == NULL) {
        return ac_fail(err, AC_E_INVALID, "not valid JSON: %s (line %d, column %d)",
                       error.text, error.line, error.column);
    }
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

enum ac_code ac_json_parse(const char *bytes, size_t size, struct ac_json **ret_json,
                           struct ac_error *err)
{
    enum ac_code code = AC_OK;

    if (size > (SIZE_MAX - AC_JSON_ROOM_MIN) / AC_JSON_ROOM_MANY)
        return ac_fail(err, AC_E_INVALID, "JSON of %zu bytes is too long", size);
    code = read_document(bytes, size, ret_json, err);
    ac_json_memory_begin(AC_JSON_MEMORY_ANY); /* the room was that document's */
    return code;
}
