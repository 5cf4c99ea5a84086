/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/report.h"
#include "engine/accounts/account_file.h"

#include <string.h>

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

/* Its key says what it is; one that cannot be read is what it was. */
static enum ac_code add_key(const struct ac_store *store, const char *ca,
                            const struct ac_json *held, struct ac_json *one,
                            struct ac_error *err)
{
    const char *key_type = NULL;
    AC_AUTO_TEXT char *thumbprint = NULL;
    struct ac_error why = { 0 };

    enum ac_code code =
        ac_account_file_describe(store, ca, &key_type, &thumbprint, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code == AC_OK)
        AC_TRY(ac_json_set_text(one, "thumbprint", thumbprint, err));
    return ac_json_set_text(
        one, "key_type",
        code == AC_OK ? key_type : ac_json_text_or(held, "key_type", ""), err);
}

static enum ac_code list_good(struct listing *listing, const struct ac_store *store,
                              const char *ca, const struct ac_json *held,
                              struct ac_error *err)
{
    const char *directory_url = ac_json_text_or(held, "directory", "");
    const char *url = ac_json_text_or(held, "url", "");
    const char *name = ac_json_text_or(held, "name", NULL);
    const char *status = ac_json_text_or(held, "status", "valid");
    bool is_valid = strcmp(status, "valid") == 0;
    bool is_changing = ac_account_file_has(store, ca, AC_ACCOUNT_NEXT_KEY);
    AC_AUTO(ac_json) *one = NULL;

    AC_TRY(ac_json_new(&one, err, "{s:s, s:s, s:s, s:s}", "name", ca, "directory",
                       directory_url, "url", url, "status", status));
    AC_TRY(add_key(store, ca, held, one, err));
    if (name)
        AC_TRY(ac_json_set_text(one, "account", name, err));
    if (is_changing)
        AC_TRY(ac_json_set_bool(one, "key_change_pending", true, err));
    AC_TRY(ac_json_append(listing->accounts, &one, err));
    return ac_text_addf(
        &listing->text, err, "%s\n  CA  %s\n%s%s%s%s%s%s%s", url, directory_url,
        name ? "  name  " : "", name ? name : "", name ? "\n" : "",
        is_valid ? "" : "  status  ", is_valid ? "" : status, is_valid ? "" : "\n",
        is_changing ? "  a change of its key is not finished: the next run does that\n"
                    : "");
}

static enum ac_code list_one(const struct ac_store *store, const char *ca,
                             struct listing *listing, struct ac_error *err)
{
    AC_AUTO(ac_json) *held = NULL;
    struct ac_error why = { 0 };

    enum ac_code code = ac_account_file_load(store, ca, NULL, &held, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        return list_problem(listing, ca, &why, err);
    return list_good(listing, store, ca, held, err);
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
