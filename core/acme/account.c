/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/account.h"

#include "acme/conversation.h"
#include "acme/jws.h"
#include "acme/wire.h"

#include <stdlib.h>
#include <string.h>

#define EAB_MEMBER   "externalAccountBinding"
#define TERMS_MEMBER "termsOfServiceAgreed"
#define ONLY_MEMBER  "onlyReturnExisting"

#define ADVICE_DEAD                                                                    \
    "acmecore account deactivate sets it aside here, and acmecore account register "   \
    "makes a new one with a new key"

static enum ac_code set_binding(const struct ac_client *client,
                                const struct ac_account_request *request,
                                const char *url, struct ac_json *json,
                                struct ac_error *err)
{
    AC_AUTO(ac_text) body = { 0 };
    AC_AUTO(ac_json) *binding = NULL;
    const struct ac_jws_binding values = {
        .kid = request->eab_kid,
        .url = url,
        .algorithm = request->eab_algorithm,
        .mac_key = request->eab_key,
    };

    AC_TRY(ac_jws_bind(ac_client_key(client), &values, &body, err));
    AC_TRY(ac_json_parse(body.bytes, body.size, &binding, err));
    return ac_json_set(json, EAB_MEMBER, &binding, err);
}

static enum ac_code write_payload(const struct ac_client *client,
                                  const struct ac_account_request *request,
                                  const char *url, char **ret_payload,
                                  struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{}"));
    if (request->only_existing) {
        AC_TRY(ac_json_set_bool(json, ONLY_MEMBER, true, err));
        return ac_json_write(json, ret_payload, err);
    }
    if (request->contacts && request->contacts->count > 0)
        AC_TRY(ac_json_set_words(json, "contact", request->contacts, err));
    if (request->agrees_to_terms)
        AC_TRY(ac_json_set_bool(json, TERMS_MEMBER, true, err));
    if (request->eab_kid)
        AC_TRY(set_binding(client, request, url, json, err));
    return ac_json_write(json, ret_payload, err);
}

static enum ac_code check_binding(const struct ac_directory *directory,
                                  const struct ac_account_request *request,
                                  struct ac_error *err)
{
    if (request->eab_kid && request->eab_key == NULL) {
        return ac_fail(err, AC_E_USAGE,
                       "a key identifier for external account binding is given, but no "
                       "MAC key");
    }
    if (directory->needs_eab && !request->only_existing && request->eab_kid == NULL) {
        return ac_fail(err, AC_E_USAGE,
                       "this CA wants new accounts to be bound to an account that it "
                       "knows already: get a key identifier and a MAC key from it and "
                       "give them with --eab-kid and --eab-hmac-key-file");
    }
    return AC_OK;
}

enum ac_code ac_account_begin(struct ac_client *client,
                              const struct ac_account_request *request,
                              struct ac_post **ret_post, struct ac_error *err)
{
    const struct ac_directory *directory = NULL;
    AC_AUTO_TEXT char *payload = NULL;

    AC_TRY(ac_client_directory(client, &directory, err));
    AC_TRY(check_binding(directory, request, err));
    if (ac_client_key(client) == NULL)
        return ac_fail(err, AC_E_USAGE, "an account needs a key first");
    AC_TRY(write_payload(client, request, directory->new_account, &payload, err));

    const struct ac_post_request post = {
        .url = directory->new_account,
        .payload = payload,
        .what = "newAccount",
        .why = request->only_existing ? "Asks which account belongs to this key."
                                      : "Registers this key as an account.",
        .section = request->only_existing ? "RFC 8555 7.3.1" : "RFC 8555 7.3",
        .is_keyed = true,
        .is_repeatable = true, /* 7.3.1: the same key gives the same account */
        .is_private = request->eab_kid != NULL,
    };
    return ac_client_post(client, &post, ret_post, err);
}

enum ac_code ac_account_read(struct ac_client *client, struct ac_post **ret_post,
                             struct ac_error *err)
{
    const char *kid = ac_client_kid(client);

    if (kid == NULL)
        return ac_fail(err, AC_E_USAGE, "no account is known yet");

    const struct ac_post_request post = {
        .url = kid,
        .what = "account",
        .why = "Reads the account as the CA has it.",
        .section = "RFC 8555 7.3",
        .is_repeatable = true,
    };
    return ac_client_post(client, &post, ret_post, err);
}

/* What the request said, from the payload that was signed. */
static bool has_said(const struct ac_post *post, const char *member)
{
    AC_AUTO(ac_json) *json = NULL;
    struct ac_error ignored = { 0 };

    return post->payload
           && ac_json_parse(post->payload, strlen(post->payload), &json, &ignored)
                  == AC_OK
           && ac_json_get(json, member) != NULL;
}

static const char *terms_of(const struct ac_client *client, const struct ac_post *post)
{
    const struct ac_directory *directory = client->opening.directory;

    if (post->problem->help)
        return post->problem->help;
    return directory ? directory->terms_of_service : NULL;
}

/*
 * SERVERS: one CA says userActionRequired, another malformed when the terms were not
 * agreed to. The detail is for people (it may be in any language), so what we know is
 * that there are terms and that we did not agree.
 */
