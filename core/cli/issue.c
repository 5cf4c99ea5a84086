/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/attempt.h"
#include "cli/commands.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/configuration.h"
#include "cli/deployments.h"
#include "cli/notices.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/wish.h"
#include "engine/held/held_files.h"
#include "engine/wanted/wanted_members.h"
#include "store/version.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Everything the end of the command is told from. */
struct ending {
    const char *result;               /* "issued", "fresh", "failed" */
    const struct ac_outcome *outcome; /* NULL: nothing was begun */
    const struct ac_held *held;       /* NULL: none */
    bool is_resumed;                  /* an order of an earlier run was continued */
    const struct ac_words *warnings;  /* fresh: of cleanup after an earlier run */
    bool has_kept_settings;           /* fresh: it is remembered with new settings */
    struct ac_http_counters counters;
    int64_t elapsed_ms;
    const struct ac_deployments *deployments; /* NULL: not looked at yet */
};

/* ---- JSON */

static enum ac_code add_outcome(struct ac_json *document,
                                const struct ac_outcome *outcome, struct ac_error *err)
{
    AC_AUTO(ac_json) *order = NULL;

    if (!outcome)
        return AC_OK;
    AC_TRY(ac_json_set_words(document, "warnings", &outcome->warnings, err));
    if (outcome->attempts) {
        struct ac_json *attempts = ac_json_share(outcome->attempts);
        AC_TRY(ac_json_set(document, "attempts", &attempts, err));
    }
    if (!outcome->order_url)
        return AC_OK;
    AC_TRY(ac_json_new(&order, err, "{s:s, s:b}", "url", outcome->order_url, "resumed",
                       (int)outcome->is_resumed));
    return ac_json_set(document, "order", &order, err);
}

/* "error", with the CA's own documents beside our words. */
static enum ac_code add_error(struct ac_json *document,
                              const struct ac_outcome *outcome,
                              const struct ac_error *why, struct ac_error *err)
{
    AC_AUTO(ac_json) *error = NULL;

    AC_TRY(ac_report_error_json(why, &error, err));
    if (outcome && outcome->problem) {
        struct ac_json *problem = ac_json_share(outcome->problem);
        AC_TRY(ac_json_set(error, "problem", &problem, err));
    }
    if (outcome && outcome->failures) {
        struct ac_json *failures = ac_json_share(outcome->failures);
        AC_TRY(ac_json_set(error, "identifiers", &failures, err));
    }
    return ac_json_set(document, "error", &error, err);
}

static enum ac_code print_json(const struct ending *ending, const struct ac_error *why,
                               struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *certificate = NULL;

    AC_TRY(ac_command_document(AC_COMMAND_ISSUE, &document, err));
    AC_TRY(ac_json_set_text(document, "result", ending->result, err));
    if (ending->held) {
        AC_TRY(ac_held_to_json(ending->held, &certificate, err));
        AC_TRY(ac_json_set(document, "certificate", &certificate, err));
    }
    if (ending->has_kept_settings)
        AC_TRY(ac_json_set_bool(document, "settings_kept", true, err));
    if (ending->warnings)
        AC_TRY(ac_json_set_words(document, "warnings", ending->warnings, err));
    AC_TRY(add_outcome(document, ending->outcome, err));
    AC_TRY(ac_deployments_add(ending->deployments, document, err));
    AC_TRY(ac_json_set_number(document, "requests", (int64_t)ending->counters.requests,
                              err));
    AC_TRY(ac_json_set_number(document, "round_trips",
                              (int64_t)ending->counters.round_trips, err));
    AC_TRY(ac_json_set_number(document, "elapsed_ms", ending->elapsed_ms, err));
    if (why->code != AC_OK)
        AC_TRY(add_error(document, ending->outcome, why, err));
    return ac_report_print_json(document, err);
}

/* ---- text */

