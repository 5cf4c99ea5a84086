/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/csr.h"
#include "crypto/token.h"
#include "keys.h"
#include "token.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN  "acme"
#define URL    "pkcs11:token=" TOKEN ";object="
#define MODULE "?" AC_TOKEN_TEST_MODULE

static enum ac_code load(const char *url, const char *pin, struct ac_key **ret_key,
                         bool *ret_was_wrong, struct ac_error *err)
{
    AC_AUTO(ac_secret) secret = { 0 };

    AC_TRY(ac_secret_copy(pin, strlen(pin), &secret, err));
    return ac_token_load_key(url, &secret, ret_key, ret_was_wrong, err);
}

/* Loads from a token that has a P-256 key "account", an RSA key "leaf", and two keys
 * "twin"; the module is let go of after it. */
static enum ac_code load_there(const char *url, const char *pin,
                               struct ac_key **ret_key, bool *ret_was_wrong,
                               struct ac_error *err)
{
    if (!ac_token_test_begin(TOKEN)
        || !ac_token_test_import(TOKEN, "p256", "account", "A1")
        || !ac_token_test_import(TOKEN, "rsa-2048", "leaf", "A2")
        || !ac_token_test_import(TOKEN, "p384", "twin", "A3")
        || !ac_token_test_import(TOKEN, "p521", "twin", "A4"))
        return ac_fail(err, AC_E_SYSTEM, "no token");
    return load(url, pin, ret_key, ret_was_wrong, err);
}

static void check_signs(const char *object, const char *file)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_key) *same = NULL;
    AC_AUTO(ac_text) signature = { 0 };
    bool was_wrong;

    AC_REQUIRE_OK(load_there(object, AC_TOKEN_TEST_PIN, &key, &was_wrong, &err));
    AC_REQUIRE_OK(ac_key_sign(key, "words", 5, &signature, &err));
    AC_REQUIRE_OK(ac_keys_load(file, &same, &err));
    AC_REQUIRE_OK(ac_key_verify(same, "words", 5, &signature, &err));

    CU_ASSERT_EQUAL(ac_key_type_of(key), ac_key_type_of(same));
    CU_ASSERT_FALSE(was_wrong);
}

AC_TEST(a_key_in_a_token_signs_as_a_jws_wants_it)
{
    check_signs(URL "account" MODULE, AC_TEST_DATA "/keys/p256.pem");
    ac_token_test_end();
}

AC_TEST(an_rsa_key_in_a_token_signs_too)
{
    check_signs(URL "leaf" MODULE, AC_TEST_DATA "/keys/rsa-2048.pem");
    ac_token_test_end();
}

AC_TEST(a_key_in_a_token_makes_requests_and_does_not_leave_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_identifiers) names = { 0 };
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };
    AC_AUTO(ac_secret) pem = { 0 };
    bool was_wrong;
    bool is_same = false;

    AC_REQUIRE_OK(
        load_there(URL "account" MODULE, AC_TOKEN_TEST_PIN, &key, &was_wrong, &err));
    AC_REQUIRE_OK(ac_identifiers_parse("example.org", &names, &err));
    AC_REQUIRE_OK(ac_csr_new(key, &names, false, &der, &err));
    AC_REQUIRE_OK(ac_csr_parse(der.bytes, der.size, &csr, &err));
    AC_REQUIRE_OK(ac_key_is_same(key, csr.key, &is_same, &err));
    CU_ASSERT_TRUE(is_same);
    CU_ASSERT_FALSE(ac_key_can_export(key));
    AC_REQUIRE_CODE(ac_key_export(key, &pem, &err), AC_E_INVALID);
    ac_key_free(AC_TAKE(key));
    ac_token_test_end();
}

static void check_refusal(const char *url, const char *pin, enum ac_code code,
                          const char *part)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    bool was_wrong = true;

    AC_REQUIRE_CODE(load_there(url, pin, &key, &was_wrong, &err), code);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, part));
    CU_ASSERT_PTR_NULL(key);
    CU_ASSERT_FALSE(was_wrong);
    ac_token_test_end();
}

AC_TEST(each_thing_that_is_missing_has_its_own_words)
{
    check_refusal("pkcs11:token=other;object=account" MODULE, AC_TOKEN_TEST_PIN,
                  AC_E_STORE, "there is no token for");
}

AC_TEST(a_key_that_is_not_there_is_named)
{
    check_refusal(URL "nobody" MODULE, AC_TOKEN_TEST_PIN, AC_E_USAGE,
                  "no private key pkcs11:token=acme;object=nobody");
}

AC_TEST(a_missing_pin_is_asked_for)
{
    check_refusal(URL "account" MODULE, "", AC_E_USAGE, "wants a PIN");
}

AC_TEST(several_keys_are_one_too_many)
{
    check_refusal(URL "twin" MODULE, AC_TOKEN_TEST_PIN, AC_E_USAGE, "2 private keys");
}

AC_TEST(a_module_that_is_none_is_refused)
{
    check_refusal(URL "account?module-path=/nowhere/m.so", "", AC_E_USAGE,
                  "the PKCS#11 module of the key's URL");
}

AC_TEST(a_wrong_pin_is_tried_once_and_the_right_one_works_after_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    bool was_wrong = false;

    AC_REQUIRE_CODE(load_there(URL "account" MODULE, "9999", &key, &was_wrong, &err),
                    AC_E_USAGE);
    CU_ASSERT_TRUE(was_wrong);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "tried once"));
    CU_ASSERT_PTR_NULL(strstr(err.detail, "9999"));
    AC_REQUIRE_OK(
        load(URL "account" MODULE, AC_TOKEN_TEST_PIN, &key, &was_wrong, &err));
    CU_ASSERT_FALSE(was_wrong);
    ac_key_free(AC_TAKE(key));
    ac_token_test_end();
}

AC_TEST(tpm_urls_are_refused_in_words_where_gnutls_cannot)
{
    struct ac_error err = { 0 };

    CU_ASSERT_TRUE(ac_token_is_url("tpmkey:uuid=1"));
    AC_REQUIRE_CODE(ac_token_check_url("tpmkey:uuid=1", &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "PKCS#11 module"));
}

AC_TEST(urls_are_checked_without_a_token)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *path = NULL;

    CU_ASSERT_FALSE(ac_token_is_url("/etc/key.pem"));
    AC_REQUIRE_OK(ac_token_check_url(URL "a", &err));
    AC_REQUIRE_CODE(ac_token_check_url("https://example.org/", &err), AC_E_USAGE);
    AC_REQUIRE_OK(ac_token_pin_source(URL "a?pin-source=/p", &path, &err));
    CU_ASSERT_STRING_EQUAL(path, "/p");
}

AC_SUITE("crypto/token", AC_CASE(a_key_in_a_token_signs_as_a_jws_wants_it),
         AC_CASE(an_rsa_key_in_a_token_signs_too),
         AC_CASE(a_key_in_a_token_makes_requests_and_does_not_leave_it),
         AC_CASE(each_thing_that_is_missing_has_its_own_words),
         AC_CASE(a_key_that_is_not_there_is_named), AC_CASE(a_missing_pin_is_asked_for),
         AC_CASE(several_keys_are_one_too_many),
         AC_CASE(a_module_that_is_none_is_refused),
         AC_CASE(a_wrong_pin_is_tried_once_and_the_right_one_works_after_it),
         AC_CASE(tpm_urls_are_refused_in_words_where_gnutls_cannot),
         AC_CASE(urls_are_checked_without_a_token))
