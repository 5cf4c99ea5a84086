/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define SHOWN_SIZE 256

static char shown[SHOWN_SIZE];

static const char *clean(const char *text)
{
    return ac_text_clean(shown, sizeof shown, text, strlen(text));
}

static const char *clean_in(size_t buffer_size, const char *text)
{
    memset(shown, '#', sizeof shown);
    return ac_text_clean(shown, buffer_size, text, strlen(text));
}

static enum ac_code add(struct ac_text *text, const char *more, struct ac_error *err)
{
    return ac_text_add(text, more, strlen(more), err);
}

AC_TEST(added_bytes_follow_each_other_and_end_with_nul)
{
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(add(&text, "one", NULL));
    AC_REQUIRE_OK(add(&text, "", NULL));
    AC_REQUIRE_OK(add(&text, "two", NULL));

    CU_ASSERT_EQUAL(text.size, 6);
    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "onetwo");
}

AC_TEST(added_bytes_may_hold_nuls)
{
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_text_add(&text, "a\0b", 3, NULL));

    CU_ASSERT_EQUAL(text.size, 3);
    CU_ASSERT_EQUAL(memcmp(ac_text_get(&text), "a\0b", 4), 0);
}

AC_TEST(text_without_bytes_reads_as_empty)
{
    AC_AUTO(ac_text) text = { 0 };

    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "");
    AC_REQUIRE_OK(ac_text_add(&text, NULL, 0, NULL));

    CU_ASSERT_EQUAL(text.size, 0);
    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "");
}

AC_TEST(text_grows_to_its_limit_and_not_beyond)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { .limit = 6 };

    AC_REQUIRE_OK(add(&text, "abc", &err));
    AC_REQUIRE_OK(add(&text, "def", &err));
    enum ac_code code = add(&text, "g", &err);

    CU_ASSERT_EQUAL(code, AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "text is longer than 6 bytes");
    CU_ASSERT_EQUAL(text.size, 6);
    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "abcdef");
}

AC_TEST(limit_without_a_number_is_a_mebibyte)
{
    AC_AUTO(ac_text) text = { 0 };
    char block[4096];

    memset(block, 'x', sizeof block);
    for (size_t size = 0; size < AC_TEXT_LIMIT; size += sizeof block)
        AC_REQUIRE_OK(ac_text_add(&text, block, sizeof block, NULL));
    AC_REQUIRE_CODE(ac_text_add(&text, "x", 1, NULL), AC_E_INVALID);

    CU_ASSERT_EQUAL(text.size, AC_TEXT_LIMIT);
}

AC_TEST(impossible_size_is_refused)
{
    AC_AUTO(ac_text) text = { .limit = SIZE_MAX };

    AC_REQUIRE_OK(add(&text, "a", NULL));
    AC_REQUIRE_CODE(ac_text_add(&text, "b", SIZE_MAX - 1, NULL), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "a");
}

AC_TEST(formatted_text_is_added)
{
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_text_addf(&text, NULL, "%s=%d", "a", 1));
    AC_REQUIRE_OK(ac_text_addf(&text, NULL, "%s", ""));
    AC_REQUIRE_OK(ac_text_addf(&text, NULL, "%*s", 100, "b"));

    CU_ASSERT_EQUAL(text.size, 103);
    CU_ASSERT_NSTRING_EQUAL(ac_text_get(&text), "a=1   ", 6);
    CU_ASSERT_STRING_EQUAL(ac_text_get(&text) + 102, "b");
}

AC_TEST(formatted_text_obeys_the_limit)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { .limit = 4 };

    AC_REQUIRE_OK(ac_text_addf(&text, &err, "%d", 12));
    AC_REQUIRE_CODE(ac_text_addf(&text, &err, "%d", 345), AC_E_INVALID);
    AC_REQUIRE_OK(ac_text_addf(&text, &err, "%d", 34));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "1234");
}

AC_TEST(taken_bytes_belong_to_the_taker_and_the_text_is_empty)
{
    AC_AUTO(ac_text) text = { .limit = 100 };
    AC_AUTO_TEXT char *taken = NULL;

    AC_REQUIRE_OK(add(&text, "abc", NULL));
    AC_REQUIRE_OK(ac_text_take(&text, &taken, NULL));

    CU_ASSERT_STRING_EQUAL(taken, "abc");
    CU_ASSERT_EQUAL(text.size, 0);
    CU_ASSERT_EQUAL(text.limit, 100);
    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "");
}

