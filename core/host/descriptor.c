/* SPDX-License-Identifier: Apache-2.0 */
#include "host/options.h"

#include <stdlib.h>
#include <string.h>

#define OPTION_NAME_MAX 64
#define VERSION_MAX     64
#define PATH_MAX_SIZE   4096
#define TYPE_MAX        32
#define TYPE_COUNT_MAX  16
#define HELP_MAX        512
#define FALLBACK_MAX    1024
#define CHOICE_MAX      64 /* bytes of one, and how many */
#define TYPE_ALPHABET   "abcdefghijklmnopqrstuvwxyz0123456789-"
#define OPTION_ALPHABET "abcdefghijklmnopqrstuvwxyz0123456789-_"

static enum ac_code take_text(const struct ac_json *json, const char *name,
                              size_t maximum, char **ret_text, struct ac_error *err)
{
    const char *text = NULL;

    AC_TRY(ac_json_get_text(json, name, &text, err));
    if (strnlen(text, maximum + 1) > maximum)
        return ac_fail(err, AC_E_INVALID, "\"%s\" is over %zu bytes", name, maximum);
    return ac_memory_copy_text(text, ret_text, err);
}

static enum ac_code take_number(const struct ac_json *json, const char *name,
                                uint32_t *ret_number, struct ac_error *err)
{
    int64_t number = 0;

    AC_TRY(ac_json_get_number(json, name, &number, err));
    if (number < 0 || number > UINT32_MAX)
        return ac_fail(err, AC_E_INVALID, "\"%s\" is out of range", name);
    *ret_number = (uint32_t)number;
    return AC_OK;
}

static enum ac_code take_choices(const struct ac_json *json, struct ac_option *option,
                                 struct ac_error *err)
{
    if (!ac_json_get(json, "choices"))
        return AC_OK;
    AC_TRY(ac_json_get_words(json, "choices", &option->choices, err));
    if (option->choices.count > CHOICE_MAX)
        return ac_fail(err, AC_E_INVALID, "over %d choices", CHOICE_MAX);
    for (size_t i = 0; i < option->choices.count; i++) {
        if (strnlen(option->choices.items[i], CHOICE_MAX + 1) > CHOICE_MAX)
            return ac_fail(err, AC_E_INVALID, "a choice is over %d bytes", CHOICE_MAX);
    }
    return AC_OK;
}

static enum ac_code check_option(const struct ac_option *option, struct ac_error *err)
{
    if (!ac_text_is_made_of(option->name, OPTION_ALPHABET, 1, OPTION_NAME_MAX))
        return ac_fail(err, AC_E_INVALID, "option \"%s\" has a bad name", option->name);
    if (option->type < ACMECORE_OPTION_TEXT || option->type > ACMECORE_OPTION_ADDRESS) {
        return ac_fail(err, AC_E_INVALID, "option \"%s\" has an unknown type",
                       option->name);
    }
    if (option->minimum > option->maximum) {
        return ac_fail(err, AC_E_INVALID, "option \"%s\" has an empty range",
                       option->name);
    }
    return AC_OK;
}

static enum ac_code parse_option(const struct ac_json *json, struct ac_option *option,
                                 struct ac_error *err)
{
    AC_TRY(take_text(json, "name", OPTION_NAME_MAX, &option->name, err));
    AC_TRY(take_text(json, "help", HELP_MAX, &option->help, err));
    AC_TRY(take_number(json, "type", &option->type, err));
    AC_TRY(take_number(json, "flags", &option->flags, err));
    AC_TRY(ac_json_get_number(json, "minimum", &option->minimum, err));
    AC_TRY(ac_json_get_number(json, "maximum", &option->maximum, err));
    if (ac_json_get(json, "fallback"))
        AC_TRY(take_text(json, "fallback", FALLBACK_MAX, &option->fallback, err));
    AC_TRY(take_choices(json, option, err));
    return check_option(option, err);
}

static enum ac_code check_is_new(const struct ac_descriptor *descriptor, size_t index,
                                 struct ac_error *err)
{
    for (size_t i = 0; i < index; i++) {
        if (!strcmp(descriptor->options[i].name, descriptor->options[index].name)) {
            return ac_fail(err, AC_E_INVALID, "option \"%s\" is there twice",
                           descriptor->options[index].name);
        }
    }
    return AC_OK;
}

static enum ac_code parse_options(const struct ac_json *json,
                                  struct ac_descriptor *descriptor,
                                  struct ac_error *err)
{
    const struct ac_json *array = NULL;

    AC_TRY(ac_json_get_array(json, "options", &array, err));
    size_t count = ac_json_count(array);
    if (count > AC_OPTION_COUNT_MAX)
        return ac_fail(err, AC_E_INVALID, "over %d options", AC_OPTION_COUNT_MAX);
    AC_TRY(
        ac_memory_new(count, sizeof *descriptor->options, &descriptor->options, err));
    for (size_t i = 0; i < count; i++) {
        descriptor->option_count = i + 1; /* what was begun is freed */
        AC_TRY(parse_option(ac_json_at(array, i), &descriptor->options[i], err));
        AC_TRY(check_is_new(descriptor, i, err));
    }
    return AC_OK;
}

