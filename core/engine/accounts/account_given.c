/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/account_given.h"

#include "engine/accounts/account_file.h"
#include "engine/accounts/account_keys.h"
#include "engine/accounts/token_key.h"

#include <string.h>

#define OPTION "--account-key"

enum ac_code ac_account_given_load(struct ac_store *store,
                                   struct ac_account_given given,
                                   struct ac_key **ret_key, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO_TEXT char *name = NULL;

    AC_TRY(ac_token_key_load(store, given.source, given.pin_file, OPTION, &key, err));
    AC_TRY(ac_key_public_der(key, &der, err));
    AC_TRY(ac_certificate_keys_contain(store, &der, &name, err));
    if (name) {
        return ac_fail(err, AC_E_USAGE,
                       OPTION " %s is the key of the certificate \"%s\", and must not "
                              "be an account's, too (RFC 8555 11.1); take another one",
                       given.source, name);
    }
    *ret_key = AC_TAKE(key);
    return AC_OK;
}

enum ac_code ac_account_given_keep(struct ac_store *store, const char *folder,
                                   struct ac_account_given given,
                                   const struct ac_key *key, struct ac_error *err)
{
    if (ac_key_can_export(key))
        return ac_account_file_create_key(store, folder, AC_ACCOUNT_KEY, key, err);
    return ac_account_file_note_url(store, folder, given.source, given.pin_file, key,
                                    err);
}

enum ac_code ac_account_given_check(struct ac_store *store, const char *folder,
                                    struct ac_account_given given,
                                    const struct ac_key *held, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO_TEXT char *url = NULL;
    bool is_same;

    if (!given.source)
        return AC_OK;
    AC_TRY(ac_account_file_key_url(store, folder, &url, err));
    if (url && strcmp(url, given.source) == 0)
        return AC_OK;
    AC_TRY(ac_token_key_load(store, given.source, given.pin_file, OPTION, &key, err));
    AC_TRY(ac_key_is_same(key, held, &is_same, err));
    if (is_same)
        return AC_OK;
    return ac_fail(
        err, AC_E_USAGE,
        OPTION
        " %s is not the key of the account that is held here (%s/" AC_STORE_ACCOUNTS
        "/%s)",
        given.source, ac_store_folder(store), folder);
}
