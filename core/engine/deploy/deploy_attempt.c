/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/deployed.h"

#include <stdlib.h>

/* ---- links and notes: what is to be done is written before it is done */

static enum ac_code save(const struct ac_deploy_driver *driver,
                         const struct ac_deploy_pair *pair, struct ac_error *err)
{
    return ac_deploy_item_save(driver->settings, pair->item, err);
}

/* A dry run needs the paths that it speaks of; the link goes again at its end. One that
 * is there stays as it is: servers use it. */
static enum ac_code lend_link(const struct ac_deploy_driver *driver,
                              const struct ac_deploy_pair *pair, struct ac_error *err)
{
    struct ac_store *store = driver->settings->store;
    const char *installer = pair->deployment->installer;
    unsigned number;

    enum ac_code code =
        ac_deployed_version(store, pair->item->name, installer, &number, err);
    if (code != AC_E_NOTFOUND)
        return code;
    pair->item->has_lent_link = true;
    return ac_deployed_turn(store, pair->item->name, installer,
                            pair->item->held.version, err);
}

static void take_back_links(const struct ac_deploy_attempt *attempt)
{
    struct ac_error ignored;

    for (size_t i = 0; i < attempt->count; i++) {
        struct ac_deploy_pair *pair = &attempt->pairs[i];

        if (!pair->item->has_lent_link)
            continue;
        pair->item->has_lent_link = false;
        (void)!ac_deployed_remove(attempt->driver->settings->store, pair->item->name,
                                  pair->deployment->installer, &ignored);
    }
}

static enum ac_code begin_pair(const struct ac_deploy_driver *driver,
                               const struct ac_deploy_pair *pair, struct ac_error *err)
{
    if (driver->settings->is_dry_run)
        return lend_link(driver, pair, err);
    pair->deployment->staged_version = pair->item->held.version;
    pair->deployment->is_proven = false;
    AC_TRY(save(driver, pair, err));
    return ac_deployed_turn(driver->settings->store, pair->item->name,
                            pair->deployment->installer, pair->item->held.version, err);
}

/*
 * Before a rollback, so that the server that is told of it finds what was served
 * before. Where nothing was, the link stays until the rollback is done: a configuration
 * that still names it must not lead nowhere.
 */
static enum ac_code turn_back(const struct ac_deploy_driver *driver,
                              const struct ac_deploy_pair *pair, struct ac_error *err)
{
    int64_t version = pair->deployment->live_version;

    if (version == 0 || driver->settings->is_dry_run)
        return AC_OK;
    return ac_deployed_turn(driver->settings->store, pair->item->name,
                            pair->deployment->installer, (unsigned)version, err);
}

/* It is as if it had never been staged. */
static enum ac_code end_pair(const struct ac_deploy_driver *driver,
                             const struct ac_deploy_pair *pair, struct ac_error *err)
{
    if (driver->settings->is_dry_run)
        return AC_OK;
    if (pair->deployment->live_version == 0) {
        AC_TRY(ac_deployed_remove(driver->settings->store, pair->item->name,
                                  pair->deployment->installer, err));
    }
    pair->deployment->staged_version = 0;
    pair->deployment->is_proven = false;
    return save(driver, pair, err);
}

enum ac_code ac_deploy_fail_pair(const struct ac_deploy_driver *driver,
                                 const struct ac_deploy_pair *pair,
                                 const struct ac_error *why, struct ac_error *err)
{
    const struct ac_held *held = &pair->item->held;

    if (!driver->settings->is_dry_run) {
        AC_TRY(ac_deployment_note_failure(pair->deployment, held->version, why,
                                          ac_clock_utc(),
                                          held->not_after - held->not_before, err));
        AC_TRY(save(driver, pair, err));
    }
    ac_deploy_tell(driver->settings, pair, driver->spec->plugin, AC_DEPLOY_FAILED, why);
    return AC_OK;
}

/* ---- rollback */

static enum ac_code roll_back_pairs(struct ac_deploy_driver *driver,
                                    struct ac_deploy_pair *pairs, size_t count,
                                    struct ac_error *err)
{
    for (size_t i = 0; i < count; i++)
        AC_TRY(turn_back(driver, &pairs[i], err));
    AC_TRY(ac_deploy_operate(driver, AC_INSTALLER_ROLLBACK, NULL, err));
    for (size_t i = 0; i < count; i++)
        AC_TRY(end_pair(driver, &pairs[i], err));
    return AC_OK;
}

