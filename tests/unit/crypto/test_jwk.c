/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/base64url.h"
#include "crypto/handle.h"
#include "keys.h"

#include <string.h>

#define KEYS AC_TEST_DATA "/keys/"

static enum ac_code write_jwk(const char *jwk, struct ac_text *ret_jwk,
                              struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(ac_keys_of_jwk(jwk, &key, err));
    return ac_key_jwk(key, ret_jwk, err);
}

static enum ac_code print_thumb(const char *jwk, char **ret_text, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(ac_keys_of_jwk(jwk, &key, err));
    return ac_key_thumbprint(key, ret_text, err);
}

static enum ac_code refuse(const char *jwk, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    return ac_keys_of_jwk(jwk, &key, err);
}

AC_TEST(ec_jwk_is_canonical)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) jwk = { 0 };

    AC_REQUIRE_OK(write_jwk(AC_KEYS_EC, &jwk, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&jwk), AC_KEYS_EC_PUBLIC);
}

AC_TEST(ed25519_jwk_is_canonical)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) jwk = { 0 };

    AC_REQUIRE_OK(write_jwk(AC_KEYS_ED, &jwk, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&jwk), AC_KEYS_ED_PUBLIC);
}

AC_TEST(rsa_jwk_is_canonical)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) jwk = { 0 };

    AC_REQUIRE_OK(write_jwk(AC_KEYS_RSA, &jwk, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&jwk),
                           "{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"" AC_KEYS_RSA_N
                           "\"}");
}

AC_TEST(thumbprints_are_those_of_the_rfcs)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *ec = NULL;
    AC_AUTO_TEXT char *ed = NULL;
    AC_AUTO_TEXT char *rsa = NULL;

    AC_REQUIRE_OK(print_thumb(AC_KEYS_EC, &ec, &err));
    AC_REQUIRE_OK(print_thumb(AC_KEYS_ED, &ed, &err));
    AC_REQUIRE_OK(print_thumb(AC_KEYS_RSA, &rsa, &err));

    CU_ASSERT_STRING_EQUAL(ec, "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
    CU_ASSERT_STRING_EQUAL(ed, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    CU_ASSERT_STRING_EQUAL(rsa, "IsUn6_e04MaShXFIISMp4kG62LWzMIPy_MvSA5pJgX8");
}

/* Of this one only the public half was published. */
AC_TEST(thumbprint_is_that_of_rfc_7638)
{
    static const char modulus[] =
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhD"
        "R1"
        "L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_"
        "RN5w6Cf0h4"
        "QyQ5v-65YGjQR0_"
        "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO"
        "pbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-"
        "csF"
        "Cur-kEgU8awapJzKnqDKgw";
    struct ac_error err = { 0 };
    AC_AUTO(gnutls_pubkey_st) *public_key = NULL;
    AC_AUTO(ac_text) octets = { 0 };
    AC_AUTO_TEXT char *text = NULL;
    struct ac_key key = { .type = AC_KEY_RSA_2048 };
    gnutls_datum_t exponent = { (unsigned char[]){ 1, 0, 1 }, 3 };
    gnutls_datum_t number;

    AC_REQUIRE_OK(ac_base64url_decode(modulus, strlen(modulus), &octets, &err));
    number =
        (gnutls_datum_t){ (unsigned char *)octets.bytes, (unsigned int)octets.size };
    AC_REQUIRE(gnutls_pubkey_init(&public_key) >= 0);
    AC_REQUIRE(gnutls_pubkey_import_rsa_raw(public_key, &number, &exponent) >= 0);
    key.public_key = public_key;
    AC_REQUIRE_OK(ac_key_thumbprint(&key, &text, &err));

    CU_ASSERT_STRING_EQUAL(text, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

AC_TEST(thumbprints_agree_with_another_program)
{
    static const struct {
        const char *path;
        const char *thumbprint;
    } cases[] = {
        { KEYS "p256.pem", "8Q46PF3eTyowXb_FdBpV6yahAbq8YbvuZjail-zjAso" },
        { KEYS "p384.pem", "k738jUjVtUcOM7tpzusV2z_SfO3l_lcGkRyBfm59Te0" },
        { KEYS "p521.pem", "2ZiOyXpr-6htM5fskeSO2z8nVAG1oooue2Az0zmYlJI" },
        { KEYS "rsa-2048.pem", "ARyhaTwjCKA5aNwIZovNzBmnoJ19vFZA80NyM_ph7to" },
        { KEYS "rsa-3072.pem", "SPzVjgh7KKdVkoO9XpcCsbxcVRZ92GzAj518dj8lMKU" },
        { KEYS "p256-leading-zero.pem", "DGA83mSWZhdqNJ_HPIL1PCKrDwA-tJ8L3vVzVJskZDM" },
    };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        AC_AUTO(ac_key) *key = NULL;
        AC_AUTO_TEXT char *text = NULL;

        AC_REQUIRE_OK(ac_keys_load(cases[i].path, &key, &err));
        AC_REQUIRE_OK(ac_key_thumbprint(key, &text, &err));

        CU_ASSERT_STRING_EQUAL(text, cases[i].thumbprint);
    }
}

AC_TEST(coordinate_with_a_leading_zero_keeps_its_size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) jwk = { 0 };

    AC_REQUIRE_OK(ac_keys_load(KEYS "p256-leading-zero.pem", &key, &err));
    AC_REQUIRE_OK(ac_key_jwk(key, &jwk, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&jwk),
                           "{\"crv\":\"P-256\",\"kty\":\"EC\","
                           "\"x\":\"AJUruIIdHIZOa_uOCsAYAEoIuDFX-xyMiaSO6x0hUmo\","
                           "\"y\":\"JYP0sE6ToOLA2MRnH8Bt0js1cMQuEP73Llkv9sLoox0\"}");
}

AC_TEST(p521_coordinates_have_66_octets)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) jwk = { 0 };

    AC_REQUIRE_OK(ac_keys_load(KEYS "p521.pem", &key, &err));
    AC_REQUIRE_OK(ac_key_jwk(key, &jwk, &err));

    CU_ASSERT_EQUAL(jwk.size,
                    strlen("{\"crv\":\"P-521\",\"kty\":\"EC\",\"x\":\"\",\"y\":\"\"}")
                        + 2 * 88);
}

