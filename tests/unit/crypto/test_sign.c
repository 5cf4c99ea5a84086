/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/base64url.h"
#include "crypto/key.h"
#include "keys.h"

#include <string.h>

#define KEYS AC_TEST_DATA "/keys/"
/* RFC 7515 A.2 and A.3: the payload of both. */
#define PAYLOAD                                                                        \
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc1"  \
    "9yb290Ijp0cnVlfQ"

/* Signs and shows the signature in base64url. */
static enum ac_code sign(const char *jwk, const char *input, char **ret_text,
                         struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) signature = { 0 };

    AC_TRY(ac_keys_of_jwk(jwk, &key, err));
    AC_TRY(ac_key_sign(key, input, strlen(input), &signature, err));
    return ac_base64url_encode(signature.bytes, signature.size, ret_text, err);
}

static enum ac_code verify(const char *jwk, const char *input, const char *text,
                           struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) signature = { 0 };

    AC_TRY(ac_keys_of_jwk(jwk, &key, err));
    AC_TRY(ac_base64url_decode(text, strlen(text), &signature, err));
    return ac_key_verify(key, input, strlen(input), &signature, err);
}

/* Signs numbers until the octet at `position` of the signature is zero. */
static enum ac_code sign_until_zero(const struct ac_key *key, size_t position,
                                    unsigned int *ret_number,
                                    struct ac_text *ret_signature, struct ac_error *err)
{
    for (unsigned int i = 0; i < 20000; i++) {
        AC_AUTO(ac_text) signature = { 0 };

        AC_TRY(ac_key_sign(key, &i, sizeof(i), &signature, err));
        if (signature.bytes[position] != 0)
            continue;
        *ret_number = i;
        *ret_signature = signature;
        signature = (struct ac_text){ 0 };
        return AC_OK;
    }
    return ac_fail(err, AC_E_NOTFOUND, "no zero in 20000 signatures");
}

AC_TEST(rs256_signature_is_that_of_rfc_7515)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(sign(AC_KEYS_RSA, "eyJhbGciOiJSUzI1NiJ9" PAYLOAD, &text, &err));

    CU_ASSERT_STRING_EQUAL(
        text,
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_"
        "lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO7"
        "5vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOk"
        "HWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy"
        "wlVmtVrBp0igcN_IoypGlUPQGe77Rw");
}

AC_TEST(rs256_post_as_get_is_as_derived)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(sign(AC_KEYS_RSA,
                       "eyJhbGciOiJSUzI1NiIsImtpZCI6Imh0dHBzOi8vZXhhbXBsZS5jb20vYWNtZS9"
                       "hY2N0L2V2T2ZLaE5V"
                       "NjB3ZyIsIm5vbmNlIjoidVFwU2psUmI0dlFWQ2pWWUF5eVVXZyIsInVybCI6Imh"
                       "0dHBzOi8vZXhhbXBs"
                       "ZS5jb20vYWNtZS9jZXJ0L21BdDN4Qkdhb2J3In0.",
                       &text, &err));

    CU_ASSERT_STRING_EQUAL(
        text,
        "UuidSH5DZigitzECv-yAMGfh6s6DWqvvyZn9IO32MS4P3p9TKEiFTjgOSRNiSaQlpbyHVawA17Nohp"
        "D9gi_x41sjIIPx01KklJ1SsSNiwmlT_jO8oCzuWEeXHqbo7WjDfNofq9OJZooyjeJaxJMRoHxjHrfV"
        "L-9OQftYif5-7NYe0gMMyjpvJBBI06RLfgDzDy5kS2f1ZunQloeSErePj1ytUPoNMTHLG5-u1zNN9k"
        "U4z3JNmRDA9IefWMBq99MenJxU2hrJ-XfJcXSibW1tcgT4oZnrIvZ9gAM6TQXjoOKKutIPIAsT9XNe"
        "xd0CDW2eVPdpetR5NSv7haqHTFKnXA");
}

AC_TEST(eddsa_signature_is_that_of_rfc_8037)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(sign(AC_KEYS_ED,
                       "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
                       &text, &err));

    CU_ASSERT_STRING_EQUAL(
        text, "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylG"
              "jg5BhVsPt9g7sVvpAr_MuM0KAg");
}

AC_TEST(eddsa_new_account_is_as_derived)
{
    static const char header[] = "{\"alg\":\"EdDSA\",\"jwk\":" AC_KEYS_ED_PUBLIC
                                 ",\"nonce\":\"6S8IqOGY7eL2lsGoTZYifg\","
                                 "\"url\":\"https://example.com/acme/new-account\"}";
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) input = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(ac_base64url_add(&input, header, strlen(header), &err));
    AC_REQUIRE_OK(
        ac_text_addf(&input, &err, ".eyJ0ZXJtc09mU2VydmljZUFncmVlZCI6dHJ1ZX0"));
    AC_REQUIRE_OK(sign(AC_KEYS_ED, ac_text_get(&input), &text, &err));

    CU_ASSERT_STRING_EQUAL(
        text, "oRl_nKWTldvCcy0eazlIB5gaim-VjWeAISnzWHtKP-yirwYnpPcTwhQlgRhl"
              "jP6csA5-wRxrWPjrlrzD_XaiBg");
}

AC_TEST(es256_signature_of_rfc_7515_verifies)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(
        verify(AC_KEYS_EC, "eyJhbGciOiJFUzI1NiJ9" PAYLOAD,
               "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
               "pmWQxfKTUJqPP3-Kg6NU1Q",
               &err));
}

