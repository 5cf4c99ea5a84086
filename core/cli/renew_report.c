/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"
#include "cli/issue_report.h"
#include "cli/output.h"
#include "cli/renew.h"
#include "cli/report.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/held/held.h"
#include "engine/held/removal.h"
#include "engine/journal/journal.h"

#include <stdio.h>

#define NUMBER_SIZE 24

enum ac_code ac_renewals_begin(struct ac_renewals *renewals, struct ac_error *err)
{
    renewals->deployments.context = renewals->context;
    return ac_json_new(&renewals->certificates, err, "[]");
}

void ac_renewals_done(struct ac_renewals *renewals)
{
    ac_json_free(renewals->certificates);
    ac_deployments_done(&renewals->deployments);
    renewals->certificates = NULL;
}

/* ---- one certificate */

static enum ac_code describe(const struct ac_upkeep_item *item, const char *result,
                             struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s}", "name", item->name, "result", result));
    AC_TRY(
        ac_json_set_text(json, "reason", ac_plan_reason_name(item->plan.reason), err));
    AC_TRY(ac_json_set_time(json, "due_at", item->plan.due_at, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code add(struct ac_renewals *renewals, struct ac_json **json,
                        struct ac_error *err)
{
    return ac_json_append(renewals->certificates, json, err);
}

/* Standard output stays the document's alone. */
static bool speaks(const struct ac_renewals *renewals)
{
    const struct ac_options *options = renewals->context->options;

    return !options->is_json && !options->is_quiet;
}

static enum ac_code say(const struct ac_renewals *renewals, const char *text,
                        struct ac_error *err)
{
    ac_terminal_clear(&renewals->context->terminal);
    return ac_report_print(text, err);
}

void ac_renewals_take_trouble(struct ac_renewals *renewals, const struct ac_error *why)
{
    if (renewals->trouble.code == AC_OK)
        renewals->trouble = *why;
}

/* One that cannot be printed is told at the end. */
static void say_line(struct ac_renewals *renewals, const struct ac_text *line)
{
    struct ac_error why;

    if (speaks(renewals) && say(renewals, ac_text_get(line), &why) != AC_OK)
        ac_renewals_take_trouble(renewals, &why);
}

/* "renewed (lifetime)"; what was never issued is not renewed. */
static enum ac_code add_done(struct ac_text *line, const struct ac_upkeep_item *item,
                             struct ac_error *err)
{
    if (item->plan.reason == AC_PLAN_MISSING)
        return ac_text_addf(line, err, "issued");
    return ac_text_addf(line, err, "renewed (%s)",
                        ac_plan_reason_name(item->plan.reason));
}

/* For those who read fields. */
static void log_renewed(const struct ac_upkeep_item *item, const struct ac_held *held)
{
    char count[NUMBER_SIZE];
    char version[NUMBER_SIZE];
    char until[AC_CLOCK_TEXT_SIZE];

    (void)snprintf(count, sizeof count, "%zu", held->identifiers.count);
    (void)snprintf(version, sizeof version, "%u", held->version);
    ac_log(AC_LOG_INFO, "certificate.renewed", "certificate", item->name,
           "identifiers_count", count, "version", version, "not_after",
           ac_clock_format(held->not_after, until), "cause",
           ac_plan_reason_name(item->plan.reason), NULL);
}

static enum ac_code say_renewed(struct ac_renewals *renewals,
                                const struct ac_upkeep_item *item,
                                const struct ac_held *held, struct ac_error *err)
{
    AC_AUTO(ac_text) line = { 0 };
    char until[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_text_addf(&line, err, "%s: ", item->name));
    AC_TRY(add_done(&line, item, err));
    AC_TRY(ac_text_addf(&line, err, ": version %u, valid until %s\n", held->version,
                        ac_clock_format(held->not_after, until)));
    say_line(renewals, &line);
    return AC_OK;
}

static enum ac_code add_renewed(struct ac_renewals *renewals,
                                const struct ac_upkeep_item *item,
                                const struct ac_fleet_end *end, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *certificate = NULL;
    AC_AUTO(ac_held) held = { 0 };
    const struct ac_words *warnings = &ac_issue_outcome(end->issue)->warnings;

    renewals->renewed++;
    AC_TRY(ac_held_load(renewals->context->store, item->name, &held, err));
    log_renewed(item, &held);
    AC_TRY(say_renewed(renewals, item, &held, err));
    AC_TRY(describe(item, "renewed", &json, err));
    AC_TRY(ac_held_to_json(&held, &certificate, err));
    AC_TRY(ac_json_set(json, "certificate", &certificate, err));
    if (warnings->count > 0)
        AC_TRY(ac_json_set_words(json, "warnings", warnings, err));
    return add(renewals, &json, err);
}

/* When it is tried again, as its state.json has it. */
static int64_t next_attempt_at(const struct ac_renewals *renewals, const char *name)
{
    AC_AUTO(ac_state) state = { 0 };
    struct ac_error ignored;

    if (ac_state_load(renewals->context->store, name, &state, &ignored) != AC_OK)
        return 0;
    return state.trouble.next_attempt_at;
}

static void say_failed(const struct ac_renewals *renewals,
                       const struct ac_upkeep_item *item, const struct ac_error *why,
                       int64_t next_at)
{
    char text[AC_CLOCK_TEXT_SIZE];

    if (ac_output_is_heard()) {
        ac_log(AC_LOG_ERROR, "certificate.failed", "certificate", item->name, "code",
               ac_code_name(why->code), "hint", ac_report_hint_id(why),
               "next_attempt_at", next_at > 0 ? ac_clock_format(next_at, text) : NULL,
               "text", why->detail, NULL);
        return;
    }
    ac_terminal_clear(&renewals->context->terminal);
    if (next_at > ac_clock_utc()) {
        ac_output_say("acmecore: %s: %s; not tried again before %s\n", item->name,
                      why->detail, ac_clock_format(next_at, text));
    } else {
        ac_output_say("acmecore: %s: %s\n", item->name, why->detail);
    }
}

static void note_failure(struct ac_renewals *renewals, const struct ac_error *why)
{
    renewals->failed++;
    renewals->is_disk_ill = renewals->is_disk_ill || why->code == AC_E_STORE;
    if (renewals->first.code == AC_OK) {
        renewals->first = *why;
    } else if (ac_report_exit_code(&renewals->first) != ac_report_exit_code(why)) {
        renewals->is_mixed = true;
    }
}

bool ac_renewals_was_skipped(const struct ac_fleet_end *end)
{
    enum ac_code code = end->why->code;

    return end->wanted && !end->issue
           && (code == AC_E_NETWORK || code == AC_E_CANCELLED || code == AC_E_TIMEOUT);
}

static enum ac_code add_skipped(struct ac_renewals *renewals,
                                const struct ac_upkeep_item *item,
                                const struct ac_fleet_end *end, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *error = NULL;

    renewals->skipped++;
    if (renewals->first_skipped.code == AC_OK)
        renewals->first_skipped = *end->why;
    AC_TRY(describe(item, "skipped", &json, err));
    AC_TRY(ac_report_error_json(end->why, &error, err));
    AC_TRY(ac_json_set(json, "error", &error, err));
    return add(renewals, &json, err);
}

static enum ac_code add_failed(struct ac_renewals *renewals,
                               const struct ac_upkeep_item *item,
                               const struct ac_fleet_end *end, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    const struct ac_outcome *outcome = end->issue ? ac_issue_outcome(end->issue) : NULL;
    int64_t next_at = next_attempt_at(renewals, item->name);

    note_failure(renewals, end->why);
    say_failed(renewals, item, end->why, next_at);
    AC_TRY(describe(item, "failed", &json, err));
    AC_TRY(ac_issue_report_add_error(json, outcome, end->why, err));
    AC_TRY(ac_json_set_time(json, "next_attempt_at", next_at, err));
    return add(renewals, &json, err);
}

enum ac_code ac_renewals_add(struct ac_renewals *renewals,
                             const struct ac_upkeep_item *item,
                             const struct ac_fleet_end *end, struct ac_error *err)
{
    if (end->why->code == AC_OK)
        return add_renewed(renewals, item, end, err);
    if (ac_renewals_was_skipped(end))
        return add_skipped(renewals, item, end, err);
    return add_failed(renewals, item, end, err);
}

enum ac_code ac_renewals_add_due(struct ac_renewals *renewals,
                                 const struct ac_upkeep_item *item,
                                 struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_text) line = { 0 };

    AC_TRY(describe(item, "due", &json, err));
    AC_TRY(ac_text_addf(&line, err, "%s: would be ", item->name));
    AC_TRY(add_done(&line, item, err));
    AC_TRY(ac_text_addf(&line, err, "\n"));
    say_line(renewals, &line);
    return add(renewals, &json, err);
}

enum ac_code ac_renewals_add_unwanted(struct ac_renewals *renewals,
                                      const struct ac_upkeep_item *item,
                                      const char *archive, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_text) line = { 0 };

    renewals->unwanted++;
    AC_TRY(describe(item, archive ? "archived" : "unwanted", &json, err));
    if (archive) {
        AC_TRY(ac_json_set_text(json, "archive", archive, err));
        AC_TRY(ac_text_addf(&line, err,
                            "%s: the configuration wants it no more; moved to %s\n",
                            item->name, archive));
    } else {
        AC_TRY(ac_text_addf(&line, err,
                            "%s: the configuration wants it no more; it is kept and "
                            "not renewed (--prune archives it)\n",
                            item->name));
    }
    say_line(renewals, &line);
    return add(renewals, &json, err);
}

