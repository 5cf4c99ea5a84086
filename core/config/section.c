/* SPDX-License-Identifier: Apache-2.0 */
#include "config/section.h"

#include <stdlib.h>
#include <string.h>

static void setting_done(struct ac_setting *setting)
{
    free(setting->name);
    free(setting->value);
    free(setting->origin);
    *setting = (struct ac_setting){ 0 };
}

static enum ac_code fill_setting(struct ac_setting *setting, const char *name,
                                 const char *value, const char *origin,
                                 struct ac_error *err)
{
    AC_TRY(ac_memory_copy_text(name, &setting->name, err));
    AC_TRY(ac_memory_copy_text(value, &setting->value, err));
    return ac_memory_copy_text(origin, &setting->origin, err);
}

enum ac_code ac_section_add(struct ac_section *section, const char *name,
                            const char *value, const char *origin, struct ac_error *err)
{
    AC_TRY(ac_memory_grow(&section->items, &section->capacity, section->count + 1,
                          sizeof *section->items, err));

    struct ac_setting *setting = &section->items[section->count];
    enum ac_code code = fill_setting(setting, name, value, origin, err);
    if (code != AC_OK) {
        setting_done(setting);
        return code;
    }
    section->count++;
    return AC_OK;
}

enum ac_code ac_section_copy(const struct ac_section *from, struct ac_section *ret_to,
                             struct ac_error *err)
{
    AC_AUTO(ac_section) to = { 0 };

    for (size_t i = 0; i < from->count; i++) {
        AC_TRY(ac_section_add(&to, from->items[i].name, from->items[i].value,
                              from->items[i].origin, err));
    }
    *ret_to = to;
    to = (struct ac_section){ 0 };
    return AC_OK;
}

bool ac_section_is_equal(const struct ac_section *a, const struct ac_section *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i].name, b->items[i].name) != 0
            || strcmp(a->items[i].value, b->items[i].value) != 0)
            return false;
    }
    return true;
}

static bool is_first_of_name(const struct ac_section *section, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (!strcmp(section->items[i].name, section->items[index].name))
            return false;
    }
    return true;
}

static enum ac_code add_values(struct ac_json *json, const struct ac_section *section,
                               const char *name, struct ac_error *err)
{
    AC_AUTO(ac_words) values = { 0 };

    for (size_t i = 0; i < section->count; i++) {
        if (!strcmp(section->items[i].name, name))
            AC_TRY(ac_words_add(&values, section->items[i].value, err));
    }
    return ac_json_set_words(json, name, &values, err);
}

enum ac_code ac_section_to_json(const struct ac_section *section,
                                struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{}"));
    for (size_t i = 0; i < section->count; i++) {
        if (is_first_of_name(section, i))
            AC_TRY(add_values(json, section, section->items[i].name, err));
    }
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code add_from_json(const struct ac_json *json, const char *name,
                                  const char *origin, struct ac_section *section,
                                  struct ac_error *err)
{
    AC_AUTO(ac_words) values = { 0 };

    AC_TRY(ac_json_get_words(json, name, &values, err));
    for (size_t i = 0; i < values.count; i++)
        AC_TRY(ac_section_add(section, name, values.items[i], origin, err));
    return AC_OK;
}

enum ac_code ac_section_from_json(const struct ac_json *json, const char *origin,
                                  struct ac_section *ret_section, struct ac_error *err)
{
    AC_AUTO(ac_section) section = { 0 };
    const char *name = NULL;

    if (!ac_json_is_object(json))
        return ac_fail(err, AC_E_INVALID, "%s: options are not a JSON object", origin);
    for (size_t i = 0; ac_json_member(json, i, &name); i++)
        AC_TRY(add_from_json(json, name, origin, &section, err));
    *ret_section = section;
    section = (struct ac_section){ 0 };
    return AC_OK;
}

void ac_section_done(struct ac_section *section)
{
    for (size_t i = 0; i < section->count; i++)
        setting_done(&section->items[i]);
    free(section->items);
    *section = (struct ac_section){ 0 };
}
