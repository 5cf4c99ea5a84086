/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/deployments.h"
#include "cli/report.h"
#include "engine/held/held.h"
#include "engine/held/removal.h"
#include "engine/held/rollback.h"
#include "store/version.h"

#include <inttypes.h>
#include <stdio.h>

#define QUESTION_SIZE 512

/* ---- rollback */

static enum ac_code read_number(const struct ac_words *arguments, unsigned *ret_number,
                                struct ac_error *err)
{
    int64_t number = 0;

    *ret_number = 0;
    if (arguments->count < 2)
        return AC_OK;
    enum ac_code code = ac_text_parse_number(arguments->items[1], 1,
                                             AC_VERSION_NUMBER_MAX, &number, err);
    if (code == AC_E_INVALID) {
        ac_error_about(err, "version \"%s\"", arguments->items[1]);
        err->code = code = AC_E_USAGE;
    }
    *ret_number = (unsigned)number;
    return code;
}

static enum ac_code tell_text(const char *name, const struct ac_rollback *rollback,
                              bool has_installers, struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };
    char until[AC_CLOCK_TEXT_SIZE];
    char rest[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_text_addf(&text, err,
                        "%s: version %u is current again (before: %u), valid until %s\n"
                        "renew leaves it alone until %s%s\n",
                        name, rollback->to, rollback->from,
                        ac_clock_format(rollback->not_after, until),
                        ac_clock_format(rollback->rest_until, rest),
                        has_installers ? "" : "; reload the server that uses it"));
    return ac_report_print(ac_text_get(&text), err);
}

static enum ac_code tell_json(const char *name, const struct ac_rollback *rollback,
                              const struct ac_deployments *deployments,
                              const struct ac_error *why, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_command_document(AC_COMMAND_ROLLBACK, &document, err));
    AC_TRY(ac_json_set_text(document, "name", name, err));
    AC_TRY(ac_json_set_number(document, "from", rollback->from, err));
    AC_TRY(ac_json_set_number(document, "version", rollback->to, err));
    AC_TRY(ac_json_set_time(document, "not_after", rollback->not_after, err));
    AC_TRY(ac_json_set_time(document, "rests_until", rollback->rest_until, err));
    AC_TRY(ac_deployments_add(deployments, document, err));
    if (why->code != AC_OK)
        AC_TRY(ac_command_add_error(document, why, err));
    return ac_report_print_json(document, err);
}

/* *ret_why: it cannot be known who is to have it. Where nothing was ever noted of that
 * there is nobody. */
static void load(const struct ac_context *context, const char *name,
                 struct ac_wanted *ret_wanted, struct ac_error *ret_why)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_deployments_load(context, name, ret_wanted, &why);

    if (code == AC_E_NOTFOUND) {
        ac_log_say(AC_LOG_WARN, "%s: not deployed: %s", name, why.detail);
    } else if (code != AC_OK) {
        (void)ac_fail(ret_why, code,
                      "%s: the version is changed, and not deployed: %.500s", name,
                      why.detail);
    }
}

enum ac_code ac_command_rollback(struct ac_context *context, bool *ret_is_told,
                                 struct ac_error *err)
{
    const struct ac_options *options = context->options;
    const char *name = options->arguments.items[0];
    AC_AUTO(ac_deployments) deployments = { .context = context };
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_rollback rollback = { 0 };
    struct ac_error why = { 0 };
    struct ac_error unsaid = { 0 };
    unsigned number;

    AC_TRY(ac_store_check_name(name, err));
    AC_TRY(read_number(&options->arguments, &number, err));
    AC_TRY(ac_rollback(context->store, name, number, ac_clock_utc(), &rollback, err));
    load(context, name, &wanted, &why);
    bool has_installers = wanted.installer_count > 0;
    /* A standard output that is full or closed keeps no server from its certificate. */
    if (!options->is_json && !options->is_quiet)
        (void)!tell_text(name, &rollback, has_installers, &unsaid);
    if (has_installers)
        AC_TRY(ac_deployments_run_one(&deployments, name, &why, err));
    if (why.code == AC_OK)
        why = unsaid;
    if (options->is_json)
        AC_TRY(tell_json(name, &rollback, &deployments, &why, err));
    *ret_is_told = options->is_json;
    if (why.code != AC_OK)
        *err = why;
    return why.code;
}

/* ---- delete */

/* What is presented would stay for ever, and nobody would know. */
static enum ac_code check_leftovers(const struct ac_context *context, const char *name,
                                    struct ac_error *err)
{
    if (context->options->is_forced || !ac_held_has_journal(context->store, name))
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "an earlier run for %s was cut short: acmecore cleanup %s removes "
                   "what it presented (--force deletes the certificate all the same)",
                   name, name);
}