enum ac_code ac_renewals_add_gone(struct ac_renewals *renewals,
                                  const struct ac_upkeep_item *item,
                                  const char *archive, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_text) line = { 0 };

    AC_TRY(describe(item, archive ? "archived" : "deleted", &json, err));
    AC_TRY(ac_text_addf(&line, err,
                        "%s: revoked, and %s now: a run that was to do both was cut "
                        "short\n",
                        item->name, archive ? "archived" : "deleted"));
    if (archive)
        AC_TRY(ac_json_set_text(json, "archive", archive, err));
    say_line(renewals, &line);
    return add(renewals, &json, err);
}

/* ---- those that are to go, or rest */

/* In the archive nobody would find again what a run that was cut short presented. */
static enum ac_code check_leftovers(const struct ac_context *context, const char *name,
                                    struct ac_error *err)
{
    if (!ac_journal_has_leftovers(context->store, name))
        return AC_OK;
    return ac_fail(err, AC_E_PLUGIN,
                   "what an earlier run presented is not cleaned up; the next renew "
                   "--prune tries again");
}

/* One that cannot be archived now stays, and is told as that. */
static enum ac_code note_unwanted(struct ac_renewals *renewals,
                                  const struct ac_upkeep_item *item,
                                  struct ac_error *err)
{
    const struct ac_context *context = renewals->context;
    AC_AUTO_TEXT char *archive = NULL;
    struct ac_error why = { 0 };

