/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/chain.h"
#include "keys.h"
#include "pki.h"

#include <string.h>

#define KEYS AC_TEST_DATA "/keys/"

/* RFC 9773 appendix A; its validity is one second of the year 1. */
static const char ari_pem[] = "-----BEGIN CERTIFICATE-----\n"
                              "MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQD"
                              "EwpFeGFtcGxlIENBMCIYDzAwMDEw"
                              "MTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDASBgNVBAMTC2V4"
                              "YW1wbGUuY29tMFkwEwYHKoZIzj0C"
                              "AQYIKoZIzj0DAQcDQgAEeBZu7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7c"
                              "Rm//AwyMwWxyHz4zfwmBhcSrf47N"
                              "UAFfqzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHh"
                              "s3uEe6CuLN4ByNQwCgYIKoZIzj0E"
                              "AwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb+FYN/"
                              "8oCIClDsqBklhB9KAelFiYt9+6FDj3z"
                              "4KGVelYM5MdsO3pK\n"
                              "-----END CERTIFICATE-----\n";

static const char *const usual_names[] = { "example.org", NULL };

/* The usual chain, but for what `options` says. */
static enum ac_code make_pem(struct ac_pki_options options, struct ac_text *ret_pem,
                             struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(ac_keys_load(KEYS "p256.pem", &key, err));
    options.key = key;
    if (options.names == NULL && options.san == NULL)
        options.names = usual_names;
    return ac_pki_chain(&options, ret_pem, err);
}

static enum ac_code make(struct ac_pki_options options, struct ac_chain **ret_chain,
                         struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { 0 };

    AC_TRY(make_pem(options, &pem, err));
    return ac_chain_parse(pem.bytes, pem.size, ret_chain, err);
}

static enum ac_code refuse(const char *text, size_t size, struct ac_error *err)
{
    AC_AUTO(ac_chain) *chain = NULL;

    return ac_chain_parse(text, size, &chain, err);
}

AC_TEST(chain_of_three_is_counted_and_split)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_text) joined = { 0 };

    AC_REQUIRE_OK(make_pem((struct ac_pki_options){ .more_count = 1 }, &pem, &err));
    AC_REQUIRE_OK(ac_chain_parse(pem.bytes, pem.size, &chain, &err));
    AC_REQUIRE_OK(ac_text_addf(&joined, &err, "%s%s", ac_chain_leaf_pem(chain),
                               ac_chain_rest_pem(chain)));

    CU_ASSERT_EQUAL(ac_chain_count(chain), 3);
    CU_ASSERT_STRING_EQUAL(ac_chain_full_pem(chain), pem.bytes);
    CU_ASSERT_STRING_EQUAL(ac_text_get(&joined), pem.bytes);
    CU_ASSERT_EQUAL(strncmp(ac_chain_rest_pem(chain), "-----BEGIN", 10), 0);
    CU_ASSERT_PTR_NULL(strstr(ac_chain_leaf_pem(chain) + 10, "-----BEGIN"));
}

AC_TEST(leaf_alone_has_no_rest)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;

    AC_REQUIRE_OK(make((struct ac_pki_options){ .has_no_rest = true }, &chain, &err));

    CU_ASSERT_EQUAL(ac_chain_count(chain), 1);
    CU_ASSERT_STRING_EQUAL(ac_chain_rest_pem(chain), "");
    CU_ASSERT_STRING_EQUAL(ac_chain_full_pem(chain), ac_chain_leaf_pem(chain));
    CU_ASSERT_STRING_EQUAL(ac_chain_issuer(chain), ac_chain_top_issuer(chain));
}

AC_TEST(crlf_and_empty_lines_become_lf)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_text) pem = { 0 };
    const char *full;

    AC_REQUIRE_OK(make_pem((struct ac_pki_options){ .has_crlf = true }, &pem, &err));
    AC_REQUIRE_OK(ac_chain_parse(pem.bytes, pem.size, &chain, &err));
    full = ac_chain_full_pem(chain);

    CU_ASSERT_PTR_NOT_NULL(strstr(pem.bytes, "\r\n\r\n"));
    CU_ASSERT_EQUAL(ac_chain_count(chain), 2);
    CU_ASSERT_PTR_NULL(strchr(full, '\r'));
    CU_ASSERT_PTR_NULL(strstr(full, "\n\n"));
    CU_ASSERT_EQUAL(full[strlen(full) - 1], '\n');
}

