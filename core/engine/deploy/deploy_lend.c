/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "base/log.h"
#include "engine/deploy/staging.h"
#include "store/deployed.h"

/* ---- lending */

/* A link that is there stays as it is: servers use it. */
static enum ac_code list_lacking(const struct ac_deploy_settings *settings,
                                 const struct ac_deploy_group *group,
                                 struct ac_words *names, struct ac_error *err)
{
    for (size_t i = 0; i < group->count; i++) {
        const char *name = group->pairs[i].item->name;
        struct ac_error why = { 0 };
        unsigned ignored;

        enum ac_code code = ac_deployed_version(settings->store, name,
                                                group->spec->name, &ignored, &why);
        if (code == AC_E_NOMEM)
            return ac_fail(err, code, "%s", why.detail);
        if (code == AC_E_NOTFOUND)
            AC_TRY(ac_words_add(names, name, err));
    }
    return AC_OK;
}

static enum ac_code make_link(const struct ac_deploy_settings *settings,
                              const struct ac_deploy_item *item, const char *installer,
                              struct ac_error *err)
{
    return ac_deployed_turn(settings->store, item->name, installer, item->held.version,
                            err);
}

enum ac_code ac_deploy_lend(const struct ac_deploy_settings *settings,
                            const struct ac_deploy_group *group, struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(list_lacking(settings, group, &names, err));
    AC_TRY(ac_staging_save(settings->store, AC_STAGING_LENT, group->spec, &names, err));
    for (size_t i = 0; i < group->count; i++) {
        const struct ac_deploy_item *item = group->pairs[i].item;

        if (ac_words_has(&names, item->name))
            AC_TRY(make_link(settings, item, group->spec->name, err));
    }
    return AC_OK;
}

/* ---- taking back */

/* What was deployed meanwhile is not lent any more. Where the state cannot be read the
 * link stays: a server may use it. */
static enum ac_code take_back_link(const struct ac_deploy_settings *settings,
                                   const char *name, const char *installer,
                                   struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };

    AC_TRY(ac_state_load(settings->store, name, &state, err));
    const struct ac_state_deployment *deployment =
        ac_state_find_deployment(&state, installer);
    if (deployment
        && (deployment->live_version != 0 || deployment->staged_version != 0))
        return AC_OK;
    return ac_deployed_remove(settings->store, name, installer, err);
}

/* What the plugin of a dry run has written for itself: copies of what is served, and
 * keys may be among them. */
static enum ac_code remove_folder(const struct ac_deploy_settings *settings,
                                  const struct ac_solver_spec *spec,
                                  struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_plugin_folder(ac_store_folder(settings->store), spec->name, spec->plugin,
                            true, &path, err));
    return ac_file_remove_tree(path, err);
}

static enum ac_code take_back(const struct ac_deploy_settings *settings,
                              const char *installer, struct ac_error *err)
{
    AC_AUTO(ac_staging) lent = { 0 };

    AC_TRY(ac_staging_load(settings->store, AC_STAGING_LENT, installer, &lent, err));
    for (size_t i = 0; i < lent.certificates.count; i++) {
        AC_TRY(take_back_link(settings, lent.certificates.items[i], installer, err));
    }
    AC_TRY(remove_folder(settings, &lent.spec, err));
    return ac_staging_remove(settings->store, AC_STAGING_LENT, installer, err);
}

enum ac_code ac_deploy_take_back(const struct ac_deploy_settings *settings,
                                 const char *installer, struct ac_error *err)
{
    struct ac_error why = { 0 };
    bool is_lent;

    AC_TRY(ac_staging_look(settings->store, AC_STAGING_LENT, installer, &is_lent, err));
    if (!is_lent)
        return AC_OK;
    enum ac_code code = take_back(settings, installer, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK) {
        ac_log_say(AC_LOG_WARN,
                   "what a dry run at %s made is still there: %s; tried again by the "
                   "next run",
                   installer, why.detail);
    }
    return AC_OK;
}