static enum ac_code print_fresh(const struct ending *ending, struct ac_error *err)
{
    const struct ac_held *held = ending->held;
    AC_AUTO(ac_text) text = { 0 };
    char not_after[AC_CLOCK_TEXT_SIZE];
    char renew_at[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_text_addf(
        &text, err,
        "Certificate \"%s\" is fresh: valid until %s, due again from %s%s.\n"
        "Nothing was asked of the CA; --force issues all the same.\n",
        held->name, ac_clock_format(held->not_after, not_after),
        ac_clock_format(held->renew_at, renew_at),
        ending->has_kept_settings ? "; the changed settings are kept for its next issue"
                                  : ""));
    return ac_report_print(ac_text_get(&text), err);
}

static enum ac_code print_issued(const struct ending *ending, struct ac_error *err)
{
    const struct ac_held *held = ending->held;
    AC_AUTO(ac_text) text = { 0 };
    AC_AUTO(ac_words) names = { 0 };
    char not_after[AC_CLOCK_TEXT_SIZE];
    char renew_at[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_identifiers_words(&held->identifiers, &names, err));
    AC_TRY(ac_text_addf(&text, err,
                        "Certificate \"%s\" is issued (version %u, %s) for ",
                        held->name, held->version, held->key_type));
    AC_TRY(ac_words_join(&names, ", ", &text, err));
    AC_TRY(ac_text_addf(&text, err,
                        ".\n  valid until  %s, due again from %s\n"
                        "  key          %s/%s\n"
                        "  certificate  %s/fullchain.pem\n"
                        "  %" PRIu64 " requests, %" PRIu64 " round trips, %" PRId64
                        ".%03" PRId64 " s%s\n",
                        ac_clock_format(held->not_after, not_after),
                        ac_clock_format(held->renew_at, renew_at), held->folder,
                        ac_held_key_file(ac_held_key_of(held)), held->folder,
                        ending->counters.requests, ending->counters.round_trips,
                        ending->elapsed_ms / 1000, ending->elapsed_ms % 1000,
                        ending->is_resumed ? "; an earlier order was continued" : ""));
    if (held->version == 1 && held->state.deployment_count == 0) {
        AC_TRY(ac_text_addf(&text, err,
                            "Name these files in the server's configuration; they stay "
                            "where they are, and the server is to be reloaded after "
                            "each issue.\n"));
    }
    return ac_report_print(ac_text_get(&text), err);
}

/* ---- the command */

/* What is there already. */
struct standing {
    struct ac_wanted remembered; /* name NULL: nothing */
    struct ac_held held;         /* name NULL: nothing, or nothing of use */
    bool is_fresh;
    bool has_new_settings; /* it is fresh, and was asked for with other settings */
};

static void standing_done(struct standing *standing)
{
    ac_wanted_done(&standing->remembered);
    ac_held_done(&standing->held);
}
AC_DEFINE_DROP_VALUE(standing, standing_done)

/*
 * What is damaged is issued again, because a timer would find it damaged for ever. But
 * not where the new version could not become current: that would issue for ever.
 */
static enum ac_code note_damage(struct ac_context *context, const char *name,
                                const struct ac_error *why, struct ac_error *err)
{
    struct ac_error ignored;
    unsigned number;

    if (ac_version_current(context->store, name, &number, &ignored) == AC_E_STORE)
        return ac_fail(err, AC_E_STORE, "%s", why->detail);
    ac_log_say(AC_LOG_WARN, "certificate \"%s\" is damaged (%s): issuing it again",
               name, why->detail);
    return AC_OK;
}

/* Loads what is held if it is whole; else standing->held stays empty. */
static enum ac_code look_held(struct ac_context *context, struct standing *standing,
                              const char *name, struct ac_error *err)
{
    AC_AUTO(ac_held) held = { 0 };
    struct ac_error why = { 0 };

    enum ac_code code = ac_held_load(context->store, name, &held, &why);
    if (code == AC_OK)
        code = ac_held_check(context->store, &held, &why);
    if (code == AC_E_NOTFOUND)
        return AC_OK;
    if (code == AC_E_STORE)
        return note_damage(context, name, &why, err);
    if (code == AC_E_USAGE)
        ac_log_say(AC_LOG_WARN, "%s", why.detail);
    if (code != AC_OK && code != AC_E_USAGE)
        return ac_fail(err, code, "%s", why.detail);
    standing->held = held;
    held = (struct ac_held){ 0 };
    return AC_OK;
}

