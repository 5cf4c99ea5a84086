/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "base/log.h"
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>

#define ACCOUNT "account.json"

/* ---- register */

/* How it went, and what was said about it. */
struct registered {
    const char *result; /* "registered", "found", "held" */
    const char *url;
    char *lost; /* the URL of an account that the CA does not know any more, or NULL */
    struct ac_account account; /* held: as the CA has it */
};

static void registered_done(struct registered *registered)
{
    free(registered->lost);
    ac_account_done(&registered->account);
}
AC_DEFINE_DROP_VALUE(registered, registered_done)

static enum ac_code registered_json(const struct ac_context *context,
                                    const struct registered *registered,
                                    struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_command_document(AC_COMMAND_ACCOUNT_REGISTER, &document, err));
    AC_TRY(ac_json_set_text(document, "result", registered->result, err));
    AC_TRY(ac_json_set_text(document, "directory", context->directory_url, err));
    AC_TRY(ac_json_set_text(document, "url", registered->url, err));
    if (registered->account.status)
        AC_TRY(ac_json_set_text(document, "status", registered->account.status, err));
    if (registered->lost)
        AC_TRY(ac_json_set_text(document, "lost", registered->lost, err));
    return ac_report_print_json(document, err);
}

static enum ac_code registered_text(const struct registered *registered,
                                    struct ac_error *err)
{
    const char *status = registered->account.status;
    bool is_valid = !status || strcmp(status, "valid") == 0;
    AC_AUTO(ac_text) text = { 0 };

    if (registered->lost) {
        AC_TRY(ac_text_addf(&text, err,
                            "The CA does not know the account %s any more.\n",
                            registered->lost));
    }
    if (strcmp(registered->result, "held") != 0) {
        AC_TRY(ac_text_addf(&text, err, "%s: %s\n",
                            strcmp(registered->result, "registered") == 0
                                ? "Registered the account"
                                : "The CA knows this key already; the account",
                            registered->url));
        return ac_report_print(ac_text_get(&text), err);
    }
    AC_TRY(ac_text_addf(&text, err,
                        "There is an account already, and the CA %s%s: %s\n",
                        is_valid ? "confirms it" : "says it is ",
                        is_valid ? "" : status, registered->url));
    return ac_report_print(ac_text_get(&text), err);
}

/* A new account has the contacts that were given; nothing else changes an old one's. */
static void warn_of_contacts(const struct ac_context *context,
                             const struct ac_words *known)
{
    for (size_t i = 0; i < context->contacts.count; i++) {
        if (ac_words_has(known, context->contacts.items[i]))
            continue;
        ac_log_say(AC_LOG_WARN,
                   "--contact %s: the account is there already, and register does not "
                   "change its contacts",
                   context->contacts.items[i]);
    }
}

static void note_answer(const struct ac_context *context,
                        const struct ac_account *account, struct registered *registered)
{
    registered->result = account->is_new ? "registered" : "found";
    registered->url = account->url;
    if (!account->is_new)
        warn_of_contacts(context, &account->contacts);
}

/* The store has one; does the CA? RFC 8555 7.3.1 finds it by its key, at any URL. */
static enum ac_code confirm(struct ac_context *context, struct registered *registered,
                            struct ac_error *err)
{
    const struct ac_account *account;

    enum ac_code code = ac_run_read_account(context->run, &registered->account, err);
    if (code == AC_OK) {
        registered->result = "held";
        registered->url = ac_run_account_url(context->run);
        warn_of_contacts(context, &registered->account.contacts);
        return AC_OK;
    }
    if (code != AC_E_PROBLEM || strcmp(err->problem, "accountDoesNotExist") != 0)
        return code;
    AC_TRY(
        ac_memory_copy_text(ac_run_account_url(context->run), &registered->lost, err));
    AC_TRY(ac_run_register_again(context->run, &account, err));
    note_answer(context, account, registered);
    return AC_OK;
}

enum ac_code ac_command_account_register(struct ac_context *context, bool *ret_is_told,
                                         struct ac_error *err)
{
    AC_AUTO(registered) registered = { 0 };
    const struct ac_account *account;

    (void)ret_is_told;
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_register(context->run, &account, err));
    if (account) {
        note_answer(context, account, &registered);
    } else {
        AC_TRY(confirm(context, &registered, err));
    }
    if (context->options->is_json)
        return registered_json(context, &registered, err);
    return context->options->is_quiet ? AC_OK : registered_text(&registered, err);
}

/* ---- show: as the CA has it */

static enum ac_code show_text(const struct ac_context *context,
                              const struct ac_account *account, struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };

    AC_TRY(ac_text_addf(&text, err, "%s\n  status   %s\n  CA       %s\n  contact  ",
                        account->url, account->status, context->directory_url));
    AC_TRY(ac_words_join(&account->contacts, ", ", &text, err));
    AC_TRY(ac_text_addf(&text, err, "%s\n",
                        account->contacts.count > 0 ? "" : "the CA tells none"));
    return ac_report_print(ac_text_get(&text), err);
}

