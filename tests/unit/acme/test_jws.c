/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/jws.h"
#include "base/json.h"
#include "check.h"
#include "crypto/base64url.h"
#include "keys.h"

#include <stdio.h>
#include <string.h>

static const char *member(const struct ac_json *json, const char *name)
{
    return ac_json_text_or(json, name, "");
}

/* Signs with the key of this JWK and reads the result. */
static enum ac_code sign(const char *jwk, const struct ac_jws_header *header,
                         const char *payload, struct ac_json **ret_json,
                         struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) body = { 0 };

    AC_TRY(ac_keys_of_jwk(jwk, &key, err));
    AC_TRY(ac_jws_sign(key, header, payload, &body, err));
    return ac_json_parse(body.bytes, body.size, ret_json, err);
}

/* Does the signature stand over protected "." payload? */
static enum ac_code verify(const char *jwk, const struct ac_json *json,
                           struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) input = { 0 };
    AC_AUTO(ac_text) signature = { 0 };
    const char *text = member(json, "signature");

    AC_TRY(ac_keys_of_jwk(jwk, &key, err));
    AC_TRY(ac_text_addf(&input, err, "%s.%s", member(json, "protected"),
                        member(json, "payload")));
    AC_TRY(ac_base64url_decode(text, strlen(text), &signature, err));
    return ac_key_verify(key, input.bytes, input.size, &signature, err);
}

AC_TEST(new_account_with_ed25519_is_the_vector)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    const struct ac_jws_header header = { .nonce = "6S8IqOGY7eL2lsGoTZYifg",
                                          .url =
                                              "https://example.com/acme/new-account" };

    AC_REQUIRE_OK(
        sign(AC_KEYS_ED, &header, "{\"termsOfServiceAgreed\":true}", &json, &err));

    CU_ASSERT_EQUAL(ac_json_count(json), 3);
    CU_ASSERT_STRING_EQUAL(member(json, "payload"),
                           "eyJ0ZXJtc09mU2VydmljZUFncmVlZCI6dHJ1ZX0");
    CU_ASSERT_STRING_EQUAL(
        member(json, "signature"),
        "oRl_nKWTldvCcy0eazlIB5gaim-VjWeAISnzWHtKP-yirwYnpPcTwhQlgRhlj"
        "P6csA5-wRxrWPjrlrzD_XaiBg");
}

AC_TEST(post_as_get_with_rsa_is_the_vector)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    const struct ac_jws_header header = {
        .nonce = "uQpSjlRb4vQVCjVYAyyUWg",
        .url = "https://example.com/acme/cert/mAt3xBGaobw",
        .kid = "https://example.com/acme/acct/evOfKhNU60wg",
    };

    AC_REQUIRE_OK(sign(AC_KEYS_RSA, &header, NULL, &json, &err));

    CU_ASSERT_STRING_EQUAL(member(json, "payload"), "");
    CU_ASSERT_STRING_EQUAL(member(json, "protected"),
                           "eyJhbGciOiJSUzI1NiIsImtpZCI6Imh0dHBzOi8vZXhhbXBsZS5jb20vYWN"
                           "tZS9hY2N0L2V2T2ZLaE5VN"
                           "jB3ZyIsIm5vbmNlIjoidVFwU2psUmI0dlFWQ2pWWUF5eVVXZyIsInVybCI6"
                           "Imh0dHBzOi8vZXhhbXBsZS"
                           "5jb20vYWNtZS9jZXJ0L21BdDN4Qkdhb2J3In0");
    CU_ASSERT_STRING_EQUAL(
        member(json, "signature"),
        "UuidSH5DZigitzECv-"
        "yAMGfh6s6DWqvvyZn9IO32MS4P3p9TKEiFTjgOSRNiSaQlpbyHVawA17NohpD9gi"
        "_x41sjIIPx01KklJ1SsSNiwmlT_jO8oCzuWEeXHqbo7WjDfNofq9OJZooyjeJaxJMRoHxjHrfVL-"
        "9OQftY"
        "if5-7NYe0gMMyjpvJBBI06RLfgDzDy5kS2f1ZunQloeSErePj1ytUPoNMTHLG5-"
        "u1zNN9kU4z3JNmRDA9I"
        "efWMBq99MenJxU2hrJ-"
        "XfJcXSibW1tcgT4oZnrIvZ9gAM6TQXjoOKKutIPIAsT9XNexd0CDW2eVPdpetR5"
        "NSv7haqHTFKnXA");
}

