/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "base/log.h"

/* ---- rollback */

static void add_failure(struct ac_error *why, const struct ac_error *failure)
{
    struct ac_error both = { 0 };

    (void)ac_fail(&both, why->code,
                  "%s; nor could it be rolled back (%s): look at the server",
                  why->detail, failure->detail);
    *why = both;
}

/* What could not be undone stays noted as staged: a later run tries again. */
static void roll_back(struct ac_deploy_attempt *attempt)
{
    struct ac_error failure = { 0 };

    if (attempt->driver->settings->is_dry_run || attempt->count == 0
        || ac_deploy_roll_back(attempt->driver, attempt->pairs, attempt->count,
                               &failure)
               == AC_OK)
        return;
    attempt->driver->is_stuck = true;
    add_failure(&attempt->why, &failure);
    for (size_t i = attempt->left; i < attempt->count; i++)
        add_failure(&attempt->pairs[i].why, &failure);
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
    attempt->pairs[attempt->left].why = *why;
    return ac_deploy_pair_turn_back(attempt->driver, &attempt->pairs[attempt->left],
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
    /* The link may be turned though its folder could not be synced. */
    if (ac_deploy_pair_unbegin(attempt->driver, pair, &ignored) == AC_E_NOMEM)
        return ac_fail(err, ignored.code, "%s", ignored.detail);
    if (ac_deploy_pair_fail(attempt->driver, pair, why, &ignored) == AC_OK)
        return AC_OK;
    if (ignored.code == AC_E_NOMEM || attempt->count == 0)
        return ac_fail(err, ignored.code, "%s", ignored.detail);
    ac_deploy_tell_failure(attempt->driver, pair, why);
    return AC_OK;
}

/* A note or a link that cannot be written is the trouble of one certificate. From the
 * last one on, as places change. */
static enum ac_code begin_pairs(struct ac_deploy_attempt *attempt, struct ac_error *err)
{
    struct ac_error why = { 0 };

    for (size_t i = attempt->count; i > 0; i--) {
        if (ac_deploy_pair_begin(attempt->driver, &attempt->pairs[i - 1], &why)
            == AC_OK)
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

/* What is served stays so where that cannot be noted, too: the next run finds that not
 * all were proven, and deploys them again. */
static enum ac_code note_proof(struct ac_deploy_attempt *attempt, struct ac_error *err)
{
    for (size_t i = 0; i < attempt->left; i++) {
        enum ac_code code =
            ac_deploy_pair_note_proof(attempt->driver, &attempt->pairs[i], err);

        if (code == AC_OK)
            continue;
        attempt->driver->is_stuck = true;
        ac_error_about(err, "%s is served by now, which cannot be noted",
                       attempt->pairs[i].item->name);
        ac_log_say(AC_LOG_WARN, "%s", err->detail);
        return code;
    }
    return AC_OK;
}

/* Once more where it fails: it may be the plugin's process that is ill. */
static enum ac_code finish_plugin(struct ac_deploy_driver *driver, struct ac_error *err)
{
    struct ac_error ignored;

    if (ac_deploy_operate(driver, AC_INSTALLER_FINISH, NULL, &ignored) == AC_OK)
        return AC_OK;
    ac_deploy_driver_done(driver);
    AC_TRY(ac_deploy_driver_start(driver, err));
    return ac_deploy_operate(driver, AC_INSTALLER_FINISH, NULL, err);
}

/* The plugin may still have what a rollback would undo: those that are proven stay
 * noted as staged, so that they are finished before anything else is done; by the next
 * run where there is no process to be asked. */
static void leave_unfinished(struct ac_deploy_attempt *attempt,
                             const struct ac_error *why)
{
    attempt->driver->is_unfinished = true;
    if (!ac_deploy_driver_is_alive(attempt->driver)) {
        attempt->driver->is_stuck = true;
        attempt->why = *why;
    }
    ac_log_say(AC_LOG_WARN,
               "%s; the certificates are served, what was kept for a rollback stays "
               "until the next run has finished it",
               why->detail);
}

/* What is proven is served, whatever comes now. A note that cannot be written is made
 * up for by a later run, as after a kill. */
static void finish(struct ac_deploy_attempt *attempt)
{
    struct ac_error why = { 0 };
    bool is_finished = finish_plugin(attempt->driver, &why) == AC_OK;

    if (is_finished) {
        ac_deploy_forget_given_up(attempt->driver);
    } else {
        leave_unfinished(attempt, &why);
    }
    for (size_t i = is_finished ? 0 : attempt->left; i < attempt->count; i++) {
        if (ac_deploy_pair_end(attempt->driver, &attempt->pairs[i], &why) == AC_OK)
            continue;
        attempt->driver->is_stuck = true;
        attempt->why = why;
        ac_log_say(AC_LOG_WARN, "%s: %s; the next run goes on with it",
                   attempt->pairs[i].item->name, why.detail);
    }
}

static void tell_left(const struct ac_deploy_attempt *attempt,
                      enum ac_deploy_result result)
{
    for (size_t i = 0; i < attempt->left; i++) {
        ac_deploy_tell(attempt->driver->settings, &attempt->pairs[i],
                       attempt->driver->spec->plugin, result, NULL);
    }
}

/* Those that failed by themselves: now it is known whether they were undone. */
static enum ac_code fail_others(struct ac_deploy_attempt *attempt, struct ac_error *err)
{
    for (size_t i = attempt->left; i < attempt->count; i++) {
        struct ac_deploy_pair *pair = &attempt->pairs[i];

        AC_TRY(ac_deploy_pair_fail(attempt->driver, pair, &pair->why, err));
    }
    return AC_OK;
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
    attempt->is_live = code == AC_OK;
    if (!attempt->is_live) {
        roll_back(attempt);
    } else if (!is_dry_run) {
        code = note_proof(attempt, &attempt->why);
        if (code == AC_OK)
            finish(attempt);
    }
    if (ends_run(code)) {
        *err = attempt->why;
        return code;
    }
    if (attempt->is_live)
        tell_left(attempt, is_dry_run ? AC_DEPLOY_PLANNED : AC_DEPLOY_LIVE);
    return fail_others(attempt, err);
}