AC_TEST(empty_text_can_be_taken)
{
    AC_AUTO(ac_text) text = { 0 };
    AC_AUTO_TEXT char *taken = NULL;

    AC_REQUIRE_OK(ac_text_take(&text, &taken, NULL));

    AC_REQUIRE(taken != NULL);
    CU_ASSERT_STRING_EQUAL(taken, "");
}

AC_TEST(text_can_be_used_again_after_done)
{
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(add(&text, "abc", NULL));
    ac_text_done(&text);
    AC_REQUIRE_OK(add(&text, "def", NULL));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "def");
}

AC_TEST(fit_text_is_shown_as_it_is)
{
    const char *text = "Gr\xC3\xBC\xC3\x9F"
                       "e, \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x94\x91 \\x41 \"quoted\"";

    CU_ASSERT_STRING_EQUAL(clean(text), text);
}

AC_TEST(control_characters_are_escaped)
{
    CU_ASSERT_STRING_EQUAL(clean("\x1b[31mred\x1b[0m"), "\\x1B[31mred\\x1B[0m");
    CU_ASSERT_STRING_EQUAL(clean("a\r\nb\tc\x7f"), "a\\x0D\\x0Ab\\x09c\\x7F");
    CU_ASSERT_STRING_EQUAL(ac_text_clean(shown, sizeof shown, "a\0b", 3), "a\\x00b");
    CU_ASSERT_STRING_EQUAL(clean("\xC2\x9B"
                                 "31m\xC2\x80\xC2\x9F\xC2\xA0"),
                           "\\u{9B}31m\\u{80}\\u{9F}\xC2\xA0");
}

AC_TEST(text_that_would_run_backwards_is_escaped)
{
    CU_ASSERT_STRING_EQUAL(clean("\xE2\x80\xA9\xE2\x80\xAA\xE2\x80\xAE\xE2\x80\xAF"),
                           "\xE2\x80\xA9\\u{202A}\\u{202E}\xE2\x80\xAF");
    CU_ASSERT_STRING_EQUAL(clean("\xE2\x81\xA5\xE2\x81\xA6\xE2\x81\xA9\xE2\x81\xAA"),
                           "\xE2\x81\xA5\\u{2066}\\u{2069}\xE2\x81\xAA");
}

/* RFC 3629: lone and missing octets, overlong forms, surrogates, beyond U+10FFFF. */
AC_TEST(broken_utf8_is_escaped_octet_by_octet)
{
    static const char *const broken[] = {
        "\x80",         "\xC3",         "\xE6\x97",         "\xF0\x9F\x94",
        "\xC0\x80",     "\xC1\xBF",     "\xE0\x9F\xBF",     "\xF0\x8F\xBF\xBF",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
        "\xFE\xFF"
    };

    for (size_t i = 0; i < AC_COUNT(broken); i++) {
        AC_AUTO(ac_text) want = { 0 };
        for (const char *at = broken[i]; *at; at++)
            AC_REQUIRE_OK(ac_text_addf(&want, NULL, "\\x%02X", (unsigned char)*at));
        CU_ASSERT_STRING_EQUAL(clean(broken[i]), ac_text_get(&want));
    }
}

AC_TEST(text_around_broken_utf8_is_kept)
{
    CU_ASSERT_STRING_EQUAL(clean("\xC3z"), "\\xC3z");
    CU_ASSERT_STRING_EQUAL(clean("\xC3\xC3\xBC"), "\\xC3\xC3\xBC");
    CU_ASSERT_STRING_EQUAL(clean("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF"),
                           "\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF");
}

AC_TEST(cleaning_never_reads_past_the_size)
{
    CU_ASSERT_STRING_EQUAL(ac_text_clean(shown, sizeof shown, "\xE6\x97\xA5", 2),
                           "\\xE6\\x97");
    CU_ASSERT_STRING_EQUAL(ac_text_clean(shown, sizeof shown, "abc", 1), "a");
    CU_ASSERT_STRING_EQUAL(ac_text_clean(shown, sizeof shown, NULL, 0), "");
}

AC_TEST(long_text_is_cut_with_dots)
{
    CU_ASSERT_STRING_EQUAL(clean_in(9, "12345678"), "12345678");
    CU_ASSERT_STRING_EQUAL(clean_in(9, "123456789"), "12345...");
    CU_ASSERT_STRING_EQUAL(clean_in(6, "123456789"), "12...");
    CU_ASSERT_STRING_EQUAL(clean_in(4, "123456789"), "...");
}

