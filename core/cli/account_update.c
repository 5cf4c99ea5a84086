/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "base/log.h"
#include "cli/report.h"
#include "engine/run/run_account.h"

static bool is_as_asked(const struct ac_account_change *change,
                        const struct ac_account *account)
{
    if (!change->contacts)
        return true;
    for (size_t i = 0; i < change->contacts->count; i++) {
        if (!ac_words_has(&account->contacts, change->contacts->items[i]))
            return false;
    }
    return account->contacts.count == change->contacts->count;
}

/* Some CAs keep no contacts and say so by telling none (RFC 8555 7.3.2 asks no more of
 * them). */
static void warn_of_contacts(const struct ac_account *account)
{
    AC_AUTO(ac_text) list = { 0 };
    struct ac_error ignored;

    if (account->contacts.count == 0) {
        ac_log_say(AC_LOG_WARN,
                   "the CA took the update, and tells of no contacts of the "
                   "account: it keeps none");
        return;
    }
    if (ac_words_join(&account->contacts, ", ", &list, &ignored) == AC_OK) {
        ac_log_say(AC_LOG_WARN,
                   "the CA took the update, and has other contacts than were asked "
                   "for: %s",
                   ac_text_get(&list));
    }
}

static enum ac_code print_json(const struct ac_context *context,
                               const struct ac_account *account, bool is_as_asked_for,
                               struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_account_document(context, "updated", account->url, &document, err));
    AC_TRY(ac_json_set_text(document, "status", account->status, err));
    AC_TRY(ac_json_set_words(document, "contact", &account->contacts, err));
    AC_TRY(ac_json_set_bool(document, "as_asked", is_as_asked_for, err));
    return ac_report_print_json(document, err);
}

static enum ac_code print_text(const struct ac_account *account, struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };

    AC_TRY(
        ac_text_addf(&text, err, "Updated the account: %s\n  contact  ", account->url));
    AC_TRY(ac_words_join(&account->contacts, ", ", &text, err));
    AC_TRY(ac_text_addf(&text, err, "%s\n", account->contacts.count > 0 ? "" : "none"));
    return ac_report_print(ac_text_get(&text), err);
}

static enum ac_code check_options(const struct ac_options *options,
                                  struct ac_error *err)
{
    bool has_contacts = options->contacts.count > 0;

    if (has_contacts && options->clears_contacts) {
        return ac_fail(err, AC_E_USAGE,
                       "--contact says which contacts there shall be, --clear-contacts "
                       "that there shall be none");
    }
    if (!has_contacts && !options->clears_contacts && !options->agrees_to_terms) {
        return ac_fail(
            err, AC_E_USAGE,
            "what shall change? --contact ADDRESS (all that there shall be), "
            "--clear-contacts, or --agree-tos to terms that changed");
    }
    return AC_OK;
}

enum ac_code ac_command_account_update(struct ac_context *context, bool *ret_is_told,
                                       struct ac_error *err)
{
    const struct ac_options *options = context->options;
    const struct ac_words *contacts =
        options->contacts.count > 0 ? &context->contacts : NULL;
    const struct ac_words none = { 0 };
    AC_AUTO_TEXT char *folder = NULL;
    AC_AUTO(ac_json) *held = NULL;
    AC_AUTO(ac_account) account = { 0 };

    (void)ret_is_told;
    AC_TRY(check_options(options, err));
    AC_TRY(ac_account_find(context, &folder, &held, err));
    AC_TRY(ac_context_run(context, err));
    struct ac_account_change change = {
        /* What a configuration says of new accounts is not meant here. */
        .contacts = options->clears_contacts ? &none : contacts,
        .agrees_to_terms = options->agrees_to_terms,
    };
    AC_TRY(ac_run_update_account(context->run, &change, &account, err));
    bool is_good = is_as_asked(&change, &account);
    if (!is_good)
        warn_of_contacts(&account);
    if (options->is_json)
        return print_json(context, &account, is_good, err);
    return options->is_quiet ? AC_OK : print_text(&account, err);
}
