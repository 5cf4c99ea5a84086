/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/report.h"
#include "engine/accounts/account_file.h"
#include "engine/run/run_account.h"

/* The key that the account has now. */
struct changed {
    bool is_finished; /* an earlier run's change */
    const char *url;
    const char *key_type;
    char *thumbprint;
};

static enum ac_code print_json(const struct ac_context *context,
                               const struct changed *changed, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_account_document(context, changed->is_finished ? "finished" : "changed",
                               changed->url, &document, err));
    AC_TRY(ac_json_set_text(document, "key_type", changed->key_type, err));
    AC_TRY(ac_json_set_text(document, "thumbprint", changed->thumbprint, err));
    return ac_report_print_json(document, err);
}

static enum ac_code print_text(const struct changed *changed, struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };

    AC_TRY(ac_text_addf(
        &text, err,
        "%s %s\n"
        "  new key  %s, thumbprint %s\n"
        "The old key is gone; what holds a copy of it, or its thumbprint (http-01 "
        "answered without state), must be told of the new one.\n",
        changed->is_finished
            ? "Finished the change of the key that an earlier run began, of the account"
            : "Changed the key of the account",
        changed->url, changed->key_type, changed->thumbprint));
    return ac_report_print(ac_text_get(&text), err);
}

enum ac_code ac_command_account_rollover(struct ac_context *context, bool *ret_is_told,
                                         struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;
    AC_AUTO_TEXT char *thumbprint = NULL;
    AC_AUTO(ac_json) *held = NULL;
    enum ac_rollover_outcome outcome;
    struct changed changed = { 0 };

    (void)ret_is_told;
    AC_TRY(ac_account_find(context, &folder, &held, err));
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_change_key(context->run, context->options->key_type, &outcome, err));
    AC_TRY(ac_account_file_describe(context->store, folder, &changed.key_type,
                                    &thumbprint, err));
    changed.is_finished = outcome == AC_ROLLOVER_FINISHED;
    changed.url = ac_json_text_or(held, "url", "");
    changed.thumbprint = thumbprint;
    if (context->options->is_json)
        return print_json(context, &changed, err);
    return context->options->is_quiet ? AC_OK : print_text(&changed, err);
}
