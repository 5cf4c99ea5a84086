/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/report.h"
#include "engine/run/run_account.h"

#include <stdio.h>
#include <string.h>

#define QUESTION_SIZE 1024
#define URL_SHOWN     512

/* Nobody can undo it, so nobody does it by the way. */
static enum ac_code ask(struct ac_context *context, const char *url,
                        struct ac_error *err)
{
    char clean[URL_SHOWN];
    char question[QUESTION_SIZE];

    if (context->options->has_consent)
        return AC_OK;
    if (!context->terminal.can_ask) {
        return ac_fail(err, AC_E_USAGE,
                       "deactivating the account %s cannot be undone: give --yes", url);
    }
    (void)ac_text_clean(clean, sizeof clean, url, strlen(url));
    (void)snprintf(question, sizeof question,
                   "This ends the account\n  %s\nfor ever; its certificates stay "
                   "valid and cannot be renewed by it. End it?",
                   clean);
    if (ac_terminal_ask(&context->terminal, question, context->deadline_ms))
        return AC_OK;
    return ac_fail(err, AC_E_USAGE, "you did not say yes, so nothing was done");
}

static enum ac_code print_json(const struct ac_context *context,
                               const struct ac_ended_account *ended, const char *path,
                               struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_account_document(context, ended->was_refused ? "refused" : "deactivated",
                               ended->url, &document, err));
    if (ended->was_refused)
        AC_TRY(ac_json_set_text(document, "said", ended->said.detail, err));
    AC_TRY(ac_json_set_text(document, "kept", path, err));
    return ac_report_print_json(document, err);
}

static enum ac_code print_text(const struct ac_ended_account *ended, const char *path,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };

    if (ended->was_refused) {
        AC_TRY(ac_text_addf(&text, err,
                            "The CA lets the account in no more, so there was nothing "
                            "to deactivate: %s\n  it says    %s\n",
                            ended->url, ended->said.detail));
    } else {
        AC_TRY(ac_text_addf(&text, err, "Deactivated the account: %s\n", ended->url));
    }
    AC_TRY(ac_text_addf(&text, err,
                        "  set aside  %s\n"
                        "acmecore account register makes a new one; until then this CA "
                        "issues and renews nothing for it.\n",
                        path));
    return ac_report_print(ac_text_get(&text), err);
}

enum ac_code ac_command_account_deactivate(struct ac_context *context,
                                           bool *ret_is_told, struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO(ac_json) *held = NULL;
    AC_AUTO(ac_ended_account) ended = { 0 };

    (void)ret_is_told;
    AC_TRY(ac_account_find(context, &folder, &held, err));
    AC_TRY(ask(context, ac_json_text_or(held, "url", ""), err));
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_deactivate_account(context->run, &ended, err));
    AC_TRY(ac_store_path(context->store, AC_STORE_ACCOUNTS, ended.folder, NULL, &path,
                         err));
    if (context->options->is_json)
        return print_json(context, &ended, path, err);
    return context->options->is_quiet ? AC_OK : print_text(&ended, path, err);
}
