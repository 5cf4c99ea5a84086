/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "base/log.h"
#include "engine/deploy/staging.h"

#include <stdlib.h>
#include <string.h>

/* What an earlier run left at one installer. */
struct recovery {
    struct ac_deploy_run *run;
    const struct ac_solver_spec *now; /* the instance as it is by now; or NULL */
    struct ac_staging staging;
    struct ac_deploy_item **strangers; /* certificates that are none of the run's */
    size_t stranger_count, stranger_capacity;
    struct ac_deploy_pair *pairs; /* those that are staged still; owned */
    size_t count, capacity;
    bool has_lost; /* of one of them nothing is known any more */
};

static void recovery_done(struct recovery *recovery)
{
    ac_staging_done(&recovery->staging);
    for (size_t i = 0; i < recovery->stranger_count; i++)
        ac_deploy_item_free(recovery->strangers[i]);
    free((void *)recovery->strangers);
    free(recovery->pairs);
}

/* ---- which certificates */

static enum ac_code have_item(struct recovery *recovery, const char *name,
                              struct ac_deploy_item **ret_item, struct ac_error *err)
{
    struct ac_deploy_run *run = recovery->run;
    AC_AUTO(ac_deploy_item) *stranger = NULL;

    for (size_t i = 0; i < run->item_count; i++) {
        *ret_item = run->items[i];
        if (strcmp(run->items[i]->name, name) == 0)
            return AC_OK;
    }
    AC_TRY(ac_deploy_item_claim(run->settings, name, &stranger, err));
    AC_TRY(ac_memory_grow(&recovery->strangers, &recovery->stranger_capacity,
                          recovery->stranger_count + 1, sizeof(struct ac_deploy_item *),
                          err));
    *ret_item = recovery->strangers[recovery->stranger_count++] = AC_TAKE(stranger);
    return AC_OK;
}

/* One that was deleted since then, or whose state was, was not proven for all we know.
 * One that is not staged has come to its end before that run did. */
static enum ac_code add_certificate(struct recovery *recovery, const char *name,
                                    struct ac_error *err)
{
    struct ac_deploy_pair pair = { 0 };

    AC_TRY(have_item(recovery, name, &pair.item, err));
    pair.deployment =
        ac_state_find_deployment(&pair.item->held.state, recovery->staging.spec.name);
    if (!pair.deployment) {
        recovery->has_lost = true;
        return AC_OK;
    }
    if (pair.deployment->staged_version == 0)
        return AC_OK;
    AC_TRY(ac_memory_grow(&recovery->pairs, &recovery->capacity, recovery->count + 1,
                          sizeof *recovery->pairs, err));
    recovery->pairs[recovery->count++] = pair;
    return AC_OK;
}

static enum ac_code load(struct recovery *recovery, const char *installer,
                         struct ac_error *err)
{
    AC_TRY(ac_staging_load(recovery->run->settings->store, AC_STAGING_BEGUN, installer,
                           &recovery->staging, err));
    for (size_t i = 0; i < recovery->staging.certificates.count; i++) {
        AC_TRY(add_certificate(recovery, recovery->staging.certificates.items[i], err));
    }
    return AC_OK;
}

/* ---- how it ends */

/* Is it about the run, or somebody else's, and not about what was left? */
static bool is_passing(enum ac_code code)
{
    return code == AC_E_CANCELLED || code == AC_E_NOMEM || code == AC_E_TIMEOUT
           || code == AC_E_LOCKED;
}

/* What is proven is served. After a signal a finish has less time than it may need. */
static enum ac_code finish(struct ac_deploy_driver *driver,
                           const struct ac_deploy_pair *pairs, size_t count,
                           bool is_last, struct ac_error *err)
{
    struct ac_error why = { 0 };

    enum ac_code code = ac_deploy_operate(driver, AC_INSTALLER_FINISH, NULL, &why);
    if (code != AC_OK) {
        AC_TRY(ac_deploy_check_signal(err));
        return is_last && !is_passing(code)
                   ? ac_deploy_give_up(driver, pairs, count, &why, err)
                   : ac_fail(err, code, "%s", why.detail);
    }
    for (size_t i = 0; i < count; i++)
        AC_TRY(ac_deploy_pair_end(driver, &pairs[i], err));
    ac_deploy_forget_given_up(driver);
    return AC_OK;
}