/* What could not be undone stays noted as staged: a later run tries again. */
static void roll_back(struct ac_deploy_attempt *attempt)
{
    struct ac_error failure = { 0 };
    struct ac_error both = { 0 };

    if (attempt->driver->settings->is_dry_run || attempt->count == 0
        || roll_back_pairs(attempt->driver, attempt->pairs, attempt->count, &failure)
               == AC_OK)
        return;
    attempt->is_stuck = true;
    (void)ac_fail(&both, attempt->why.code,
                  "%s; nor could it be rolled back (%s): look at the server",
                  attempt->why.detail, failure.detail);
    attempt->why = both;
}

/* A rollback undoes all of a batch, also those that a run had noted as proven before it
 * was killed amid its notes: these are not served any more, and are deployed again. */
static enum ac_code doubt_proofs(const struct ac_deploy_driver *driver,
                                 struct ac_deploy_pair *pairs, size_t count,
                                 struct ac_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct ac_state_deployment *deployment = pairs[i].deployment;

        if (!deployment->is_proven)
            continue;
        deployment->is_proven = false;
        deployment->is_outdated = true;
        AC_TRY(save(driver, &pairs[i], err));
    }
    return AC_OK;
}

enum ac_code ac_deploy_recover(struct ac_deploy_driver *driver,
                               struct ac_deploy_pair *pairs, size_t count,
                               struct ac_error *err)
{
    bool is_proven = true;

    for (size_t i = 0; i < count; i++)
        is_proven = is_proven && pairs[i].deployment->is_proven;
    if (!is_proven) {
        AC_TRY(doubt_proofs(driver, pairs, count, err));
        return roll_back_pairs(driver, pairs, count, err);
    }
    AC_TRY(ac_deploy_operate(driver, AC_INSTALLER_FINISH, NULL, err));
    for (size_t i = 0; i < count; i++) {
        struct ac_state_deployment *deployment = pairs[i].deployment;

        deployment->staged_version = 0;
        deployment->is_proven = false;
        AC_TRY(save(driver, &pairs[i], err));
    }
    return AC_OK;
}

/* ---- forward */

enum ac_code ac_deploy_describe(const struct ac_deploy_attempt *attempt,
                                struct ac_install_batch *batch, struct ac_error *err)
{
    for (size_t i = 0; i < attempt->left; i++) {
        AC_TRY(ac_deploy_item_describe(attempt->driver->settings, &attempt->pairs[i],
                                       batch, err));
    }
    return AC_OK;
}

/* Moves it behind those that are left. */
static void put_last(struct ac_deploy_attempt *attempt, size_t index)
{
    struct ac_deploy_pair pair = attempt->pairs[index];

    attempt->pairs[index] = attempt->pairs[--attempt->left];
    attempt->pairs[attempt->left] = pair;
}

enum ac_code ac_deploy_leave_out(struct ac_deploy_attempt *attempt, size_t index,
                                 const struct ac_error *why, struct ac_error *err)
{
    put_last(attempt, index);
    AC_TRY(turn_back(attempt->driver, &attempt->pairs[attempt->left], err));
    return ac_deploy_fail_pair(attempt->driver, &attempt->pairs[attempt->left], why,
                               err);
}

void ac_deploy_explain(const struct ac_deploy_attempt *attempt, size_t index,
                       const char *verb, struct ac_error *ret_why)
{
    const struct ac_installer *installer = attempt->driver->installer;
    bool is_setting = ac_installer_status(installer, index) == ACMECORE_E_CONFIG;

    (void)ac_fail(ret_why, is_setting ? AC_E_USAGE : AC_E_PLUGIN,
                  "plugin %s could not %s %s: %s", ac_installer_title(installer), verb,
                  attempt->pairs[index].item->name,
                  ac_installer_detail(installer, index));
}

/* From the last one on, as places change. */
static enum ac_code leave_out_unstaged(struct ac_deploy_attempt *attempt,
                                       struct ac_error *err)
{
    for (size_t i = attempt->left; i > 0; i--) {
        struct ac_error why = { 0 };

        if (ac_installer_status(attempt->driver->installer, i - 1) == ACMECORE_OK)
            continue;
        ac_deploy_explain(attempt, i - 1, "stage", &why);
        AC_TRY(ac_deploy_leave_out(attempt, i - 1, &why, err));
    }
    return AC_OK;
}

/* It has no part in the attempt: nothing was asked of the installer for it. Where not
 * even its failure can be noted the others are tried all the same; when it was the last
 * of them the store is what is ill. */
