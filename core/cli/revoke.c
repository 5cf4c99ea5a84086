/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/attempt.h"
#include "cli/commands.h"
#include "cli/notices.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/configuration.h"
#include "cli/deployments.h"
#include "cli/report.h"
#include "engine/accounts/token_key.h"
#include "engine/held/held.h"
#include "engine/held/revocable.h"
#include "engine/wanted/wanted_further.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUESTION_SIZE 1024

/* What came of it. */
struct revoking {
    struct ac_revocable revocable;
    int reason;
    const char *then; /* noted with the last one; or NULL */
    bool was_before;
    bool is_revoked;
    struct ac_issue *issue; /* of the replacement; NULL: none was begun */
    struct ac_held held;    /* the replacement; name NULL: there is none */
    struct ac_error hook;   /* how a hook after it failed; code AC_OK: none did */
    struct ac_deployments deployments; /* of the replacement */
};

static void revoking_done(struct revoking *revoking)
{
    ac_revocable_done(&revoking->revocable);
    ac_issue_free(revoking->issue);
    ac_held_done(&revoking->held);
    ac_deployments_done(&revoking->deployments);
}
AC_DEFINE_DROP_VALUE(revoking, revoking_done)

/* ---- what is asked for */

static enum ac_code check_options(const struct ac_options *options,
                                  struct ac_error *err)
{
    if ((options->arguments.count == 0) == (options->certificate_file == NULL)) {
        return ac_fail(err, AC_E_USAGE,
                       "which certificate is to be revoked? The NAME of one that is "
                       "held, or --cert FILE");
    }
    return AC_OK;
}

static enum ac_code find(const struct ac_context *context, struct revoking *revoking,
                         struct ac_error *err)
{
    const struct ac_options *options = context->options;

    if (options->certificate_file) {
        return ac_revocable_read(context->store, options->certificate_file,
                                 &revoking->revocable, err);
    }
    return ac_revocable_find(context->store, options->arguments.items[0],
                             &revoking->revocable, err);
}

static enum ac_code load_key(struct ac_context *context, struct ac_key **ret_key,
                             struct ac_error *err)
{
    const struct ac_options *options = context->options;

    return ac_token_key_load(context->store, options->key, options->pin_file, "--key",
                             ret_key, err);
}

/* Of a set a key revokes the one that is its own. */
static enum ac_code check_own_key(struct ac_context *context, struct revoking *revoking,
                                  struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    if (!context->options->key)
        return AC_OK;
    AC_TRY(load_key(context, &key, err));
    return ac_revocable_keep_key(&revoking->revocable, key, err);
}

static enum ac_code check_replacement(const struct revoking *revoking,
                                      struct ac_error *err)
{
    const struct ac_revocable *revocable = &revoking->revocable;

    if (revocable->wanted.name && revocable->is_current)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "--replace: only a certificate that is held and in use can be "
                   "replaced; without it this one is revoked");
}

/* AR-13 in spirit: the CA that issued it, unless --server says another. */
static enum ac_code use_issuer(struct ac_context *context, struct revoking *revoking,
                               struct ac_error *err)
{
    const struct ac_revocable *revocable = &revoking->revocable;
    struct ac_wanted *wanted = &context->wanted; /* it outlives the run */
    const struct ac_wanted *remembered =
        ac_wanted_at_url(&revocable->wanted, revocable->issuer_url);

    if (context->options->servers.count > 0 || !revocable->issuer_url)
        return AC_OK;
    AC_TRY(ac_memory_copy_text(revocable->issuer_url, &wanted->directory_url, err));
    AC_TRY(ac_configuration_use_ca(context, wanted->directory_url, err));
    context->directory_url = wanted->directory_url;
    if (!remembered)
        return AC_OK;
    if (!context->ca_file && remembered->ca_file) {
        AC_TRY(ac_memory_copy_text(remembered->ca_file, &wanted->ca_file, err));
        context->ca_file = wanted->ca_file;
    }
    if (!context->account && remembered->account) {
        AC_TRY(ac_memory_copy_text(remembered->account, &wanted->account, err));
        context->account = wanted->account;
    }
    context->can_use_plain_http |= remembered->can_use_plain_http;
    return AC_OK;
}

/* Once, and only where a person can answer. */
static enum ac_code confirm(struct ac_context *context, const struct revoking *revoking,
                            struct ac_error *err)
{
    const struct ac_revocable *revocable = &revoking->revocable;
    char question[QUESTION_SIZE];
    char not_after[AC_CLOCK_TEXT_SIZE];

