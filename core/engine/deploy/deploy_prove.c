/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "engine/deploy/deploy_look.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_S     30 /* option probe-timeout */
#define TIMEOUT_MAX_S 3600
#define ROUND_MIN_MS  250
#define ROUND_MAX_MS  2000

/* A proof under way. */
struct proving {
    struct ac_deploy_attempt *attempt;
    struct ac_deploy_look look;
    bool *is_pending; /* of each that is left: the plugin does not see it yet; owned */
    int64_t limit_s, until_ms;
};

static void proving_done(struct proving *proving)
{
    ac_deploy_look_done(&proving->look);
    free(proving->is_pending);
}

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

/* No longer than the run may take. */
static int64_t limit_s(const struct ac_deploy_driver *driver)
{
    int64_t left_s = ac_clock_left_ms(driver->settings->deadline_ms) / 1000;
    int64_t wanted_s = timeout_s(&driver->spec->section);

    return left_s < wanted_s ? left_s : wanted_s;
}

/* Asks the plugin. Those that it says will not be served are left out. */
static enum ac_code ask_plugin(struct proving *proving, struct ac_error *err)
{
    struct ac_deploy_attempt *attempt = proving->attempt;
    AC_AUTO(ac_install_batch) batch = { 0 };

    AC_TRY(ac_deploy_describe(attempt, &batch, err));
    AC_TRY(ac_deploy_operate(attempt->driver, AC_INSTALLER_PROBE, &batch, err));
    for (size_t i = attempt->left; i > 0; i--) {
        int status = ac_installer_status(attempt->driver->installer, i - 1);
        struct ac_error why = { 0 };

        proving->is_pending[i - 1] = status == ACMECORE_PENDING;
        if (status >= 0)
            continue;
        ac_deploy_explain(attempt, i - 1, "prove", &why);
        AC_TRY(ac_deploy_leave_out(attempt, i - 1, &why, err));
    }
    return AC_OK;
}

static bool is_missing(const struct proving *proving, size_t index)
{
    return proving->is_pending[index]
           || ac_deploy_look_missing(&proving->look,
                                     proving->attempt->pairs[index].item);
}

static bool are_all_served(const struct proving *proving)
{
    for (size_t i = 0; i < proving->attempt->left; i++) {
        if (is_missing(proving, i))
            return false;
    }
    return true;
}

/* What is served in its place, in words that help. */
static void explain(const struct proving *proving, size_t index,
                    struct ac_error *ret_why)
{
    const struct ac_deploy_item *item = proving->attempt->pairs[index].item;
    const struct ac_deploy_sight *sight = ac_deploy_look_missing(&proving->look, item);

    if (!sight) {
        (void)ac_fail(ret_why, AC_E_PLUGIN,
                      "plugin %s does not see it served after %" PRId64 " s",
                      ac_installer_title(proving->attempt->driver->installer),
                      proving->limit_s);
        return;
    }
    (void)ac_fail(ret_why, AC_E_PLUGIN,
                  "%s does not serve it to who asks for %s, after %" PRId64
                  " s: %s%s%s; ours is SHA-256 %s",
                  sight->address, sight->name, proving->limit_s,
                  sight->seen.fingerprint[0] ? "it serves " : "", sight->seen.text,
                  sight->seen.fingerprint[0] ? "" : " (no certificate was seen)",
                  item->held.fingerprint);
}

static enum ac_code give_up(struct proving *proving, struct ac_error *err)
{
    for (size_t i = proving->attempt->left; i > 0; i--) {
        struct ac_error why = { 0 };

        if (!is_missing(proving, i - 1))
            continue;
        explain(proving, i - 1, &why);
        AC_TRY(ac_deploy_leave_out(proving->attempt, i - 1, &why, err));
    }
    return AC_OK;
}

static enum ac_code wait_round(const struct ac_deploy_settings *settings, int64_t ms,
                               struct ac_error *err)
{
    int64_t until_ms = ac_clock_after_ms(ms);

    while (ac_clock_now_ms() < until_ms) {
        AC_TRY(ac_deploy_check_signal(err));
        AC_TRY(ac_loop_turn(settings->loop, until_ms, err));
    }
    return AC_OK;
}

static enum ac_code look_once(struct proving *proving, struct ac_error *err)
{
    AC_TRY(ask_plugin(proving, err));
    return ac_deploy_look_again(&proving->look, proving->until_ms, err);
}

/* All that was looked at is well: what there was no time for is no reason to take that
 * back. */
static void tell_unlooked(const struct proving *proving)
{
    size_t count = ac_deploy_look_left(&proving->look);

    if (count > 0) {
        ac_log_say(AC_LOG_WARN,
                   "%s: %zu of %zu names and addresses were not looked at within the "
                   "time this run has (--timeout); at the others what is served is "
                   "ours",
                   proving->attempt->driver->spec->name, count, proving->look.count);
    }
}

/* The time may be up because there was so much to look at: what was looked at long ago
 * is looked at once more before somebody is blamed. */
static bool is_time_up(const struct proving *proving, int64_t began_ms)
{
    return ac_clock_now_ms() >= proving->until_ms
           && began_ms + ROUND_MAX_MS >= proving->until_ms;
}

static enum ac_code prove(struct proving *proving, struct ac_error *err)
{
    size_t begun = proving->attempt->left;
    int64_t round_ms = ROUND_MIN_MS;

    for (;;) {
        int64_t began_ms = ac_clock_now_ms();

        AC_TRY(look_once(proving, err));
        if (proving->attempt->left == begun && are_all_served(proving)) {
            tell_unlooked(proving);
            return AC_OK;
        }
        if (proving->attempt->left == begun && is_time_up(proving, began_ms))
            AC_TRY(give_up(proving, err));
        if (proving->attempt->left < begun)
            return ac_fail(err, AC_E_PLUGIN, "not all are served");
        AC_TRY(wait_round(proving->attempt->driver->settings, round_ms, err));
        if (round_ms < ROUND_MAX_MS)
            round_ms *= 2;
    }
}

enum ac_code ac_deploy_prove(struct ac_deploy_attempt *attempt, struct ac_error *err)
{
    __attribute__((cleanup(proving_done))) struct proving proving = {
        .attempt = attempt,
        .limit_s = limit_s(attempt->driver),
    };

    proving.until_ms = ac_clock_after_ms(proving.limit_s * 1000);
    AC_TRY(ac_memory_new(attempt->left, sizeof(bool), &proving.is_pending, err));
    AC_TRY(ac_deploy_look_begin(attempt, proving.limit_s * 1000, &proving.look, err));
    return prove(&proving, err);
}