AC_TEST(text_is_never_cut_within_a_character_or_an_escape)
{
    CU_ASSERT_STRING_EQUAL(clean_in(9, "1234\xE6\x97\xA5"
                                       "89"),
                           "1234...");
    CU_ASSERT_STRING_EQUAL(clean_in(9, "12\x1b\x1b"), "12...");
    CU_ASSERT_STRING_EQUAL(clean_in(9, "\x1b\x1b"), "\\x1B\\x1B");
    CU_ASSERT_STRING_EQUAL(clean_in(9, "\x1b\x1b\x1b"), "\\x1B...");
}

AC_TEST(tiny_buffer_is_never_overrun)
{
    CU_ASSERT_STRING_EQUAL(clean_in(3, "1234"), "..");
    CU_ASSERT_STRING_EQUAL(clean_in(2, "1234"), ".");
    CU_ASSERT_STRING_EQUAL(clean_in(2, "1"), "1");
    CU_ASSERT_STRING_EQUAL(clean_in(1, "1234"), "");
    CU_ASSERT_EQUAL(shown[1], '#');
    CU_ASSERT_EQUAL(*clean_in(0, "1234"), '#');
}

AC_TEST(clean_text_stays_as_it_is_when_cleaned_again)
{
    char once[64];
    char twice[64];
    const char *text =
        "a\x1b\xC3\xE2\x80\xAE\\ and a good deal more, so that it is cut";

    ac_text_clean(once, sizeof once, text, strlen(text));
    ac_text_clean(twice, sizeof twice, once, strlen(once));

    CU_ASSERT_STRING_EQUAL(twice, once);
}

AC_TEST(text_is_made_of_its_alphabet_and_has_its_length)
{
    const char *alphabet = AC_ALPHABET_BASE64URL;

    CU_ASSERT_TRUE(ac_text_is_made_of("abc-_019XZ", alphabet, 1, 10));
    CU_ASSERT_TRUE(ac_text_is_made_of("", alphabet, 0, 10));
    CU_ASSERT_FALSE(ac_text_is_made_of("", alphabet, 1, 10));
    CU_ASSERT_FALSE(ac_text_is_made_of("abc-_019XZ", alphabet, 11, 20));
    CU_ASSERT_FALSE(ac_text_is_made_of("abc-_019XZ", alphabet, 1, 9));
    CU_ASSERT_FALSE(ac_text_is_made_of(NULL, alphabet, 0, 9));
}

AC_TEST(hostile_token_is_not_base64url)
{
    static const char *const tokens[] = { "../../x", "a/b", "a.b",      "a+b", "a=",
                                          "a b",     "a\n", "\xC3\xBC", "a%2f" };

    for (size_t i = 0; i < AC_COUNT(tokens); i++)
        CU_ASSERT_FALSE(ac_text_is_made_of(tokens[i], AC_ALPHABET_BASE64URL, 1, 99));
}

AC_TEST(number_within_its_range_is_read)
{
    int64_t number = 0;

    AC_REQUIRE_OK(ac_text_parse_number("80", 1, 65535, &number, NULL));
    CU_ASSERT_EQUAL(number, 80);
    AC_REQUIRE_OK(ac_text_parse_number("1", 1, 65535, &number, NULL));
    CU_ASSERT_EQUAL(number, 1);
    AC_REQUIRE_OK(ac_text_parse_number("65535", 1, 65535, &number, NULL));
    CU_ASSERT_EQUAL(number, 65535);
    AC_REQUIRE_OK(ac_text_parse_number("007", 0, 9, &number, NULL));
    CU_ASSERT_EQUAL(number, 7);
    AC_REQUIRE_OK(
        ac_text_parse_number("9223372036854775807", 0, INT64_MAX, &number, NULL));
    CU_ASSERT_EQUAL(number, INT64_MAX);
}

AC_TEST(what_is_no_number_of_the_range_is_refused)
{
    static const char *const wrong[] = { "",
                                         "-1",
                                         "+80",
                                         " 8",
                                         "8 ",
                                         "8x",
                                         "0x8",
                                         "8.0",
                                         "a",
                                         "\xB2",
                                         "1e2",
                                         "\xEF\xBC\x91",
                                         "8\n",
                                         "9223372036854775808",
                                         "18446744073709551617",
                                         "99999999999999999999999999" };
    int64_t number = 77;

    for (size_t i = 0; i < AC_COUNT(wrong); i++) {
        AC_REQUIRE_CODE(ac_text_parse_number(wrong[i], 0, INT64_MAX, &number, NULL),
                        AC_E_INVALID);
    }
    AC_REQUIRE_CODE(ac_text_parse_number("4", 5, 7, &number, NULL), AC_E_INVALID);
    AC_REQUIRE_CODE(ac_text_parse_number("8", 5, 7, &number, NULL), AC_E_INVALID);

    CU_ASSERT_EQUAL(number, 77);
}

