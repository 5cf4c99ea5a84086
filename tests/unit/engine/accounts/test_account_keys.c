/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/account_keys.h"

#include "check.h"
#include "engine/accounts/account_file.h"
#include "keys.h"
#include "pki.h"
#include "version.h"

#include <string.h>
#include <unistd.h>

int fsync(int fd)
{
    (void)fd;
    return 0;
}

struct keys {
    struct ac_store *store;
    struct ac_key *one, *other;
    struct ac_text one_der, other_der;
};

static void keys_drop(struct keys *keys)
{
    ac_store_free(keys->store);
    ac_key_free(keys->one);
    ac_key_free(keys->other);
    ac_text_done(&keys->one_der);
    ac_text_done(&keys->other_der);
}

#define KEYS __attribute__((cleanup(keys_drop))) struct keys

static enum ac_code begin(struct keys *keys, struct ac_error *err)
{
    AC_TRY(ac_store_open(ac_test_path("state"), &keys->store, err));
    AC_TRY(ac_keys_of_jwk(AC_KEYS_EC, &keys->one, err));
    AC_TRY(ac_keys_load(AC_TEST_DATA "/keys/p256.pem", &keys->other, err));
    AC_TRY(ac_key_public_der(keys->one, &keys->one_der, err));
    return ac_key_public_der(keys->other, &keys->other_der, err);
}

/* A version of the certificate "www" with this key. */
static enum ac_code add_version(struct keys *keys, const struct ac_key *key,
                                struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };
    AC_AUTO(ac_text) chain = { 0 };
    unsigned number;

    AC_TRY(ac_key_export(key, &pem, err));
    struct ac_pki_options options = { .key = key };
    AC_TRY(ac_pki_chain(&options, &chain, err));
    const char *const files[] = { ac_text_get(&chain), "", ac_text_get(&chain) };
    return ac_test_version_add(keys->store, "www", &pem, files, &number, err);
}

AC_TEST(keys_of_all_accounts_are_looked_through)
{
    static const char *const folders[] = { "ca", "ca@x", "other.retired-1" };
    static const char *const items[] = { AC_ACCOUNT_NEXT_KEY, AC_ACCOUNT_KEY,
                                         AC_ACCOUNT_KEY };
    struct ac_error err = { 0 };
    KEYS keys = { 0 };

    AC_REQUIRE_OK(begin(&keys, &err));
    for (size_t i = 0; i < AC_COUNT(folders); i++) {
        AC_AUTO_TEXT char *none = NULL;
        AC_AUTO_TEXT char *found = NULL;

        AC_REQUIRE_OK(ac_account_file_create_key(keys.store, folders[i], items[i],
                                                 keys.one, &err));
        AC_REQUIRE_OK(
            ac_account_keys_contain(keys.store, &keys.other_der, &none, &err));
        AC_REQUIRE_OK(ac_account_keys_contain(keys.store, &keys.one_der, &found, &err));
        CU_ASSERT_PTR_NULL(none);
        AC_REQUIRE(found != NULL);
        CU_ASSERT_STRING_EQUAL(found, folders[i]);
        AC_REQUIRE_OK(
            ac_store_remove(keys.store, AC_STORE_ACCOUNTS, folders[i], items[i], &err));
    }
}

AC_TEST(account_key_that_cannot_be_read_is_no_no)
{
    struct ac_error err = { 0 };
    KEYS keys = { 0 };
    char *found = NULL;

    AC_REQUIRE_OK(begin(&keys, &err));
    AC_REQUIRE_OK(
        ac_account_file_create_key(keys.store, "ca", AC_ACCOUNT_KEY, keys.other, &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/accounts/ca/key.pem"), "x", 1));
    AC_REQUIRE_CODE(ac_account_keys_contain(keys.store, &keys.one_der, &found, &err),
                    AC_E_STORE);

    CU_ASSERT_PTR_NULL(found);
}

AC_TEST(keys_of_certificates_are_found_in_all_versions_and_in_orders)
{
    struct ac_error err = { 0 };
    KEYS keys = { 0 };
    AC_AUTO_TEXT char *none = NULL;
    AC_AUTO_TEXT char *found = NULL;
    AC_AUTO_TEXT char *in_flight = NULL;
    AC_AUTO(ac_secret) pem = { 0 };

    AC_REQUIRE_OK(begin(&keys, &err));
    AC_REQUIRE_OK(add_version(&keys, keys.other, &err));
    AC_REQUIRE_OK(ac_certificate_keys_contain(keys.store, &keys.one_der, &none, &err));
    AC_REQUIRE_OK(
        ac_certificate_keys_contain(keys.store, &keys.other_der, &found, &err));
    AC_REQUIRE_OK(ac_key_export(keys.one, &pem, &err));
    AC_REQUIRE_OK(ac_store_create_key(keys.store, AC_STORE_CERTIFICATES, "zone",
                                      "order-key.pem", &pem, &err));
    AC_REQUIRE_OK(
        ac_certificate_keys_contain(keys.store, &keys.one_der, &in_flight, &err));

    CU_ASSERT_PTR_NULL(none);
    AC_REQUIRE(found != NULL && in_flight != NULL);
    CU_ASSERT_STRING_EQUAL(found, "www");
    CU_ASSERT_STRING_EQUAL(in_flight, "zone");
}

AC_TEST(damaged_certificate_is_passed_over)
{
    struct ac_error err = { 0 };
    KEYS keys = { 0 };
    AC_AUTO_TEXT char *found = NULL;

    AC_REQUIRE_OK(begin(&keys, &err));
    AC_REQUIRE_OK(add_version(&keys, keys.other, &err));
    AC_REQUIRE(ac_test_write_file(
        ac_test_path("state/certs/www/versions/0001/fullchain.pem"), "x", 1));
    AC_REQUIRE_OK(
        ac_certificate_keys_contain(keys.store, &keys.other_der, &found, &err));

    CU_ASSERT_PTR_NULL(found);
}

AC_TEST(key_of_a_further_certificate_of_a_set_is_found)
{
    struct ac_error err = { 0 };
    KEYS keys = { 0 };
    AC_AUTO(ac_text) chain = { 0 };
    AC_AUTO(ac_version) version = { 0 };
    AC_AUTO_TEXT char *found = NULL;
    unsigned number;

    AC_REQUIRE_OK(begin(&keys, &err));
    struct ac_pki_options options = { .key = keys.other };
    AC_REQUIRE_OK(ac_pki_chain(&options, &chain, &err));
    AC_REQUIRE_OK(ac_version_put(&version, "fullchain-rsa-2048.pem", false, chain.bytes,
                                 chain.size, &err));
    AC_REQUIRE_OK(ac_version_add(keys.store, "www", &version, &number, &err));
    AC_REQUIRE_OK(
        ac_certificate_keys_contain(keys.store, &keys.other_der, &found, &err));

    AC_REQUIRE(found != NULL);
    CU_ASSERT_STRING_EQUAL(found, "www");
}

AC_SUITE("engine/account_keys", AC_CASE(keys_of_all_accounts_are_looked_through),
         AC_CASE(account_key_that_cannot_be_read_is_no_no),
         AC_CASE(keys_of_certificates_are_found_in_all_versions_and_in_orders),
         AC_CASE(damaged_certificate_is_passed_over),
         AC_CASE(key_of_a_further_certificate_of_a_set_is_found))