AC_TEST(facts_of_the_leaf_are_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;

    AC_REQUIRE_OK(make((struct ac_pki_options){ .more_count = 1 }, &chain, &err));

    CU_ASSERT_EQUAL(ac_chain_not_before(chain), AC_PKI_BEFORE);
    CU_ASSERT_EQUAL(ac_chain_not_after(chain), AC_PKI_AFTER);
    CU_ASSERT_STRING_EQUAL(ac_chain_serial(chain), "04a1b2");
    CU_ASSERT_STRING_EQUAL(ac_chain_issuer(chain), "CN=Test Intermediate 1");
    CU_ASSERT_STRING_EQUAL(ac_chain_top_issuer(chain), "CN=Test Root");
    CU_ASSERT_STRING_EQUAL(ac_chain_key_type(chain), "ecdsa-p256");
    CU_ASSERT_EQUAL(strlen(ac_chain_fingerprint(chain)), 64);
}

AC_TEST(renewal_id_is_that_of_rfc_9773)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO_TEXT char *id = NULL;

    AC_REQUIRE_OK(ac_chain_parse(ari_pem, strlen(ari_pem), &chain, &err));
    AC_REQUIRE_OK(ac_chain_renewal_id(chain, &id, &err));

    CU_ASSERT_STRING_EQUAL(id, "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
    CU_ASSERT_STRING_EQUAL(ac_chain_serial(chain), "0087654321");
    CU_ASSERT_STRING_EQUAL(ac_chain_issuer(chain), "CN=Example CA");
    CU_ASSERT_STRING_EQUAL(ac_chain_fingerprint(chain),
                           "4488f983790f68fff82e7d27dd56d8da"
                           "0ee4a751db510d35e54360abad069ea2");
}

AC_TEST(years_before_1970_read_as_zero)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;

    AC_REQUIRE_OK(ac_chain_parse(ari_pem, strlen(ari_pem), &chain, &err));

    CU_ASSERT_EQUAL(ac_chain_not_before(chain), 0);
    CU_ASSERT_EQUAL(ac_chain_not_after(chain), 0);
}

AC_TEST(serial_of_128_bits_keeps_its_leading_zero)
{
    static const uint8_t serial[17] = { 0x00, 0xff, 0x01, 0x02, 0x03, 0x04,
                                        0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
                                        0x0b, 0x0c, 0x0d, 0x0e, 0x0f };
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO_TEXT char *id = NULL;

    AC_REQUIRE_OK(
        make((struct ac_pki_options){ .serial = serial, .serial_size = sizeof(serial) },
             &chain, &err));
    AC_REQUIRE_OK(ac_chain_renewal_id(chain, &id, &err));

    CU_ASSERT_STRING_EQUAL(ac_chain_serial(chain),
                           "00ff0102030405060708090a0b0c0d0e0f");
    CU_ASSERT_STRING_EQUAL(strchr(id, '.'), ".AP8BAgMEBQYHCAkKCwwNDg8");
}

AC_TEST(certificate_without_key_id_has_no_renewal_id)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO_TEXT char *id = NULL;

    AC_REQUIRE_OK(make((struct ac_pki_options){ .has_no_key_id = true }, &chain, &err));
    AC_REQUIRE_CODE(ac_chain_renewal_id(chain, &id, &err), AC_E_NOTFOUND);

    CU_ASSERT_PTR_NULL(id);
}

AC_TEST(nothing_is_no_chain)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse("", 0, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(refuse("\r\n \n", 4, &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "the chain has no certificate");
}

AC_TEST(private_key_behind_the_chain_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_secret) key = { 0 };

    AC_REQUIRE_OK(make_pem((struct ac_pki_options){ 0 }, &pem, &err));
    AC_REQUIRE_OK(ac_keys_read(KEYS "p256.pem", &key, &err));
    AC_REQUIRE_OK(ac_text_add(&pem, key.bytes, key.size, &err));
    AC_REQUIRE_CODE(refuse(pem.bytes, pem.size, &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "the chain has a block \"PRIVATE KEY\" "
                                       "(RFC 8555 11.4: certificates only)");
}

AC_TEST(text_behind_the_chain_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) pem = { 0 };

    AC_REQUIRE_OK(make_pem((struct ac_pki_options){ 0 }, &pem, &err));
    AC_REQUIRE_OK(ac_text_add(&pem, "thanks\n", 7, &err));
    AC_REQUIRE_CODE(refuse(pem.bytes, pem.size, &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail,
                           "the chain has text that is part of no certificate");
}

AC_TEST(chain_that_is_cut_anywhere_is_refused_or_shorter)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) pem = { 0 };
    size_t taken = 0;

    AC_REQUIRE_OK(make_pem((struct ac_pki_options){ .has_no_rest = true }, &pem, &err));
    for (size_t size = 1; size + 2 < pem.size; size += 13)
        taken += refuse(pem.bytes, size, &err) == AC_OK;

    CU_ASSERT_EQUAL(taken, 0);
}

