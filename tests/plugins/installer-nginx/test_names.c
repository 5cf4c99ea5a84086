/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include "check.h"

AC_TEST(names_of_the_certificate_are_served)
{
    static const char *const names[] = { "example.com", "*.example.com", "192.0.2.1",
                                         NULL };

    CU_ASSERT_TRUE(names_match("example.com", names));
    CU_ASSERT_TRUE(names_match("EXAMPLE.com", names));
    CU_ASSERT_TRUE(names_match("www.example.com", names));
    CU_ASSERT_TRUE(names_match("*.example.com", names));
    CU_ASSERT_TRUE(names_match(".example.com", names));
    CU_ASSERT_TRUE(names_match("192.0.2.1", names));
}

AC_TEST(others_are_not)
{
    static const char *const names[] = { "*.example.com", "b.test", NULL };
    static const char *const none[] = { NULL };

    CU_ASSERT_FALSE(names_match("example.com", names));
    CU_ASSERT_FALSE(names_match("a.www.example.com", names));
    CU_ASSERT_FALSE(names_match(".test", names));
    CU_ASSERT_FALSE(names_match("*.test", names));
    CU_ASSERT_FALSE(names_match("~^.*\\.example.com", names));
    CU_ASSERT_FALSE(names_match("_", names));
    CU_ASSERT_FALSE(names_match("", names));
    CU_ASSERT_FALSE(names_match("b.test", none));
}

AC_SUITE("installer-nginx/names", AC_CASE(names_of_the_certificate_are_served),
         AC_CASE(others_are_not))