AC_TEST(new_order_with_p256_has_the_input_of_the_vector_and_verifies)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    const struct ac_jws_header header = {
        .nonce = "5XJ1L3lEkMG7tR6pA00clA",
        .url = "https://example.com/acme/new-order",
        .kid = "https://example.com/acme/acct/evOfKhNU60wg",
    };

    AC_REQUIRE_OK(
        sign(AC_KEYS_EC, &header,
             "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"example.org\"}]}", &json,
             &err));

    CU_ASSERT_STRING_EQUAL(member(json, "protected"),
                           "eyJhbGciOiJFUzI1NiIsImtpZCI6Imh0dHBzOi8vZXhhbXBsZS5jb20vYWN"
                           "tZS9hY2N0L2V2T2ZLaE5VN"
                           "jB3ZyIsIm5vbmNlIjoiNVhKMUwzbEVrTUc3dFI2cEEwMGNsQSIsInVybCI6"
                           "Imh0dHBzOi8vZXhhbXBsZS"
                           "5jb20vYWNtZS9uZXctb3JkZXIifQ");
    CU_ASSERT_STRING_EQUAL(
        member(json, "payload"),
        "eyJpZGVudGlmaWVycyI6W3sidHlwZSI6ImRucyIsInZhbHVlIjoiZXhhbXBsZ"
        "S5vcmcifV19");
    CU_ASSERT_EQUAL(strlen(member(json, "signature")), 86);
    AC_REQUIRE_OK(verify(AC_KEYS_EC, json, &err));
}

/* Vectors that a JWS of ACME cannot be, since their headers have no url. */
static enum ac_code verify_vector(const char *jwk, const char *protected_part,
                                  const char *payload, const char *signature,
                                  struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s, s:s}", "protected", protected_part,
                       "payload", payload, "signature", signature));
    return verify(jwk, json, err);
}

#define P1                                                                             \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19y" \
    "b290I"                                                                            \
    "jp0cnVlfQ"

AC_TEST(vectors_of_the_jose_rfcs_verify)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(
        verify_vector(AC_KEYS_RSA, "eyJhbGciOiJSUzI1NiJ9", P1,
                      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__"
                      "dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5Y"
                      "Kt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
                      "nZLgrnbyTyWzO75vRK5h6x"
                      "BArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
                      "xi12jzDwusC-eOkHWEsqtFZESc6"
                      "BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWk"
                      "WywlVmtVrBp0igcN_I"
                      "oypGlUPQGe77Rw",
                      &err));
    AC_REQUIRE_OK(verify_vector(AC_KEYS_EC, "eyJhbGciOiJFUzI1NiJ9", P1,
                                "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-"
                                "F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6"
                                "NU1Q",
                                &err));
    AC_REQUIRE_OK(verify_vector(AC_KEYS_ED, "eyJhbGciOiJFZERTQSJ9",
                                "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
                                "hgyY0il_MGCjP0JzlnLWG1PPOt7-"
                                "09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM"
                                "0KAg",
                                &err));
    AC_REQUIRE_CODE(
        verify_vector(AC_KEYS_EC, "eyJhbGciOiJFUzI1NiJ9", P1,
                      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5dj"
                      "xLa8ISlSApmWQxfKTUJqPP3-Kg6NU1A",
                      &err),
        AC_E_INVALID);
    CU_ASSERT(true);
}

static enum ac_code bind_with(size_t key_size, enum ac_hmac algorithm,
                              struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_secret) mac_key = { 0 };
    AC_AUTO(ac_text) body = { 0 };

    AC_TRY(ac_keys_of_jwk(AC_KEYS_EC, &key, err));
    AC_TRY(ac_secret_new(key_size, &mac_key, err));
    for (size_t i = 0; i < key_size; i++)
        mac_key.bytes[i] = (uint8_t)i;
    const struct ac_jws_binding binding = {
        .kid = "kid-1",
        .url = "https://localhost:14000/sign-me-up",
        .algorithm = algorithm,
        .mac_key = &mac_key,
    };
    AC_TRY(ac_jws_bind(key, &binding, &body, err));
    return ac_json_parse(body.bytes, body.size, ret_json, err);
}