    if (context->options->is_pruning && !context->options->is_dry_run
        && (check_leftovers(context, item->name, &why) != AC_OK
            || ac_removal_check_servers(context->store, item->name, &why) != AC_OK
            || ac_removal_archive(context->store, item->name, &archive, &why) != AC_OK))
        ac_log_say(AC_LOG_WARN, "%s: not archived: %s", item->name, why.detail);
    return ac_renewals_add_unwanted(renewals, item, archive, err);
}

/* `delete --revoke` was killed once it was revoked: it was to go, so it goes. */
static enum ac_code finish_deletion(struct ac_renewals *renewals,
                                    const struct ac_upkeep_item *item,
                                    struct ac_error *err)
{
    const struct ac_context *context = renewals->context;
    bool is_archived = item->end == AC_UPKEEP_ARCHIVED;
    AC_AUTO_TEXT char *archive = NULL;
    struct ac_error why = { 0 };
    enum ac_code code = AC_OK;

    if (context->options->is_dry_run)
        return AC_OK;
    code = is_archived ? ac_removal_archive(context->store, item->name, &archive, &why)
                       : ac_removal_delete(context->store, item->name, &why);
    if (code == AC_OK)
        return ac_renewals_add_gone(renewals, item, archive, err);
    ac_log_say(AC_LOG_WARN, "%s: it was to be deleted, and still is: %s", item->name,
               why.detail);
    return AC_OK;
}