static void tell_other_ca(const struct ac_wanted *wanted,
                          const struct ac_wanted *remembered)
{
    if (strcmp(wanted->directory_url, remembered->directory_url) != 0) {
        ac_log_say(AC_LOG_WARN, "certificate \"%s\" was issued by %s; asking %s now",
                   wanted->name, remembered->directory_url, wanted->directory_url);
    }
}

/* Does the store hold it already, and is it not due? */
static enum ac_code look(struct ac_context *context, const struct ac_wanted *wanted,
                         struct standing *standing, struct ac_error *err)
{
    bool is_same = true;

    enum ac_code code =
        ac_wanted_load(context->store, wanted->name, &standing->remembered, err);
    if (code == AC_E_NOTFOUND)
        return AC_OK;
    AC_TRY(code);
    tell_other_ca(wanted, &standing->remembered);
    if (context->options->is_forced
        || ac_held_is_in_flight(context->store, wanted->name, ac_clock_utc()))
        return AC_OK;
    AC_TRY(look_held(context, standing, wanted->name, err));
    standing->is_fresh = standing->held.name
                         && ac_held_is_fresh(&standing->held, wanted,
                                             &standing->remembered, ac_clock_utc());
    if (standing->is_fresh) {
        AC_TRY(
            ac_wanted_has_same_settings(wanted, &standing->remembered, &is_same, err));
    }
    standing->has_new_settings = !is_same;
    return AC_OK;
}

/* To the servers that use it: what is issued now, and what earlier runs could not. */
static enum ac_code deploy(struct ac_deployments *deployments, const char *name,
                           struct ac_error *ret_why, struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    const struct ac_deployments_wish wish = { .names = &names,
                                              .ignores_backoff = true };

    AC_TRY(ac_words_add(&names, name, err));
    (void)!ac_deployments_run(deployments, &wish, err); /* the verdict has it */
    ac_deployments_verdict(deployments, ret_why);
    return AC_OK;
}

static enum ac_code tell_fresh(struct ac_context *context,
                               const struct standing *standing,
                               const struct ac_words *warnings,
                               const struct ac_deployments *deployments,
                               struct ac_error *err)
{
    struct ac_error why = { 0 };
    struct ending ending = {
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
        return print_json(&ending, &why, err);
    return context->options->is_quiet ? AC_OK : print_fresh(&ending, err);
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
 * one document. */
static enum ac_code finish_fresh(struct ac_context *context,
                                 const struct standing *standing,
                                 const struct ac_words *warnings, bool *ret_is_told,
                                 struct ac_error *err)
{
    AC_AUTO(ac_deployments) deployments = { .context = context };
    bool is_json = context->options->is_json;
    struct ac_error why = { 0 };