AC_TEST(refused_number_says_the_range)
{
    struct ac_error err = { 0 };
    int64_t number = 0;

    AC_REQUIRE_CODE(ac_text_parse_number("99999", 1, 65535, &number, &err),
                    AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "\"99999\" is not a number from 1 to 65535");
    AC_REQUIRE_CODE(ac_text_parse_number(NULL, -1, 1, &number, &err), AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "\"\" is not a number from -1 to 1");
}

static const char *const known_words[] = { "port",   "path",    "address", "http01",
                                           "solver", "solvers", NULL };

AC_TEST(nearest_word_forgives_a_slip)
{
    CU_ASSERT_STRING_EQUAL(ac_text_nearest("prt", known_words), "port");
    CU_ASSERT_STRING_EQUAL(ac_text_nearest("prot", known_words), "port");
    CU_ASSERT_STRING_EQUAL(ac_text_nearest("porto", known_words), "port");
    CU_ASSERT_STRING_EQUAL(ac_text_nearest("adress", known_words), "address");
    CU_ASSERT_STRING_EQUAL(ac_text_nearest("adresss", known_words), "address");
    CU_ASSERT_STRING_EQUAL(ac_text_nearest("solvres", known_words), "solvers");
}

AC_TEST(nearest_word_is_the_nearest_and_the_first_of_equals)
{
    static const char *const equals[] = { "aab", "aac", NULL };

    CU_ASSERT_STRING_EQUAL(ac_text_nearest("solver", known_words), "solver");
    CU_ASSERT_STRING_EQUAL(ac_text_nearest("solvers", known_words), "solvers");
    CU_ASSERT_STRING_EQUAL(ac_text_nearest("aad", equals), "aab");
}

AC_TEST(nothing_is_near_to_a_quite_different_word)
{
    static const char *const none[] = { NULL };

    CU_ASSERT_PTR_NULL(ac_text_nearest("webroot", known_words));
    CU_ASSERT_PTR_NULL(ac_text_nearest("pqqt", known_words));
    CU_ASSERT_PTR_NULL(ac_text_nearest("", known_words));
    CU_ASSERT_PTR_NULL(ac_text_nearest("port", none));
}

AC_TEST(words_that_are_too_long_have_no_neighbours)
{
    char word[66];
    const char *const known[] = { word, NULL };

    memset(word, 'a', sizeof word);
    word[65] = '\0';
    CU_ASSERT_PTR_NULL(ac_text_nearest(word, known));
    CU_ASSERT_PTR_NULL(ac_text_nearest("aaa", known));
    word[64] = '\0';
    CU_ASSERT_PTR_EQUAL(ac_text_nearest(word, known), word);
}

AC_SUITE("base/text", AC_CASE(added_bytes_follow_each_other_and_end_with_nul),
         AC_CASE(added_bytes_may_hold_nuls), AC_CASE(text_without_bytes_reads_as_empty),
         AC_CASE(text_grows_to_its_limit_and_not_beyond),
         AC_CASE(limit_without_a_number_is_a_mebibyte),
         AC_CASE(impossible_size_is_refused), AC_CASE(formatted_text_is_added),
         AC_CASE(formatted_text_obeys_the_limit),
         AC_CASE(taken_bytes_belong_to_the_taker_and_the_text_is_empty),
         AC_CASE(empty_text_can_be_taken), AC_CASE(text_can_be_used_again_after_done),
         AC_CASE(fit_text_is_shown_as_it_is), AC_CASE(control_characters_are_escaped),
         AC_CASE(text_that_would_run_backwards_is_escaped),
         AC_CASE(broken_utf8_is_escaped_octet_by_octet),
         AC_CASE(text_around_broken_utf8_is_kept),
         AC_CASE(cleaning_never_reads_past_the_size),
         AC_CASE(long_text_is_cut_with_dots),
         AC_CASE(text_is_never_cut_within_a_character_or_an_escape),
         AC_CASE(tiny_buffer_is_never_overrun),
         AC_CASE(clean_text_stays_as_it_is_when_cleaned_again),
         AC_CASE(text_is_made_of_its_alphabet_and_has_its_length),
         AC_CASE(hostile_token_is_not_base64url),
         AC_CASE(number_within_its_range_is_read),
         AC_CASE(what_is_no_number_of_the_range_is_refused),
         AC_CASE(refused_number_says_the_range), AC_CASE(nearest_word_forgives_a_slip),
         AC_CASE(nearest_word_is_the_nearest_and_the_first_of_equals),
         AC_CASE(nothing_is_near_to_a_quite_different_word),
         AC_CASE(words_that_are_too_long_have_no_neighbours))