static enum ac_code parse_types(const struct ac_json *json,
                                struct ac_descriptor *descriptor, struct ac_error *err)
{
    AC_TRY(ac_json_get_words(json, "types", &descriptor->types, err));
    if (descriptor->types.count > TYPE_COUNT_MAX)
        return ac_fail(err, AC_E_INVALID, "over %d challenge types", TYPE_COUNT_MAX);
    if (descriptor->types.count == 0 && descriptor->kind == ACMECORE_SOLVER)
        return ac_fail(err, AC_E_INVALID, "no challenge types");
    for (size_t i = 0; i < descriptor->types.count; i++) {
        if (!ac_text_is_made_of(descriptor->types.items[i], TYPE_ALPHABET, 1, TYPE_MAX))
            return ac_fail(err, AC_E_INVALID, "bad challenge type");
    }
    return AC_OK;
}

static enum ac_code parse_numbers(const struct ac_json *json,
                                  struct ac_descriptor *descriptor,
                                  struct ac_error *err)
{
    AC_TRY(take_number(json, "kind", &descriptor->kind, err));
    AC_TRY(take_number(json, "abi_major", &descriptor->abi_major, err));
    AC_TRY(take_number(json, "abi_minor", &descriptor->abi_minor, err));
    AC_TRY(take_number(json, "needs_minor", &descriptor->needs_minor, err));
    AC_TRY(take_number(json, "flags", &descriptor->flags, err));
    AC_TRY(take_number(json, "max_batch", &descriptor->max_batch, err));
    if (descriptor->kind < ACMECORE_SOLVER || descriptor->kind > ACMECORE_STORE)
        return ac_fail(err, AC_E_INVALID, "unknown kind");
    descriptor->has_probe = ac_json_bool_or(json, "has_probe", false);
    descriptor->has_watch = ac_json_bool_or(json, "has_watch", false);
    return AC_OK;
}

enum ac_code ac_descriptor_parse(const struct ac_json *json,
                                 struct ac_descriptor *ret_descriptor,
                                 struct ac_error *err)
{
    AC_AUTO(ac_descriptor) descriptor = { 0 };

    if (!ac_json_is_object(json))
        return ac_fail(err, AC_E_INVALID, "descriptor is no JSON object");
    AC_TRY(take_text(json, "name", OPTION_NAME_MAX, &descriptor.name, err));
    AC_TRY(take_text(json, "version", VERSION_MAX, &descriptor.version, err));
    AC_TRY(take_text(json, "path", PATH_MAX_SIZE, &descriptor.path, err));
    AC_TRY(parse_numbers(json, &descriptor, err));
    AC_TRY(parse_types(json, &descriptor, err));
    AC_TRY(parse_options(json, &descriptor, err));
    *ret_descriptor = descriptor;
    descriptor = (struct ac_descriptor){ 0 };
    return AC_OK;
}

static enum ac_code option_to_json(const struct ac_option *option,
                                   struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:I, s:I, s:I, s:I, s:s?, s:s}", "name",
                       option->name, "type", (int64_t)option->type, "flags",
                       (int64_t)option->flags, "minimum", option->minimum, "maximum",
                       option->maximum, "fallback", option->fallback, "help",
                       option->help));
    AC_TRY(ac_json_set_words(json, "choices", &option->choices, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code add_options(const struct ac_descriptor *descriptor,
                                struct ac_json *json, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < descriptor->option_count; i++) {
        AC_AUTO(ac_json) *option = NULL;
        AC_TRY(option_to_json(&descriptor->options[i], &option, err));
        AC_TRY(ac_json_append(array, &option, err));
    }
    return ac_json_set(json, "options", &array, err);
}

enum ac_code ac_descriptor_to_json(const struct ac_descriptor *descriptor,
                                   struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(
        &json, err, "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b}", "name",
        descriptor->name, "version", descriptor->version, "path", descriptor->path,
        "kind", (int64_t)descriptor->kind, "abi_major", (int64_t)descriptor->abi_major,
        "abi_minor", (int64_t)descriptor->abi_minor, "needs_minor",
        (int64_t)descriptor->needs_minor, "flags", (int64_t)descriptor->flags,
        "max_batch", (int64_t)descriptor->max_batch, "has_probe",
        (int)descriptor->has_probe, "has_watch", (int)descriptor->has_watch));
    AC_TRY(ac_json_set_words(json, "types", &descriptor->types, err));
    AC_TRY(add_options(descriptor, json, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

void ac_descriptor_done(struct ac_descriptor *descriptor)
{
    for (size_t i = 0; i < descriptor->option_count; i++) {
        free(descriptor->options[i].name);
        free(descriptor->options[i].fallback);
        free(descriptor->options[i].help);
        ac_words_done(&descriptor->options[i].choices);
    }
    free(descriptor->options);
    free(descriptor->name);
    free(descriptor->version);
    free(descriptor->path);
    ac_words_done(&descriptor->types);
    *descriptor = (struct ac_descriptor){ 0 };
}