    if (!is_json)
        AC_TRY(tell_fresh(context, standing, warnings, NULL, err));
    if (context->wanted.installer_count > 0)
        AC_TRY(deploy(&deployments, context->wanted.name, &why, err));
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
                              const struct standing *standing, bool *ret_is_told,
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

/* The names that failed and that the error has no room for. */
static void print_failures(const struct ac_outcome *outcome, const struct ac_error *why)
{
    for (size_t i = 0; outcome && i < ac_json_count(outcome->failures); i++) {
        const struct ac_json *failure = ac_json_at(outcome->failures, i);
        const struct ac_json *problem = ac_json_get(failure, "problem");
        const char *identifier = ac_json_text_or(failure, "identifier", "?");
        const char *sentence =
            ac_json_text_or(problem, "detail", ac_json_text_or(failure, "status", "?"));
        struct ac_error line;

        /* One of which the beginning stands there alone was cut off. */
        if (strstr(why->detail, identifier) && strstr(why->detail, sentence))
            continue;
        (void)ac_fail(&line, AC_E_CHALLENGE, "%s: %s", identifier, sentence);
        ac_output_say("acmecore: %s\n", line.detail);
    }
}

/* Tells how the issue went. */
static enum ac_code tell_ending(struct ac_context *context,
                                const struct ac_issue *issue, bool is_issued,
                                const struct ac_deployments *deployments,
                                const struct ac_error *why, struct ac_error *err)
{
    AC_AUTO(ac_held) held = { 0 };
    struct ending ending = {
        .result = is_issued ? "issued" : "failed",
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
        return print_json(&ending, why, err);
    if (is_issued)
        return context->options->is_quiet ? AC_OK : print_issued(&ending, err);
    print_failures(ending.outcome, why);
    return AC_OK;
}

/* What the configuration says of reaching this CA counts for a certificate that the
 * command line made, too. */
static enum ac_code take_ca_file(struct ac_context *context, struct ac_error *err)
{
    const struct ac_wanted_member *member = ac_wanted_member_find("ca-file");

    if (context->options->ca_file || !ac_configured_ca_member(&context->ca, "ca-file"))
        return AC_OK;
    return ac_wanted_member_set(&context->wanted, member, context->ca_file, err);
}

/* The CAs that --server names after the first. */
static enum ac_code find_further(const struct ac_context *context,
                                 struct ac_words *further, struct ac_error *err)
{
    const struct ac_words *servers = &context->options->servers;

    for (size_t i = 1; i < servers->count; i++) {
        struct ac_configured_ca ca;

        AC_TRY(ac_configured_ca(context->config, servers->items[i], &ca, err));
        if (strcmp(ca.directory_url, context->directory_url) != 0
            && !ac_words_has(further, ca.directory_url))
            AC_TRY(ac_words_add(further, ca.directory_url, err));
    }
    return AC_OK;
}

static enum ac_code read_wish(struct ac_context *context, struct ac_error *err)
{
    struct ac_wanted *wanted = &context->wanted;
    bool is_given = context->options->servers.count > 0;
    AC_AUTO(ac_words) further = { 0 };
    const struct ac_wish_places places = {
        .store = context->store,
        .directory_url = is_given ? context->directory_url : NULL,
        .further = is_given ? &further : NULL,
        .default_url = context->directory_url,
    };

    AC_TRY(find_further(context, &further, err));
    AC_TRY(ac_wish_read(context->options, &places, wanted, err));
    AC_TRY(ac_configuration_use_ca(context, wanted->directory_url, err));
    AC_TRY(take_ca_file(context, err));
    if (context->can_use_plain_http)
        wanted->can_use_plain_http = true;
    context->account = wanted->account;
    context->ca_file = wanted->ca_file;
    context->can_use_plain_http = wanted->can_use_plain_http;
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

    if (!is_json)
        AC_TRY(tell_ending(context, issue, is_issued, NULL, why, err));
    if (is_issued && wanted->installer_count > 0) {
        struct ac_error failure = { 0 };

        ac_issue_release(issue);
        if (deploy(&deployments, wanted->name, why, &failure) != AC_OK)
            *why = failure;
    }
    ac_attempt_take_hook(hook, why);
    return is_json ? tell_ending(context, issue, is_issued, &deployments, why, err)
                   : AC_OK;
}

enum ac_code ac_command_issue(struct ac_context *context, bool *ret_is_told,
                              struct ac_error *err)
{
    const struct ac_wanted *wanted = &context->wanted;
    AC_AUTO(standing) standing = { 0 };
    AC_AUTO(ac_issue) *issue = NULL;
    struct ac_error why = { 0 };
    struct ac_error hook = { 0 };

    AC_TRY(read_wish(context, err));
    AC_TRY(look(context, wanted, &standing, err));
    if (standing.is_fresh) {
        enum ac_code code = end_fresh(context, wanted, &standing, ret_is_told, err);

        ac_notices_tell(context, wanted, NULL, NULL);
        return code;
    }
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_attempt_check(context, wanted, err));
    enum ac_code code = ac_attempt_issue(context, wanted, &issue, &hook, &why);
    if (code == AC_OK)
        why = (struct ac_error){ 0 }; /* what was mended on the way is no failure */
    ac_run_recover_others(context->run, wanted->name);
    const struct ac_error attempt = why;
    enum ac_code told = finish_issue(context, issue, &hook, &why, err);
    *ret_is_told = context->options->is_json && told == AC_OK;
    ac_notices_tell(context, wanted, &attempt, issue);
    if (why.code == AC_OK)
        return told;
    *err = why; /* it stays the reason, whether it could be told or not */
    return why.code;
}
