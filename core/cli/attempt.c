/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/attempt.h"

#include "base/log.h"
#include "cli/output.h"
#include "cli/report.h"
#include "engine/notify/notifier.h"
#include "engine/renewal/setback.h"
#include "engine/run/run_try.h"

#include <stdio.h>

#define NUMBER_SIZE 24

enum ac_code ac_attempt_hooks(struct ac_context *context, struct ac_around **ret_around,
                              struct ac_error *err)
{
    const struct ac_around_settings settings = { .store = context->store,
                                                 .config = context->config,
                                                 .describe = ac_report_error_json,
                                                 .is_dry_run = context->lasting,
                                                 .is_half_read =
                                                     context->is_misconfigured };

    return ac_around_new(&settings, ret_around, err);
}

enum ac_code ac_attempt_check(struct ac_context *context,
                              const struct ac_wanted *wanted, struct ac_error *err)
{
    AC_AUTO(ac_around) *around = NULL;

    AC_TRY(ac_run_check_installers(context->run, wanted, err));
    AC_TRY(ac_attempt_hooks(context, &around, err));
    AC_TRY(ac_around_add(around, wanted, NULL, err));
    AC_TRY(ac_around_check(around, err));
    return ac_notifier_check(context->config, wanted, err);
}

/* What is wrong with it is its own affair, the end of the run is everybody's. */
static bool is_own(enum ac_code code)
{
    return code != AC_E_NOMEM && code != AC_E_CANCELLED && code != AC_E_TIMEOUT;
}

enum ac_code ac_attempt_join(struct ac_context *context, struct ac_around *around,
                             const struct ac_wanted *wanted, const char *reason,
                             struct ac_error *notifier, struct ac_error *err)
{
    struct ac_error why = { 0 };

    AC_TRY(ac_around_add(around, wanted, reason, err));
    enum ac_code code = ac_run_check_installers(context->run, wanted, &why);
    if (code != AC_OK && !is_own(code))
        return ac_fail(err, code, "%s", why.detail);
    /* A plugin that is ill may be well again when it is needed. */
    if (code == AC_E_USAGE)
        AC_TRY(ac_around_refuse(around, wanted, reason, &why, err));
    code = ac_notifier_check(context->config, wanted, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK && notifier->code == AC_OK)
        *notifier = why;
    return AC_OK;
}

enum ac_code ac_attempt_begin(struct ac_context *context, struct ac_around *around,
                              struct ac_error *err)
{
    struct ac_error why = { 0 }; /* its certificates are told */

    if (ac_around_check(around, &why) == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "%s", why.detail);
    return ac_around_begin(around, context->run, err);
}

/* What a setting lacks may be in what is wrong with the configuration: that is mended
 * there, and no reason to leave the certificate alone afterwards. */
enum ac_code ac_attempt_refuse(struct ac_context *context,
                               const struct ac_wanted *wanted,
                               const struct ac_error *refusal, struct ac_error *err)
{
    bool is_passing = context->is_misconfigured && refusal->code == AC_E_USAGE;
    struct ac_error why = { 0 };

    if (!is_passing && ac_setback_note(context->store, wanted, refusal, &why) != AC_OK)
        ac_log_say(AC_LOG_WARN, "the failure could not be noted: %s", why.detail);
    *err = *refusal;
    return refusal->code;
}

/* For those who read fields; others have it from what is printed. */
static void log_end(const struct ac_wanted *wanted, const struct ac_error *why)
{
    char count[NUMBER_SIZE];

    if (!ac_output_is_heard())
        return;
    (void)snprintf(count, sizeof count, "%zu", wanted->identifiers.count);
    if (!why) {
        ac_log(AC_LOG_INFO, "certificate.issued", "certificate", wanted->name,
               "identifiers_count", count, NULL);
    } else {
        ac_log(AC_LOG_ERROR, "certificate.failed", "certificate", wanted->name,
               "identifiers_count", count, "code", ac_code_name(why->code), "hint",
               ac_report_hint_id(why), "text", why->detail, NULL);
    }
}

static enum ac_code attempt(struct ac_context *context, struct ac_around *around,
                            const struct ac_wanted *wanted, struct ac_issue **ret_issue,
                            struct ac_error *err)
{
    AC_TRY(ac_around_begin(around, context->run, err));
    const struct ac_error *refusal = ac_around_refusal(around, wanted->name);
    if (refusal)
        return ac_attempt_refuse(context, wanted, refusal, err);
    return ac_run_issue(context->run, wanted, ret_issue, err);
}

static enum ac_code issue_between(struct ac_context *context, struct ac_around *around,
                                  const struct ac_wanted *wanted,
                                  struct ac_issue **ret_issue,
                                  struct ac_error *ret_hook, struct ac_error *err)
{
    struct ac_error none = { 0 };

    enum ac_code code = attempt(context, around, wanted, ret_issue, err);
    ac_around_ended(around, wanted->name, code == AC_OK ? &none : err, false);
    (void)!ac_around_finish(around, context->run, ret_hook);
    return code;
}

enum ac_code ac_attempt_issue(struct ac_context *context,
                              const struct ac_wanted *wanted,
                              struct ac_issue **ret_issue, struct ac_error *ret_hook,
                              struct ac_error *err)
{
    AC_AUTO(ac_around) *around = NULL;

    *ret_issue = NULL;
    AC_TRY(ac_attempt_hooks(context, &around, err));
    AC_TRY(ac_around_add(around, wanted, NULL, err));
    enum ac_code code =
        ac_around_has_hooks(around)
            ? issue_between(context, around, wanted, ret_issue, ret_hook, err)
            : ac_run_issue(context->run, wanted, ret_issue, err);
    log_end(wanted, code == AC_OK ? NULL : err);
    return code;
}

void ac_attempt_take_hook(const struct ac_error *hook, struct ac_error *why)
{
    if (hook->code == AC_OK)
        return;
    if (why->code == AC_OK) {
        *why = *hook;
    } else {
        ac_log_say(AC_LOG_WARN, "%s", hook->detail);
    }
}