enum ac_code ac_renewals_note(struct ac_renewals *renewals,
                              const struct ac_upkeep_item *item, struct ac_error *err)
{
    if (item->end != AC_UPKEEP_STAYS)
        return finish_deletion(renewals, item, err);
    if (item->is_unwanted)
        return note_unwanted(renewals, item, err);
    renewals->resting += item->is_resting;
    return AC_OK;
}

/* ---- the end */

static enum ac_code tell_json(const struct ac_renewals *renewals, int64_t next_at,
                              const struct ac_error *why, struct ac_error *err)
{
    struct ac_context *context = renewals->context;
    struct ac_http_counters counters = { 0 };
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *certificates = ac_json_share(renewals->certificates);

    if (context->run)
        counters = ac_run_counters(context->run);
    AC_TRY(ac_command_document(AC_COMMAND_RENEW, &document, err));
    if (context->options->is_dry_run)
        AC_TRY(ac_json_set_bool(document, "dry_run", true, err));
    AC_TRY(ac_json_set(document, "certificates", &certificates, err));
    AC_TRY(ac_deployments_add(&renewals->deployments, document, err));
    AC_TRY(ac_json_set_number(document, "looked_at", (int64_t)renewals->upkeep->count,
                              err));
    AC_TRY(ac_json_set_number(document, "due", (int64_t)renewals->due, err));
    AC_TRY(ac_json_set_number(document, "renewed", (int64_t)renewals->renewed, err));
    AC_TRY(ac_json_set_number(document, "failed", (int64_t)renewals->failed, err));
    AC_TRY(ac_json_set_number(document, "skipped", (int64_t)renewals->skipped, err));
    AC_TRY(ac_json_set_number(document, "resting", (int64_t)renewals->resting, err));
    AC_TRY(ac_json_set_time(document, "next_at", next_at, err));
    if (ac_clock_correction() != 0) {
        AC_TRY(ac_json_set_number(document, "clock_corrected_s", ac_clock_correction(),
                                  err));
    }
    AC_TRY(ac_json_set_number(document, "requests", (int64_t)counters.requests, err));
    AC_TRY(ac_json_set_number(document, "elapsed_ms",
                              ac_clock_now_ms() - context->started_ms, err));
    if (why->code != AC_OK)
        AC_TRY(ac_command_add_error(document, why, err));
    return ac_report_print_json(document, err);
}

static enum ac_code tell_text(const struct ac_renewals *renewals, int64_t next_at,
                              struct ac_error *err)
{
    AC_AUTO(ac_text) line = { 0 };
    char next[AC_CLOCK_TEXT_SIZE];
    size_t count = renewals->upkeep->count;

