/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/account_given.h"

#include <string.h>
#include <unistd.h>

#include "check.h"
#include "engine/accounts/account_file.h"
#include "keys.h"
#include "pki.h"
#include "token.h"
#include "version.h"

#define KEYS   AC_TEST_DATA "/keys/"
#define FOLDER "ca"
#define URL    "pkcs11:token=acme;object=account?" AC_TOKEN_TEST_MODULE

int fsync(int fd)
{
    (void)fd;
    return 0;
}

/* A copy of a key of tests/data, as private as it must be. */
static enum ac_code give(const char *name, struct ac_account_given *ret_given,
                         struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };
    const char *path = ac_test_path(name);
    char from[512];

    (void)snprintf(from, sizeof from, KEYS "%s", name);
    AC_TRY(ac_keys_read(from, &pem, err));
    if (!ac_test_write_file(path, pem.bytes, pem.size))
        return ac_fail(err, AC_E_SYSTEM, "no file");
    *ret_given = (struct ac_account_given){ path, NULL };
    return AC_OK;
}

static enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

AC_TEST(a_file_is_copied_and_found_again)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_key) *held = NULL;
    AC_AUTO_TEXT char *url = NULL;
    struct ac_account_given given = { 0 };
    struct ac_account_given other = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(give("p384.pem", &given, &err));
    AC_REQUIRE_OK(give("p256.pem", &other, &err));
    AC_REQUIRE_OK(ac_account_given_load(store, given, &key, &err));
    AC_REQUIRE_OK(ac_account_given_keep(store, FOLDER, given, key, &err));
    AC_REQUIRE_OK(ac_account_file_load_key(store, FOLDER, AC_ACCOUNT_KEY, &held, &err));
    AC_REQUIRE_OK(ac_account_file_key_url(store, FOLDER, &url, &err));
    CU_ASSERT_PTR_NULL(url);
    AC_REQUIRE_OK(ac_account_given_check(store, FOLDER, given, held, &err));
    AC_REQUIRE_CODE(ac_account_given_check(store, FOLDER, other, held, &err),
                    AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "is not the key of the account"));
}

AC_TEST(nothing_given_is_nothing_to_check)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    struct ac_account_given none = { NULL, NULL };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_account_given_check(store, FOLDER, none, NULL, &err));

    CU_ASSERT_EQUAL(err.code, AC_OK);
}

AC_TEST(a_key_in_a_token_is_kept_by_its_url)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_key) *held = NULL;
    AC_AUTO(ac_key) *public_half = NULL;
    AC_AUTO_TEXT char *url = NULL;
    struct ac_account_given given = { URL, ac_test_path("pin") };
    bool is_same = false;

    AC_REQUIRE(ac_token_test_begin("acme")
               && ac_token_test_import("acme", "p256", "account", "A1")
               && ac_test_write_file(given.pin_file, AC_TOKEN_TEST_PIN, 4));
    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_account_given_load(store, given, &key, &err));
    AC_REQUIRE_OK(ac_account_given_keep(store, FOLDER, given, key, &err));
    AC_REQUIRE_OK(ac_account_file_key_url(store, FOLDER, &url, &err));
    AC_REQUIRE(url != NULL);
    CU_ASSERT_STRING_EQUAL(url, URL);
    AC_REQUIRE_OK(
        ac_account_file_load_public(store, FOLDER, AC_ACCOUNT_KEY, &public_half, &err));
    AC_REQUIRE_OK(ac_key_is_same(key, public_half, &is_same, &err));
    CU_ASSERT_TRUE(is_same);
    AC_REQUIRE_OK(ac_account_file_load_key(store, FOLDER, AC_ACCOUNT_KEY, &held, &err));
    AC_REQUIRE_OK(ac_account_given_check(store, FOLDER, given, held, &err));
    CU_ASSERT_FALSE(ac_file_exists(ac_test_path("state/accounts/ca/key.pem")));
    ac_key_free(AC_TAKE(key));
    ac_key_free(AC_TAKE(held));
    ac_token_test_end();
}

AC_TEST(the_key_of_a_certificate_is_refused)
{
    static const char *const names[] = { "example.org", NULL };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_key) *taken = NULL;
    AC_AUTO(ac_secret) pem = { 0 };
    AC_AUTO(ac_text) chain = { 0 };
    struct ac_pki_options options = { .names = names };
    struct ac_account_given given = { 0 };
    unsigned number;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(give("p256.pem", &given, &err));
    AC_REQUIRE_OK(ac_keys_load(KEYS "p256.pem", &key, &err));
    AC_REQUIRE_OK(ac_key_export(key, &pem, &err));
    options.key = key;
    AC_REQUIRE_OK(ac_pki_chain(&options, &chain, &err));
    const char *const files[] = { ac_text_get(&chain), "", ac_text_get(&chain) };
    AC_REQUIRE_OK(ac_test_version_add(store, "www", &pem, files, &number, &err));
    AC_REQUIRE_CODE(ac_account_given_load(store, given, &taken, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "certificate \"www\""));
    CU_ASSERT_PTR_NULL(taken);
}

AC_SUITE("engine/account_given", AC_CASE(a_file_is_copied_and_found_again),
         AC_CASE(nothing_given_is_nothing_to_check),
         AC_CASE(the_key_of_a_certificate_is_refused),
         AC_CASE(a_key_in_a_token_is_kept_by_its_url))