static enum ac_code leave_unbegun(struct ac_deploy_attempt *attempt, size_t index,
                                  const struct ac_error *why, struct ac_error *err)
{
    const struct ac_deploy_pair *pair = &attempt->pairs[attempt->count - 1];
    struct ac_error ignored = { 0 };

    put_last(attempt, index);
    attempt->count = attempt->left;
    pair->deployment->staged_version = 0;
    if (ac_deploy_fail_pair(attempt->driver, pair, why, &ignored) == AC_OK)
        return AC_OK;
    if (ignored.code == AC_E_NOMEM || attempt->count == 0)
        return ac_fail(err, ignored.code, "%s", ignored.detail);
    ac_deploy_tell(attempt->driver->settings, pair, attempt->driver->spec->plugin,
                   AC_DEPLOY_FAILED, why);
    return AC_OK;
}

/* A note or a link that cannot be written is the trouble of one certificate. From the
 * last one on, as places change. */
static enum ac_code begin_pairs(struct ac_deploy_attempt *attempt, struct ac_error *err)
{
    struct ac_error why = { 0 };

    for (size_t i = attempt->count; i > 0; i--) {
        if (begin_pair(attempt->driver, &attempt->pairs[i - 1], &why) == AC_OK)
            continue;
        if (why.code == AC_E_NOMEM)
            return ac_fail(err, why.code, "%s", why.detail);
        AC_TRY(leave_unbegun(attempt, i - 1, &why, err));
    }
    return AC_OK;
}

static enum ac_code stage(struct ac_deploy_attempt *attempt, struct ac_error *err)
{
    AC_AUTO(ac_install_batch) batch = { 0 };

    AC_TRY(begin_pairs(attempt, err));
    if (attempt->count == 0)
        return AC_OK;
    AC_TRY(ac_deploy_describe(attempt, &batch, err));
    AC_TRY(ac_deploy_operate(attempt->driver, AC_INSTALLER_STAGE, &batch, err));
    return leave_out_unstaged(attempt, err);
}

static enum ac_code try_all(struct ac_deploy_attempt *attempt, struct ac_error *err)
{
    AC_TRY(stage(attempt, err));
    if (attempt->left == 0)
        return ac_fail(err, AC_E_PLUGIN, "none could be staged");
    AC_TRY(ac_deploy_operate(attempt->driver, AC_INSTALLER_COMMIT, NULL, err));
    if (attempt->driver->settings->is_dry_run)
        return AC_OK;
    return ac_deploy_prove(attempt, err);
}

/* Noted before finish(): what is served must not be rolled back any more. */
static enum ac_code note_proof(struct ac_deploy_attempt *attempt, struct ac_error *err)
{
    int64_t utc = ac_clock_utc();

    for (size_t i = 0; i < attempt->left; i++) {
        struct ac_deploy_pair *pair = &attempt->pairs[i];

        ac_deployment_note_proof(pair->deployment, pair->item->held.version, utc);
        pair->deployment->is_proven = true;
        AC_TRY(save(attempt->driver, pair, err));
    }
    return AC_OK;
}

static enum ac_code finish(struct ac_deploy_attempt *attempt, struct ac_error *err)
{
    struct ac_error why = { 0 };

    AC_TRY(note_proof(attempt, err));
    if (ac_deploy_operate(attempt->driver, AC_INSTALLER_FINISH, NULL, &why) != AC_OK) {
        ac_log_say(AC_LOG_WARN,
                   "%s; the certificates are served, what was kept for a rollback "
                   "stays",
                   why.detail);
    }
    for (size_t i = 0; i < attempt->count; i++)
        AC_TRY(end_pair(attempt->driver, &attempt->pairs[i], err));
    return AC_OK;
}

static void tell_left(const struct ac_deploy_attempt *attempt,
                      enum ac_deploy_result result)
{
    for (size_t i = 0; i < attempt->left; i++) {
        ac_deploy_tell(attempt->driver->settings, &attempt->pairs[i],
                       attempt->driver->spec->plugin, result, NULL);
    }
}

/* Is it about the run, and not about the installer? */
static bool ends_run(enum ac_code code)
{
    return code == AC_E_CANCELLED || code == AC_E_NOMEM || code == AC_E_STORE;
}

enum ac_code ac_deploy_attempt_run(struct ac_deploy_attempt *attempt,
                                   struct ac_error *err)
{
    bool is_dry_run = attempt->driver->settings->is_dry_run;

    attempt->left = attempt->count;
    enum ac_code code = try_all(attempt, &attempt->why);
    take_back_links(attempt);
    if (code == AC_OK && !is_dry_run)
        code = finish(attempt, &attempt->why);
    attempt->is_live = code == AC_OK;
    if (attempt->is_live) {
        tell_left(attempt, is_dry_run ? AC_DEPLOY_PLANNED : AC_DEPLOY_LIVE);
        return AC_OK;
    }
    roll_back(attempt);
    if (!ends_run(code))
        return AC_OK;
    *err = attempt->why;
    return code;
}
