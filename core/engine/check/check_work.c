/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check/check_parts.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LAWLESS "which is no result" /* as pluginhost/session_results says it */

__attribute__((format(printf, 3, 0))) static void say(struct ac_check_work *work,
                                                      enum ac_verdict_kind verdict,
                                                      const char *format, va_list args)
{
    work->verdict = verdict;
    (void)vsnprintf(work->reason, sizeof work->reason, format, args);
}

void ac_check_fail(struct ac_check_work *work, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(work, AC_VERDICT_FAILED, format, args);
    va_end(args);
}

void ac_check_skip(struct ac_check_work *work, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(work, AC_VERDICT_SKIPPED, format, args);
    va_end(args);
}

/* ---- processes ---------------------------------------------------------- */

static size_t trial_fds(const void *guest, struct pollfd *fds)
{
    return ac_trial_fds(guest, fds);
}

static int64_t trial_wake_at_ms(const void *guest)
{
    return ac_trial_wake_at_ms(guest);
}

static void step_trial(void *guest)
{
    ac_trial_step(guest);
}

void ac_check_stop(struct ac_check_work *work)
{
    if (work->trial)
        ac_loop_detach_guest(work->settings->loop, work->trial);
    ac_trial_free(AC_TAKE(work->trial));
}

static enum ac_code turn(const struct ac_check_work *work, struct ac_error *err)
{
    int64_t deadline_ms = work->settings->deadline_ms;

    if (ac_clock_cancelled())
        return ac_fail(err, AC_E_CANCELLED, "the check was interrupted");
    if (ac_clock_now_ms() >= deadline_ms)
        return ac_fail(err, AC_E_TIMEOUT, "the time for the check is over (--timeout)");
    return ac_loop_turn(work->settings->loop, deadline_ms, err);
}

enum ac_code ac_check_restart(struct ac_check_work *work,
                              enum ac_process_services services, struct ac_error *err)
{
    struct ac_plugin_settings plugin = work->settings->plugin;
    struct ac_loop_guest guest = { .fds = trial_fds,
                                   .wake_at_ms = trial_wake_at_ms,
                                   .step = step_trial };

    ac_check_stop(work);
    plugin.services = services;
    plugin.state_folder = work->folder;
    AC_TRY(ac_trial_start(&plugin, work->kind, &work->trial, err));
    guest.guest = work->trial;
    AC_TRY(ac_loop_attach_guest(work->settings->loop, &guest, err));
    while (!ac_trial_is_open(work->trial))
        AC_TRY(turn(work, err));
    return AC_OK;
}

/* ---- operations --------------------------------------------------------- */

const struct ac_json *ac_check_reply(const struct ac_check_work *work)
{
    const struct ac_json *reply = NULL;
    struct ac_error ignored = { 0 };

    return ac_trial_reply(work->trial, &reply, &ignored) == AC_OK ? reply : NULL;
}

static void take_result(const struct ac_json *result, struct ac_check_outcome *outcome)
{
    int64_t given = ac_json_number_or(result, "status", ACMECORE_E_INVALID);
    int status = given >= ACMECORE_E_UNSUPPORTED && given <= ACMECORE_PENDING
                     ? (int)given
                     : ACMECORE_E_INVALID;
    const char *detail = ac_json_text_or(result, "detail", "");

    if (strstr(detail, LAWLESS))
        outcome->is_lawful = false;
    if (status == ACMECORE_OK || outcome->status != ACMECORE_OK)
        return;
    outcome->status = status;
    (void)ac_text_clean(outcome->detail, sizeof outcome->detail, detail,
                        strlen(detail));
}

static void take_reply(const struct ac_json *reply, struct ac_check_outcome *outcome)
{
    const struct ac_json *results = ac_json_get(reply, "results");

    outcome->is_answered = true;
    outcome->is_lawful = true;
    outcome->status = ACMECORE_OK;
    take_result(reply, outcome);
    for (size_t i = 0; ac_json_is_array(results) && i < ac_json_count(results); i++)
        take_result(ac_json_at(results, i), outcome);
}

enum ac_code ac_check_perform(struct ac_check_work *work, const char *op,
                              const struct ac_batch *batch, bool is_spent,
                              struct ac_check_outcome *ret_outcome,
                              struct ac_error *err)
{
    int64_t began_ms = ac_clock_now_ms();
    const struct ac_json *reply = NULL;
    struct ac_error why = { 0 };

    *ret_outcome = (struct ac_check_outcome){ .is_answered = false };
    enum ac_code code = ac_trial_begin(work->trial, op, batch, is_spent,
                                       ac_clock_after_ms(work->call_ms), &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%.*s", AC_CHECK_REASON - 1, why.detail);
    while (code == AC_OK && !ac_trial_is_done(work->trial))
        AC_TRY(turn(work, err));
    if (code == AC_OK)
        code = ac_trial_reply(work->trial, &reply, &why);
    ret_outcome->elapsed_ms = ac_clock_now_ms() - began_ms;
    if (code == AC_OK) {
        take_reply(reply, ret_outcome);
    } else {
        (void)ac_text_clean(ret_outcome->detail, sizeof ret_outcome->detail, why.detail,
                            strlen(why.detail));
    }
    return AC_OK;
}

bool ac_check_judge(struct ac_check_work *work, const char *what,
                    const struct ac_check_outcome *outcome, bool must_be_ok)
{
    if (!outcome->is_answered || !outcome->is_lawful) {
        ac_check_fail(work, "%s: %s", what, outcome->detail);
    } else if (must_be_ok && outcome->status != ACMECORE_OK) {
        ac_check_fail(work, "%s gives %d: %s", what, outcome->status, outcome->detail);
    } else {
        return true;
    }
    return false;
}

/* ---- challenges --------------------------------------------------------- */

enum ac_code ac_check_add(const struct ac_check_work *work, size_t nth, size_t value,
                          struct ac_batch *batch, struct ac_error *err)
{
    const char *domain = work->settings->domain;
    bool has_record = strncmp(work->type, "dns-", strlen("dns-")) == 0;
    char identifier[300];
    char record_name[320];
    char token[64];
    char key_authorization[160];
    char record_value[64];

    (void)snprintf(identifier, sizeof identifier, "check%zu.%s", nth,
                   domain ? domain : AC_CHECK_SUFFIX);
    (void)snprintf(record_name, sizeof record_name, "_acme-challenge.%s", identifier);
    /* 43 characters of base64url each, as a CA and a SHA-256 give them. */
    (void)snprintf(token, sizeof token, "acmecore-check-token-%022zu", value);
    (void)snprintf(key_authorization, sizeof key_authorization,
                   "%s.acmecore-check-thumbprint-00000000000000000", token);
    (void)snprintf(record_value, sizeof record_value, "acmecore-check-value-%022zu",
                   value);
    struct acmecore_challenge challenge = {
        .struct_size = sizeof challenge,
        .type = work->type,
        .identifier = identifier,
        .token = token,
        .key_authorization = key_authorization,
        .record_name = has_record ? record_name : NULL,
        .record_value = has_record ? record_value : NULL,
        .record_zone = has_record ? (domain ? domain : AC_CHECK_SUFFIX) : NULL,
    };
    return ac_batch_add(batch, &challenge, err);
}
