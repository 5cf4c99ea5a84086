/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/nonce.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

AC_TEST(newest_nonce_is_taken_first)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_nonces) *nonces = NULL;
    AC_REQUIRE_OK(ac_nonces_new(&nonces, &err));
    ac_nonces_put(nonces, "old", 1000);
    ac_nonces_put(nonces, "new", 2000);
    AC_REQUIRE(ac_nonces_count(nonces) == 2 || ac_check_is_torture());

    AC_AUTO_TEXT char *first = ac_nonces_take(nonces, 3000);
    AC_AUTO_TEXT char *second = ac_nonces_take(nonces, 3000);
    AC_AUTO_TEXT char *third = ac_nonces_take(nonces, 3000);

    AC_REQUIRE(first && second);
    CU_ASSERT_STRING_EQUAL(first, "new");
    CU_ASSERT_STRING_EQUAL(second, "old");
    CU_ASSERT_PTR_NULL(third);
}

AC_TEST(nonce_past_its_age_is_not_given)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_nonces) *nonces = NULL;
    AC_REQUIRE_OK(ac_nonces_new(&nonces, &err));
    ac_nonces_put(nonces, "a", 0);
    ac_nonces_put(nonces, "b", 1);

    AC_AUTO_TEXT char *nonce = ac_nonces_take(nonces, AC_NONCE_AGE_MAX_MS + 2);

    CU_ASSERT_PTR_NULL(nonce);
    CU_ASSERT_EQUAL(ac_nonces_count(nonces), 0);
}

AC_TEST(purse_has_an_end)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_nonces) *nonces = NULL;
    AC_REQUIRE_OK(ac_nonces_new(&nonces, &err));

    for (int i = 0; i < 2 * AC_NONCE_PURSE_MAX; i++)
        ac_nonces_put(nonces, "n", 0);

    CU_ASSERT_EQUAL(ac_nonces_count(nonces), AC_NONCE_PURSE_MAX);
    ac_nonces_clear(nonces);
    CU_ASSERT_EQUAL(ac_nonces_count(nonces), 0);
}

AC_TEST(only_base64url_is_a_nonce)
{
    char longest[AC_NONCE_SIZE_MAX + 2];

    memset(longest, 'a', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';

    CU_ASSERT(ac_nonce_is_valid("oFvnlFP1wIhRlYS2jTaXbA"));
    CU_ASSERT(ac_nonce_is_valid(longest + 1));
    CU_ASSERT_FALSE(ac_nonce_is_valid(longest));
    CU_ASSERT_FALSE(ac_nonce_is_valid(NULL));
    CU_ASSERT_FALSE(ac_nonce_is_valid(""));
    CU_ASSERT_FALSE(ac_nonce_is_valid("a b"));
    CU_ASSERT_FALSE(ac_nonce_is_valid("ab=="));
    CU_ASSERT_FALSE(ac_nonce_is_valid("a/b"));
    CU_ASSERT_FALSE(ac_nonce_is_valid("a\r\nX: y"));
}

AC_TEST(bad_nonce_is_not_kept)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_nonces) *nonces = NULL;
    AC_REQUIRE_OK(ac_nonces_new(&nonces, &err));

    ac_nonces_put(nonces, "not a nonce", 0);
    ac_nonces_put(nonces, NULL, 0);

    CU_ASSERT_EQUAL(ac_nonces_count(nonces), 0);
}

AC_SUITE("acme/nonce", AC_CASE(newest_nonce_is_taken_first),
         AC_CASE(nonce_past_its_age_is_not_given), AC_CASE(purse_has_an_end),
         AC_CASE(only_base64url_is_a_nonce), AC_CASE(bad_nonce_is_not_kept))
