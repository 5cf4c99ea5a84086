/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/wanted_specs.h"

#include <string.h>

/* One of the two lists of a wish. */
struct list {
    struct ac_solver_spec **items;
    size_t *count, *capacity;
    const char *word;
};

static struct ac_solver_spec *find(struct ac_solver_spec *specs, size_t count,
                                   const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(specs[i].name, name) == 0)
            return &specs[i];
    }
    return NULL;
}

static enum ac_code add(const struct list *list, const char *name, const char *plugin,
                        struct ac_solver_spec **ret_spec, struct ac_error *err)
{
    AC_AUTO(ac_solver_spec) spec = { 0 };

    if (find(*list->items, *list->count, name)) {
        return ac_fail(err, AC_E_USAGE, "%s \"%s\" is defined twice", list->word, name);
    }
    AC_TRY(ac_memory_copy_text(name, &spec.name, err));
    AC_TRY(ac_memory_copy_text(plugin, &spec.plugin, err));
    AC_TRY(ac_memory_grow(list->items, list->capacity, *list->count + 1,
                          sizeof **list->items, err));
    *ret_spec = &(*list->items)[(*list->count)++];
    **ret_spec = spec;
    spec = (struct ac_solver_spec){ 0 };
    return AC_OK;
}

enum ac_code ac_wanted_add_spec(struct ac_wanted *wanted, const char *name,
                                const char *plugin, struct ac_solver_spec **ret_spec,
                                struct ac_error *err)
{
    const struct list list = { &wanted->specs, &wanted->spec_count,
                               &wanted->spec_capacity, "solver" };

    return add(&list, name, plugin, ret_spec, err);
}

enum ac_code ac_wanted_add_installer(struct ac_wanted *wanted, const char *name,
                                     const char *plugin,
                                     struct ac_solver_spec **ret_spec,
                                     struct ac_error *err)
{
    const struct list list = { &wanted->installers, &wanted->installer_count,
                               &wanted->installer_capacity, "installer" };

    return add(&list, name, plugin, ret_spec, err);
}

struct ac_solver_spec *ac_wanted_find_spec(const struct ac_wanted *wanted,
                                           const char *name)
{
    return find(wanted->specs, wanted->spec_count, name);
}

struct ac_solver_spec *ac_wanted_find_installer(const struct ac_wanted *wanted,
                                                const char *name)
{
    return find(wanted->installers, wanted->installer_count, name);
}

static enum ac_code copy(const struct ac_solver_spec *specs, size_t count,
                         ac_wanted_add *add_to, struct ac_wanted *to,
                         struct ac_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct ac_solver_spec *spec;

        AC_TRY(add_to(to, specs[i].name, specs[i].plugin, &spec, err));
        AC_TRY(ac_section_copy(&specs[i].section, &spec->section, err));
    }
    return AC_OK;
}

enum ac_code ac_wanted_copy_solvers(struct ac_wanted *to, const struct ac_wanted *from,
                                    struct ac_error *err)
{
    AC_TRY(copy(from->specs, from->spec_count, ac_wanted_add_spec, to, err));
    for (size_t i = 0; i < from->rule_count; i++) {
        AC_TRY(
            ac_wanted_add_rule(to, from->rules[i].pattern, from->rules[i].solver, err));
    }
    return AC_OK;
}

enum ac_code ac_wanted_copy_installers(struct ac_wanted *to,
                                       const struct ac_wanted *from,
                                       struct ac_error *err)
{
    return copy(from->installers, from->installer_count, ac_wanted_add_installer, to,
                err);
}

/* ---- as JSON */

static enum ac_code spec_to_json(const struct ac_solver_spec *spec,
                                 struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *options = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s}", "name", spec->name, "plugin",
                       spec->plugin));
    AC_TRY(ac_section_to_json(&spec->section, &options, err));
    AC_TRY(ac_json_set(json, "options", &options, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

enum ac_code ac_wanted_specs_to_json(const struct ac_solver_spec *specs, size_t count,
                                     struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < count; i++) {
        AC_AUTO(ac_json) *one = NULL;

        AC_TRY(spec_to_json(&specs[i], &one, err));
        AC_TRY(ac_json_append(array, &one, err));
    }
    *ret_json = AC_TAKE(array);
    return AC_OK;
}

enum ac_code ac_wanted_specs_from_json(struct ac_wanted *wanted, ac_wanted_add *add_to,
                                       const struct ac_json *array, const char *origin,
                                       struct ac_error *err)
{
    for (size_t i = 0; i < ac_json_count(array); i++) {
        const struct ac_json *json = ac_json_at(array, i);
        struct ac_solver_spec *spec;
        const char *name;
        const char *plugin;

        AC_TRY(ac_json_get_text(json, "name", &name, err));
        AC_TRY(ac_json_get_text(json, "plugin", &plugin, err));
        AC_TRY(add_to(wanted, name, plugin, &spec, err));
        AC_TRY(ac_section_from_json(ac_json_get(json, "options"), origin,
                                    &spec->section, err));
    }
    return AC_OK;
}

enum ac_code ac_wanted_spec_digest(const struct ac_solver_spec *spec,
                                   char ret_digest[AC_SHA256_HEX_SIZE],
                                   struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *text = NULL;

    AC_TRY(spec_to_json(spec, &json, err));
    AC_TRY(ac_json_write(json, &text, err));
    (void)ac_sha256_hex(text, strlen(text), ret_digest);
    return AC_OK;
}
