/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts as the tests of the account commands have them. Included by one source. */
#ifndef AC_TESTS_UNIT_CLI_ACCOUNT_AT_H
#define AC_TESTS_UNIT_CLI_ACCOUNT_AT_H

#include "command_line.h"
#include "engine/accounts/account_file.h"
#include "fake_run.h"

#define URL        "https://ca.example/account/1"
#define NEW_URL    "https://ca.example/account/2"
#define AT_CA      "--server", CA_URL
#define THUMBPRINT "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U" /* of AC_KEYS_EC */

__attribute__((unused)) static void have_account(void)
{
    fake_reset();
    fake.account.url = (char *)URL;
    fake.account.status = (char *)"valid";
}

/* An account in the store of IN_STATE, for the CA of AT_CA, with its key. */
__attribute__((unused)) static enum ac_code store_account(struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO_TEXT char *ca = NULL;

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    AC_TRY(ac_store_ca_name(CA_URL, &ca, err));
    AC_TRY(ac_json_new(&document, err, "{s:s, s:s, s:s}", "directory", CA_URL, "url",
                       URL, "key_type", "ecdsa-p256"));
    AC_TRY(ac_keys_of_jwk(AC_KEYS_EC, &key, err));
    AC_TRY(ac_account_file_create_key(store, ca, AC_ACCOUNT_KEY, key, err));
    return ac_account_file_save(store, ca, document, err);
}

#endif
