/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/version_files.h"

#include <string.h>

#include "check.h"
#include "engine/wanted/wanted_keys.h"
#include "keys.h"
#include "pki.h"
#include "request.h"

#define KEYS AC_TEST_DATA "/keys/"

static const char *const names[] = { "example.org", NULL };

static char name[] = "www";

static enum ac_code make_chain(const struct ac_key *key, struct ac_chain **ret_chain,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { 0 };
    struct ac_pki_options options = { .key = key, .names = names };

    AC_TRY(ac_pki_chain(&options, &pem, err));
    return ac_chain_parse(ac_text_get(&pem), pem.size, ret_chain, err);
}

/* The files of the certificate at `index`, for a key that is ours. */
static enum ac_code add(const struct ac_wanted *wanted, size_t index,
                        struct ac_version *version, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_chain) *chain = NULL;

    AC_TRY(ac_keys_load(KEYS "p256.pem", &key, err));
    AC_TRY(make_chain(key, &chain, err));
    return ac_version_files_add(wanted, index, chain, key, version, err);
}

static void check(const struct ac_version *version, size_t index, const char *file,
                  bool is_secret, const char *begin)
{
    AC_REQUIRE(index < version->count);
    CU_ASSERT_STRING_EQUAL(version->files[index].name, file);
    CU_ASSERT_EQUAL(version->files[index].is_secret, is_secret);
    CU_ASSERT_EQUAL(
        strncmp((const char *)version->files[index].bytes.bytes, begin, strlen(begin)),
        0);
}

AC_TEST(a_certificate_is_four_files_and_its_key_is_a_secret)
{
    struct ac_error err = { 0 };
    struct ac_wanted wanted = { .name = name };
    AC_AUTO(ac_version) version = { 0 };

    AC_REQUIRE_OK(add(&wanted, 0, &version, &err));

    CU_ASSERT_EQUAL(version.count, 4);
    check(&version, 0, "privkey.pem", true, "-----BEGIN PRIVATE KEY-----");
    check(&version, 1, "cert.pem", false, "-----BEGIN CERTIFICATE-----");
    check(&version, 2, "chain.pem", false, "-----BEGIN CERTIFICATE-----");
    check(&version, 3, "fullchain.pem", false, "-----BEGIN CERTIFICATE-----");
}

AC_TEST(further_ones_of_a_set_have_their_type_in_their_names)
{
    struct ac_error err = { 0 };
    struct ac_wanted wanted = { .name = name,
                                .key_type = AC_KEY_RSA_2048,
                                .more_key_types = { AC_KEY_ECDSA_P256 },
                                .more_key_count = 1 };
    AC_AUTO(ac_version) version = { 0 };

    AC_REQUIRE_OK(add(&wanted, 1, &version, &err));

    check(&version, 0, "privkey-ecdsa-p256.pem", true, "-----BEGIN PRIVATE KEY-----");
    check(&version, 3, "fullchain-ecdsa-p256.pem", false, "-----BEGIN");
}

AC_TEST(of_a_request_the_request_is_kept_and_no_key)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_version) version = { 0 };
    struct ac_request_options options = { .names = names };

    AC_REQUIRE_OK(ac_keys_load(KEYS "p256.pem", &key, &err));
    options.key = key;
    AC_REQUIRE_OK(ac_request_new(&options, &der, &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("r"), der.bytes, der.size));
    AC_REQUIRE_OK(ac_wanted_read_request(ac_test_path("r"), &wanted.csr, &err));
    AC_REQUIRE_OK(ac_wanted_request(&wanted, &csr, &err));
    AC_REQUIRE_OK(make_chain(key, &chain, &err));
    AC_REQUIRE_OK(ac_version_files_add(&wanted, 0, chain, csr.key, &version, &err));

    CU_ASSERT_EQUAL(version.count, 4);
    check(&version, 0, "request.pem", false, "-----BEGIN CERTIFICATE REQUEST-----");
}

AC_TEST(of_a_key_that_cannot_leave_its_token_the_url_is_kept)
{
    char url[] = "pkcs11:object=leaf";
    struct ac_error err = { 0 };
    struct ac_wanted wanted = { .name = name, .key = url };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO(ac_csr) there = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_version) version = { 0 };
    struct ac_request_options options = { .names = names };

    AC_REQUIRE_OK(ac_keys_load(KEYS "p256.pem", &key, &err));
    options.key = key;
    AC_REQUIRE_OK(ac_request_new(&options, &der, &err));
    AC_REQUIRE_OK(ac_csr_parse(der.bytes, der.size, &there, &err));
    AC_REQUIRE_OK(make_chain(key, &chain, &err));
    AC_REQUIRE_OK(ac_version_files_add(&wanted, 0, chain, there.key, &version, &err));

    check(&version, 0, "privkey.url", false, "pkcs11:object=leaf\n");
}

AC_TEST(pkcs12_is_a_file_more_when_there_is_a_password)
{
    struct ac_error err = { 0 };
    struct ac_wanted wanted = { .name = name };
    AC_AUTO(ac_version) version = { 0 };
    AC_AUTO(ac_version) none = { 0 };

    AC_REQUIRE(ac_test_write_file(ac_test_path("password"), "hush\n", 5));
    wanted.pkcs12_password_file = (char *)ac_test_path("password");
    AC_REQUIRE_OK(add(&wanted, 0, &version, &err));
    check(&version, 4, "certificate.p12", true, "\x30");
    wanted.pkcs12_password_file = (char *)ac_test_path("nothing");
    AC_REQUIRE_CODE(add(&wanted, 0, &none, &err), AC_E_USAGE);
}

AC_SUITE("engine/version_files",
         AC_CASE(a_certificate_is_four_files_and_its_key_is_a_secret),
         AC_CASE(further_ones_of_a_set_have_their_type_in_their_names),
         AC_CASE(of_a_request_the_request_is_kept_and_no_key),
         AC_CASE(of_a_key_that_cannot_leave_its_token_the_url_is_kept),
         AC_CASE(pkcs12_is_a_file_more_when_there_is_a_password))
