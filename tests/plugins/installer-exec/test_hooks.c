/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

#include "hook_run.h"

AC_TEST(executables_are_listed_in_order)
{
    struct fake_host fake;
    EXEC_AUTO_WORDS paths = { 0 };
    const char *path = NULL;

    AC_REQUIRE(fake_host_start(&fake, NULL) && mkdir(ac_test_path("d"), 0700) == 0
               && mkdir(ac_test_path("d/folder"), 0700) == 0);
    (void)hook_write("d/20-b", "");
    (void)hook_write("d/10-a", "");
    (void)hook_write("d/30-c~", "");
    (void)hook_write("d/.hidden", "");
    AC_REQUIRE(ac_test_write_file(ac_test_path("d/README"), "", 0));
    AC_REQUIRE(hooks_list(&fake.host, ac_test_path("d"), &paths) == ACMECORE_OK);

    CU_ASSERT_EQUAL(paths.count, 2);
    path = exec_words_next(&paths, NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(path, "/10-a"));
    CU_ASSERT_PTR_NOT_NULL(strstr(exec_words_next(&paths, path), "/20-b"));
}

AC_TEST(hook_that_everybody_may_write_is_refused)
{
    struct fake_host fake;
    EXEC_AUTO_WORDS paths = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL) && mkdir(ac_test_path("d"), 0700) == 0
               && chmod(hook_write("d/a", ""), 0777) == 0);

    AC_REQUIRE(hooks_list(&fake.host, ac_test_path("d"), &paths) == ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "everybody may write it"));
}

AC_TEST(folder_that_is_missing_is_told)
{
    struct fake_host fake;
    EXEC_AUTO_WORDS paths = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));

    CU_ASSERT_EQUAL(hooks_list(&fake.host, "/nonexistent", &paths), ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(paths.count, 0);
}

AC_TEST(lineage_is_called_as_the_certificate_and_follows_it)
{
    struct fake_host fake;
    char lineage[PATH_MAX], target[PATH_MAX] = "";

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(hooks_link_lineage(&fake.host, "www", "/old", lineage) == ACMECORE_OK);
    AC_REQUIRE(hooks_link_lineage(&fake.host, "www", "/new", lineage) == ACMECORE_OK);
    AC_REQUIRE(hooks_link_lineage(&fake.host, "www", "/new", lineage) == ACMECORE_OK);

    CU_ASSERT_PTR_NOT_NULL(strstr(lineage, "/live/www"));
    CU_ASSERT_EQUAL(readlink(lineage, target, sizeof(target)), 4);
    CU_ASSERT_STRING_EQUAL(target, "/new");
}

AC_TEST(name_that_leads_elsewhere_is_refused)
{
    struct fake_host fake;
    char lineage[PATH_MAX];

    AC_REQUIRE(fake_host_start(&fake, NULL));

    CU_ASSERT_EQUAL(hooks_link_lineage(&fake.host, "../x", "/a", lineage),
                    ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(hooks_link_lineage(&fake.host, "..", "/a", lineage),
                    ACMECORE_E_INVALID);
}

AC_SUITE("installer-exec/hooks", AC_CASE(executables_are_listed_in_order),
         AC_CASE(hook_that_everybody_may_write_is_refused),
         AC_CASE(folder_that_is_missing_is_told),
         AC_CASE(lineage_is_called_as_the_certificate_and_follows_it),
         AC_CASE(name_that_leads_elsewhere_is_refused))
