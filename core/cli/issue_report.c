/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/issue_report.h"

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/report.h"
#include "config/ca.h"
#include "engine/held/held_files.h"

#include <inttypes.h>
#include <string.h>

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

/* Of one that a dry run made there is nothing to be found any more. */
static enum ac_code describe_passed(const struct ac_held *held,
                                    struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_words) names = { 0 };
    char not_before[AC_CLOCK_TEXT_SIZE];
    char not_after[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s, s:s, s:s, s:s}", "name", held->name,
                       "not_before", ac_clock_format(held->not_before, not_before),
                       "not_after", ac_clock_format(held->not_after, not_after),
                       "issuer", held->issuer, "key_type", held->key_type));
    AC_TRY(ac_identifiers_words(&held->identifiers, &names, err));
    AC_TRY(ac_json_set_words(json, "identifiers", &names, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code describe_held(const struct ac_issue_ending *ending,
                                  struct ac_json **ret_json, struct ac_error *err)
{
    return ending->is_dry_run ? describe_passed(ending->held, ret_json, err)
                              : ac_held_to_json(ending->held, ret_json, err);
}

enum ac_code ac_issue_report_json(const struct ac_issue_ending *ending,
                                  const struct ac_error *why, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *certificate = NULL;

    AC_TRY(ac_command_document(AC_COMMAND_ISSUE, &document, err));
    AC_TRY(ac_json_set_text(document, "result", ending->result, err));
    if (ending->is_dry_run) {
        AC_TRY(ac_json_set_bool(document, "dry_run", true, err));
        AC_TRY(ac_json_set_text(document, "server", ending->directory_url, err));
    }
    if (ending->held) {
        AC_TRY(describe_held(ending, &certificate, err));
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
        AC_TRY(ac_issue_report_add_error(document, ending->outcome, why, err));
    return ac_report_print_json(document, err);
}

/* ---- text */

enum ac_code ac_issue_report_fresh(const struct ac_issue_ending *ending,
                                   struct ac_error *err)
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

/* What it cost. */
static enum ac_code add_counters(const struct ac_issue_ending *ending,
                                 struct ac_text *text, struct ac_error *err)
{
    return ac_text_addf(text, err,
                        "  %" PRIu64 " requests, %" PRIu64 " round trips, %" PRId64
                        ".%03" PRId64 " s%s\n",
                        ending->counters.requests, ending->counters.round_trips,
                        ending->elapsed_ms / 1000, ending->elapsed_ms % 1000,
                        ending->is_resumed ? "; an earlier order was continued" : "");
}

static enum ac_code add_names(const struct ac_held *held, struct ac_text *text,
                              struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_identifiers_words(&held->identifiers, &names, err));
    return ac_words_join(&names, ", ", text, err);
}

/* There the account is kept, as one of a real run. */
static bool is_staging(const char *directory_url)
{
    const struct ac_ca *staging = ac_ca_staging(directory_url);

    return staging && strcmp(staging->directory_url, directory_url) == 0;
}

enum ac_code ac_issue_report_passed(const struct ac_issue_ending *ending,
                                    struct ac_error *err)
{
    const struct ac_held *held = ending->held;
    AC_AUTO(ac_text) text = { 0 };
    char not_after[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_text_addf(&text, err, "Dry run: certificate \"%s\" (%s) was issued for ",
                        held->name, held->key_type));
    AC_TRY(add_names(held, &text, err));
    AC_TRY(ac_text_addf(&text, err,
                        " and is thrown away.\n"
                        "  by           %s, %s\n"
                        "  valid until  %s\n",
                        ending->directory_url, held->issuer,
                        ac_clock_format(held->not_after, not_after)));
    AC_TRY(add_counters(ending, &text, err));
    AC_TRY(ac_text_addf(
        &text, err, "%s is kept; the same without --dry-run issues it.\n",
        is_staging(ending->directory_url) ? "Nothing of it but the account there"
                                          : "Nothing of it"));
    return ac_report_print(ac_text_get(&text), err);
}

enum ac_code ac_issue_report_issued(const struct ac_issue_ending *ending,
                                    struct ac_error *err)
{
    const struct ac_held *held = ending->held;
    AC_AUTO(ac_text) text = { 0 };
    char not_after[AC_CLOCK_TEXT_SIZE];
    char renew_at[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_text_addf(&text, err,
                        "Certificate \"%s\" is issued (version %u, %s) for ",
                        held->name, held->version, held->key_type));
    AC_TRY(add_names(held, &text, err));
    AC_TRY(ac_text_addf(&text, err,
                        ".\n  valid until  %s, due again from %s\n"
                        "  key          %s/%s\n"
                        "  certificate  %s/fullchain.pem\n",
                        ac_clock_format(held->not_after, not_after),
                        ac_clock_format(held->renew_at, renew_at), held->folder,
                        ac_held_key_file(ac_held_key_of(held)), held->folder));
    AC_TRY(add_counters(ending, &text, err));
    if (held->version == 1 && held->state.deployment_count == 0) {
        AC_TRY(ac_text_addf(&text, err,
                            "Name these files in the server's configuration; they stay "
                            "where they are, and the server is to be reloaded after "
                            "each issue.\n"));
    }
    return ac_report_print(ac_text_get(&text), err);
}

void ac_issue_report_failures(const struct ac_outcome *outcome,
                              const struct ac_error *why)
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

enum ac_code ac_issue_report_add_error(struct ac_json *document,
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