    AC_TRY(ac_text_addf(&line, err, "%zu certificate%s looked at, %zu due", count,
                        count == 1 ? "" : "s", renewals->due));
    if (renewals->due > 0 && !renewals->context->options->is_dry_run) {
        AC_TRY(ac_text_addf(&line, err, ": %zu renewed, %zu failed", renewals->renewed,
                            renewals->failed));
    }
    if (renewals->skipped > 0)
        AC_TRY(ac_text_addf(&line, err, ", %zu not tried", renewals->skipped));
    if (renewals->deployments.planned > 0) {
        AC_TRY(ac_text_addf(&line, err, ", %zu to be deployed",
                            renewals->deployments.planned));
    }
    if (next_at != AC_PLAN_NEVER) {
        AC_TRY(ac_text_addf(&line, err, "; next: %s", ac_clock_format(next_at, next)));
    }
    AC_TRY(ac_text_addf(&line, err, ".\n"));
    return say(renewals, ac_text_get(&line), err);
}

enum ac_code ac_renewals_tell(const struct ac_renewals *renewals, int64_t next_at,
                              const struct ac_error *why, struct ac_error *err)
{
    int64_t utc = ac_clock_utc();

    if (renewals->is_watching && ac_json_count(renewals->certificates) == 0
        && ac_json_count(renewals->deployments.all) == 0)
        return AC_OK;
    if (next_at < utc) /* what is due is due now, whenever that began */
        next_at = utc;
    if (renewals->context->options->is_json)
        return tell_json(renewals, next_at, why, err);
    return speaks(renewals) ? tell_text(renewals, next_at, err) : AC_OK;
}

static void judge(const struct ac_renewals *renewals, struct ac_error *ret_why)
{
    bool is_none_tried = renewals->first.code == AC_OK && renewals->skipped > 0;

    *ret_why = is_none_tried ? renewals->first_skipped : renewals->first;
    if (renewals->failed == 0)
        return;
    if (renewals->is_mixed) {
        (void)ac_fail(ret_why, AC_E_SEVERAL,
                      "%zu certificates failed, and not for the same reason; the lines "
                      "above say why",
                      renewals->failed);
        return;
    }
    /* What the CA said stays, for the advice and the exit code. */
    (void)snprintf(ret_why->detail, sizeof ret_why->detail,
                   "%zu certificate%s failed; above is why", renewals->failed,
                   renewals->failed == 1 ? "" : "s");
}

/* A timer that is green while nothing works would hide it. */
static void tell_resting(const struct ac_renewals *renewals, struct ac_error *ret_why)
{
    if (ret_why->code != AC_OK || renewals->resting == 0 || renewals->is_watching
        || renewals->context->options->is_dry_run)
        return;
    (void)!ac_fail(ret_why, AC_E_FAILING,
                   "%zu certificate%s due and failed before: left alone for a while "
                   "(acmecore status says until when, and why)",
                   renewals->resting, renewals->resting == 1 ? " is" : "s are");
}

static void tell_misconfigured(const struct ac_renewals *renewals,
                               struct ac_error *ret_why)
{
    const struct ac_context *context = renewals->context;

    if (ret_why->code == AC_OK && context->is_misconfigured)
        (void)!ac_faults_fail(&context->faults, ret_why);
}

void ac_renewals_verdict(const struct ac_renewals *renewals, struct ac_error *ret_why)
{
    struct ac_error deployed = { 0 };

    judge(renewals, ret_why);
    ac_deployments_verdict(&renewals->deployments, &deployed);
    if (ret_why->code == AC_OK && deployed.code == AC_OK) {
        *ret_why = renewals->trouble;
        tell_resting(renewals, ret_why);
        tell_misconfigured(renewals, ret_why);
    }
    if (deployed.code == AC_OK)
        return;
    if (ret_why->code == AC_OK || deployed.code == AC_E_CANCELLED) {
        *ret_why = deployed;
    } else if (renewals->failed > 0 && renewals->deployments.failed > 0) {
        (void)ac_fail(ret_why, AC_E_SEVERAL,
                      "%zu certificate%s failed, and %zu deployment%s; the lines above "
                      "say why",
                      renewals->failed, renewals->failed == 1 ? "" : "s",
                      renewals->deployments.failed,
                      renewals->deployments.failed == 1 ? "" : "s");
    }
}
