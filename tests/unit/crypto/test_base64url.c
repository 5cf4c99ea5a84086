/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/base64url.h"

#include <string.h>

static enum ac_code decode(const char *text, struct ac_text *ret_bytes,
                           struct ac_error *err)
{
    return ac_base64url_decode(text, strlen(text), ret_bytes, err);
}

static enum ac_code decode_secret(const char *text, struct ac_secret *ret_secret,
                                  struct ac_error *err)
{
    return ac_base64_decode_secret(text, strlen(text), ret_secret, err);
}

AC_TEST(empty_object_is_e30)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(ac_base64url_encode("{}", 2, &text, &err));

    CU_ASSERT_STRING_EQUAL(text, "e30");
}

AC_TEST(nothing_is_empty_text)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(ac_base64url_encode(NULL, 0, &text, &err));

    CU_ASSERT_STRING_EQUAL(text, "");
}

AC_TEST(one_octet_of_ones_is_two_characters)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(ac_base64url_encode("\xff", 1, &text, &err));

    CU_ASSERT_STRING_EQUAL(text, "_w");
}

AC_TEST(the_alphabet_is_that_of_urls)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(ac_base64url_encode("\xfb\xef\xbe", 3, &text, &err));

    CU_ASSERT_STRING_EQUAL(text, "----");
}

AC_TEST(encoding_is_appended)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_text_add(&text, "id.", 3, &err));
    AC_REQUIRE_OK(ac_base64url_add(&text, "{}", 2, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "id.e30");
}

AC_TEST(sizes_around_a_chunk_survive_the_round_trip)
{
    struct ac_error err = { 0 };
    uint8_t bytes[1600];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    for (size_t size = 766; size < 771; size++) {
        AC_AUTO_TEXT char *text = NULL;
        AC_AUTO(ac_text) back = { 0 };

        AC_REQUIRE_OK(ac_base64url_encode(bytes, size, &text, &err));
        AC_REQUIRE_OK(ac_base64url_decode(text, strlen(text), &back, &err));

        CU_ASSERT_EQUAL(strlen(text), (size * 4 + 2) / 3);
        CU_ASSERT_EQUAL(back.size, size);
        CU_ASSERT_EQUAL(memcmp(back.bytes, bytes, size), 0);
    }
}

AC_TEST(empty_text_decodes_to_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) bytes = { 0 };

    AC_REQUIRE_OK(decode("", &bytes, &err));

    CU_ASSERT_EQUAL(bytes.size, 0);
}

AC_TEST(octets_of_zero_are_kept)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) bytes = { 0 };

    AC_REQUIRE_OK(decode("AAAA_w", &bytes, &err));

    CU_ASSERT_EQUAL(bytes.size, 4);
    CU_ASSERT_EQUAL(memcmp(bytes.bytes, "\0\0\0\xff", 4), 0);
}

AC_TEST(padding_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) bytes = { 0 };

    AC_REQUIRE_CODE(decode("e30=", &bytes, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(decode("_w==", &bytes, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(decode("=", &bytes, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NULL(bytes.bytes);
}

AC_TEST(other_characters_are_refused)
{
    static const char *const wrong[] = { "e3+0",  "e3/0", "e3 0",
                                         "e30\n", "e3.0", "\xc3\xa9" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) bytes = { 0 };

    for (size_t i = 0; i < AC_COUNT(wrong); i++)
        AC_REQUIRE_CODE(decode(wrong[i], &bytes, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(ac_base64url_decode("e3\0w", 4, &bytes, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NULL(bytes.bytes);
}

AC_TEST(stray_bits_are_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) bytes = { 0 };

    AC_REQUIRE_CODE(decode("_x", &bytes, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(decode("e31", &bytes, &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "no base64url: stray bits at the end");
}

AC_TEST(impossible_length_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) bytes = { 0 };

    AC_REQUIRE_CODE(decode("e", &bytes, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(decode("e30ee", &bytes, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NULL(bytes.bytes);
}

AC_TEST(secret_is_taken_in_each_form_that_people_paste)
{
    static const char *const forms[] = { "-_-_AA",   "+/+/AA",   "-_-_AA==",
                                         "+/+/AA==", " -_-_AA ", "\r\n\t+/+/AA==\n" };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(forms); i++) {
        AC_AUTO(ac_secret) secret = { 0 };

        AC_REQUIRE_OK(decode_secret(forms[i], &secret, &err));

        CU_ASSERT_EQUAL(secret.size, 4);
        CU_ASSERT_EQUAL(memcmp(secret.bytes, "\xfb\xff\xbf\x00", 4), 0);
    }
}

AC_TEST(secret_that_is_none_is_refused)
{
    static const char *const wrong[] = { "",   "  \n", "AA=", "AAAA=", "AAA==",
                                         "=",  "AA=A", "A",   "-_+/",  "AA AA",
                                         "AB", "A*==", "====" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };

    for (size_t i = 0; i < AC_COUNT(wrong); i++)
        AC_REQUIRE_CODE(decode_secret(wrong[i], &secret, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NULL(secret.bytes);
}

AC_TEST(secret_of_too_many_characters_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };
    char text[5000];

    memset(text, 'A', sizeof(text));
    AC_REQUIRE_CODE(ac_base64_decode_secret(text, sizeof(text), &secret, &err),
                    AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "the key is longer than 4096 characters");
}

AC_TEST(refused_secret_is_not_repeated)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };

    AC_REQUIRE_CODE(decode_secret("hunter2*", &secret, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter"));
}

AC_SUITE("crypto/base64url", AC_CASE(empty_object_is_e30),
         AC_CASE(nothing_is_empty_text), AC_CASE(one_octet_of_ones_is_two_characters),
         AC_CASE(the_alphabet_is_that_of_urls), AC_CASE(encoding_is_appended),
         AC_CASE(sizes_around_a_chunk_survive_the_round_trip),
         AC_CASE(empty_text_decodes_to_nothing), AC_CASE(octets_of_zero_are_kept),
         AC_CASE(padding_is_refused), AC_CASE(other_characters_are_refused),
         AC_CASE(stray_bits_are_refused), AC_CASE(impossible_length_is_refused),
         AC_CASE(secret_is_taken_in_each_form_that_people_paste),
         AC_CASE(secret_that_is_none_is_refused),
         AC_CASE(secret_of_too_many_characters_is_refused),
         AC_CASE(refused_secret_is_not_repeated))