    if (!context->terminal.can_ask || context->options->is_json)
        return AC_OK;
    (void)snprintf(
        question, sizeof question,
        "The certificate %s%s%s(serial %s, valid until %s) will be revoked at\n  %s\n"
        "for the reason %s. This cannot be taken back. Revoke it?",
        revocable->name ? "\"" : "", revocable->name ? revocable->name : "",
        revocable->name ? "\" " : "", ac_chain_serial(revocable->chains[0]),
        ac_clock_format(ac_chain_not_after(revocable->chains[0]), not_after),
        context->directory_url, ac_revocation_reason_name(revoking->reason));
    if (ac_terminal_ask(&context->terminal, question, context->deadline_ms))
        return AC_OK;
    return ac_fail(err, AC_E_USAGE, "not confirmed; nothing was revoked");
}

/* The run takes the key, so it is loaded for each. */
static enum ac_code revoke_one(struct ac_context *context, struct revoking *revoking,
                               size_t index, struct ac_error *err)
{
    const struct ac_chain *chain = revoking->revocable.chains[index];
    bool is_last = index + 1 == revoking->revocable.count;
    bool is_keyed = context->options->key != NULL;
    AC_AUTO(ac_key) *key = NULL;
    bool was_before = false;

    if (is_keyed)
        AC_TRY(load_key(context, &key, err));
    const struct ac_revocation revocation = {
        .chain = chain,
        .reason = revoking->reason,
        .key = is_keyed ? &key : NULL,
        .name = revoking->revocable.name,
        .is_current = revoking->revocable.is_current,
        .then = is_last ? revoking->then : NULL,
    };
    AC_TRY(ac_run_revoke(context->run, &revocation, &was_before, err));
    revoking->was_before &= was_before;
    return AC_OK;
}

static enum ac_code carry_out(struct ac_context *context, struct revoking *revoking,
                              struct ac_error *err)
{
    const struct ac_revocable *revocable = &revoking->revocable;
    enum ac_code code = AC_OK;

    revoking->was_before = true;
    for (size_t i = 0; i < revocable->count && code == AC_OK; i++)
        code = revoke_one(context, revoking, i, err);
    if (code == AC_E_PROBLEM && !context->options->key
        && strcmp(err->problem, "unauthorized") == 0) {
        ac_log_say(AC_LOG_WARN, "if another account issued it, --key FILE revokes with "
                                "the certificate's own key");
    }
    revoking->is_revoked = code == AC_OK;
    return code;
}

/* ---- the replacement */

static enum ac_code replace(struct ac_context *context, struct revoking *revoking,
                            struct ac_error *err)
{
    const struct ac_wanted *wanted = &revoking->revocable.wanted;

    AC_TRY(ac_attempt_issue(context, wanted, &revoking->issue, &revoking->hook, err));
    return ac_held_load(context->store, wanted->name, &revoking->held, err);
}

/* Its servers have the revoked one until then. */
static void bring(struct revoking *revoking, struct ac_error *why)
{
    struct ac_error failure = { 0 };

    if (!revoking->held.name)
        return;
    ac_issue_release(revoking->issue);
    if (ac_deployments_run_one(&revoking->deployments, revoking->held.name, why,
                               &failure)
        != AC_OK)
        *why = failure;
}

/* ---- telling */

static enum ac_code add_replacement(struct ac_json *document,
                                    const struct revoking *revoking,
                                    struct ac_error *err)
{
    AC_AUTO(ac_json) *replacement = NULL;
    AC_AUTO(ac_json) *certificate = NULL;

    if (!revoking->issue)
        return AC_OK;
    AC_TRY(ac_json_new(&replacement, err, "{s:s}", "result",
                       revoking->held.name ? "issued" : "failed"));
    AC_TRY(ac_json_set_words(replacement, "warnings",
                             &ac_issue_outcome(revoking->issue)->warnings, err));
    if (revoking->held.name) {
        AC_TRY(ac_held_to_json(&revoking->held, &certificate, err));
        AC_TRY(ac_json_set(replacement, "certificate", &certificate, err));
    }
    return ac_json_set(document, "replacement", &replacement, err);
}

static enum ac_code tell_json(const struct revoking *revoking,
                              const struct ac_error *why, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *certificate = NULL;
    const char *result = !revoking->is_revoked  ? "failed"
                         : revoking->was_before ? "already-revoked"
                                                : "revoked";

    AC_TRY(ac_command_document(AC_COMMAND_REVOKE, &document, err));
    AC_TRY(ac_json_set_text(document, "result", result, err));
    AC_TRY(ac_json_set_text(document, "reason",
                            ac_revocation_reason_name(revoking->reason), err));
    AC_TRY(ac_revocable_to_json(&revoking->revocable, &certificate, err));
    AC_TRY(ac_json_set(document, "certificate", &certificate, err));
    AC_TRY(add_replacement(document, revoking, err));
    AC_TRY(ac_deployments_add(&revoking->deployments, document, err));
    if (why->code != AC_OK)
        AC_TRY(ac_command_add_error(document, why, err));
    return ac_report_print_json(document, err);
}