static enum ac_code check_servers(const struct ac_context *context, const char *name,
                                  struct ac_error *err)
{
    struct ac_error why = { 0 };

    if (context->options->is_forced
        || ac_removal_check_servers(context->store, name, &why) == AC_OK)
        return AC_OK;
    return ac_fail(err, why.code,
                   why.code == AC_E_USAGE ? "%s (--force deletes it all the same)"
                                          : "%s",
                   why.detail);
}

static enum ac_code ask(struct ac_context *context, const char *name,
                        struct ac_error *err)
{
    char question[QUESTION_SIZE];

    if (context->options->has_consent
        || (context->options->is_archived && !context->options->is_revoking))
        return AC_OK;
    (void)snprintf(question, sizeof question,
                   "The certificate \"%s\", all its versions and keys will be gone%s.\n"
                   "Delete it?",
                   name,
                   context->options->is_revoking ? ", and it is revoked before" : "");
    if (!context->terminal.can_ask) {
        return ac_fail(err, AC_E_USAGE,
                       "deleting %s removes its keys, too: give --yes, or --archive to "
                       "keep them",
                       name);
    }
    if (ac_terminal_ask(&context->terminal, question, context->deadline_ms))
        return AC_OK;
    return ac_fail(err, AC_E_USAGE, "you did not agree; nothing was deleted");
}

static enum ac_code check_reason(const struct ac_options *options, struct ac_error *err)
{
    int ignored;

    if (!options->reason)
        return AC_OK;
    if (!options->is_revoking)
        return ac_fail(err, AC_E_USAGE, "--reason is why it is revoked: add --revoke");
    return ac_revocation_reason_parse(options->reason, &ignored, err);
}

/* Before anything goes: a CA that does not revoke it leaves all as it is. */
static enum ac_code revoke(struct ac_context *context, const char *name,
                           struct ac_error *err)
{
    const struct ac_options *options = context->options;
    enum ac_code code;

    if (!options->is_revoking)
        return AC_OK;
    code = ac_revoke_to_remove(
        context, options->is_archived ? AC_STATE_THEN_ARCHIVE : AC_STATE_THEN_DELETE,
        err);
    if (code == AC_OK)
        return AC_OK;
    ac_error_about(err, "%s is neither revoked nor deleted", name);
    return code;
}

/* Who wants it makes it again. */
static bool is_configured(const struct ac_context *context, const char *name)
{
    return context->config && ac_config_find_certificate(context->config, name);
}

static enum ac_code tell_deleted(const struct ac_context *context, const char *name,
                                 const char *archive, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_text) text = { 0 };
    bool is_wanted = is_configured(context, name);

    if (context->options->is_json) {
        AC_TRY(ac_command_document(AC_COMMAND_DELETE, &document, err));
        AC_TRY(ac_json_set_text(document, "name", name, err));
        AC_TRY(
            ac_json_set_bool(document, "revoked", context->options->is_revoking, err));
        if (archive)
            AC_TRY(ac_json_set_text(document, "archive", archive, err));
        AC_TRY(ac_json_set_bool(document, "configured", is_wanted, err));
        return ac_report_print_json(document, err);
    }
    if (context->options->is_quiet)
        return AC_OK;
    AC_TRY(ac_text_addf(&text, err, "%s: %sdeleted", name,
                        context->options->is_revoking ? "revoked and " : ""));
    if (archive)
        AC_TRY(ac_text_addf(&text, err, "; what it was is kept in %s", archive));
    if (is_wanted) {
        AC_TRY(ac_text_addf(&text, err,
                            "\nthe configuration still has it: the next renew issues "
                            "it again"));
    }
    AC_TRY(ac_text_addf(&text, err, "\n"));
    return ac_report_print(ac_text_get(&text), err);
}

enum ac_code ac_command_delete(struct ac_context *context, bool *ret_is_told,
                               struct ac_error *err)
{
    const char *name = context->options->arguments.items[0];
    AC_AUTO_TEXT char *archive = NULL;

    (void)ret_is_told;
    AC_TRY(ac_store_check_name(name, err));
    AC_TRY(ac_removal_sweep(context->store, err));
    AC_TRY(ac_removal_check(context->store, name, err));
    AC_TRY(check_leftovers(context, name, err));
    AC_TRY(check_servers(context, name, err));
    AC_TRY(check_reason(context->options, err));
    AC_TRY(ask(context, name, err));
    AC_TRY(revoke(context, name, err));
    if (context->options->is_archived) {
        AC_TRY(ac_removal_archive(context->store, name, &archive, err));
    } else {
        AC_TRY(ac_removal_delete(context->store, name, err));
    }
    return tell_deleted(context, name, archive, err);
}
