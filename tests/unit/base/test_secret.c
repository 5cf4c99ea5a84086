/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <string.h>

#include "check.h"

AC_TEST(new_secret_is_zeroed_and_ends_with_a_nul)
{
    AC_AUTO(ac_secret) secret = { 0 };

    AC_REQUIRE_OK(ac_secret_new(32, &secret, NULL));

    CU_ASSERT_EQUAL(secret.size, 32);
    for (size_t i = 0; i <= 32; i++)
        CU_ASSERT_EQUAL(secret.bytes[i], 0);
}

AC_TEST(copied_secret_has_the_bytes_and_a_nul)
{
    AC_AUTO(ac_secret) secret = { 0 };

    AC_REQUIRE_OK(ac_secret_copy("k\0ey", 4, &secret, NULL));

    CU_ASSERT_EQUAL(secret.size, 4);
    CU_ASSERT_EQUAL(memcmp(secret.bytes, "k\0ey", 5), 0);
}

AC_TEST(empty_secret_can_be_made)
{
    AC_AUTO(ac_secret) secret = { 0 };

    AC_REQUIRE_OK(ac_secret_copy(NULL, 0, &secret, NULL));

    CU_ASSERT_EQUAL(secret.size, 0);
    AC_REQUIRE(secret.bytes != NULL);
    CU_ASSERT_EQUAL(secret.bytes[0], 0);
}

AC_TEST(impossible_size_is_refused_and_nothing_is_written)
{
    struct ac_error err = { 0 };
    struct ac_secret secret = { 0 };

    enum ac_code wrapping = ac_secret_new(SIZE_MAX, &secret, &err);

    CU_ASSERT_EQUAL(wrapping, AC_E_NOMEM);
    CU_ASSERT_EQUAL(err.code, AC_E_NOMEM);
    CU_ASSERT_PTR_NULL(secret.bytes);
    CU_ASSERT_EQUAL(secret.size, 0);
}

AC_TEST(wiping_empties_the_struct)
{
    AC_AUTO(ac_secret) secret = { 0 };
    AC_REQUIRE_OK(ac_secret_copy("secret", 6, &secret, NULL));

    ac_secret_wipe(&secret);

    CU_ASSERT_PTR_NULL(secret.bytes);
    CU_ASSERT_EQUAL(secret.size, 0);
}

AC_TEST(wiping_twice_or_nothing_is_harmless)
{
    AC_AUTO(ac_secret) secret = { 0 };
    AC_REQUIRE_OK(ac_secret_copy("secret", 6, &secret, NULL));

    ac_secret_wipe(&secret);
    ac_secret_wipe(&secret);
    ac_secret_wipe(NULL);

    CU_ASSERT_PTR_NULL(secret.bytes);
}

AC_TEST(secrets_are_equal_when_size_and_bytes_are)
{
    AC_AUTO(ac_secret) secret = { 0 };
    AC_AUTO(ac_secret) same = { 0 };
    AC_AUTO(ac_secret) other_first = { 0 };
    AC_AUTO(ac_secret) other_last = { 0 };
    AC_AUTO(ac_secret) shorter = { 0 };

    AC_REQUIRE_OK(ac_secret_copy("secret", 6, &secret, NULL));
    AC_REQUIRE_OK(ac_secret_copy("secret", 6, &same, NULL));
    AC_REQUIRE_OK(ac_secret_copy("Secret", 6, &other_first, NULL));
    AC_REQUIRE_OK(ac_secret_copy("secreT", 6, &other_last, NULL));
    AC_REQUIRE_OK(ac_secret_copy("secre", 5, &shorter, NULL));

    CU_ASSERT_TRUE(ac_secret_is_equal(&secret, &same));
    CU_ASSERT_FALSE(ac_secret_is_equal(&secret, &other_first));
    CU_ASSERT_FALSE(ac_secret_is_equal(&secret, &other_last));
    CU_ASSERT_FALSE(ac_secret_is_equal(&secret, &shorter));
    CU_ASSERT_FALSE(ac_secret_is_equal(&shorter, &secret));
}

AC_TEST(difference_in_every_bit_is_seen)
{
    AC_AUTO(ac_secret) a = { 0 };
    AC_AUTO(ac_secret) b = { 0 };

    AC_REQUIRE_OK(ac_secret_new(4, &a, NULL));
    AC_REQUIRE_OK(ac_secret_new(4, &b, NULL));

    for (unsigned bit = 0; bit < 32; bit++) {
        b.bytes[bit / 8] = (uint8_t)(1u << bit % 8);
        CU_ASSERT_FALSE(ac_secret_is_equal(&a, &b));
        b.bytes[bit / 8] = 0;
    }
    CU_ASSERT_TRUE(ac_secret_is_equal(&a, &b));
}

AC_TEST(empty_secrets_are_equal_however_they_came_to_be)
{
    AC_AUTO(ac_secret) made = { 0 };
    struct ac_secret never_made = { 0 };

    AC_REQUIRE_OK(ac_secret_new(0, &made, NULL));

    CU_ASSERT_TRUE(ac_secret_is_equal(&made, &never_made));
}

AC_SUITE("base/secret", AC_CASE(new_secret_is_zeroed_and_ends_with_a_nul),
         AC_CASE(copied_secret_has_the_bytes_and_a_nul),
         AC_CASE(empty_secret_can_be_made),
         AC_CASE(impossible_size_is_refused_and_nothing_is_written),
         AC_CASE(wiping_empties_the_struct),
         AC_CASE(wiping_twice_or_nothing_is_harmless),
         AC_CASE(secrets_are_equal_when_size_and_bytes_are),
         AC_CASE(difference_in_every_bit_is_seen),
         AC_CASE(empty_secrets_are_equal_however_they_came_to_be))
