/* SPDX-License-Identifier: Apache-2.0 */
#include "host/catalogue.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of the test with one file in it, and the list that names it. */
static enum ac_code make_folder(const char *file, struct ac_words *folders,
                                struct ac_error *err)
{
    if (!ac_test_folder() || !ac_test_write_file(ac_test_path(file), "x", 1))
        return ac_fail(err, AC_E_SYSTEM, "no folder");
    return ac_words_add(folders, ac_test_folder(), err);
}

AC_TEST(plugin_is_found_in_the_first_folder_that_has_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE_OK(ac_words_add(&folders, "/nonexistent", &err));
    AC_REQUIRE_OK(make_folder("dns01-x.so", &folders, &err));
    AC_REQUIRE_OK(ac_catalogue_find(&folders, "dns01-x", &path, &err));

    CU_ASSERT_STRING_EQUAL(path, ac_test_path("dns01-x.so"));
}

AC_TEST(relative_folder_gives_a_whole_path)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO(ac_words) here = { 0 };
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE_OK(make_folder("a.so", &folders, &err));
    AC_REQUIRE(chdir(ac_test_folder()) == 0);
    AC_REQUIRE_OK(ac_words_add(&here, ".", &err));
    enum ac_code code = ac_catalogue_find(&here, "a", &path, &err);
    AC_REQUIRE(chdir("/") == 0);

    AC_REQUIRE_OK(code);
    CU_ASSERT_EQUAL(path[0], '/');
}

AC_TEST(bad_names_are_refused)
{
    static const char *const names[] = { "",   ".",   "..",  "../x",    "a/b",
                                         ".x", "a b", "a\n", "\xC3\xA4" };
    AC_AUTO(ac_words) folders = { 0 };

    for (size_t i = 0; i < AC_COUNT(names); i++) {
        struct ac_error err = { 0 };
        AC_AUTO_TEXT char *path = NULL;
        AC_REQUIRE_CODE(ac_catalogue_find(&folders, names[i], &path, &err), AC_E_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "is no plugin name"));
    }
}

AC_TEST(absent_plugin_names_folders_and_the_nearest)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE_OK(make_folder("http01-webroot.so", &folders, &err));
    AC_REQUIRE_CODE(ac_catalogue_find(&folders, "http01-webrot", &path, &err),
                    AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, ac_test_folder()));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "did you mean http01-webroot?"));
    AC_REQUIRE_CODE(ac_catalogue_find(&folders, "webroot", &path, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "did you mean http01-webroot?"));
    AC_REQUIRE_CODE(ac_catalogue_find(&folders, "root", &path, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NULL(strstr(err.detail, "did you mean"));
}

AC_TEST(file_that_others_can_write_is_not_trusted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE_OK(make_folder("a.so", &folders, &err));
    AC_REQUIRE(chmod(ac_test_path("a.so"), 0664) == 0);

    AC_REQUIRE_CODE(ac_catalogue_find(&folders, "a", &path, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "chmod go-w"));
}

AC_TEST(folder_that_others_can_write_is_not_trusted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE_OK(make_folder("a.so", &folders, &err));
    AC_REQUIRE(chmod(ac_test_folder(), 0777) == 0);

    AC_REQUIRE_CODE(ac_catalogue_find(&folders, "a", &path, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "others can write"));
}

AC_TEST(file_of_somebody_else_is_not_trusted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE_OK(make_folder("a.so", &folders, &err));
    bool is_given_away = chown(ac_test_path("a.so"), 1, 1) == 0;
    enum ac_code want = is_given_away ? AC_E_USAGE : AC_OK; /* only root gives away */

    AC_REQUIRE_CODE(ac_catalogue_find(&folders, "a", &path, &err), want);
    CU_ASSERT_EQUAL(path == NULL, is_given_away);
}

AC_TEST(link_out_of_a_trusted_folder_is_followed_and_checked)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE_OK(make_folder("target", &folders, &err));
    AC_REQUIRE(symlink(ac_test_path("target"), ac_test_path("a.so")) == 0);
    AC_REQUIRE(chmod(ac_test_path("target"), 0666) == 0);

    AC_REQUIRE_CODE(ac_catalogue_find(&folders, "a", &path, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "target"));
}

AC_TEST(link_that_leads_nowhere_is_not_a_missing_plugin)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE_OK(make_folder("target", &folders, &err));
    (void)unlink(ac_test_path("lost.so"));
    AC_REQUIRE(symlink(ac_test_path("nowhere"), ac_test_path("lost.so")) == 0);

    AC_REQUIRE_CODE(ac_catalogue_find(&folders, "lost", &path, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "lost.so cannot be used"));
    CU_ASSERT_PTR_NULL(strstr(err.detail, "did you mean"));
}

AC_TEST(list_is_sorted_and_has_each_plugin_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO(ac_words) names = { 0 };

    AC_REQUIRE_OK(make_folder("b.so", &folders, &err));
    AC_REQUIRE_OK(make_folder("a.so", &folders, &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("README"), "x", 1));
    AC_REQUIRE(ac_test_write_file(ac_test_path(".so"), "x", 1));
    AC_REQUIRE_OK(ac_catalogue_list(&folders, &names, &err));

    AC_REQUIRE(names.count == 2);
    CU_ASSERT_STRING_EQUAL(names.items[0], "a");
    CU_ASSERT_STRING_EQUAL(names.items[1], "b");
}

AC_SUITE("host/catalogue", AC_CASE(link_that_leads_nowhere_is_not_a_missing_plugin),
         AC_CASE(plugin_is_found_in_the_first_folder_that_has_it),
         AC_CASE(relative_folder_gives_a_whole_path), AC_CASE(bad_names_are_refused),
         AC_CASE(absent_plugin_names_folders_and_the_nearest),
         AC_CASE(file_that_others_can_write_is_not_trusted),
         AC_CASE(folder_that_others_can_write_is_not_trusted),
         AC_CASE(file_of_somebody_else_is_not_trusted),
         AC_CASE(link_out_of_a_trusted_folder_is_followed_and_checked),
         AC_CASE(list_is_sorted_and_has_each_plugin_once))
