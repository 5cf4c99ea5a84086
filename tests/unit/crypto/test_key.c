/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/handle.h"
#include "keys.h"

#include <string.h>

#define KEYS AC_TEST_DATA "/keys/"

/* Making an RSA key takes its time: one of them stands for all. */
static const enum ac_key_type quick_types[] = { AC_KEY_ECDSA_P256, AC_KEY_ECDSA_P384,
                                                AC_KEY_ECDSA_P521, AC_KEY_ED25519 };

static const struct {
    const char *path;
    enum ac_key_type type;
} files[] = {
    { KEYS "p256.pem", AC_KEY_ECDSA_P256 },
    { KEYS "p256-sec1.pem", AC_KEY_ECDSA_P256 },
    { KEYS "p384.pem", AC_KEY_ECDSA_P384 },
    { KEYS "p521.pem", AC_KEY_ECDSA_P521 },
    { KEYS "rsa-2048.pem", AC_KEY_RSA_2048 },
    { KEYS "rsa-2048-pkcs1.pem", AC_KEY_RSA_2048 },
    { KEYS "rsa-3072.pem", AC_KEY_RSA_3072 },
    { KEYS "rsa-4096.pem", AC_KEY_RSA_4096 },
    { KEYS "rsa-2056.pem", AC_KEY_RSA_OTHER },
    { KEYS "ed25519.pem", AC_KEY_ED25519 },
};

/* OK when both are the same public key. */
static enum ac_code compare(const struct ac_key *a, const struct ac_key *b,
                            struct ac_error *err)
{
    AC_AUTO(ac_text) der_a = { 0 };
    AC_AUTO(ac_text) der_b = { 0 };

    AC_TRY(ac_key_public_der(a, &der_a, err));
    AC_TRY(ac_key_public_der(b, &der_b, err));
    if (der_a.size != der_b.size || memcmp(der_a.bytes, der_b.bytes, der_a.size) != 0)
        return ac_fail(err, AC_E_INVALID, "two keys");
    return AC_OK;
}

static enum ac_code refuse_file(const char *path, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    return ac_keys_load(path, &key, err);
}

static enum ac_code refuse_text(const char *text, struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(ac_secret_copy(text, strlen(text), &pem, err));
    return ac_key_parse(&pem, &key, err);
}

AC_TEST(each_type_has_a_name_that_is_read_back)
{
    struct ac_error err = { 0 };

    for (int i = 0; i < AC_KEY_TYPE_COUNT; i++) {
        enum ac_key_type type = AC_KEY_TYPE_COUNT;

        if (i == AC_KEY_RSA_OTHER)
            continue;
        AC_REQUIRE_OK(
            ac_key_type_parse(ac_key_type_name((enum ac_key_type)i), &type, &err));
        CU_ASSERT_EQUAL((int)type, i);
    }
    CU_ASSERT_STRING_EQUAL(ac_key_type_name(AC_KEY_ECDSA_P256), "ecdsa-p256");
    CU_ASSERT_STRING_EQUAL(ac_key_type_name(AC_KEY_RSA_2048), "rsa-2048");
    CU_ASSERT_STRING_EQUAL(ac_key_type_name(AC_KEY_TYPE_COUNT), "unknown");
}

