/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern.h"

#include "check.h"

#include <string.h>

AC_TEST(name_takes_the_place_of_n)
{
    char path[PATH_MAX] = "";

    CU_ASSERT_PTR_NULL(pattern_expand("/etc/%n/100%%-%n.pem", "www", path));

    CU_ASSERT_STRING_EQUAL(path, "/etc/www/100%-www.pem");
}

AC_TEST(name_that_leads_elsewhere_is_refused)
{
    static const char *const names[] = { "../etc/shadow", "a/b", "..", "." };
    char path[PATH_MAX] = "";

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        CU_ASSERT_PTR_NOT_NULL(pattern_expand("/etc/%n/key", names[i], path));
}

AC_TEST(path_that_is_too_long_is_refused)
{
    char name[PATH_MAX];
    char path[PATH_MAX] = "";

    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';

    CU_ASSERT_STRING_EQUAL(pattern_expand("/%n", name, path), "the path is too long");
}

AC_TEST(patterns_are_checked_once)
{
    CU_ASSERT_PTR_NULL(pattern_check("/etc/ssl/%n.pem"));
    CU_ASSERT_PTR_NULL(pattern_check("/etc/100%%"));
    CU_ASSERT_PTR_NOT_NULL(pattern_check("/etc/%s.pem"));
    CU_ASSERT_PTR_NOT_NULL(pattern_check("/etc/%"));
    CU_ASSERT_PTR_NOT_NULL(pattern_check("/etc/ssl/"));
    CU_ASSERT_PTR_NOT_NULL(pattern_check("key.pem"));
}

AC_SUITE("installer-files/pattern", AC_CASE(name_takes_the_place_of_n),
         AC_CASE(name_that_leads_elsewhere_is_refused),
         AC_CASE(path_that_is_too_long_is_refused), AC_CASE(patterns_are_checked_once))