enum ac_code ac_deploy_settle(struct ac_deploy_driver *driver,
                              const struct ac_deploy_pair *pairs, size_t count,
                              bool is_all, bool is_last, struct ac_error *err)
{
    bool is_proven = is_all;

    for (size_t i = 0; i < count; i++)
        is_proven = is_proven && pairs[i].deployment->is_proven;
    if (is_proven)
        return finish(driver, pairs, count, is_last, err);
    /* A rollback undoes all of a batch, also those that were noted as proven before the
     * run was killed amid its notes: none passes for live without a new proof. */
    for (size_t i = 0; i < count; i++)
        AC_TRY(ac_deploy_pair_doubt(driver, &pairs[i], err));
    return ac_deploy_roll_back(driver, pairs, count, err);
}

static enum ac_code settle_with(const struct recovery *recovery,
                                const struct ac_solver_spec *spec, bool is_last,
                                struct ac_error *err)
{
    AC_AUTO(ac_deploy_driver) driver = { .settings = recovery->run->settings,
                                         .run = recovery->run,
                                         .spec = spec,
                                         .certificates =
                                             &recovery->staging.certificates };

    ac_log(AC_LOG_INFO, "deploy.recover", "installer", spec->name, "plugin",
           spec->plugin, NULL);
    AC_TRY(ac_deploy_driver_start(&driver, err));
    return ac_deploy_settle(&driver, recovery->pairs, recovery->count,
                            !recovery->has_lost, is_last, err);
}

/* Is it the same plugin, and so the same record of what is to be undone, with a setting
 * that somebody has changed since? */
static bool is_changed(const struct recovery *recovery)
{
    const struct ac_solver_spec *then = &recovery->staging.spec;
    const struct ac_solver_spec *now = recovery->now;

    return now && strcmp(now->plugin, then->plugin) == 0
           && !ac_section_is_equal(&now->section, &then->section);
}

/* A setting that was wrong when it began may be why it cannot be undone, or finished:
 * what a person has corrected must help. */
static enum ac_code settle(struct recovery *recovery, struct ac_error *err)
{
    struct ac_error why = { 0 };

    if (recovery->count == 0 && !recovery->has_lost)
        return AC_OK; /* killed before the first stage, or after the last end */
    bool is_last = !is_changed(recovery);
    enum ac_code code = settle_with(recovery, &recovery->staging.spec, is_last, &why);
    if (code != AC_OK && !is_passing(code) && !is_last)
        code = settle_with(recovery, recovery->now, true, &why);
    return code == AC_OK ? AC_OK : ac_fail(err, code, "%s", why.detail);
}

static enum ac_code recover(struct recovery *recovery, const char *installer,
                            struct ac_error *err)
{
    AC_TRY(load(recovery, installer, err));
    AC_TRY(settle(recovery, err));
    return ac_staging_remove(recovery->run->settings->store, AC_STAGING_BEGUN,
                             installer, err);
}

/* Only a person can say whether what is served is well, and what was kept may be a
 * private key: it is neither passed over nor removed. */
static enum ac_code explain(const struct recovery *recovery, const char *installer,
                            const struct ac_error *why, struct ac_error *err)
{
    const struct ac_store *store = recovery->run->settings->store;
    const char *plugin = recovery->staging.spec.plugin;
    AC_AUTO_TEXT char *record = NULL;
    AC_AUTO_TEXT char *folder = NULL;

    AC_TRY(ac_staging_path(store, AC_STAGING_BEGUN, installer, &record, err));
    AC_TRY(ac_plugin_folder(ac_store_folder(store), installer, plugin ? plugin : "*",
                            false, &folder, err));
    return ac_fail(
        err, why->code,
        "%s is still amid an earlier deployment, which could not be brought to its "
        "end: %.300s. "
        "The next run tries again, also with the settings that it has by then; if "
        "that does not help, see that what is served is well, then remove %s (it may "
        "hold private keys) and %s",
        installer, why->detail, folder, record);
}

enum ac_code ac_deploy_recover(struct ac_deploy_run *run, const char *installer,
                               const struct ac_solver_spec *now, struct ac_error *err)
{
    __attribute__((cleanup(recovery_done))) struct recovery recovery = { .run = run,
                                                                         .now = now };
    struct ac_error why = { 0 };
    bool is_begun;

    AC_TRY(ac_deploy_take_back(run->settings, installer, err));
    AC_TRY(ac_staging_look(run->settings->store, AC_STAGING_BEGUN, installer, &is_begun,
                           err));
    if (run->settings->is_dry_run || !is_begun)
        return AC_OK;
    enum ac_code code = recover(&recovery, installer, &why);
    if (code == AC_OK)
        return AC_OK;
    if (!is_passing(code))
        return explain(&recovery, installer, &why, err);
    *err = why;
    return code;
}