AC_TEST(unknown_type_is_refused_with_a_list)
{
    struct ac_error err = { 0 };
    enum ac_key_type type = AC_KEY_TYPE_COUNT;

    AC_REQUIRE_CODE(ac_key_type_parse("rsa-512", &type, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail,
                           "key type \"rsa-512\" is none of: ecdsa-p256, ecdsa-p384, "
                           "ecdsa-p521, rsa-2048, rsa-3072, rsa-4096, ed25519");
    CU_ASSERT_EQUAL(type, AC_KEY_TYPE_COUNT);
}

AC_TEST(type_that_is_only_loaded_cannot_be_asked_for)
{
    struct ac_error err = { 0 };
    enum ac_key_type type = AC_KEY_TYPE_COUNT;
    AC_AUTO(ac_key) *key = NULL;

    AC_REQUIRE_CODE(ac_key_type_parse("rsa-other", &type, &err), AC_E_USAGE);
    AC_REQUIRE_CODE(ac_key_generate(AC_KEY_RSA_OTHER, &key, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NULL(key);
}

AC_TEST(made_key_is_of_the_type_that_was_asked_for)
{
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(quick_types); i++) {
        AC_AUTO(ac_key) *key = NULL;

        AC_REQUIRE_OK(ac_key_generate(quick_types[i], &key, &err));

        CU_ASSERT_EQUAL(ac_key_type_of(key), quick_types[i]);
    }
}

AC_TEST(rsa_key_can_be_made)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;

    if (!ac_check_is_torture()) /* it would be made again for each allocation */
        AC_REQUIRE_OK(ac_key_generate(AC_KEY_RSA_2048, &key, &err));

    CU_ASSERT_TRUE(key == NULL || ac_key_type_of(key) == AC_KEY_RSA_2048);
}

AC_TEST(two_made_keys_differ)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *a = NULL;
    AC_AUTO(ac_key) *b = NULL;

    AC_REQUIRE_OK(ac_key_generate(AC_KEY_ECDSA_P256, &a, &err));
    AC_REQUIRE_OK(ac_key_generate(AC_KEY_ECDSA_P256, &b, &err));

    AC_REQUIRE_CODE(compare(a, b, &err), AC_E_INVALID);
}

AC_TEST(exported_key_is_pkcs8_and_reads_back)
{
    static const char begin[] = "-----BEGIN PRIVATE KEY-----\n";
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(quick_types); i++) {
        AC_AUTO(ac_key) *key = NULL;
        AC_AUTO(ac_key) *back = NULL;
        AC_AUTO(ac_secret) pem = { 0 };

        AC_REQUIRE_OK(ac_key_generate(quick_types[i], &key, &err));
        AC_REQUIRE_OK(ac_key_export(key, &pem, &err));
        AC_REQUIRE_OK(ac_key_parse(&pem, &back, &err));

        CU_ASSERT_EQUAL(strncmp((char *)pem.bytes, begin, strlen(begin)), 0);
        CU_ASSERT_EQUAL(pem.bytes[pem.size - 1], '\n');
        AC_REQUIRE_OK(compare(key, back, &err));
    }
}

AC_TEST(keys_of_another_program_are_read)
{
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(files); i++) {
        AC_AUTO(ac_key) *key = NULL;
        AC_AUTO(ac_key) *back = NULL;
        AC_AUTO(ac_secret) pem = { 0 };

        AC_REQUIRE_OK(ac_keys_load(files[i].path, &key, &err));
        AC_REQUIRE_OK(ac_key_export(key, &pem, &err));
        AC_REQUIRE_OK(ac_key_parse(&pem, &back, &err));

        CU_ASSERT_EQUAL(ac_key_type_of(key), files[i].type);
        AC_REQUIRE_OK(compare(key, back, &err));
    }
}

AC_TEST(the_same_key_in_two_forms_is_one_key)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *pkcs8 = NULL;
    AC_AUTO(ac_key) *sec1 = NULL;
    AC_AUTO(ac_key) *rsa = NULL;
    AC_AUTO(ac_key) *pkcs1 = NULL;

    AC_REQUIRE_OK(ac_keys_load(KEYS "p256.pem", &pkcs8, &err));
    AC_REQUIRE_OK(ac_keys_load(KEYS "p256-sec1.pem", &sec1, &err));
    AC_REQUIRE_OK(ac_keys_load(KEYS "rsa-2048.pem", &rsa, &err));
    AC_REQUIRE_OK(ac_keys_load(KEYS "rsa-2048-pkcs1.pem", &pkcs1, &err));

    AC_REQUIRE_OK(compare(pkcs8, sec1, &err));
    AC_REQUIRE_OK(compare(rsa, pkcs1, &err));
}

AC_TEST(keys_that_no_ca_takes_are_refused)
{
    static const char sentence[] = "the key is not of a supported type";
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse_file(KEYS "rsa-1024.pem", &err), AC_E_INVALID);
    CU_ASSERT_EQUAL(strncmp(err.detail, sentence, strlen(sentence)), 0);
    AC_REQUIRE_CODE(refuse_file(KEYS "p224.pem", &err), AC_E_INVALID);
    AC_REQUIRE_CODE(refuse_file(KEYS "secp256k1.pem", &err), AC_E_INVALID);
    AC_REQUIRE_CODE(refuse_file(KEYS "ed448.pem", &err), AC_E_INVALID);
    CU_ASSERT_EQUAL(strncmp(err.detail, sentence, strlen(sentence)), 0);
}

