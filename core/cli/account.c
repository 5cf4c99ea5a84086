/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/report.h"

#define ACCOUNT "account.json"

/* ---- register */

static enum ac_code tell_registered(struct ac_context *context,
                                    const struct ac_account *account, const char *url,
                                    struct ac_error *err)
{
    const char *result = !account ? "held" : account->is_new ? "registered" : "found";
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_text) text = { 0 };

    if (context->options->is_json) {
        AC_TRY(ac_command_document(AC_COMMAND_ACCOUNT_REGISTER, &document, err));
        AC_TRY(ac_json_set_text(document, "result", result, err));
        AC_TRY(ac_json_set_text(document, "directory", context->directory_url, err));
        AC_TRY(ac_json_set_text(document, "url", url, err));
        return ac_report_print_json(document, err);
    }
    if (context->options->is_quiet)
        return AC_OK;
    AC_TRY(ac_text_addf(&text, err, "%s: %s\n",
                        !account ? "There is an account already"
                        : account->is_new
                            ? "Registered the account"
                            : "The CA knows this key already; the account",
                        url));
    return ac_report_print(ac_text_get(&text), err);
}

enum ac_code ac_command_account_register(struct ac_context *context, bool *ret_is_told,
                                         struct ac_error *err)
{
    const struct ac_account *account;

    (void)ret_is_told;
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_register(context->run, &account, err));
    return tell_registered(context, account, ac_run_account_url(context->run), err);
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

    if (!context->options->is_json) {
        return ac_report_print(listing->text.size > 0 ? ac_text_get(&listing->text)
                                                      : "No accounts are held yet.\n",
                               err);
    }
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