AC_TEST(es256_new_order_as_derived_verifies)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(verify(
        AC_KEYS_EC,
        "eyJhbGciOiJFUzI1NiIsImtpZCI6Imh0dHBzOi8vZXhhbXBsZS5jb20vYWNtZS9hY2N0L2V2T2ZLaE"
        "5V"
        "NjB3ZyIsIm5vbmNlIjoiNVhKMUwzbEVrTUc3dFI2cEEwMGNsQSIsInVybCI6Imh0dHBzOi8vZXhhbX"
        "Bs"
        "ZS5jb20vYWNtZS9uZXctb3JkZXIifQ."
        "eyJpZGVudGlmaWVycyI6W3sidHlwZSI6ImRucyIsInZhbHVlIjoiZXhhbXBsZS5vcmcifV19",
        "j5xy2rQ7s7l4J7eGK9XVPLEfsMjiL6UqC-"
        "ivD5gNGNMeWYOIsQoTJSqbgVaF8f0iJTH2Pn5Y8TL6BNWk5"
        "06hsA",
        &err));
}

AC_TEST(each_type_signs_with_its_algorithm)
{
    static const struct {
        const char *path;
        const char *algorithm;
        size_t size;
    } cases[] = {
        { KEYS "p256.pem", "ES256", 64 },      { KEYS "p384.pem", "ES384", 96 },
        { KEYS "p521.pem", "ES512", 132 },     { KEYS "ed25519.pem", "EdDSA", 64 },
        { KEYS "rsa-2048.pem", "RS256", 256 }, { KEYS "rsa-3072.pem", "RS256", 384 },
        { KEYS "rsa-2056.pem", "RS256", 257 },
    };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        AC_AUTO(ac_key) *key = NULL;
        AC_AUTO(ac_text) signature = { 0 };

        AC_REQUIRE_OK(ac_keys_load(cases[i].path, &key, &err));
        AC_REQUIRE_OK(ac_key_sign(key, "claim", 5, &signature, &err));

        CU_ASSERT_STRING_EQUAL(ac_key_jws_algorithm(key), cases[i].algorithm);
        CU_ASSERT_EQUAL(signature.size, cases[i].size);
        AC_REQUIRE_OK(ac_key_verify(key, "claim", 5, &signature, &err));
        AC_REQUIRE_CODE(ac_key_verify(key, "clain", 5, &signature, &err), AC_E_INVALID);
    }
}

AC_TEST(short_r_and_short_s_are_padded)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;

    AC_REQUIRE_OK(ac_keys_load(KEYS "p256.pem", &key, &err));
    for (size_t position = 0; position < 64; position += 32) {
        AC_AUTO(ac_text) signature = { 0 };
        unsigned int number = 0;

        AC_REQUIRE_OK(sign_until_zero(key, position, &number, &signature, &err));

        CU_ASSERT_EQUAL(signature.size, 64);
        AC_REQUIRE_OK(ac_key_verify(key, &number, sizeof(number), &signature, &err));
    }
}

AC_TEST(turned_bit_in_a_signature_is_noticed)
{
    static const char *const paths[] = { KEYS "p256.pem", KEYS "rsa-2048.pem",
                                         KEYS "ed25519.pem" };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(paths); i++) {
        AC_AUTO(ac_key) *key = NULL;
        AC_AUTO(ac_text) signature = { 0 };

        AC_REQUIRE_OK(ac_keys_load(paths[i], &key, &err));
        AC_REQUIRE_OK(ac_key_sign(key, "claim", 5, &signature, &err));
        signature.bytes[40] ^= 1;

        AC_REQUIRE_CODE(ac_key_verify(key, "claim", 5, &signature, &err), AC_E_INVALID);
    }
}

AC_TEST(signature_of_another_size_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) signature = { 0 };
    AC_AUTO(ac_text) none = { 0 };

    AC_REQUIRE_OK(ac_keys_load(KEYS "p256.pem", &key, &err));
    AC_REQUIRE_OK(ac_key_sign(key, "claim", 5, &signature, &err));
    signature.size--;
    AC_REQUIRE_CODE(ac_key_verify(key, "claim", 5, &signature, &err), AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "the signature has 63 octets, not 64");
    AC_REQUIRE_CODE(ac_key_verify(key, "claim", 5, &none, &err), AC_E_INVALID);
}

AC_TEST(nothing_can_be_signed)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) signature = { 0 };

    AC_REQUIRE_OK(ac_keys_load(KEYS "p256.pem", &key, &err));
    AC_REQUIRE_OK(ac_key_sign(key, "", 0, &signature, &err));

    AC_REQUIRE_OK(ac_key_verify(key, "", 0, &signature, &err));
}

AC_SUITE("crypto/sign", AC_CASE(rs256_signature_is_that_of_rfc_7515),
         AC_CASE(rs256_post_as_get_is_as_derived),
         AC_CASE(eddsa_signature_is_that_of_rfc_8037),
         AC_CASE(eddsa_new_account_is_as_derived),
         AC_CASE(es256_signature_of_rfc_7515_verifies),
         AC_CASE(es256_new_order_as_derived_verifies),
         AC_CASE(each_type_signs_with_its_algorithm),
         AC_CASE(short_r_and_short_s_are_padded),
         AC_CASE(turned_bit_in_a_signature_is_noticed),
         AC_CASE(signature_of_another_size_is_refused), AC_CASE(nothing_can_be_signed))
