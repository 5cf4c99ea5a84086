/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"
#include "keys.h"

#include <string.h>

/* RFC 4231 4.2: the key and the data of test case 1. */
static const uint8_t rfc4231_key[20] = { 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
                                         0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
                                         0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b };
static const char rfc4231_data[] = "Hi There";

AC_TEST(sha256_of_nothing_is_as_known)
{
    struct ac_error err = { 0 };
    uint8_t digest[AC_SHA256_SIZE];
    AC_AUTO_TEXT char *text = NULL;

    ac_sha256("", 0, digest);

    AC_REQUIRE_OK(ac_base64url_encode(digest, sizeof(digest), &text, &err));
    CU_ASSERT_STRING_EQUAL(text, "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
}

AC_TEST(sha256_hex_of_a_key_authorization_is_as_derived)
{
    static const char key_authorization[] =
        "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA."
        "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";
    char hex[AC_SHA256_HEX_SIZE];

    char *returned = ac_sha256_hex(key_authorization, strlen(key_authorization), hex);

    CU_ASSERT_PTR_EQUAL(returned, hex);
    CU_ASSERT_STRING_EQUAL(
        hex, "65a26016d215e16034b7633337b91b4a4d2c7d17761998dac51a9a49300aea52");
}

AC_TEST(eab_signature_is_as_derived)
{
    static const char signing_input[] = "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtpZC0xIiwidXJsIj"
                                        "oiaHR0cHM6Ly9sb2NhbGhvc3Q6MTQwMDAv"
                                        "c2lnbi1tZS11cCJ9."
                                        "eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImY4M0"
                                        "9KM0QyeEYxQmc4dnViOXRMZTFnSE16Vjc2"
                                        "ZThUdXM5dVBIdlJWRVUiLCJ5IjoieF9GRXpSdTltMzZITE"
                                        "5fdHVlNjU5TE5wWFc2cEN5U3Rpa1lqS0lX"
                                        "STVhMCJ9";
    static const char key_text[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) key = { 0 };
    AC_AUTO_TEXT char *text = NULL;
    uint8_t mac[AC_HMAC_SIZE_MAX];
    size_t size;

    AC_REQUIRE_OK(ac_base64_decode_secret(key_text, strlen(key_text), &key, &err));
    size = ac_hmac(AC_HMAC_SHA256, &key, signing_input, strlen(signing_input), mac);

    CU_ASSERT_EQUAL(size, 32);
    AC_REQUIRE_OK(ac_base64url_encode(mac, size, &text, &err));
    CU_ASSERT_STRING_EQUAL(text, "QtN28e5rtNqjOT6_VbYvg3ltGFC3kQOp6Z86ZPooqcE");
}

AC_TEST(hmac_sha384_is_that_of_rfc_4231)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) key = { 0 };
    AC_AUTO_TEXT char *text = NULL;
    uint8_t mac[AC_HMAC_SIZE_MAX];
    size_t size;

    AC_REQUIRE_OK(ac_secret_copy(rfc4231_key, sizeof(rfc4231_key), &key, &err));
    size = ac_hmac(AC_HMAC_SHA384, &key, rfc4231_data, strlen(rfc4231_data), mac);

    CU_ASSERT_EQUAL(size, 48);
    AC_REQUIRE_OK(ac_base64url_encode(mac, size, &text, &err));
    CU_ASSERT_STRING_EQUAL(text, "r9A5RNhIlWJrCCX0q0aQfxX52tvkEB7GgqoDTHzrxZz6"
                                 "6p6pB27ef0rxUuiy-py2");
}

AC_TEST(hmac_sha512_is_that_of_rfc_4231)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) key = { 0 };
    AC_AUTO_TEXT char *text = NULL;
    uint8_t mac[AC_HMAC_SIZE_MAX];
    size_t size;

    AC_REQUIRE_OK(ac_secret_copy(rfc4231_key, sizeof(rfc4231_key), &key, &err));
    size = ac_hmac(AC_HMAC_SHA512, &key, rfc4231_data, strlen(rfc4231_data), mac);

    CU_ASSERT_EQUAL(size, 64);
    AC_REQUIRE_OK(ac_base64url_encode(mac, size, &text, &err));
    CU_ASSERT_STRING_EQUAL(text, "h6p83qXvYZ1P8LQkGh1ssCN59OLOTsJ4etCzBUXhfN7a"
                                 "qDO31rinAgOLJ06uo_Tkvp2RTuth8XAuaWwgOhJoVA");
}

AC_TEST(hmac_takes_an_empty_key_and_no_data)
{
    static const uint8_t begin[] = { 0xb6, 0x13, 0x67, 0x9a, 0x08, 0x14, 0xd9, 0xec };
    struct ac_secret key = { 0 };
    uint8_t mac[AC_HMAC_SIZE_MAX];

    size_t size = ac_hmac(AC_HMAC_SHA256, &key, "", 0, mac);

    CU_ASSERT_EQUAL(size, 32);
    CU_ASSERT_EQUAL(memcmp(mac, begin, sizeof(begin)), 0);
}

AC_SUITE("crypto/digest", AC_CASE(sha256_of_nothing_is_as_known),
         AC_CASE(sha256_hex_of_a_key_authorization_is_as_derived),
         AC_CASE(eab_signature_is_as_derived), AC_CASE(hmac_sha384_is_that_of_rfc_4231),
         AC_CASE(hmac_sha512_is_that_of_rfc_4231),
         AC_CASE(hmac_takes_an_empty_key_and_no_data))
