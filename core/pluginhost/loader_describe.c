/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/loader_describe.h"

#include <string.h>

static enum ac_code describe_option(const struct acmecore_option *option,
                                    struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_words) choices = { 0 };

    AC_TRY(ac_json_new(&json, err, "{s:s, s:I, s:I, s:I, s:I, s:s?, s:s}", "name",
                       option->name, "type", (int64_t)option->type, "flags",
                       (int64_t)option->flags, "minimum", option->minimum, "maximum",
                       option->maximum, "fallback", option->fallback, "help",
                       option->help ? option->help : ""));
    for (size_t i = 0; option->choices && option->choices[i]; i++)
        AC_TRY(ac_words_add(&choices, option->choices[i], err));
    AC_TRY(ac_json_set_words(json, "choices", &choices, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code describe_options(const struct ac_loaded *loaded,
                                     struct ac_json *json, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;
    struct acmecore_option option;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < loaded->plugin.option_count; i++) {
        AC_AUTO(ac_json) *entry = NULL;
        ac_loader_option(loaded, i, &option);
        AC_TRY(describe_option(&option, &entry, err));
        AC_TRY(ac_json_append(array, &entry, err));
    }
    return ac_json_set(json, "options", &array, err);
}

static enum ac_code describe_types(const struct ac_loaded *loaded, struct ac_json *json,
                                   struct ac_error *err)
{
    AC_AUTO(ac_words) types = { 0 };

    for (size_t i = 0; loaded->solver.types && loaded->solver.types[i]; i++)
        AC_TRY(ac_words_add(&types, loaded->solver.types[i], err));
    return ac_json_set_words(json, "types", &types, err);
}

enum ac_code ac_loader_describe(const struct ac_loaded *loaded, const char *path,
                                struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    const struct acmecore_plugin *plugin = &loaded->plugin;

    AC_TRY(ac_json_new(
        &json, err, "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b}", "name",
        plugin->name, "version", plugin->version, "path", path, "kind",
        (int64_t)plugin->kind, "abi_major", (int64_t)plugin->abi_major, "abi_minor",
        (int64_t)plugin->abi_minor, "needs_minor", (int64_t)plugin->needs_minor,
        "flags", (int64_t)plugin->flags, "max_batch", (int64_t)loaded->solver.max_batch,
        "has_probe", (int)loaded->has_probe, "has_watch", (int)loaded->has_watch));
    AC_TRY(describe_types(loaded, json, err));
    AC_TRY(describe_options(loaded, json, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static bool has_option(const struct ac_json *array, const char *name)
{
    for (size_t i = 0; i < ac_json_count(array); i++) {
        if (!strcmp(ac_json_text_or(ac_json_at(array, i), "name", ""), name))
            return true;
    }
    return false;
}

enum ac_code ac_loader_add_options(struct ac_json *plugin,
                                   const struct acmecore_option *options, size_t count,
                                   struct ac_error *err)
{
    const struct ac_json *own = NULL;
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_get_array(plugin, "options", &own, err));
    AC_TRY(ac_json_copy(own, &array, err));
    for (size_t i = 0; i < count; i++) {
        AC_AUTO(ac_json) *entry = NULL;
        if (has_option(own, options[i].name))
            continue;
        AC_TRY(describe_option(&options[i], &entry, err));
        AC_TRY(ac_json_append(array, &entry, err));
    }
    return ac_json_set(plugin, "options", &array, err);
}

bool ac_loader_declares(const struct ac_loaded *loaded, const char *name)
{
    struct acmecore_option option;

    for (size_t i = 0; i < loaded->plugin.option_count; i++) {
        ac_loader_option(loaded, i, &option);
        if (!strcmp(option.name, name))
            return true;
    }
    return false;
}