AC_TEST(der_that_is_no_certificate_is_refused_with_its_place)
{
    static const char junk[] =
        "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n";
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) pem = { 0 };

    AC_REQUIRE_OK(make_pem((struct ac_pki_options){ .has_no_rest = true }, &pem, &err));
    AC_REQUIRE_OK(ac_text_add(&pem, junk, strlen(junk), &err));
    AC_REQUIRE_CODE(refuse(pem.bytes, pem.size, &err), AC_E_INVALID);

    CU_ASSERT_EQUAL(
        strncmp(err.detail, "certificate 2 of the chain cannot be read", 41), 0);
}

AC_TEST(ten_certificates_are_taken_and_eleven_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_text) pem = { 0 };

    for (int i = 0; i < AC_CHAIN_CERTIFICATES_MAX; i++)
        AC_REQUIRE_OK(ac_text_add(&pem, ari_pem, strlen(ari_pem), &err));
    AC_REQUIRE_OK(ac_chain_parse(pem.bytes, pem.size, &chain, &err));
    AC_REQUIRE_OK(ac_text_add(&pem, ari_pem, strlen(ari_pem), &err));
    AC_REQUIRE_CODE(refuse(pem.bytes, pem.size, &err), AC_E_INVALID);

    CU_ASSERT_EQUAL(ac_chain_count(chain), AC_CHAIN_CERTIFICATES_MAX);
    CU_ASSERT_STRING_EQUAL(err.detail, "the chain has more than 10 certificates");
}

AC_TEST(chain_of_a_mebibyte_is_the_most)
{
    static char text[AC_CHAIN_BYTES_MAX + 1];
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;

    memset(text, '\n', sizeof(text));
    memcpy(text, ari_pem, strlen(ari_pem));
    AC_REQUIRE_OK(ac_chain_parse(text, AC_CHAIN_BYTES_MAX, &chain, &err));
    AC_REQUIRE_CODE(refuse(text, AC_CHAIN_BYTES_MAX + 1, &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail,
                           "the chain has 1048577 bytes, more than 1048576");
}

AC_TEST(no_chain_is_freed_in_peace)
{
    struct ac_chain *chain = NULL;

    ac_chain_free(chain);

    CU_ASSERT_PTR_NULL(chain);
}

AC_TEST(public_key_of_the_leaf_is_that_of_its_key)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_text) theirs = { 0 };
    AC_AUTO(ac_text) ours = { 0 };

    AC_REQUIRE_OK(ac_keys_load(KEYS "p256.pem", &key, &err));
    struct ac_pki_options options = { .key = key };
    AC_REQUIRE_OK(ac_pki_chain(&options, &pem, &err));
    AC_REQUIRE_OK(ac_chain_parse(ac_text_get(&pem), pem.size, &chain, &err));
    AC_REQUIRE_OK(ac_chain_public_der(chain, &theirs, &err));
    AC_REQUIRE_OK(ac_key_public_der(key, &ours, &err));

    AC_REQUIRE(ours.size == theirs.size);
    CU_ASSERT_EQUAL(memcmp(ours.bytes, theirs.bytes, ours.size), 0);
}

AC_SUITE("crypto/chain", AC_CASE(chain_of_three_is_counted_and_split),
         AC_CASE(leaf_alone_has_no_rest), AC_CASE(crlf_and_empty_lines_become_lf),
         AC_CASE(facts_of_the_leaf_are_read), AC_CASE(renewal_id_is_that_of_rfc_9773),
         AC_CASE(years_before_1970_read_as_zero),
         AC_CASE(serial_of_128_bits_keeps_its_leading_zero),
         AC_CASE(certificate_without_key_id_has_no_renewal_id),
         AC_CASE(nothing_is_no_chain), AC_CASE(private_key_behind_the_chain_is_refused),
         AC_CASE(text_behind_the_chain_is_refused),
         AC_CASE(chain_that_is_cut_anywhere_is_refused_or_shorter),
         AC_CASE(der_that_is_no_certificate_is_refused_with_its_place),
         AC_CASE(ten_certificates_are_taken_and_eleven_refused),
         AC_CASE(chain_of_a_mebibyte_is_the_most), AC_CASE(no_chain_is_freed_in_peace),
         AC_CASE(public_key_of_the_leaf_is_that_of_its_key))