/* ---- installers that have nothing else to do in this run */

static bool has_group(const struct ac_deploy_run *run, const char *installer)
{
    for (size_t i = 0; i < run->group_count; i++) {
        if (strcmp(run->groups[i].spec->name, installer) == 0)
            return true;
    }
    return false;
}

/* Without the record nobody knows how to undo it: told once, to a person. */
static enum ac_code give_up(const struct ac_deploy_run *run,
                            struct ac_deploy_item *item,
                            struct ac_state_deployment *deployment,
                            struct ac_error *err)
{
    ac_log_say(AC_LOG_WARN,
               "%s: an earlier run left version %u amid its deployment by "
               "%s, which it is not for any more, and nothing says how to undo that: "
               "see that what is served is well",
               item->name, (unsigned)deployment->staged_version, deployment->installer);
    deployment->staged_version = 0;
    deployment->is_proven = false;
    return ac_deploy_item_save(run->settings, item, err);
}

static enum ac_code add_unwanted(struct ac_deploy_run *run, struct ac_deploy_item *item,
                                 struct ac_state_deployment *deployment,
                                 struct ac_words *names, struct ac_error *err)
{
    const char *installer = deployment->installer;
    bool is_begun;

    if (!deployment->is_unwanted || deployment->staged_version == 0
        || ac_words_has(names, installer))
        return AC_OK;
    AC_TRY(ac_staging_look(run->settings->store, AC_STAGING_BEGUN, installer, &is_begun,
                           err));
    return is_begun ? ac_words_add(names, installer, err)
                    : give_up(run, item, deployment, err);
}

/* What a certificate is staged at and not for any more. */
static enum ac_code list_unwanted(struct ac_deploy_run *run, struct ac_words *names,
                                  struct ac_error *err)
{
    for (size_t i = 0; i < run->item_count; i++) {
        struct ac_deploy_item *item = run->items[i];
        struct ac_state *state = &item->held.state;

        for (size_t j = 0; j < state->deployment_count; j++)
            AC_TRY(add_unwanted(run, item, &state->deployments[j], names, err));
    }
    return AC_OK;
}

/* As one of the run's certificates wants it, which has nothing to do there now; or
 * NULL.
 */
static const struct ac_solver_spec *find_wanted(const struct ac_deploy_run *run,
                                                const char *installer)
{
    for (size_t i = 0; i < run->item_count; i++) {
        const struct ac_wanted *wanted = &run->items[i]->wanted;

        for (size_t j = 0; j < wanted->installer_count; j++) {
            if (strcmp(wanted->installers[j].name, installer) == 0)
                return &wanted->installers[j];
        }
    }
    return NULL;
}

static enum ac_code recover_other(struct ac_deploy_run *run, const char *installer,
                                  struct ac_error *err)
{
    AC_AUTO(ac_lock) *lock = NULL;
    struct ac_error why = { 0 };
    enum ac_code code =
        ac_store_lock(run->settings->store, AC_STAGING_GROUP, installer, &lock, &why);

    if (code == AC_OK)
        code = ac_deploy_recover(run, installer, find_wanted(run, installer), &why);
    if (code == AC_OK || code == AC_E_LOCKED) /* whoever works there sees to it */
        return AC_OK;
    if (is_passing(code))
        return ac_fail(err, code, "%s", why.detail);
    ac_log_say(AC_LOG_WARN, "%s", why.detail);
    if (run->trouble.code == AC_OK) {
        (void)ac_fail(&run->trouble, AC_E_INSTALLER,
                      "what was left at %s is not undone; the line above says what to "
                      "do",
                      installer);
    }
    return AC_OK;
}

enum ac_code ac_deploy_recover_others(struct ac_deploy_run *run, struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    if (run->settings->is_dry_run)
        return AC_OK;
    if (run->settings->is_sweeping)
        AC_TRY(ac_staging_list(run->settings->store, &names, err));
    AC_TRY(list_unwanted(run, &names, err));
    for (size_t i = 0; i < names.count; i++) {
        if (!has_group(run, names.items[i]))
            AC_TRY(recover_other(run, names.items[i], err));
    }
    return AC_OK;
}
