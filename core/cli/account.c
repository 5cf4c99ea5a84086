/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "base/log.h"
#include "cli/report.h"
#include "engine/accounts/account_file.h"

#include <stdlib.h>
#include <string.h>

/* It is there no more: what became of it? */
static enum ac_code fail_missing(const struct ac_context *context, const char *folder,
                                 struct ac_error *err)
{
    AC_AUTO_TEXT char *retired = NULL;
    const char *name = context->account;

    enum ac_code code =
        ac_account_file_find_retired(context->store, folder, &retired, err);
    if (code == AC_OK) {
        return ac_fail(err, AC_E_USAGE,
                       "the account for %s was deactivated (it is kept in "
                       "%s/" AC_STORE_ACCOUNTS "/%s); acmecore account register makes "
                       "a new one",
                       context->directory_url, ac_store_folder(context->store),
                       retired);
    }
    if (code != AC_E_NOTFOUND)
        return code;
    return ac_fail(err, code,
                   "there is no account for %s%s%s in %s; acmecore account register "
                   "makes one",
                   context->directory_url, name ? " --account " : "", name ? name : "",
                   ac_store_folder(context->store));
}

enum ac_code ac_account_find(const struct ac_context *context, char **ret_folder,
                             struct ac_json **ret_document, struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(
        ac_account_file_folder(context->directory_url, context->account, &folder, err));
    enum ac_code code = ac_account_file_load(context->store, folder,
                                             context->directory_url, &document, err);
    if (code == AC_E_NOTFOUND)
        return fail_missing(context, folder, err);
    AC_TRY(code);
    *ret_folder = AC_TAKE(folder);
    *ret_document = AC_TAKE(document);
    return AC_OK;
}

enum ac_code ac_account_document(const struct ac_context *context, const char *result,
                                 const char *url, struct ac_json **ret_document,
                                 struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    bool has_name =
        context->account && strcmp(context->account, AC_ACCOUNT_DEFAULT) != 0;

    AC_TRY(ac_command_document(context->options->command, &document, err));
    AC_TRY(ac_json_set_text(document, "result", result, err));
    AC_TRY(ac_json_set_text(document, "directory", context->directory_url, err));
    if (has_name)
        AC_TRY(ac_json_set_text(document, "account", context->account, err));
    AC_TRY(ac_json_set_text(document, "url", url, err));
    *ret_document = AC_TAKE(document);
    return AC_OK;
}

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

    AC_TRY(ac_account_document(context, registered->result, registered->url, &document,
                               err));
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
                   "change its contacts; acmecore account update does",
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
