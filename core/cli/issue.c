/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/attempt.h"
#include "cli/commands.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/issue_report.h"
#include "cli/issue_wish.h"
#include "cli/notices.h"
#include "cli/rehearsal.h"
#include "cli/standing.h"

static enum ac_code tell_fresh(struct ac_context *context,
                               const struct ac_standing *standing,
                               const struct ac_words *warnings,
                               const struct ac_deployments *deployments,
                               struct ac_error *err)
{
    struct ac_error why = { 0 };
    struct ac_issue_ending ending = {
        .result = "fresh",
        .held = &standing->held,
        .warnings = warnings,
        .has_kept_settings = standing->has_new_settings,
        .deployments = deployments,
        .elapsed_ms = ac_clock_now_ms() - context->started_ms,
    };

    if (deployments)
        ac_deployments_verdict(deployments, &why);
    ac_terminal_clear(&context->terminal);
    if (context->options->is_json)
        return ac_issue_report_json(&ending, &why, err);
    return context->options->is_quiet ? AC_OK : ac_issue_report_fresh(&ending, err);
}

/* What an earlier run left is no reason to issue again. */
static enum ac_code recover(struct ac_context *context, const struct ac_wanted *wanted,
                            struct ac_words *warnings, struct ac_error *err)
{
    struct ac_error why = { 0 };

    enum ac_code code = ac_run_recover(context->run, wanted->name, warnings, &why);
    if (code == AC_OK || code == AC_E_LOCKED)
        return AC_OK;
    ac_log_say(AC_LOG_WARN, "%s", why.detail);
    return ac_words_add(warnings, why.detail, err);
}

/* A line for each deployment after what a person is told of the certificate; before the
 * one document. A standard output that is full or closed keeps no server from it. */
static enum ac_code finish_fresh(struct ac_context *context,
                                 const struct ac_standing *standing,
                                 const struct ac_words *warnings, bool *ret_is_told,
                                 struct ac_error *err)
{
    AC_AUTO(ac_deployments) deployments = { .context = context };
    bool is_json = context->options->is_json;
    struct ac_error why = { 0 };
    struct ac_error unsaid = { 0 };

    if (!is_json)
        (void)!tell_fresh(context, standing, warnings, NULL, &unsaid);
    if (context->wanted.installer_count > 0)
        AC_TRY(ac_deployments_run_one(&deployments, context->wanted.name, &why, err));
    if (why.code == AC_OK)
        why = unsaid;
    if (is_json)
        AC_TRY(tell_fresh(context, standing, warnings, &deployments, err));
    *ret_is_told = is_json;
    if (why.code != AC_OK)
        *err = why;
    return why.code;
}

/* Changed settings count from the next issue on; those that are wrong are told now. */
static enum ac_code end_fresh(struct ac_context *context,
                              const struct ac_wanted *wanted,
                              const struct ac_standing *standing, bool *ret_is_told,
                              struct ac_error *err)
{
    bool has_leftovers = ac_held_has_journal(context->store, wanted->name);
    AC_AUTO(ac_words) warnings = { 0 };

    if (standing->has_new_settings || has_leftovers)
        AC_TRY(ac_context_run(context, err));
    if (has_leftovers)
        AC_TRY(recover(context, wanted, &warnings, err));
    if (standing->has_new_settings)
        AC_TRY(ac_attempt_check(context, wanted, err));
    if (standing->has_new_settings)
        AC_TRY(ac_run_keep_wish(context->run, wanted, err));
    return finish_fresh(context, standing, &warnings, ret_is_told, err);
}

static enum ac_code tell_issued(const struct ac_issue_ending *ending,
                                struct ac_error *err)
{
    return ending->is_dry_run ? ac_issue_report_passed(ending, err)
                              : ac_issue_report_issued(ending, err);
}

/* Tells how the issue went. */
static enum ac_code tell_ending(struct ac_context *context,
                                const struct ac_issue *issue, bool is_issued,
                                const struct ac_deployments *deployments,
                                const struct ac_error *why, struct ac_error *err)
{
    AC_AUTO(ac_held) held = { 0 };
    bool is_dry_run = context->options->is_dry_run;
    struct ac_issue_ending ending = {
        .result = is_issued ? (is_dry_run ? "passed" : "issued") : "failed",
        .directory_url = context->wanted.directory_url,
        .is_dry_run = is_dry_run,
        .deployments = deployments,
        .outcome = issue ? ac_issue_outcome(issue) : NULL,
        .is_resumed = issue && ac_issue_outcome(issue)->is_resumed,
        .counters = ac_run_counters(context->run),
        .elapsed_ms = ac_clock_now_ms() - context->started_ms,
    };

    if (is_issued) {
        AC_TRY(ac_held_load(context->store, context->wanted.name, &held, err));
        ending.held = &held;
    }
    ac_terminal_clear(&context->terminal);
    if (context->options->is_json)
        return ac_issue_report_json(&ending, why, err);
    if (is_issued)
        return context->options->is_quiet ? AC_OK : tell_issued(&ending, err);
    ac_issue_report_failures(ending.outcome, why);
    return AC_OK;
}

