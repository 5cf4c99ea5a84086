/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/staging.h"

static const char *document(enum ac_staging_kind kind)
{
    static const char *const names[] = {
        [AC_STAGING_BEGUN] = "staged.json",
        [AC_STAGING_LENT] = "lent.json",
        [AC_STAGING_GIVEN_UP] = "given-up.json",
    };

    return names[kind];
}

void ac_staging_done(struct ac_staging *staging)
{
    ac_solver_spec_done(&staging->spec);
    ac_words_done(&staging->certificates);
}

/* ---- reading */

/* Names become paths. */
static enum ac_code check_names(const struct ac_words *names, struct ac_error *err)
{
    for (size_t i = 0; i < names->count; i++)
        AC_TRY(ac_store_check_name(names->items[i], err));
    return AC_OK;
}

static enum ac_code parse(const struct ac_json *json, const char *installer,
                          struct ac_staging *staging, struct ac_error *err)
{
    const char *plugin;

    AC_TRY(ac_json_get_text(json, "plugin", &plugin, err));
    AC_TRY(ac_memory_copy_text(installer, &staging->spec.name, err));
    AC_TRY(ac_memory_copy_text(plugin, &staging->spec.plugin, err));
    AC_TRY(ac_section_from_json(ac_json_get(json, "options"), installer,
                                &staging->spec.section, err));
    AC_TRY(ac_json_get_words(json, "certificates", &staging->certificates, err));
    return check_names(&staging->certificates, err);
}

enum ac_code ac_staging_load(const struct ac_store *store, enum ac_staging_kind kind,
                             const char *installer, struct ac_staging *ret_staging,
                             struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_staging) staging = { 0 };
    AC_AUTO_TEXT char *path = NULL;
    struct ac_error why = { 0 };

    AC_TRY(
        ac_store_load(store, AC_STAGING_GROUP, installer, document(kind), &json, err));
    AC_TRY(ac_staging_path(store, kind, installer, &path, err));
    enum ac_code code = parse(json, installer, &staging, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        return ac_fail(err, AC_E_STORE, "%s is damaged: %s", path, why.detail);
    *ret_staging = staging;
    staging = (struct ac_staging){ 0 };
    return AC_OK;
}

/* ---- writing */

enum ac_code ac_staging_save(struct ac_store *store, enum ac_staging_kind kind,
                             const struct ac_solver_spec *spec,
                             const struct ac_words *certificates, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *options = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s}", "plugin", spec->plugin));
    AC_TRY(ac_section_to_json(&spec->section, &options, err));
    AC_TRY(ac_json_set(json, "options", &options, err));
    AC_TRY(ac_json_set_words(json, "certificates", certificates, err));
    return ac_store_save(store, AC_STAGING_GROUP, spec->name, document(kind), json,
                         err);
}

enum ac_code ac_staging_remove(struct ac_store *store, enum ac_staging_kind kind,
                               const char *installer, struct ac_error *err)
{
    AC_TRY(ac_store_remove(store, AC_STAGING_GROUP, installer, document(kind), err));
    return ac_store_forget_empty(store, AC_STAGING_GROUP, installer, err);
}

/* ---- looking */

enum ac_code ac_staging_look(const struct ac_store *store, enum ac_staging_kind kind,
                             const char *installer, bool *ret_is_there,
                             struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_staging_path(store, kind, installer, &path, err));
    *ret_is_there = ac_file_exists(path);
    return AC_OK;
}

enum ac_code ac_staging_path(const struct ac_store *store, enum ac_staging_kind kind,
                             const char *installer, char **ret_path,
                             struct ac_error *err)
{
    return ac_store_path(store, AC_STAGING_GROUP, installer, document(kind), ret_path,
                         err);
}

enum ac_code ac_staging_list(const struct ac_store *store,
                             struct ac_words *ret_installers, struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_store_list(store, AC_STAGING_GROUP, &names, err));
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.items[i];
        bool is_begun;
        bool is_lent;

        AC_TRY(ac_staging_look(store, AC_STAGING_BEGUN, name, &is_begun, err));
        AC_TRY(ac_staging_look(store, AC_STAGING_LENT, name, &is_lent, err));
        if (is_begun || is_lent)
            AC_TRY(ac_words_add(ret_installers, name, err));
    }
    return AC_OK;
}
