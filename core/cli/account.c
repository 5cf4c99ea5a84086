/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/report.h"

#include <string.h>

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
                        !account          ? "There is an account already"
                        : account->is_new ? "Registered the account"
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
        ac_store_load(context->store, AC_STORE_ACCOUNTS, ca, "account.json", &held, err);
    if (code == AC_E_NOTFOUND)
        return ac_fail(err, code,
                       "there is no account for %s in %s; acmecore account register makes "
                       "one",
                       context->directory_url, ac_store_folder(context->store));
    AC_TRY(code);
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_read_account(context->run, &account, err));
    return context->options->is_json ? show_json(context, &account, err)
                                     : show_text(context, &account, err);
}

/* ---- list */

static enum ac_code list_one(const struct ac_store *store, const char *ca,
                             struct ac_json *accounts, struct ac_text *text,
                             struct ac_error *err)
{
    AC_AUTO(ac_json) *held = NULL;
    AC_AUTO(ac_json) *one = NULL;
    struct ac_error why = { 0 };

    if (ac_store_load(store, AC_STORE_ACCOUNTS, ca, "account.json", &held, &why) != AC_OK) {
        const char *problem = why.code == AC_E_NOTFOUND
                                  ? "a key, but no account yet"
                                  : why.detail;
        AC_TRY(ac_json_new(&one, err, "{s:s, s:s}", "name", ca, "problem", problem));
        AC_TRY(ac_json_append(accounts, &one, err));
        return ac_text_addf(text, err, "%s\n  %s\n", ca, problem);
    }
    const char *directory_url = ac_json_text_or(held, "directory", "");
    const char *url = ac_json_text_or(held, "url", "");
    AC_TRY(ac_json_new(&one, err, "{s:s, s:s, s:s, s:s}", "name", ca, "directory",
                       directory_url, "url", url, "key_type",
                       ac_json_text_or(held, "key_type", "")));
    AC_TRY(ac_json_append(accounts, &one, err));
    return ac_text_addf(text, err, "%s\n  CA  %s\n", url, directory_url);
}

enum ac_code ac_command_account_list(struct ac_context *context, bool *ret_is_told,
                                     struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *accounts = NULL;
    AC_AUTO(ac_text) text = { 0 };

    (void)ret_is_told;
    AC_TRY(ac_json_new(&accounts, err, "[]"));
    AC_TRY(ac_store_list(context->store, AC_STORE_ACCOUNTS, &names, err));
    for (size_t i = 0; i < names.count; i++)
        AC_TRY(list_one(context->store, names.items[i], accounts, &text, err));
    if (!context->options->is_json)
        return ac_report_print(names.count > 0 ? ac_text_get(&text)
                                               : "No accounts are held yet.\n",
                               err);
    AC_TRY(ac_command_document(AC_COMMAND_ACCOUNT_LIST, &document, err));
    AC_TRY(ac_json_set(document, "accounts", &accounts, err));
    return ac_report_print_json(document, err);
}
