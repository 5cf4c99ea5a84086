/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "base/clock.h"

#include <string.h>

/* ---- the installer as a guest of the loop */

static size_t guest_fds(const void *guest, struct pollfd *fds)
{
    return ac_installer_fds(guest, fds);
}

static int64_t guest_wake_at_ms(const void *guest)
{
    return ac_installer_wake_at_ms(guest);
}

static void guest_step(void *guest)
{
    ac_installer_step(guest);
}

static enum ac_code attach(struct ac_deploy_driver *driver, struct ac_error *err)
{
    const struct ac_deploy_settings *settings = driver->settings;
    const struct ac_plugin_settings plugin = {
        .name = driver->spec->name,
        .plugin = driver->spec->plugin,
        .section = &driver->spec->section,
        .plugin_folders = settings->plugin_folders,
        .host_path = settings->host_path,
        .state_folder = settings->store ? ac_store_folder(settings->store) : NULL,
        .certificates = driver->certificates,
        .is_dry_run = settings->is_dry_run,
    };
    AC_AUTO(ac_installer) *installer = NULL;

    AC_TRY(ac_installer_start(&plugin, &installer, err));
    const struct ac_loop_guest guest = { guest_fds, guest_wake_at_ms, guest_step,
                                         installer };
    AC_TRY(ac_loop_attach_guest(settings->loop, &guest, err));
    driver->installer = AC_TAKE(installer);
    return AC_OK;
}

void ac_deploy_driver_done(struct ac_deploy_driver *driver)
{
    if (driver->installer) {
        ac_loop_detach_guest(driver->settings->loop, driver->installer);
        ac_installer_free(AC_TAKE(driver->installer));
    }
}

/* ---- one operation */

enum ac_code ac_deploy_check_signal(struct ac_error *err)
{
    int signal_number = ac_clock_cancelled();
    const char *name = signal_number ? sigabbrev_np(signal_number) : NULL;

    if (!signal_number)
        return AC_OK;
    return ac_fail(err, AC_E_CANCELLED, "ended by SIG%s", name ? name : "?");
}

enum ac_code ac_deploy_check_time(const struct ac_deploy_settings *settings,
                                  struct ac_error *err)
{
    AC_TRY(ac_deploy_check_signal(err));
    if (ac_clock_now_ms() >= settings->deadline_ms) {
        return ac_fail(err, AC_E_TIMEOUT,
                       "not deployed within the time this run has (--timeout)");
    }
    return AC_OK;
}

enum ac_code ac_deploy_driver_start(struct ac_deploy_driver *driver,
                                    struct ac_error *err)
{
    const struct ac_deploy_settings *settings = driver->settings;

    AC_TRY(attach(driver, err));
    ac_installer_step(driver->installer);
    while (!ac_installer_is_open(driver->installer)) {
        AC_TRY(ac_deploy_check_signal(err));
        if (ac_clock_now_ms() >= settings->deadline_ms) {
            return ac_fail(err, AC_E_TIMEOUT,
                           "plugin %s was not open within the time this run has "
                           "(--timeout)",
                           ac_installer_title(driver->installer));
        }
        AC_TRY(ac_loop_turn(settings->loop, settings->deadline_ms, err));
    }
    return ac_installer_state(driver->installer, err);
}

enum ac_code ac_deploy_try(const struct ac_deploy_settings *settings,
                           const struct ac_solver_spec *spec, struct ac_error *err)
{
    AC_AUTO(ac_deploy_driver) driver = { .settings = settings, .spec = spec };

    return ac_deploy_driver_start(&driver, err);
}

bool ac_deploy_driver_is_alive(const struct ac_deploy_driver *driver)
{
    struct ac_error ignored;

    return driver->installer && ac_installer_is_open(driver->installer)
           && ac_installer_state(driver->installer, &ignored) == AC_OK;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* A signal ends an operation, and shortens what has to be ended (*is_short: it did). */
static enum ac_code heed_signal(bool is_ending, bool *is_short, int64_t *limit_ms,
                                struct ac_error *err)
{
    if (!is_ending)
        return ac_deploy_check_signal(err);
    if (*is_short || !ac_clock_cancelled())
        return AC_OK;
    *is_short = true;
    *limit_ms =
        earlier(*limit_ms, ac_clock_after_ms(AC_DEPLOY_ENDING_MS + AC_DEPLOY_GRACE_MS));
    return AC_OK;
}

/* AC_OK also where the operation failed. What passes its deadline is the plugin's
 * failure, and ended by host/installer before the time is up here. */
static enum ac_code drive(struct ac_deploy_driver *driver, bool is_ending,
                          int64_t until_ms, struct ac_error *err)
{
    int64_t limit_ms = until_ms + AC_DEPLOY_GRACE_MS;
    bool is_short = false;

    ac_installer_step(driver->installer);
    while (!ac_installer_is_done(driver->installer)) {
        AC_TRY(heed_signal(is_ending, &is_short, &limit_ms, err));
        AC_TRY(ac_loop_turn(driver->settings->loop, limit_ms, err));
        if (ac_clock_now_ms() >= limit_ms && !ac_installer_is_done(driver->installer)) {
            return ac_fail(err, AC_E_PLUGIN, "plugin %s did not end in time",
                           ac_installer_title(driver->installer));
        }
    }
    return AC_OK;
}

/* What took its time to be done may take as long to be undone. */
static int64_t deadline_of(const struct ac_deploy_driver *driver, bool is_ending)
{
    int64_t until_ms = ac_clock_after_ms(
        is_ending && ac_clock_cancelled() ? AC_DEPLOY_ENDING_MS : AC_DEPLOY_OP_MS);

    return is_ending ? until_ms : earlier(until_ms, driver->settings->deadline_ms);
}

enum ac_code ac_deploy_operate(struct ac_deploy_driver *driver, enum ac_installer_op op,
                               const struct ac_install_batch *batch,
                               struct ac_error *err)
{
    bool is_ending = op == AC_INSTALLER_ROLLBACK || op == AC_INSTALLER_FINISH;
    int64_t until_ms = deadline_of(driver, is_ending);

    AC_TRY(ac_installer_begin(driver->installer, op, batch, until_ms, err));
    enum ac_code code = drive(driver, is_ending, until_ms, err);
    if (code != AC_OK) {
        ac_installer_stop(driver->installer, err);
        return code;
    }
    const struct ac_words *changes = ac_installer_changes(driver->installer);
    if (changes->count > 0 && driver->settings->changes) {
        driver->settings->changes(driver->settings->arg, driver->spec->name, changes);
    }
    return ac_installer_result(driver->installer, err);
}
