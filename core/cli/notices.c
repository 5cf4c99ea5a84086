/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/notices.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/configuration.h"
#include "cli/report.h"

static enum ac_code open_run(void *arg, struct ac_run **ret_run, struct ac_error *err)
{
    struct ac_context *context = arg;

    AC_TRY(ac_context_run(context, err));
    *ret_run = context->run;
    return AC_OK;
}

enum ac_code ac_notices_new(struct ac_context *context, struct ac_notify **ret_notify,
                            struct ac_error *err)
{
    const struct ac_notify_settings settings = {
        .store = context->store,
        .config = context->config,
        .source = ac_configuration_source(context),
        .describe = ac_report_error_json,
        .unnoted = context->unnoted,
        .open = open_run,
        .arg = context,
    };

    return ac_notify_new(&settings, ret_notify, err);
}

/* One that is not held, and that no configuration has, is in no survey. */
static void survey(struct ac_context *context, const char *name,
                   struct ac_upkeep *upkeep)
{
    const struct ac_upkeep_source source = ac_configuration_source(context);
    AC_AUTO(ac_words) names = { 0 };
    const struct ac_upkeep_settings settings = {
        .store = context->store,
        .source = &source,
        .names = &names,
        .utc = ac_clock_utc(),
    };
    struct ac_error ignored;

    if (ac_words_add(&names, name, &ignored) == AC_OK)
        (void)!ac_upkeep_survey(&settings, upkeep, &ignored);
}

void ac_notices_tell(struct ac_context *context, const struct ac_wanted *wanted,
                     const struct ac_error *why, const struct ac_issue *issue)
{
    AC_AUTO(ac_notify) *notify = NULL;
    AC_AUTO(ac_upkeep) upkeep = { 0 };
    struct ac_error trouble = { 0 };

    if (ac_notices_new(context, &notify, &trouble) != AC_OK) {
        ac_log_say(AC_LOG_WARN, "nobody is notified: %s", trouble.detail);
        return;
    }
    survey(context, wanted->name, &upkeep);
    /* Whoever mistyped an option knows; of one that is held its state says it. */
    if (why && why->code != AC_E_USAGE) {
        ac_notify_failed(notify, wanted->name, wanted, why,
                         issue ? ac_issue_outcome(issue) : NULL);
    }
    ac_notify_tell(notify, &upkeep);
}
