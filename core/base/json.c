/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/json_memory.h"

#include <jansson.h>

#define PRETTY_INDENT 2

static json_t *inside(const struct ac_json *json)
{
    return (json_t *)json;
}

static struct ac_json *outside(json_t *value)
{
    return (struct ac_json *)value;
}

void ac_json_free(struct ac_json *json)
{
    json_decref(inside(json));
}

struct ac_json *ac_json_share(const struct ac_json *json)
{
    return outside(json_incref(inside(json)));
}

bool ac_json_is_object(const struct ac_json *json)
{
    return json_is_object(inside(json));
}

bool ac_json_is_array(const struct ac_json *json)
{
    return json_is_array(inside(json));
}

const char *ac_json_as_text(const struct ac_json *json)
{
    return json_string_value(inside(json));
}

const struct ac_json *ac_json_get(const struct ac_json *object, const char *name)
{
    json_t *value = json_object_get(inside(object), name);

    return json_is_null(value) ? NULL : outside(value);
}

size_t ac_json_count(const struct ac_json *json)
{
    if (ac_json_is_object(json))
        return json_object_size(inside(json));
    return json_array_size(inside(json));
}

const struct ac_json *ac_json_at(const struct ac_json *array, size_t index)
{
    return outside(json_array_get(inside(array), index));
}

const struct ac_json *ac_json_member(const struct ac_json *object, size_t index,
                                     const char **ret_name)
{
    json_t *value = inside(object);
    void *member = json_object_iter(value);

    for (size_t i = 0; i < index && member != NULL; i++)
        member = json_object_iter_next(value, member);
    if (member == NULL)
        return NULL;
    *ret_name = json_object_iter_key(member);
    return outside(json_object_iter_value(member));
}

static enum ac_code require(const struct ac_json *object, const char *name,
                            const struct ac_json **ret_value, struct ac_error *err)
{
    const struct ac_json *value = ac_json_get(object, name);

    if (!ac_json_is_object(object)) {
        return ac_fail(err, AC_E_INVALID, "\"%s\" is missing: this is not an object",
                       name);
    }
    if (value == NULL)
        return ac_fail(err, AC_E_INVALID, "\"%s\" is missing", name);
    *ret_value = value;
    return AC_OK;
}

enum ac_code ac_json_get_text(const struct ac_json *object, const char *name,
                              const char **ret_text, struct ac_error *err)
{
    const struct ac_json *value = NULL;

    AC_TRY(require(object, name, &value, err));
    if (ac_json_as_text(value) == NULL)
        return ac_fail(err, AC_E_INVALID, "\"%s\" is not text", name);
    *ret_text = ac_json_as_text(value);
    return AC_OK;
}

enum ac_code ac_json_get_number(const struct ac_json *object, const char *name,
                                int64_t *ret_number, struct ac_error *err)
{
    const struct ac_json *value = NULL;

    AC_TRY(require(object, name, &value, err));
    if (!json_is_integer(inside(value)))
        return ac_fail(err, AC_E_INVALID, "\"%s\" is not a whole number", name);
    *ret_number = json_integer_value(inside(value));
    return AC_OK;
}

enum ac_code ac_json_get_bool(const struct ac_json *object, const char *name,
                              bool *ret_flag, struct ac_error *err)
{
    const struct ac_json *value = NULL;

    AC_TRY(require(object, name, &value, err));
    if (!json_is_boolean(inside(value)))
        return ac_fail(err, AC_E_INVALID, "\"%s\" is neither true nor false", name);
    *ret_flag = json_is_true(inside(value));
    return AC_OK;
}

enum ac_code ac_json_get_array(const struct ac_json *object, const char *name,
                               const struct ac_json **ret_array, struct ac_error *err)
{
    const struct ac_json *value = NULL;

    AC_TRY(require(object, name, &value, err));
    if (!ac_json_is_array(value))
        return ac_fail(err, AC_E_INVALID, "\"%s\" is not an array", name);
    *ret_array = value;
    return AC_OK;
}

const char *ac_json_text_or(const struct ac_json *object, const char *name,
                            const char *fallback)
{
    const char *text = ac_json_as_text(ac_json_get(object, name));

    return text == NULL ? fallback : text;
}