/* To its servers; of a dry run, what that would change. */
static enum ac_code bring(struct ac_context *context,
                          struct ac_deployments *deployments, struct ac_error *ret_why,
                          struct ac_error *err)
{
    if (!context->lasting)
        return ac_deployments_run_one(deployments, context->wanted.name, ret_why, err);
    (void)!ac_rehearsal_deploy(context, deployments, err); /* the verdict has it */
    ac_deployments_verdict(deployments, ret_why);
    return AC_OK;
}

/* Also: brings it to its servers. What became of that, and of the hooks, is in *why
 * where it is issued. */
static enum ac_code finish_issue(struct ac_context *context, struct ac_issue *issue,
                                 const struct ac_error *hook, struct ac_error *why,
                                 struct ac_error *err)
{
    AC_AUTO(ac_deployments) deployments = { .context = context };
    const struct ac_wanted *wanted = &context->wanted;
    bool is_json = context->options->is_json;
    bool is_issued = why->code == AC_OK;
    struct ac_error unsaid = { 0 };

    if (!is_json)
        (void)!tell_ending(context, issue, is_issued, NULL, why, &unsaid);
    if (is_issued && wanted->installer_count > 0) {
        struct ac_error failure = { 0 };

        ac_issue_release(issue);
        if (bring(context, &deployments, why, &failure) != AC_OK)
            *why = failure;
    }
    ac_attempt_take_hook(hook, why);
    if (is_json)
        return tell_ending(context, issue, is_issued, &deployments, why, err);
    if (unsaid.code != AC_OK)
        *err = unsaid;
    return unsaid.code;
}

/* What became of it is told; *ret_is_told: also as the document. */
static enum ac_code issue_now(struct ac_context *context, bool *ret_is_told,
                              struct ac_error *err)
{
    const struct ac_wanted *wanted = &context->wanted;
    AC_AUTO(ac_issue) *issue = NULL;
    struct ac_error why = { 0 };
    struct ac_error hook = { 0 };

    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_attempt_check(context, wanted, err));
    enum ac_code code = ac_attempt_issue(context, wanted, &issue, &hook, &why);
    if (code == AC_OK)
        why = (struct ac_error){ 0 }; /* what was mended on the way is no failure */
    ac_run_recover_others(context->run, wanted->name);
    const struct ac_error attempt = why;
    enum ac_code told = finish_issue(context, issue, &hook, &why, err);
    *ret_is_told = context->options->is_json && told == AC_OK;
    if (!context->lasting)
        ac_notices_tell(context, wanted, &attempt, issue);
    if (why.code == AC_OK)
        return told;
    *err = why; /* it stays the reason, whether it could be told or not */
    return why.code;
}

static enum ac_code rehearse(struct ac_context *context, bool *ret_is_told,
                             struct ac_error *err)
{
    AC_AUTO(ac_rehearsal) rehearsal = { 0 };

    AC_TRY(ac_rehearsal_begin(context, &rehearsal, err));
    return issue_now(context, ret_is_told, err);
}

static enum ac_code issue_or_leave(struct ac_context *context, bool *ret_is_told,
                                   struct ac_error *err)
{
    const struct ac_wanted *wanted = &context->wanted;
    AC_AUTO(ac_standing) standing = { 0 };

    AC_TRY(ac_standing_look(context, wanted, &standing, err));
    if (!standing.is_fresh)
        return issue_now(context, ret_is_told, err);
    enum ac_code code = end_fresh(context, wanted, &standing, ret_is_told, err);
    ac_notices_tell(context, wanted, NULL, NULL);
    return code;
}

enum ac_code ac_command_issue(struct ac_context *context, bool *ret_is_told,
                              struct ac_error *err)
{
    AC_TRY(ac_issue_wish_read(context, err));
    if (context->options->is_dry_run)
        return rehearse(context, ret_is_told, err);
    enum ac_code code = issue_or_leave(context, ret_is_told, err);
    ac_rehearsal_sweep(context);
    return code;
}