static enum ac_code add_next(const struct revoking *revoking, struct ac_text *text,
                             struct ac_error *err)
{
    const struct ac_held *held = &revoking->held;
    char not_after[AC_CLOCK_TEXT_SIZE];

    if (held->name) {
        return ac_text_addf(
            text, err,
            "Certificate \"%s\" is issued anew (version %u, valid until "
            "%s) in %s.\n",
            held->name, held->version, ac_clock_format(held->not_after, not_after),
            held->folder);
    }
    if (!revoking->revocable.name || !revoking->revocable.is_current || revoking->issue)
        return AC_OK;
    return ac_text_addf(text, err,
                        "Its files are in place still. acmecore --name %s issues "
                        "another one: it counts as due.\n",
                        revoking->revocable.name);
}

static enum ac_code tell_text(const struct revoking *revoking, struct ac_error *err)
{
    const struct ac_revocable *revocable = &revoking->revocable;
    AC_AUTO(ac_text) text = { 0 };

    if (!revoking->is_revoked)
        return AC_OK;
    AC_TRY(ac_text_addf(
        &text, err, "The certificate %s%s%swith the serial %s %s (%s).\n",
        revocable->name ? "\"" : "", revocable->name ? revocable->name : "",
        revocable->name ? "\" " : "", ac_chain_serial(revocable->chains[0]),
        revoking->was_before ? "was revoked already" : "is revoked",
        ac_revocation_reason_name(revoking->reason)));
    AC_TRY(add_next(revoking, &text, err));
    return ac_report_print(ac_text_get(&text), err);
}

/* ---- the command */

static enum ac_code prepare(struct ac_context *context, struct revoking *revoking,
                            struct ac_error *err)
{
    const struct ac_options *options = context->options;

    AC_TRY(check_options(options, err));
    if (options->reason)
        AC_TRY(ac_revocation_reason_parse(options->reason, &revoking->reason, err));
    AC_TRY(find(context, revoking, err));
    AC_TRY(check_own_key(context, revoking, err));
    if (options->is_replacing)
        AC_TRY(check_replacement(revoking, err));
    AC_TRY(use_issuer(context, revoking, err));
    AC_TRY(confirm(context, revoking, err));
    return ac_context_run(context, err);
}

/* Nobody needs to hear of one that is not held, or that was not revoked. */
static void notify(struct ac_context *context, const struct revoking *revoking,
                   const struct ac_error *why)
{
    const struct ac_revocable *revocable = &revoking->revocable;
    const struct ac_wanted named = { .name = revocable->name };

    if (revocable->name && revoking->is_revoked) {
        ac_notices_tell(context, revocable->wanted.name ? &revocable->wanted : &named,
                        why, revoking->issue);
    }
}

/* A person is told of the certificate and then of its servers, the one document has
 * both. A standard output that is full or closed keeps no server from it. */
static enum ac_code finish(struct ac_context *context, struct revoking *revoking,
                           const struct ac_error *why, bool *ret_is_told,
                           struct ac_error *err)
{
    const struct ac_options *options = context->options;
    struct ac_error last = *why;
    struct ac_error unsaid = { 0 };

    ac_terminal_clear(&context->terminal);
    if (!options->is_json && !options->is_quiet)
        (void)!tell_text(revoking, &unsaid);
    bring(revoking, &last);
    ac_attempt_take_hook(&revoking->hook, &last);
    if (options->is_json)
        *ret_is_told = tell_json(revoking, &last, &unsaid) == AC_OK;
    notify(context, revoking, why);
    if (last.code == AC_OK)
        last = unsaid;
    if (last.code != AC_OK)
        *err = last;
    return last.code;
}

enum ac_code ac_command_revoke(struct ac_context *context, bool *ret_is_told,
                               struct ac_error *err)
{
    AC_AUTO(revoking) revoking = { .reason = AC_REVOCATION_NO_REASON,
                                   .deployments.context = context };
    struct ac_error why = { 0 };

    AC_TRY(prepare(context, &revoking, err));
    enum ac_code code = carry_out(context, &revoking, &why);
    if (code == AC_OK && context->options->is_replacing)
        code = replace(context, &revoking, &why);
    if (code == AC_OK)
        why = (struct ac_error){ 0 };
    return finish(context, &revoking, &why, ret_is_told, err);
}

enum ac_code ac_revoke_to_remove(struct ac_context *context, const char *then,
                                 struct ac_error *err)
{
    AC_AUTO(revoking) revoking = { .reason = AC_REVOCATION_NO_REASON, .then = then };
    const struct ac_options *options = context->options;

    if (options->reason)
        AC_TRY(ac_revocation_reason_parse(options->reason, &revoking.reason, err));
    AC_TRY(find(context, &revoking, err));
    AC_TRY(use_issuer(context, &revoking, err));
    AC_TRY(ac_context_run(context, err));
    return carry_out(context, &revoking, err);
}
