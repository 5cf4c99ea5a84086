/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/account.h"
#include "acme/jws.h"

#define NO_KEY_CHANGE                                                                  \
    "this CA offers no change of an account's key (its directory has no keyChange): "  \
    "the key stays; a new account has a new key"

static enum ac_code need_account(const struct ac_client *client, struct ac_error *err)
{
    return ac_client_kid(client) ? AC_OK
                                 : ac_fail(err, AC_E_USAGE, "no account is known yet");
}

enum ac_code ac_account_update(struct ac_client *client,
                               const struct ac_account_change *change,
                               struct ac_post **ret_post, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *payload = NULL;

    AC_TRY(need_account(client, err));
    AC_TRY(ac_json_new(&json, err, "{}"));
    if (change->contacts)
        AC_TRY(ac_json_set_words(json, "contact", change->contacts, err));
    if (change->agrees_to_terms)
        AC_TRY(ac_json_set_bool(json, "termsOfServiceAgreed", true, err));
    AC_TRY(ac_json_write(json, &payload, err));

    const struct ac_post_request post = {
        .url = ac_client_kid(client),
        .payload = payload,
        .what = "account update",
        .why = "Changes what the CA has of the account.",
        .section = "RFC 8555 7.3.2",
        .is_repeatable = true, /* it says what shall be, not what shall be done */
    };
    return ac_client_post(client, &post, ret_post, err);
}

enum ac_code ac_account_deactivate(struct ac_client *client, struct ac_post **ret_post,
                                   struct ac_error *err)
{
    AC_TRY(need_account(client, err));

    const struct ac_post_request post = {
        .url = ac_client_kid(client),
        .payload = "{\"status\":\"deactivated\"}",
        .what = "account deactivation",
        .why = "Ends the account: nobody can use its key any more.",
        .section = "RFC 8555 7.3.6",
    };
    return ac_client_post(client, &post, ret_post, err);
}

enum ac_code ac_account_change_key(struct ac_client *client,
                                   const struct ac_key *new_key,
                                   struct ac_post **ret_post, struct ac_error *err)
{
    const struct ac_directory *directory = NULL;
    AC_AUTO(ac_text) body = { 0 };

    AC_TRY(need_account(client, err));
    AC_TRY(ac_client_directory(client, &directory, err));
    if (!directory->key_change)
        return ac_fail(err, AC_E_USAGE, NO_KEY_CHANGE);
    const struct ac_jws_change change = {
        .url = directory->key_change,
        .account = ac_client_kid(client),
        .old_key = ac_client_key(client),
    };
    AC_TRY(ac_jws_change_key(new_key, &change, &body, err));

    const struct ac_post_request post = {
        .url = directory->key_change,
        .payload = ac_text_get(&body),
        .what = "keyChange",
        .why = "Gives the account another key: the old one signs for it, and so does "
               "the new one.",
        .section = "RFC 8555 7.3.5",
    };
    return ac_client_post(client, &post, ret_post, err);
}
