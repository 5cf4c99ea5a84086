/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

#define TIMEOUT_S     30 /* option probe-timeout */
#define TIMEOUT_MAX_S 3600
#define ROUND_MIN_MS  250
#define ROUND_MAX_MS  2000

/* The option, which was checked against its range when the plugin was opened. */
static int64_t timeout_s(const struct ac_section *section)
{
    int64_t seconds = TIMEOUT_S;
    struct ac_error ignored;

    for (size_t i = 0; i < section->count; i++) {
        if (strcmp(section->items[i].name, "probe-timeout") == 0
            && ac_text_parse_number(section->items[i].value, 1, TIMEOUT_MAX_S, &seconds,
                                    &ignored)
                   != AC_OK)
            seconds = TIMEOUT_S;
    }
    return seconds;
}

/* Asks the plugin. Those that it says will not be served are left out. */
static enum ac_code ask_plugin(struct ac_deploy_attempt *attempt, size_t *pending,
                               struct ac_error *err)
{
    AC_AUTO(ac_install_batch) batch = { 0 };

    *pending = 0;
    AC_TRY(ac_deploy_describe(attempt, &batch, err));
    AC_TRY(ac_deploy_operate(attempt->driver, AC_INSTALLER_PROBE, &batch, err));
    for (size_t i = attempt->left; i > 0; i--) {
        int status = ac_installer_status(attempt->driver->installer, i - 1);
        struct ac_error why = { 0 };

        *pending += status == ACMECORE_PENDING;
        if (status >= 0)
            continue;
        ac_deploy_explain(attempt, i - 1, "prove", &why);
        AC_TRY(ac_deploy_leave_out(attempt, i - 1, &why, err));
    }
    return AC_OK;
}

static enum ac_code wait_round(const struct ac_deploy_settings *settings, int64_t ms,
                               struct ac_error *err)
{
    int64_t until_ms = ac_clock_after_ms(ms);

    while (ac_clock_now_ms() < until_ms) {
        AC_TRY(ac_deploy_check_time(settings, err));
        AC_TRY(ac_loop_turn(settings->loop, until_ms, err));
    }
    return AC_OK;
}

enum ac_code ac_deploy_prove(struct ac_deploy_attempt *attempt, struct ac_error *err)
{
    int64_t limit_s = timeout_s(&attempt->driver->spec->section);
    int64_t until_ms = ac_clock_after_ms(limit_s * 1000);
    int64_t round_ms = ROUND_MIN_MS;
    size_t begun = attempt->left;

    for (;;) {
        size_t pending = 0;

        AC_TRY(ask_plugin(attempt, &pending, err));
        if (attempt->left < begun)
            return ac_fail(err, AC_E_PLUGIN, "not all are served");
        if (pending == 0)
            return AC_OK;
        if (ac_clock_now_ms() >= until_ms) {
            return ac_fail(err, AC_E_PLUGIN,
                           "plugin %s does not see it served after %" PRId64 " s",
                           ac_installer_title(attempt->driver->installer), limit_s);
        }
        AC_TRY(wait_round(attempt->driver->settings, round_ms, err));
        if (round_ms < ROUND_MAX_MS)
            round_ms *= 2;
    }
}