AC_TEST(public_der_is_a_subject_public_key_info)
{
    static const uint8_t begin[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a,
                                     0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) der = { 0 };

    AC_REQUIRE_OK(ac_keys_of_jwk(AC_KEYS_EC, &key, &err));
    AC_REQUIRE_OK(ac_key_public_der(key, &der, &err));

    CU_ASSERT_EQUAL(der.size, 91);
    CU_ASSERT_EQUAL(memcmp(der.bytes, begin, sizeof(begin)), 0);
}

AC_TEST(jwk_without_a_number_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse(AC_KEYS_EC_PUBLIC, &err), AC_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "d"));
    AC_REQUIRE_CODE(refuse("{\"kty\":\"RSA\",\"n\":\"" AC_KEYS_RSA_N "\"}", &err),
                    AC_E_INVALID);
}

AC_TEST(jwk_of_another_type_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse("{\"kty\":\"oct\",\"k\":\"AAAA\"}", &err), AC_E_INVALID);
    AC_REQUIRE_CODE(refuse("{\"kty\":\"EC\",\"crv\":\"Ed25519\"}", &err), AC_E_INVALID);
    AC_REQUIRE_CODE(refuse("{\"kty\":\"OKP\",\"crv\":\"P-256\"}", &err), AC_E_INVALID);
    AC_REQUIRE_CODE(refuse("{\"kty\":\"EC\",\"crv\":\"secp256k1\"}", &err),
                    AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail,
                           "JWK of type \"EC\", curve \"secp256k1\" is not supported");
}

AC_TEST(jwk_with_padding_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(
        refuse("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAA=\"}", &err),
        AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "JWK member x is not base64url");
}

AC_TEST(jwk_whose_halves_are_of_two_keys_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse("{\"kty\":\"EC\",\"crv\":\"P-256\","
                           "\"x\":\"OpigEMqao7eaWSLooa7dDszgUj-RAlm1T4CpcOAl3ks\","
                           "\"y\":\"vSNySJEd6P59fUcrUhrNtywVmO0U6cOLnSoMYsTTnGM\","
                           "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}",
                           &err),
                    AC_E_INVALID);
    AC_REQUIRE_CODE(refuse("{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                           "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
                           "\"x\":\"21qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
                           &err),
                    AC_E_INVALID);
}

AC_TEST(text_that_is_no_jwk_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse("", &err), AC_E_INVALID);
    AC_REQUIRE_CODE(refuse("[]", &err), AC_E_INVALID);
    AC_REQUIRE_CODE(refuse("{\"kty\":7}", &err), AC_E_INVALID);

    CU_ASSERT_EQUAL(err.code, AC_E_INVALID);
}

AC_TEST(jwk_that_is_no_json_is_not_shown)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(refuse("{\"d\":hunter2}", &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "the JWK is no JSON");
}

AC_SUITE("crypto/jwk", AC_CASE(ec_jwk_is_canonical), AC_CASE(ed25519_jwk_is_canonical),
         AC_CASE(rsa_jwk_is_canonical), AC_CASE(thumbprints_are_those_of_the_rfcs),
         AC_CASE(thumbprint_is_that_of_rfc_7638),
         AC_CASE(thumbprints_agree_with_another_program),
         AC_CASE(coordinate_with_a_leading_zero_keeps_its_size),
         AC_CASE(p521_coordinates_have_66_octets),
         AC_CASE(public_der_is_a_subject_public_key_info),
         AC_CASE(jwk_without_a_number_is_refused),
         AC_CASE(jwk_of_another_type_is_refused), AC_CASE(jwk_with_padding_is_refused),
         AC_CASE(jwk_whose_halves_are_of_two_keys_is_refused),
         AC_CASE(text_that_is_no_jwk_is_refused),
         AC_CASE(jwk_that_is_no_json_is_not_shown))
