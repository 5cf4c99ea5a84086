/* SPDX-License-Identifier: Apache-2.0 */
#include "base/words.h"

#include "base/text.h"
#include "check.h"

/* The words of a NULL-terminated list. */
static enum ac_code fill(struct ac_words *words, const char *const *list)
{
    for (; *list; list++)
        AC_TRY(ac_words_add(words, *list, NULL));
    return AC_OK;
}
#define FILL(words, ...) fill(&(words), (const char *const[]){ __VA_ARGS__, NULL })

AC_TEST(words_are_a_null_terminated_list)
{
    AC_AUTO(ac_words) words = { 0 };

    for (size_t i = 0; i < 40; i++) {
        AC_REQUIRE_OK(ac_words_addf(&words, NULL, "w%zu", i));
        CU_ASSERT_PTR_NULL(words.items[i + 1]);
    }

    CU_ASSERT_EQUAL(words.count, 40);
    CU_ASSERT_STRING_EQUAL(words.items[0], "w0");
    CU_ASSERT_STRING_EQUAL(words.items[39], "w39");
}

AC_TEST(added_word_is_a_copy)
{
    AC_AUTO(ac_words) words = { 0 };
    char word[] = "abc";

    AC_REQUIRE_OK(ac_words_add(&words, word, NULL));
    word[0] = 'x';

    CU_ASSERT_STRING_EQUAL(words.items[0], "abc");
}

AC_TEST(copied_words_are_their_own)
{
    AC_AUTO(ac_words) from = { 0 };
    AC_AUTO(ac_words) to = { .count = 7 };

    AC_REQUIRE_OK(ac_words_copy(&from, &to, NULL));
    CU_ASSERT_EQUAL(to.count, 0);

    AC_REQUIRE_OK(FILL(from, "one", "two"));
    AC_REQUIRE_OK(ac_words_copy(&from, &to, NULL));
    ac_words_done(&from);

    CU_ASSERT_EQUAL(to.count, 2);
    CU_ASSERT_STRING_EQUAL(to.items[0], "one");
    CU_ASSERT_STRING_EQUAL(to.items[1], "two");
    CU_ASSERT_PTR_NULL(to.items[2]);
}

AC_TEST(a_word_is_found_whole_only)
{
    AC_AUTO(ac_words) words = { 0 };

    AC_REQUIRE_OK(FILL(words, "http-01", "dns-01"));

    CU_ASSERT_TRUE(ac_words_has(&words, "dns-01"));
    CU_ASSERT_FALSE(ac_words_has(&words, "dns"));
    CU_ASSERT_FALSE(ac_words_has(&words, "DNS-01"));
    CU_ASSERT_FALSE(ac_words_has(&(struct ac_words){ 0 }, "dns-01"));
}

AC_TEST(sets_are_the_same_in_any_order)
{
    AC_AUTO(ac_words) a = { 0 };
    AC_AUTO(ac_words) b = { 0 };
    AC_AUTO(ac_words) c = { 0 };

    AC_REQUIRE_OK(FILL(a, "one", "two"));
    AC_REQUIRE_OK(FILL(b, "two", "one"));
    AC_REQUIRE_OK(FILL(c, "two", "three"));

    CU_ASSERT_TRUE(ac_words_is_same_set(&a, &b));
    CU_ASSERT_FALSE(ac_words_is_same_set(&a, &c));
    CU_ASSERT_FALSE(ac_words_is_same_set(&a, &(struct ac_words){ 0 }));
    CU_ASSERT_TRUE(
        ac_words_is_same_set(&(struct ac_words){ 0 }, &(struct ac_words){ 0 }));
}

AC_TEST(sorted_words_are_in_byte_order)
{
    static const char *const sorted[] = { "*.a", "B", "a", "aa", "b" };
    AC_AUTO(ac_words) words = { 0 };
    struct ac_words none = { 0 };

    AC_REQUIRE_OK(FILL(words, "b", "a", "*.a", "B", "aa"));
    ac_words_sort(&words);
    ac_words_sort(&none);

    for (size_t i = 0; i < AC_COUNT(sorted); i++)
        CU_ASSERT_STRING_EQUAL(words.items[i], sorted[i]);
    CU_ASSERT_PTR_NULL(words.items[AC_COUNT(sorted)]);
}

AC_TEST(joined_words_have_the_separator_between_them_only)
{
    AC_AUTO(ac_words) words = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_words_join(&words, ", ", &text, NULL));
    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "");

    AC_REQUIRE_OK(ac_text_add(&text, "names: ", 7, NULL));
    AC_REQUIRE_OK(FILL(words, "a", "b", "c"));
    AC_REQUIRE_OK(ac_words_join(&words, ", ", &text, NULL));
    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "names: a, b, c");
}

AC_TEST(joining_obeys_the_limit_of_the_text)
{
    AC_AUTO(ac_words) words = { 0 };
    AC_AUTO(ac_text) text = { .limit = 4 };

    AC_REQUIRE_OK(FILL(words, "abc", "def"));
    AC_REQUIRE_CODE(ac_words_join(&words, ",", &text, NULL), AC_E_INVALID);

    CU_ASSERT_TRUE(text.size <= 4);
}

AC_SUITE("base/words", AC_CASE(words_are_a_null_terminated_list),
         AC_CASE(added_word_is_a_copy), AC_CASE(copied_words_are_their_own),
         AC_CASE(a_word_is_found_whole_only), AC_CASE(sets_are_the_same_in_any_order),
         AC_CASE(sorted_words_are_in_byte_order),
         AC_CASE(joined_words_have_the_separator_between_them_only),
         AC_CASE(joining_obeys_the_limit_of_the_text))