static enum ac_code show_json(const struct ac_context *context,
                              const struct ac_account *account, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_command_document(AC_COMMAND_ACCOUNT_SHOW, &document, err));
    AC_TRY(ac_json_set_text(document, "directory", context->directory_url, err));
    AC_TRY(ac_json_set_text(document, "url", account->url, err));
    AC_TRY(ac_json_set_text(document, "status", account->status, err));
    AC_TRY(ac_json_set_words(document, "contact", &account->contacts, err));
    return ac_report_print_json(document, err);
}

enum ac_code ac_command_account_show(struct ac_context *context, bool *ret_is_told,
                                     struct ac_error *err)
{
    AC_AUTO(ac_account) account = { 0 };
    AC_AUTO(ac_json) *held = NULL;
    AC_AUTO_TEXT char *ca = NULL;

    (void)ret_is_told;
    AC_TRY(ac_store_ca_name(context->directory_url, &ca, err));
    enum ac_code code =
        ac_store_load(context->store, AC_STORE_ACCOUNTS, ca, ACCOUNT, &held, err);
    if (code == AC_E_NOTFOUND) {
        return ac_fail(
            err, code,
            "there is no account for %s in %s; acmecore account register makes "
            "one",
            context->directory_url, ac_store_folder(context->store));
    }
    AC_TRY(code);
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_read_account(context->run, &account, err));
    return context->options->is_json ? show_json(context, &account, err)
                                     : show_text(context, &account, err);
}

/* ---- list */

struct listing {
    struct ac_json *accounts;
    struct ac_text text;
    struct ac_error first; /* why the first that is damaged cannot be read */
};

static void listing_done(struct listing *listing)
{
    ac_json_free(listing->accounts);
    ac_text_done(&listing->text);
}
AC_DEFINE_DROP_VALUE(listing, listing_done)

/* One that cannot be read is told of and does not hide the others. */
static enum ac_code list_problem(struct listing *listing, const char *ca,
                                 const struct ac_error *why, struct ac_error *err)
{
    AC_AUTO(ac_json) *one = NULL;
    bool is_damaged = why->code != AC_E_NOTFOUND;
    const char *problem = is_damaged ? why->detail : "a key, but no account yet";

    if (is_damaged && listing->first.code == AC_OK)
        listing->first = *why;
    AC_TRY(ac_json_new(&one, err, "{s:s, s:s, s:s}", "name", ca, "code",
                       ac_code_name(why->code), "problem", problem));
    AC_TRY(ac_json_append(listing->accounts, &one, err));
    return ac_text_addf(&listing->text, err, "%s\n  %s\n", ca, problem);
}

static enum ac_code list_one(const struct ac_store *store, const char *ca,
                             struct listing *listing, struct ac_error *err)
{
    AC_AUTO(ac_json) *held = NULL;
    AC_AUTO(ac_json) *one = NULL;
    struct ac_error why = { 0 };

    enum ac_code code =
        ac_store_load(store, AC_STORE_ACCOUNTS, ca, ACCOUNT, &held, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        return list_problem(listing, ca, &why, err);
    const char *directory_url = ac_json_text_or(held, "directory", "");
    const char *url = ac_json_text_or(held, "url", "");
    AC_TRY(ac_json_new(&one, err, "{s:s, s:s, s:s, s:s}", "name", ca, "directory",
                       directory_url, "url", url, "key_type",
                       ac_json_text_or(held, "key_type", "")));
    AC_TRY(ac_json_append(listing->accounts, &one, err));
    return ac_text_addf(&listing->text, err, "%s\n  CA  %s\n", url, directory_url);
}

static enum ac_code print_list(const struct ac_context *context,
                               struct listing *listing, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    if (!context->options->is_json && listing->text.size == 0) {
        AC_TRY(ac_text_addf(&listing->text, err, "No accounts are held in %s yet.\n",
                            ac_store_folder(context->store)));
    }
    if (!context->options->is_json)
        return ac_report_print(ac_text_get(&listing->text), err);
    AC_TRY(ac_command_document(AC_COMMAND_ACCOUNT_LIST, &document, err));
    AC_TRY(ac_json_set(document, "accounts", &listing->accounts, err));
    if (listing->first.code != AC_OK)
        AC_TRY(ac_command_add_error(document, &listing->first, err));
    return ac_report_print_json(document, err);
}

enum ac_code ac_command_account_list(struct ac_context *context, bool *ret_is_told,
                                     struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(listing) listing = { 0 };

    AC_TRY(ac_json_new(&listing.accounts, err, "[]"));
    AC_TRY(ac_store_list(context->store, AC_STORE_ACCOUNTS, &names, err));
    for (size_t i = 0; i < names.count; i++)
        AC_TRY(list_one(context->store, names.items[i], &listing, err));
    AC_TRY(print_list(context, &listing, err));
    *ret_is_told = context->options->is_json;
    if (listing.first.code != AC_OK)
        *err = listing.first;
    return listing.first.code;
}
