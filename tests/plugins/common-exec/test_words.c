/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

AC_TEST(words_come_back_in_order)
{
    EXEC_AUTO_WORDS words = { 0 };
    const char **pointers = NULL;

    exec_words_add(&words, "one");
    exec_words_add(&words, "");
    exec_words_add_joined(&words, "th", "r", "ee");
    pointers = exec_words_pointers(&words);
    AC_REQUIRE(pointers != NULL);

    if (!words.wrong) {
        CU_ASSERT_STRING_EQUAL(pointers[0], "one");
        CU_ASSERT_STRING_EQUAL(pointers[1], "");
        CU_ASSERT_STRING_EQUAL(pointers[2], "three");
        CU_ASSERT_PTR_NULL(pointers[3]);
    }
    free(pointers);
}

AC_TEST(empty_list_has_no_words)
{
    EXEC_AUTO_WORDS words = { 0 };
    const char **pointers = exec_words_pointers(&words);

    AC_REQUIRE(pointers != NULL);

    CU_ASSERT_PTR_NULL(pointers[0]);
    CU_ASSERT_PTR_NULL(exec_words_next(&words, NULL));
    CU_ASSERT_PTR_NULL(exec_words_get(&words, "A"));
    free(pointers);
}

AC_TEST(later_value_replaces_an_earlier_one)
{
    EXEC_AUTO_WORDS words = { 0 };

    exec_words_set(&words, "A", "1");
    exec_words_set(&words, "AB", "2");
    exec_words_set(&words, "A", "33");
    exec_words_default(&words, "AB", "4");
    exec_words_default(&words, "C", "5");
    AC_REQUIRE(!words.wrong);

    CU_ASSERT_EQUAL(words.count, 3);
    CU_ASSERT_STRING_EQUAL(exec_words_get(&words, "A"), "33");
    CU_ASSERT_STRING_EQUAL(exec_words_get(&words, "AB"), "2");
    CU_ASSERT_STRING_EQUAL(exec_words_get(&words, "C"), "5");
}

AC_TEST(line_break_is_refused_and_nothing_follows_it)
{
    EXEC_AUTO_WORDS words = { 0 };

    exec_words_add(&words, "one\ntwo");
    exec_words_add(&words, "three");

    CU_ASSERT_STRING_EQUAL(words.wrong, "a value has a line break");
    CU_ASSERT_PTR_NULL(exec_words_next(&words, NULL));
}

AC_TEST(line_break_in_a_variable_is_refused_unless_it_is_meant)
{
    EXEC_AUTO_WORDS words = { 0 };
    EXEC_AUTO_WORDS other = { 0 };

    exec_words_set_as_is(&other, "A", "b\nc");
    AC_REQUIRE(!other.wrong);
    exec_words_set(&words, "A", "b\rc");

    CU_ASSERT_STRING_EQUAL(words.wrong, "a value has a line break");
    CU_ASSERT_STRING_EQUAL(exec_words_get(&other, "A"), "b\nc");
}

AC_TEST(word_that_no_kernel_takes_is_refused)
{
    EXEC_AUTO_WORDS words = { 0 };
    char *large = malloc(EXEC_WORD_MAX + 2);

    AC_REQUIRE(large != NULL);
    memset(large, 'x', EXEC_WORD_MAX + 1);
    large[EXEC_WORD_MAX + 1] = '\0';
    exec_words_add(&words, large);

    CU_ASSERT_STRING_EQUAL(words.wrong, EXEC_TOO_LONG);
    free(large);
}

AC_TEST(all_words_together_are_bounded)
{
    EXEC_AUTO_WORDS words = { 0 };
    char large[4096];

    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    for (size_t i = 0; i <= EXEC_WORDS_MAX / sizeof(large) && !words.wrong; i++)
        exec_words_add(&words, large);

    CU_ASSERT_PTR_NOT_NULL(words.wrong);
    CU_ASSERT(words.room <= 2 * EXEC_WORDS_MAX);
}

AC_TEST(copy_of_a_broken_list_is_broken)
{
    EXEC_AUTO_WORDS words = { 0 };
    EXEC_AUTO_WORDS from = { 0 };

    exec_words_add(&from, "a\n");
    exec_words_copy(&words, &from);

    CU_ASSERT_PTR_NOT_NULL(words.wrong);
}

AC_TEST(what_would_be_too_much_is_known_before_it_is_copied)
{
    EXEC_AUTO_WORDS words = { 0 };
    EXEC_AUTO_WORDS more = { 0 };
    char large[65536];

    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    for (size_t size = 0; size < EXEC_WORDS_MAX; size += sizeof(large))
        exec_words_add(&words, large);
    AC_REQUIRE(!words.wrong);

    CU_ASSERT_TRUE(exec_words_have_room(&words, &more));
    exec_words_add(&more, "");
    AC_REQUIRE(!more.wrong);
    CU_ASSERT_FALSE(exec_words_have_room(&words, &more));
}

AC_SUITE("common-exec/words", AC_CASE(words_come_back_in_order),
         AC_CASE(empty_list_has_no_words), AC_CASE(later_value_replaces_an_earlier_one),
         AC_CASE(line_break_is_refused_and_nothing_follows_it),
         AC_CASE(line_break_in_a_variable_is_refused_unless_it_is_meant),
         AC_CASE(word_that_no_kernel_takes_is_refused),
         AC_CASE(all_words_together_are_bounded),
         AC_CASE(copy_of_a_broken_list_is_broken),
         AC_CASE(what_would_be_too_much_is_known_before_it_is_copied))
