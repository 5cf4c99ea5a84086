/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

/* What becomes of it; lent until the next. */
static const char *collapse(const char *path)
{
    static char text[256];

    (void)snprintf(text, sizeof text, "%s", path);
    ac_path_collapse(text);
    return text;
}

AC_TEST(path_without_detours_stays)
{
    CU_ASSERT_STRING_EQUAL(collapse("/etc/acmecore/acmecore.conf"),
                           "/etc/acmecore/acmecore.conf");
    CU_ASSERT_STRING_EQUAL(collapse("/a"), "/a");
    CU_ASSERT_STRING_EQUAL(collapse("/"), "/");
}

AC_TEST(dots_and_doubled_slashes_go)
{
    CU_ASSERT_STRING_EQUAL(collapse("/etc/acmecore/./acmecore.conf"),
                           "/etc/acmecore/acmecore.conf");
    CU_ASSERT_STRING_EQUAL(collapse("//etc///a/"), "/etc/a");
    CU_ASSERT_STRING_EQUAL(collapse("/./a/."), "/a");
    CU_ASSERT_STRING_EQUAL(collapse("/etc/x/../a"), "/etc/a");
    CU_ASSERT_STRING_EQUAL(collapse("/a/b/../../c"), "/c");
}

AC_TEST(nothing_is_above_the_root)
{
    CU_ASSERT_STRING_EQUAL(collapse("/../../a"), "/a");
    CU_ASSERT_STRING_EQUAL(collapse("/a/../.."), "/");
}

AC_TEST(names_that_begin_with_dots_are_names)
{
    CU_ASSERT_STRING_EQUAL(collapse("/a/..b/.c/..."), "/a/..b/.c/...");
}

AC_TEST(relative_path_stays_as_it_is)
{
    CU_ASSERT_STRING_EQUAL(collapse("./a/../b"), "./a/../b");
    CU_ASSERT_STRING_EQUAL(collapse(""), "");
}

AC_TEST(same_path_may_be_written_in_many_ways)
{
    CU_ASSERT_TRUE(ac_path_is_same("/etc/a", "/etc/./a"));
    CU_ASSERT_TRUE(ac_path_is_same("/etc/x/../a", "/etc//a"));
    CU_ASSERT_FALSE(ac_path_is_same("/etc/a", "/etc/b"));
    CU_ASSERT_FALSE(ac_path_is_same("/etc/a", "a"));
}

AC_SUITE("base/path", AC_CASE(path_without_detours_stays),
         AC_CASE(dots_and_doubled_slashes_go), AC_CASE(nothing_is_above_the_root),
         AC_CASE(names_that_begin_with_dots_are_names),
         AC_CASE(relative_path_stays_as_it_is),
         AC_CASE(same_path_may_be_written_in_many_ways))