AC_TEST(encrypted_key_is_refused_as_such)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse_file(KEYS "encrypted.pem", &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "the private key is encrypted");
}

AC_TEST(public_key_is_no_private_key)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse_file(KEYS "public.pem", &err), AC_E_INVALID);

    CU_ASSERT_EQUAL(strncmp(err.detail, "no private key in PEM", 21), 0);
}

AC_TEST(halves_of_two_keys_are_refused)
{
    static const char sentence[] =
        "the parts of the private key do not belong together";
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse_file(KEYS "p256-mismatch.pem", &err), AC_E_INVALID);

    CU_ASSERT_EQUAL(strncmp(err.detail, sentence, strlen(sentence)), 0);
}

AC_TEST(text_that_is_no_key_is_refused_and_not_shown)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse_text("", &err), AC_E_INVALID);
    AC_REQUIRE_CODE(refuse_text("hunter2", &err), AC_E_INVALID);
    CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter"));
    AC_REQUIRE_CODE(refuse_text("-----BEGIN PRIVATE KEY-----\nhunter2\n"
                                "-----END PRIVATE KEY-----\n",
                                &err),
                    AC_E_INVALID);
    CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter"));
}

AC_TEST(file_that_is_too_long_for_a_key_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) pem = { 0 };
    AC_AUTO(ac_key) *key = NULL;

    AC_REQUIRE_OK(ac_secret_new(70000, &pem, &err));
    AC_REQUIRE_CODE(ac_key_parse(&pem, &key, &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "no private key in PEM: 70000 bytes");
}

AC_TEST(no_key_is_freed_in_peace)
{
    struct ac_key *key = NULL;

    ac_key_free(key);

    CU_ASSERT_PTR_NULL(key);
}

AC_TEST(a_key_in_memory_can_be_written_and_is_the_same_as_itself_only)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *one = NULL;
    AC_AUTO(ac_key) *sec1 = NULL;
    AC_AUTO(ac_key) *other = NULL;
    bool is_same = false;
    bool is_other_same = true;

    AC_REQUIRE_OK(ac_keys_load(AC_TEST_DATA "/keys/p256.pem", &one, &err));
    AC_REQUIRE_OK(ac_keys_load(AC_TEST_DATA "/keys/p256-sec1.pem", &sec1, &err));
    AC_REQUIRE_OK(ac_keys_load(AC_TEST_DATA "/keys/p384.pem", &other, &err));
    AC_REQUIRE_OK(ac_key_is_same(one, sec1, &is_same, &err));
    AC_REQUIRE_OK(ac_key_is_same(one, other, &is_other_same, &err));

    CU_ASSERT_TRUE(ac_key_can_export(one));
    CU_ASSERT_TRUE(is_same);
    CU_ASSERT_FALSE(is_other_same);
}

AC_SUITE("crypto/key", AC_CASE(each_type_has_a_name_that_is_read_back),
         AC_CASE(unknown_type_is_refused_with_a_list),
         AC_CASE(type_that_is_only_loaded_cannot_be_asked_for),
         AC_CASE(made_key_is_of_the_type_that_was_asked_for),
         AC_CASE(rsa_key_can_be_made), AC_CASE(two_made_keys_differ),
         AC_CASE(exported_key_is_pkcs8_and_reads_back),
         AC_CASE(keys_of_another_program_are_read),
         AC_CASE(the_same_key_in_two_forms_is_one_key),
         AC_CASE(keys_that_no_ca_takes_are_refused),
         AC_CASE(encrypted_key_is_refused_as_such),
         AC_CASE(public_key_is_no_private_key), AC_CASE(halves_of_two_keys_are_refused),
         AC_CASE(text_that_is_no_key_is_refused_and_not_shown),
         AC_CASE(file_that_is_too_long_for_a_key_is_refused),
         AC_CASE(no_key_is_freed_in_peace),
         AC_CASE(a_key_in_memory_can_be_written_and_is_the_same_as_itself_only))