AC_TEST(external_account_binding_is_the_vector)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(bind_with(32, AC_HMAC_SHA256, &json, &err));

    CU_ASSERT_EQUAL(ac_json_count(json), 3);
    CU_ASSERT_STRING_EQUAL(member(json, "protected"),
                           "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC0xIiwidXJsIjoiaHR0cHM6Ly9"
                           "sb2NhbGhvc3Q6MTQwMDAvc"
                           "2lnbi1tZS11cCJ9");
    CU_ASSERT_STRING_EQUAL(member(json, "payload"),
                           "eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImY4M09KM0QyeEYxQmc"
                           "4dnViOXRMZTFnSE16Vjc2Z"
                           "ThUdXM5dVBIdlJWRVUiLCJ5IjoieF9GRXpSdTltMzZITE5fdHVlNjU5TE5w"
                           "WFc2cEN5U3Rpa1lqS0lXST"
                           "VhMCJ9");
    CU_ASSERT_STRING_EQUAL(member(json, "signature"),
                           "QtN28e5rtNqjOT6_VbYvg3ltGFC3kQOp6Z86ZPooqcE");
}

AC_TEST(longer_macs_name_their_algorithm)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *middle = NULL;
    AC_AUTO(ac_json) *longest = NULL;

    AC_REQUIRE_OK(bind_with(64, AC_HMAC_SHA384, &middle, &err));
    AC_REQUIRE_OK(bind_with(64, AC_HMAC_SHA512, &longest, &err));

    CU_ASSERT_EQUAL(strlen(member(middle, "signature")), 64);
    CU_ASSERT_EQUAL(strlen(member(longest, "signature")), 86);
    /* {"alg":"HS512 */
    CU_ASSERT_EQUAL(strncmp(member(longest, "protected"), "eyJhbGciOiJIUzUxMi", 18), 0);
}

AC_TEST(short_mac_key_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_CODE(bind_with(15, AC_HMAC_SHA256, &json, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NULL(json);
}

/* KR-01: the inner JWS of keyChange has the new key and no nonce. */
AC_TEST(key_change_has_a_jwk_and_no_nonce_and_verifies)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *old_key = NULL;
    AC_AUTO(ac_key) *new_key = NULL;
    AC_AUTO(ac_text) body = { 0 };
    AC_AUTO(ac_text) input = { 0 };
    AC_AUTO(ac_text) signature = { 0 };
    AC_AUTO(ac_secret) raw = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(ac_keys_of_jwk(AC_KEYS_RSA, &old_key, &err));
    AC_REQUIRE_OK(ac_keys_of_jwk(AC_KEYS_EC, &new_key, &err));
    const struct ac_jws_change change = { .url = "https://ca.test/k",
                                          .account = "https://ca.test/1",
                                          .old_key = old_key };
    AC_REQUIRE_OK(ac_jws_change_key(new_key, &change, &body, &err));
    AC_REQUIRE_OK(ac_json_parse(body.bytes, body.size, &json, &err));
    AC_REQUIRE_OK(ac_text_addf(&input, &err, "%s.%s", member(json, "protected"),
                               member(json, "payload")));
    const char *text = member(json, "signature");
    AC_REQUIRE_OK(ac_base64_decode_secret(text, strlen(text), &raw, &err));
    AC_REQUIRE_OK(ac_text_add(&signature, (const char *)raw.bytes, raw.size, &err));
    AC_REQUIRE_OK(ac_key_verify(new_key, input.bytes, input.size, &signature, &err));

    CU_ASSERT_EQUAL(ac_json_count(json), 3);
    CU_ASSERT_PTR_NULL(strstr(body.bytes, "nonce"));
}

AC_SUITE("acme/jws", AC_CASE(new_account_with_ed25519_is_the_vector),
         AC_CASE(post_as_get_with_rsa_is_the_vector),
         AC_CASE(new_order_with_p256_has_the_input_of_the_vector_and_verifies),
         AC_CASE(vectors_of_the_jose_rfcs_verify),
         AC_CASE(external_account_binding_is_the_vector),
         AC_CASE(longer_macs_name_their_algorithm), AC_CASE(short_mac_key_is_refused),
         AC_CASE(key_change_has_a_jwk_and_no_nonce_and_verifies))
