/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "base/clock.h"
#include "store/deployed.h"

static enum ac_code save(const struct ac_deploy_driver *driver,
                         const struct ac_deploy_pair *pair, struct ac_error *err)
{
    return ac_deploy_item_save(driver->settings, pair->item, err);
}

/* Where its link leads. 0: nowhere, or nobody can say. */
static enum ac_code find_link(const struct ac_deploy_driver *driver,
                              const struct ac_deploy_pair *pair, unsigned *ret_version,
                              struct ac_error *err)
{
    struct ac_error why = { 0 };

    *ret_version = 0;
    if (ac_deployed_version(driver->settings->store, pair->item->name,
                            pair->deployment->installer, ret_version, &why)
        == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "%s", why.detail);
    return AC_OK;
}

/* A state.json that was lost knows nothing of what is served, which the link still
 * leads to: without it a rollback would have nothing to go back to, and would take the
 * link away from a server that needs it. */
static enum ac_code learn_live(const struct ac_deploy_driver *driver,
                               const struct ac_deploy_pair *pair, struct ac_error *err)
{
    unsigned version;

    if (pair->deployment->live_version != 0)
        return AC_OK;
    AC_TRY(find_link(driver, pair, &version, err));
    pair->deployment->live_version = version;
    pair->deployment->is_outdated = version != 0;
    return AC_OK;
}

enum ac_code ac_deploy_pair_begin(const struct ac_deploy_driver *driver,
                                  const struct ac_deploy_pair *pair,
                                  struct ac_error *err)
{
    if (driver->settings->is_dry_run)
        return AC_OK; /* what it needs is lent: deploy_lend */
    AC_TRY(learn_live(driver, pair, err));
    pair->deployment->staged_version = pair->item->held.version;
    pair->deployment->is_proven = false;
    AC_TRY(save(driver, pair, err));
    return ac_deployed_turn(driver->settings->store, pair->item->name,
                            pair->deployment->installer, pair->item->held.version, err);
}

enum ac_code ac_deploy_pair_turn_back(const struct ac_deploy_driver *driver,
                                      const struct ac_deploy_pair *pair,
                                      struct ac_error *err)
{
    int64_t version = pair->deployment->live_version;

    if (version == 0 || driver->settings->is_dry_run)
        return AC_OK;
    return ac_deployed_turn(driver->settings->store, pair->item->name,
                            pair->deployment->installer, (unsigned)version, err);
}

static enum ac_code remove_link(const struct ac_deploy_driver *driver,
                                const struct ac_deploy_pair *pair, struct ac_error *err)
{
    if (pair->deployment->live_version != 0)
        return AC_OK;
    return ac_deployed_remove(driver->settings->store, pair->item->name,
                              pair->deployment->installer, err);
}

enum ac_code ac_deploy_pair_unbegin(const struct ac_deploy_driver *driver,
                                    const struct ac_deploy_pair *pair,
                                    struct ac_error *err)
{
    unsigned version;

    pair->deployment->staged_version = 0;
    if (driver->settings->is_dry_run)
        return AC_OK;
    AC_TRY(find_link(driver, pair, &version, err));
    if (version != pair->item->held.version)
        return AC_OK;
    AC_TRY(ac_deploy_pair_turn_back(driver, pair, err));
    return remove_link(driver, pair, err);
}

enum ac_code ac_deploy_pair_end(const struct ac_deploy_driver *driver,
                                const struct ac_deploy_pair *pair, struct ac_error *err)
{
    if (driver->settings->is_dry_run)
        return AC_OK;
    AC_TRY(remove_link(driver, pair, err));
    pair->deployment->staged_version = 0;
    pair->deployment->is_proven = false;
    return save(driver, pair, err);
}

enum ac_code ac_deploy_pair_note_proof(const struct ac_deploy_driver *driver,
                                       const struct ac_deploy_pair *pair,
                                       struct ac_error *err)
{
    ac_deployment_note_proof(pair->deployment, pair->item->held.version,
                             ac_clock_utc());
    pair->deployment->is_proven = true;
    return save(driver, pair, err);
}

enum ac_code ac_deploy_pair_doubt(const struct ac_deploy_driver *driver,
                                  const struct ac_deploy_pair *pair,
                                  struct ac_error *err)
{
    pair->deployment->is_proven = false;
    pair->deployment->is_outdated = pair->deployment->live_version != 0;
    return save(driver, pair, err);
}

enum ac_code ac_deploy_pair_fail(const struct ac_deploy_driver *driver,
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
    ac_deploy_tell_failure(driver, pair, why);
    return AC_OK;
}

enum ac_code ac_deploy_roll_back(struct ac_deploy_driver *driver,
                                 const struct ac_deploy_pair *pairs, size_t count,
                                 struct ac_error *err)
{
    for (size_t i = 0; i < count; i++)
        AC_TRY(ac_deploy_pair_turn_back(driver, &pairs[i], err));
    AC_TRY(ac_deploy_doubt_given_up(driver, err));
    AC_TRY(ac_deploy_operate(driver, AC_INSTALLER_ROLLBACK, NULL, err));
    for (size_t i = 0; i < count; i++)
        AC_TRY(ac_deploy_pair_end(driver, &pairs[i], err));
    return AC_OK;
}

/* ---- telling */

static void tell(const struct ac_deploy_settings *settings,
                 const struct ac_deploy_pair *pair, struct ac_deploy_event *event)
{
    event->certificate = pair->item->name;
    event->installer = pair->deployment->installer;
    event->version = pair->item->held.version;
    event->next_attempt_at = pair->deployment->next_attempt_at;
    if (settings->told)
        settings->told(settings->arg, event);
}

void ac_deploy_tell(const struct ac_deploy_settings *settings,
                    const struct ac_deploy_pair *pair, const char *plugin,
                    enum ac_deploy_result result, const struct ac_error *why)
{
    static const struct ac_error none;
    struct ac_deploy_event event = { .plugin = plugin,
                                     .result = result,
                                     .why = why ? why : &none };

    tell(settings, pair, &event);
}

void ac_deploy_tell_failure(const struct ac_deploy_driver *driver,
                            const struct ac_deploy_pair *pair,
                            const struct ac_error *why)
{
    struct ac_deploy_event event = { .plugin = driver->spec->plugin,
                                     .result = AC_DEPLOY_FAILED,
                                     .is_stuck = driver->is_stuck,
                                     .why = why };

    tell(driver->settings, pair, &event);
}
