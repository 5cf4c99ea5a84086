/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/deployments.h"

#include "base/clock.h"
#include "cli/configuration.h"
#include "cli/output.h"
#include "cli/report.h"
#include "engine/run/run_deploy.h"

#include <string.h>

#define CHANGES_MAX (16u * 1024u * 1024u) /* bytes of one operation of a dry run */

void ac_deployments_done(struct ac_deployments *deployments)
{
    ac_json_free(AC_TAKE(deployments->all));
    ac_words_done(&deployments->changes);
}

/* ---- one of them */

static enum ac_code describe(const struct ac_deployments *deployments,
                             const struct ac_deploy_event *event,
                             struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *error = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s, s:s}", "certificate", event->certificate,
                       "installer", event->installer, "plugin", event->plugin));
    if (event->version > 0)
        AC_TRY(ac_json_set_number(json, "version", event->version, err));
    AC_TRY(ac_json_set_text(json, "result", ac_deploy_result_name(event->result), err));
    if (event->why->code != AC_OK) {
        AC_TRY(ac_report_error_json(event->why, &error, err));
        AC_TRY(ac_json_set(json, "error", &error, err));
    }
    if (event->result == AC_DEPLOY_FAILED && !deployments->is_dry_run)
        AC_TRY(ac_json_set_bool(json, "rolled_back", !event->is_stuck, err));
    AC_TRY(ac_json_set_time(json, "next_attempt_at", event->next_attempt_at, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code say_well(const struct ac_deployments *deployments,
                             const struct ac_deploy_event *event, struct ac_error *err)
{
    const struct ac_options *options = deployments->context->options;
    AC_AUTO(ac_text) line = { 0 };

    if (options->is_json || options->is_quiet)
        return AC_OK;
    AC_TRY(ac_text_addf(&line, err, "%s: ", event->certificate));
    if (event->version > 0)
        AC_TRY(ac_text_addf(&line, err, "version %u ", event->version));
    AC_TRY(ac_text_addf(&line, err, "%s by %s\n",
                        event->result == AC_DEPLOY_LIVE ? "is deployed"
                                                        : "would be deployed",
                        event->installer));
    ac_terminal_clear(&deployments->context->terminal);
    return ac_report_print(ac_text_get(&line), err);
}

static void say_badly(const struct ac_deployments *deployments,
                      const struct ac_deploy_event *event)
{
    char next[AC_CLOCK_TEXT_SIZE] = "";

    if (event->next_attempt_at > 0)
        ac_clock_format(event->next_attempt_at, next);
    ac_terminal_clear(&deployments->context->terminal);
    ac_output_say("acmecore: %s: version %u is not deployed by %s: %s%s%s\n",
                  event->certificate, event->version, event->installer,
                  event->result == AC_DEPLOY_WAITING ? "it failed before"
                                                     : event->why->detail,
                  next[0] ? "; not tried again before " : "", next);
}

static enum ac_code take(struct ac_deployments *deployments,
                         const struct ac_deploy_event *event, struct ac_error *err)
{
    size_t *const counts[] = {
        [AC_DEPLOY_LIVE] = &deployments->live,
        [AC_DEPLOY_FAILED] = &deployments->failed,
        [AC_DEPLOY_WAITING] = &deployments->waiting,
        [AC_DEPLOY_LOCKED] = &deployments->locked,
        [AC_DEPLOY_PLANNED] = &deployments->planned,
    };
    bool is_well =
        event->result == AC_DEPLOY_LIVE || event->result == AC_DEPLOY_PLANNED;
    AC_AUTO(ac_json) *json = NULL;

    ++*counts[event->result];
    deployments->stuck += event->is_stuck;
    if (event->why->code != AC_OK && deployments->first.code == AC_OK)
        deployments->first = *event->why;
    AC_TRY(describe(deployments, event, &json, err));
    AC_TRY(ac_json_append(deployments->all, &json, err));
    if (is_well)
        return say_well(deployments, event, err);
    say_badly(deployments, event);
    return AC_OK;
}

static void told(void *arg, const struct ac_deploy_event *event)
{
    struct ac_deployments *deployments = arg;
    struct ac_error why;

    if (take(deployments, event, &why) != AC_OK && deployments->trouble.code == AC_OK)
        deployments->trouble = why;
}

/* As the configuration wants it, or as the store remembers it. */
enum ac_code ac_deployments_load(const struct ac_context *context, const char *name,
                                 struct ac_wanted *ret_wanted, struct ac_error *err)
{
    const struct ac_upkeep_source source = ac_configuration_source(context);

    for (size_t i = 0; i < source.count; i++) {
        if (strcmp(source.name(source.arg, i), name) == 0)
            return source.load(source.arg, i, ret_wanted, err);
    }
    return ac_wanted_load(context->store, name, ret_wanted, err);
}

static enum ac_code load(void *arg, const char *name, struct ac_wanted *ret_wanted,
                         struct ac_error *err)
{
    const struct ac_deployments *deployments = arg;

    if (deployments->wishes)
        return ac_wanted_load(deployments->wishes, name, ret_wanted, err);
    return ac_deployments_load(deployments->context, name, ret_wanted, err);
}

/* What a dry run of `issue` made lies where it does not stay: told is where it would.
 */
static enum ac_code say_lasting(const struct ac_context *context, const char *line,
                                struct ac_text *ret_line, struct ac_error *err)
{
    const char *own = context->lasting ? ac_store_folder(context->store) : NULL;
    const char *found;

    while (own && (found = strstr(line, own))) {
        AC_TRY(ac_text_add(ret_line, line, (size_t)(found - line), err));
        AC_TRY(ac_text_addf(ret_line, err, "%s", ac_store_folder(context->lasting)));
        line = found + strlen(own);
    }
    return ac_text_addf(ret_line, err, "%s", line);
}

static enum ac_code take_change(struct ac_deployments *deployments, const char *line,
                                struct ac_text *text, struct ac_error *err)
{
    AC_AUTO(ac_text) lasting = { .limit = CHANGES_MAX };

    AC_TRY(say_lasting(deployments->context, line, &lasting, err));
    AC_TRY(ac_words_add(&deployments->changes, ac_text_get(&lasting), err));
    return ac_text_addf(text, err, "%s\n", ac_text_get(&lasting));
}

/* What a dry run would change: for a person as it comes, else in the document. */
static enum ac_code take_changes(struct ac_deployments *deployments,
                                 const struct ac_words *lines, struct ac_error *err)
{
    AC_AUTO(ac_text) text = { .limit = CHANGES_MAX };

    for (size_t i = 0; i < lines->count; i++)
        AC_TRY(take_change(deployments, lines->items[i], &text, err));
    if (deployments->context->options->is_json)
        return AC_OK;
    ac_terminal_clear(&deployments->context->terminal);
    return ac_report_print(ac_text_get(&text), err);
}

static void changes(void *arg, const char *installer, const struct ac_words *lines)
{
    struct ac_deployments *deployments = arg;
    struct ac_error why;

    (void)installer;
    if (take_changes(deployments, lines, &why) != AC_OK
        && deployments->trouble.code == AC_OK)
        deployments->trouble = why;
}

/* ---- all */

static enum ac_code run(struct ac_deployments *deployments,
                        const struct ac_deployments_wish *wish, struct ac_error *err)
{
    const struct ac_deploy_settings settings = {
        .names = wish->names,
        .installers = wish->installers,
        .load = load,
        .is_forced = wish->is_forced,
        .is_dry_run = wish->is_dry_run,
        .ignores_backoff = wish->ignores_backoff,
        .is_sweeping = wish->is_sweeping,
        .told = told,
        .changes = wish->is_dry_run ? changes : NULL,
        .arg = deployments,
    };

    if (!deployments->all)
        AC_TRY(ac_json_new(&deployments->all, err, "[]"));
    if (wish->names->count == 0
        && (!wish->is_sweeping
            || !ac_deploy_has_leftovers(deployments->context->store)))
        return AC_OK;
    AC_TRY(ac_context_run(deployments->context, err));
    AC_TRY(ac_run_deploy(deployments->context->run, &settings, err));
    if (deployments->trouble.code != AC_OK)
        *err = deployments->trouble;
    return deployments->trouble.code;
}

enum ac_code ac_deployments_run(struct ac_deployments *deployments,
                                const struct ac_deployments_wish *wish,
                                struct ac_error *err)
{
    deployments->is_dry_run = wish->is_dry_run;
    enum ac_code code = run(deployments, wish, err);

    if (code != AC_OK)
        deployments->stopped = *err;
    return code;
}

enum ac_code ac_deployments_plan(struct ac_deployments *deployments, const char *name,
                                 bool is_renewed, struct ac_error *err)
{
    const struct ac_deploy_settings settings = { .store = deployments->context->store,
                                                 .load = load,
                                                 .told = told,
                                                 .arg = deployments };

    if (!deployments->all)
        AC_TRY(ac_json_new(&deployments->all, err, "[]"));
    AC_TRY(ac_deploy_plan(&settings, name, is_renewed, err));
    if (deployments->trouble.code != AC_OK)
        *err = deployments->trouble;
    return deployments->trouble.code;
}

enum ac_code ac_deployments_add(const struct ac_deployments *deployments,
                                struct ac_json *document, struct ac_error *err)
{
    AC_AUTO(ac_json) *all = NULL;

    if (!deployments || ac_json_count(deployments->all) == 0)
        return AC_OK;
    all = ac_json_share(deployments->all);
    if (deployments->changes.count > 0)
        AC_TRY(ac_json_set_words(document, "changes", &deployments->changes, err));
    return ac_json_set(document, "deployments", &all, err);
}

static const char *what_comes_next(const struct ac_deployments *deployments)
{
    if (deployments->is_dry_run)
        return "nothing was changed";
    if (deployments->stuck == 0)
        return "what was served before is served still, and renew tries again";
    return deployments->stuck == deployments->failed
               ? "it could not be undone, and what is served now is not known: look at "
                 "the server, and renew tries again"
               : "not all could be undone, and what is served there is not known: look "
                 "at the servers that are named above, and renew tries again";
}

void ac_deployments_verdict(const struct ac_deployments *deployments,
                            struct ac_error *ret_why)
{
    *ret_why = deployments->stopped;
    if (deployments->stopped.code == AC_E_CANCELLED)
        return; /* whatever failed before is told already */
    if (deployments->failed > 0) {
        (void)ac_fail(ret_why, AC_E_INSTALLER,
                      "%zu of %zu deployments failed, the first because %.500s; %s",
                      deployments->failed,
                      deployments->failed + deployments->live + deployments->locked
                          + deployments->planned,
                      deployments->first.detail, what_comes_next(deployments));
    } else if (deployments->stopped.code == AC_E_TIMEOUT) {
        (void)ac_fail(ret_why, AC_E_INSTALLER, "%s; renew goes on with it",
                      deployments->stopped.detail);
    } else if (deployments->stopped.code == AC_OK && deployments->locked > 0) {
        *ret_why = deployments->first;
    }
}

enum ac_code ac_deployments_run_one(struct ac_deployments *deployments,
                                    const char *name, struct ac_error *ret_why,
                                    struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    const struct ac_deployments_wish wish = { .names = &names,
                                              .ignores_backoff = true };

    AC_TRY(ac_words_add(&names, name, err));
    (void)!ac_deployments_run(deployments, &wish, err); /* the verdict has it */
    ac_deployments_verdict(deployments, ret_why);
    return AC_OK;
}
