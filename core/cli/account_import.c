/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/report.h"
#include "engine/accounts/account_file.h"
#include "engine/run/run_account.h"

#include <string.h>

/* What came of it, and the key that it is about. */
struct told {
    const char *result; /* "held", "found", "registered" */
    const char *url;
    const char *hint; /* the URL that the key's own files say, when it is another */
    const char *key_type;
    char *thumbprint;
};

static enum ac_code print_json(const struct ac_context *context,
                               const struct told *told, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_account_document(context, told->result, told->url, &document, err));
    AC_TRY(ac_json_set_text(document, "key_type", told->key_type, err));
    AC_TRY(ac_json_set_text(document, "thumbprint", told->thumbprint, err));
    if (told->hint)
        AC_TRY(ac_json_set_text(document, "former_url", told->hint, err));
    return ac_report_print_json(document, err);
}

static enum ac_code print_text(const struct told *told, struct ac_error *err)
{
    static const struct {
        const char *result, *line;
    } lines[] = {
        { "held", "This key is held already; its account" },
        { "found", "The CA knows this key; its account is held now" },
        { "registered",
          "The CA did not know this key; a new account is registered with it" },
    };
    AC_AUTO(ac_text) text = { 0 };

    for (size_t i = 0; i < AC_COUNT(lines); i++) {
        if (strcmp(lines[i].result, told->result) == 0)
            AC_TRY(ac_text_addf(&text, err, "%s: %s\n", lines[i].line, told->url));
    }
    if (told->hint)
        AC_TRY(ac_text_addf(&text, err, "  before   %s\n", told->hint));
    AC_TRY(ac_text_addf(&text, err, "  key      %s, thumbprint %s\n", told->key_type,
                        told->thumbprint));
    return ac_report_print(ac_text_get(&text), err);
}

/* As the store has it now. */
static enum ac_code tell(struct ac_context *context, const char *hint,
                         const struct ac_import_outcome *outcome, struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;
    AC_AUTO_TEXT char *thumbprint = NULL;
    AC_AUTO(ac_json) *held = NULL;
    struct told told = { .result = "found" };

    AC_TRY(ac_account_find(context, &folder, &held, err));
    AC_TRY(ac_account_file_describe(context->store, folder, &told.key_type, &thumbprint,
                                    err));
    told.thumbprint = thumbprint;
    told.url = ac_json_text_or(held, "url", "");
    if (hint && strcmp(hint, told.url) != 0)
        told.hint = hint;
    if (outcome->was_held) {
        told.result = "held";
    } else if (outcome->account.is_new) {
        told.result = "registered";
    }
    if (context->options->is_json)
        return print_json(context, &told, err);
    return context->options->is_quiet ? AC_OK : print_text(&told, err);
}

enum ac_code ac_command_account_import(struct ac_context *context, bool *ret_is_told,
                                       struct ac_error *err)
{
    AC_AUTO(ac_imported_key) imported = { 0 };
    AC_AUTO(ac_import_outcome) outcome = { 0 };

    (void)ret_is_told;
    AC_TRY(
        ac_account_import_read(context->options->arguments.items[0], &imported, err));
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_import_account(context->run, &imported, &outcome, err));
    return tell(context, imported.url, &outcome, err);
}