static bool is_about_terms(const struct ac_client *client, const struct ac_post *post)
{
    if (ac_problem_is(post->problem, "userActionRequired"))
        return true;
    return ac_problem_is(post->problem, "malformed") && post->is_keyed
           && terms_of(client, post) && !has_said(post, TERMS_MEMBER)
           && !has_said(post, ONLY_MEMBER);
}

static void explain_terms(const struct ac_client *client, const struct ac_post *post,
                          struct ac_error *err)
{
    const char *terms = terms_of(client, post);

    ac_error_about(err,
                   "the CA wants its terms of service to be agreed to%s%s; read them "
                   "and give --agree-tos",
                   terms ? ": " : "", terms ? terms : "");
}

/* EAB types first: a CA may demand one though its directory does not say so (EA-03). */
static void explain(const struct ac_client *client, const struct ac_post *post,
                    struct ac_error *err)
{
    const struct ac_problem *problem = post->problem;
    bool is_unauthorized = ac_problem_is(problem, "unauthorized");

    if (ac_problem_is(problem, "externalAccountRequired")) {
        ac_error_about(err,
                       "the CA wants an external account binding: get a key identifier "
                       "and a MAC key from it and give them with --eab-kid and "
                       "--eab-hmac-key-file");
    } else if (is_about_terms(client, post)) {
        explain_terms(client, post, err);
    } else if (is_unauthorized && has_said(post, EAB_MEMBER)) {
        ac_error_about(err,
                       "the CA did not take the external account binding; check key "
                       "identifier, MAC key and algorithm, and whether they were used "
                       "before");
    } else if (is_unauthorized) {
        ac_error_about(err,
                       "the CA does not let this account in; if it was deactivated or "
                       "revoked there: " ADVICE_DEAD);
    }
}

static enum ac_code check_result(const struct ac_client *client,
                                 const struct ac_post *post, struct ac_error *err)
{
    enum ac_code code = ac_post_result(post, err);

    if (code == AC_E_PROBLEM && post->problem && err)
        explain(client, post, err);
    return code;
}

static enum ac_code read_contacts(const struct ac_json *json, struct ac_words *contacts,
                                  struct ac_error *err)
{
    const struct ac_json *array = ac_json_get(json, "contact");

    for (size_t i = 0; i < ac_json_count(array) && i < AC_ACCOUNT_CONTACTS_MAX; i++) {
        AC_AUTO_TEXT char *clean = NULL;
        const char *text = ac_json_as_text(ac_json_at(array, i));
        if (text == NULL)
            continue;
        AC_TRY(ac_wire_clean(text, &clean, err));
        AC_TRY(ac_words_add(contacts, clean, err));
    }
    return AC_OK;
}

/* AC-01: the body may be empty; the account is its Location. */
static enum ac_code read_body(struct ac_post *post, struct ac_account *account,
                              struct ac_error *err)
{
    const struct ac_json *json = NULL;
    const char *orders = NULL;
    size_t size = 0;

    (void)ac_post_body(post, &size);
    if (size > 0)
        AC_TRY(ac_post_json(post, &json, err));
    AC_TRY(
        ac_wire_clean(ac_json_text_or(json, "status", "valid"), &account->status, err));
    AC_TRY(read_contacts(json, &account->contacts, err));
    orders = ac_json_text_or(json, "orders", NULL);
    return ac_wire_is_url(orders)
               ? ac_memory_copy_text(orders, &account->orders_url, err)
               : AC_OK;
}

static enum ac_code read_url(const struct ac_client *client, const struct ac_post *post,
                             struct ac_account *account, struct ac_error *err)
{
    const char *url = post->is_keyed ? post->location : ac_client_kid(client);

    if (url == NULL) {
        return ac_fail(
            err, AC_E_PROTOCOL,
            "the CA's answer to newAccount does not say the account's URL (no "
            "usable Location)");
    }
    return ac_memory_copy_text(url, &account->url, err);
}

enum ac_code ac_account_answer(struct ac_client *client, struct ac_post *post,
                               struct ac_account *ret_account, struct ac_error *err)
{
    AC_AUTO(ac_account) account = { 0 };

    AC_TRY(check_result(client, post, err));
    AC_TRY(read_url(client, post, &account, err));
    AC_TRY(read_body(post, &account, err));
    account.is_new = post->is_keyed && ac_post_status(post) == 201;

    *ret_account = account;
    account = (struct ac_account){ 0 };
    return AC_OK;
}

enum ac_code ac_account_finish(struct ac_client *client, struct ac_post *post,
                               struct ac_account *ret_account, struct ac_error *err)
{
    AC_AUTO(ac_account) account = { 0 };

    AC_TRY(ac_account_answer(client, post, &account, err));
    if (strcmp(account.status, "valid") != 0) {
        return ac_fail(err, AC_E_PROBLEM,
                       "the account %s is \"%s\" at the CA, for ever: " ADVICE_DEAD,
                       account.url, account.status);
    }
    if (post->is_keyed)
        AC_TRY(ac_client_set_kid(client, account.url, err));

    *ret_account = account;
    account = (struct ac_account){ 0 };
    return AC_OK;
}

void ac_account_done(struct ac_account *account)
{
    free(account->url);
    free(account->status);
    free(account->orders_url);
    ac_words_done(&account->contacts);
    *account = (struct ac_account){ 0 };
}