int64_t ac_json_number_or(const struct ac_json *object, const char *name,
                          int64_t fallback)
{
    json_t *value = inside(ac_json_get(object, name));

    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool ac_json_bool_or(const struct ac_json *object, const char *name, bool fallback)
{
    json_t *value = inside(ac_json_get(object, name));

    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

static enum ac_code check_all_text(const struct ac_json *array, const char *name,
                                   struct ac_error *err)
{
    for (size_t i = 0; i < ac_json_count(array); i++) {
        if (ac_json_as_text(ac_json_at(array, i)) == NULL)
            return ac_fail(err, AC_E_INVALID, "\"%s\"[%zu] is not text", name, i);
    }
    return AC_OK;
}

enum ac_code ac_json_get_words(const struct ac_json *object, const char *name,
                               struct ac_words *words, struct ac_error *err)
{
    const struct ac_json *array = ac_json_get(object, name);

    if (array == NULL)
        return AC_OK;
    if (!ac_json_is_array(array))
        return ac_fail(err, AC_E_INVALID, "\"%s\" is not an array", name);
    AC_TRY(check_all_text(array, name, err)); /* first, so that words stays whole */
    for (size_t i = 0; i < ac_json_count(array); i++)
        AC_TRY(ac_words_add(words, ac_json_as_text(ac_json_at(array, i)), err));
    return AC_OK;
}

enum ac_code ac_json_new(struct ac_json **ret_json, struct ac_error *err,
                         const char *format, ...)
{
    json_error_t error = { 0 };
    json_t *value;
    va_list arguments;

    ac_json_memory_begin(AC_JSON_MEMORY_ANY);
    va_start(arguments, format);
    value = json_vpack_ex(&error, 0, format, arguments);
    va_end(arguments);
    if (value == NULL && ac_json_memory_has_failed())
        return ac_json_memory_fail(err);
    if (value == NULL) {
        return ac_fail(err, AC_E_INVALID, "cannot make the JSON value %s: %s", format,
                       error.text);
    }
    *ret_json = outside(value);
    return AC_OK;
}

enum ac_code ac_json_set(struct ac_json *object, const char *name,
                         struct ac_json **value, struct ac_error *err)
{
    ac_json_memory_begin(AC_JSON_MEMORY_ANY);
    if (json_object_set_new(inside(object), name, inside(AC_TAKE(*value))) == 0)
        return AC_OK;
    if (ac_json_memory_has_failed())
        return ac_json_memory_fail(err);
    return ac_fail(err, AC_E_INVALID, "\"%s\" cannot be set", name);
}

enum ac_code ac_json_append(struct ac_json *array, struct ac_json **value,
                            struct ac_error *err)
{
    ac_json_memory_begin(AC_JSON_MEMORY_ANY);
    if (json_array_append_new(inside(array), inside(AC_TAKE(*value))) == 0)
        return AC_OK;
    if (ac_json_memory_has_failed())
        return ac_json_memory_fail(err);
    return ac_fail(err, AC_E_INVALID, "a value cannot be added to an array");
}

static enum ac_code new_text(const char *text, struct ac_json **ret_json,
                             struct ac_error *err)
{
    json_t *value;

    ac_json_memory_begin(AC_JSON_MEMORY_ANY);
    value = json_string(text);
    if (value == NULL && ac_json_memory_has_failed())
        return ac_json_memory_fail(err);
    if (value == NULL)
        return ac_fail(err, AC_E_INVALID, "\"%s\" is not UTF-8", text);
    *ret_json = outside(value);
    return AC_OK;
}

enum ac_code ac_json_set_text(struct ac_json *object, const char *name,
                              const char *text, struct ac_error *err)
{
    AC_AUTO(ac_json) *value = NULL;

    AC_TRY(new_text(text, &value, err));
    return ac_json_set(object, name, &value, err);
}

enum ac_code ac_json_set_number(struct ac_json *object, const char *name,
                                int64_t number, struct ac_error *err)
{
    AC_AUTO(ac_json) *value = NULL;

    ac_json_memory_begin(AC_JSON_MEMORY_ANY);
    value = outside(json_integer(number));
    if (value == NULL)
        return ac_json_memory_fail(err);
    return ac_json_set(object, name, &value, err);
}

enum ac_code ac_json_set_bool(struct ac_json *object, const char *name, bool value,
                              struct ac_error *err)
{
    struct ac_json *boolean = outside(json_boolean(value)); /* cannot fail */

    return ac_json_set(object, name, &boolean, err);
}

enum ac_code ac_json_set_words(struct ac_json *object, const char *name,
                               const struct ac_words *words, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    ac_json_memory_begin(AC_JSON_MEMORY_ANY);
    array = outside(json_array());
    if (array == NULL)
        return ac_json_memory_fail(err);
    for (size_t i = 0; i < words->count; i++) {
        AC_AUTO(ac_json) *word = NULL;

        AC_TRY(new_text(words->items[i], &word, err));
        AC_TRY(ac_json_append(array, &word, err));
    }
    return ac_json_set(object, name, &array, err);
}

void ac_json_unset(struct ac_json *object, const char *name)
{
    (void)json_object_del(inside(object), name); /* absent is fine */
}

enum ac_code ac_json_copy(const struct ac_json *json, struct ac_json **ret_copy,
                          struct ac_error *err)
{
    json_t *copy;

    ac_json_memory_begin(AC_JSON_MEMORY_ANY);
    copy = json_deep_copy(inside(json));
    if (copy == NULL)
        return ac_json_memory_fail(err);
    *ret_copy = outside(copy);
    return AC_OK;
}

bool ac_json_is_equal(const struct ac_json *a, const struct ac_json *b)
{
    return a == b || json_equal(inside(a), inside(b));
}

static enum ac_code write_text(const struct ac_json *json, size_t flags,
                               char **ret_text, struct ac_error *err)
{
    char *text;

    ac_json_memory_begin(AC_JSON_MEMORY_ANY);
    text = json_dumps(inside(json), flags | JSON_ENCODE_ANY);
    if (text == NULL)
        return ac_json_memory_fail(err);
    *ret_text = text;
    return AC_OK;
}

enum ac_code ac_json_write(const struct ac_json *json, char **ret_text,
                           struct ac_error *err)
{
    return write_text(json, JSON_COMPACT | JSON_SORT_KEYS, ret_text, err);
}

enum ac_code ac_json_write_pretty(const struct ac_json *json, char **ret_text,
                                  struct ac_error *err)
{
    AC_AUTO_TEXT char *text = NULL;

    AC_TRY(write_text(json, JSON_INDENT(PRETTY_INDENT), &text, err));
    return ac_memory_format(ret_text, err, "%s\n", text);
}
