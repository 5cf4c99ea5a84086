/* SPDX-License-Identifier: Apache-2.0 */
#include "answers.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

AC_TEST(token_that_was_added_is_found)
{
    struct answers answers = { 0 };
    enum answers_added added = answers_add(&answers, "token", "token.thumb");
    const char *found = answers_find(&answers, "token");

    CU_ASSERT_EQUAL(added, found ? ANSWERS_ADDED : ANSWERS_NO_MEMORY);
    CU_ASSERT_TRUE(found && strcmp(found, "token.thumb") == 0);
    CU_ASSERT_PTR_NULL(answers_find(&answers, "toke"));
    CU_ASSERT_PTR_NULL(answers_find(&answers, "token2"));
    CU_ASSERT_PTR_NULL(answers_find(&answers, ""));
    answers_drop(&answers);
}

AC_TEST(empty_table_finds_and_removes_nothing)
{
    struct answers answers = { 0 };

    answers_remove(&answers, "token", "token.thumb");

    CU_ASSERT_PTR_NULL(answers_find(&answers, "token"));
    answers_drop(&answers);
}

AC_TEST(same_token_may_be_added_again_but_not_with_another_value)
{
    struct answers answers = { 0 };

    CU_ASSERT_EQUAL(answers_add(&answers, "a", "a.1"), ANSWERS_ADDED);
    CU_ASSERT_EQUAL(answers_add(&answers, "a", "a.1"), ANSWERS_ADDED);
    CU_ASSERT_EQUAL(answers_add(&answers, "a", "a.2"), ANSWERS_CONFLICT);
    CU_ASSERT_EQUAL(answers.count, 1);
    answers_drop(&answers);
}

AC_TEST(removing_needs_the_same_value)
{
    struct answers answers = { 0 };

    CU_ASSERT_EQUAL(answers_add(&answers, "a", "a.1"), ANSWERS_ADDED);
    answers_remove(&answers, "a", "a.2");
    CU_ASSERT_PTR_NOT_NULL(answers_find(&answers, "a"));
    answers_remove(&answers, "a", "a.1");
    CU_ASSERT_PTR_NULL(answers_find(&answers, "a"));
    answers_remove(&answers, "a", "a.1");
    CU_ASSERT_EQUAL(answers.count, 0);
    answers_drop(&answers);
}

AC_TEST(hundreds_of_tokens_in_any_order_are_kept_apart)
{
    struct answers answers = { 0 };
    char token[32], value[32];
    size_t right = 0;

    for (unsigned i = 0; i < 500; i++) {
        (void)snprintf(token, sizeof(token), "t%u", i * 7919 % 500);
        (void)snprintf(value, sizeof(value), "v%u", i * 7919 % 500);
        (void)answers_add(&answers, token, value);
    }
    for (unsigned i = 0; i < 500; i += 2) {
        (void)snprintf(token, sizeof(token), "t%u", i);
        (void)snprintf(value, sizeof(value), "v%u", i);
        answers_remove(&answers, token, value);
    }
    for (unsigned i = 0; i < 500; i++) {
        (void)snprintf(token, sizeof(token), "t%u", i);
        (void)snprintf(value, sizeof(value), "v%u", i);
        const char *found = answers_find(&answers, token);
        if (i % 2 == 0 ? !found : found && strcmp(found, value) == 0)
            right++;
    }

    CU_ASSERT_EQUAL(right, 500);
    CU_ASSERT_EQUAL(answers.count, 250);
    answers_drop(&answers);
}

AC_TEST(full_table_refuses_before_it_grows)
{
    struct answers answers = { 0 };
    char token[32];
    enum answers_added last = ANSWERS_ADDED;

    AC_REQUIRE(!ac_check_is_torture());
    for (unsigned i = 0; i < ANSWERS_MAX; i++) { /* in order: nothing is moved */
        (void)snprintf(token, sizeof(token), "t%06u", i);
        last = answers_add(&answers, token, "value");
    }

    CU_ASSERT_EQUAL(last, ANSWERS_ADDED);
    CU_ASSERT_EQUAL(answers_add(&answers, "one-more", "value"), ANSWERS_FULL);
    CU_ASSERT_EQUAL(answers_add(&answers, "t000000", "value"), ANSWERS_ADDED);
    answers_drop(&answers);
}

AC_TEST(only_base64url_is_a_safe_token)
{
    static char longer[ANSWERS_TOKEN_MAX + 2];
    static const char *const bad[] = {
        "", ".", "../x", "a b", "a%2e", "a/b", "a=", "é"
    };

    memset(longer, 'a', sizeof(longer) - 1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_FALSE(answers_token_is_safe(bad[i]));
    CU_ASSERT_FALSE(answers_token_is_safe(longer));
    CU_ASSERT_TRUE(answers_token_is_safe(longer + 1));
    CU_ASSERT_TRUE(answers_token_is_safe("AZaz09-_"));
}

AC_SUITE("http01-standalone/answers", AC_CASE(token_that_was_added_is_found),
         AC_CASE(empty_table_finds_and_removes_nothing),
         AC_CASE(same_token_may_be_added_again_but_not_with_another_value),
         AC_CASE(removing_needs_the_same_value),
         AC_CASE(hundreds_of_tokens_in_any_order_are_kept_apart),
         AC_CASE(full_table_refuses_before_it_grows),
         AC_CASE(only_base64url_is_a_safe_token))
