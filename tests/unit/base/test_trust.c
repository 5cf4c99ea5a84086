/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

#define NOBODY  65534
#define FOREIGN 4242 /* whom no file belongs to */

/* Takes the place of libc's. */
static uid_t fake_uid;

uid_t geteuid(void)
{
    return fake_uid != 0 ? fake_uid : (uid_t)syscall(SYS_geteuid);
}

static bool make_file(const char *name)
{
    const char *path = ac_test_path(name);

    return ac_test_write_file(path, "x", 1) && chmod(path, 0644) == 0;
}

static bool make_folder(const char *name, mode_t mode)
{
    const char *path = ac_test_path(name);

    return mkdir(path, 0700) == 0 && chmod(path, mode) == 0;
}

static void assert_refused(const char *name, const char *part, const char *reason)
{
    struct ac_error err = { 0 };
    char want[PATH_MAX];

    (void)snprintf(want, sizeof want, "%s is not to be trusted: %s", ac_test_path(part),
                   reason);
    AC_REQUIRE_CODE(ac_file_check_trust(ac_test_path(name), &err), AC_E_USAGE);

    CU_ASSERT_NSTRING_EQUAL(err.detail, want, strlen(want));
}

static void assert_trusted(const char *path)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(ac_file_check_trust(path, &err));
    CU_ASSERT_STRING_EQUAL(err.detail, "");
}

AC_TEST(our_file_in_our_folder_is_trusted)
{
    AC_REQUIRE(make_folder("a", 0755));
    AC_REQUIRE(make_file("a/file"));

    assert_trusted(ac_test_path("a/file"));
    assert_trusted(ac_test_path("a"));
    assert_trusted(ac_test_path("a/./..//a/file"));
    assert_trusted("/");
}

AC_TEST(a_file_that_others_can_write_is_refused_with_the_cure)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(make_file("file"));
    AC_REQUIRE(chmod(ac_test_path("file"), 0664) == 0);
    assert_refused("file", "file", "others can write it (mode 0664); chmod go-w ");
    AC_REQUIRE(chmod(ac_test_path("file"), 01646) == 0);

    AC_REQUIRE_CODE(ac_file_check_trust(ac_test_path("file"), &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, ac_test_path("file")));
}

AC_TEST(the_first_folder_that_others_can_write_is_named)
{
    AC_REQUIRE(make_folder("a", 0775));
    AC_REQUIRE(make_folder("a/b", 0777));
    AC_REQUIRE(make_file("a/b/file"));

    assert_refused("a/b/file", "a", "others can write it (mode 0775); chmod go-w ");
}

AC_TEST(a_sticky_folder_is_taken)
{
    AC_REQUIRE(make_folder("sticky", 01777));
    AC_REQUIRE(make_file("sticky/file"));

    assert_trusted(ac_test_path("sticky/file"));
}

AC_TEST(a_file_of_somebody_else_is_refused)
{
    struct ac_error err = { 0 };
    enum ac_code code;

    AC_REQUIRE(make_file("file"));
    (void)!chown(ac_test_path("file"), NOBODY, (gid_t)-1); /* or ours, who we are not */
    fake_uid = FOREIGN;
    code = ac_file_check_trust(ac_test_path("file"), &err);
    fake_uid = 0;
    AC_REQUIRE_CODE(code, AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "it belongs to user id"));
    CU_ASSERT(strstr(err.detail, "chown root /") || getuid() != 0);
}

AC_TEST(a_folder_of_somebody_else_is_not_to_become_roots)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(make_folder("home", 0755) && make_folder("home/build", 0755));
    AC_REQUIRE(make_file("home/build/plugin.so"));
    (void)!chown(ac_test_path("home"), NOBODY, (gid_t)-1);
    fake_uid = FOREIGN;
    enum ac_code code = ac_file_check_trust(ac_test_path("home/build/plugin.so"), &err);
    fake_uid = 0;
    AC_REQUIRE_CODE(code, AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "it belongs to user id"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "below a folder of root's"));
    CU_ASSERT_PTR_NULL(strstr(err.detail, "chown"));
}

AC_TEST(what_a_link_points_at_is_looked_at)
{
    AC_REQUIRE(make_folder("open", 0777));
    AC_REQUIRE(make_file("open/file"));
    AC_REQUIRE(symlink(ac_test_path("open/file"), ac_test_path("absolute")) == 0);
    AC_REQUIRE(symlink("open", ac_test_path("folder")) == 0);

    assert_refused("absolute", "open", "others can write it (mode 0777)");
    assert_refused("folder/file", "open", "others can write it (mode 0777)");
}

AC_TEST(the_folder_of_a_link_is_looked_at)
{
    AC_REQUIRE(make_folder("open", 0777));
    AC_REQUIRE(make_file("file"));
    AC_REQUIRE(symlink("../file", ac_test_path("open/link")) == 0);

    assert_refused("open/link", "open", "others can write it (mode 0777)");
}

AC_TEST(links_between_trusted_places_are_followed)
{
    AC_REQUIRE(make_folder("a", 0755));
    AC_REQUIRE(make_file("a/file"));
    AC_REQUIRE(symlink("a/", ac_test_path("b")) == 0);
    AC_REQUIRE(symlink("../b/file", ac_test_path("a/link")) == 0);

    assert_trusted(ac_test_path("b/link"));
}

AC_TEST(a_relative_path_is_looked_at_from_here)
{
    struct ac_error err = { 0 };
    char here[PATH_MAX] = "";

    AC_REQUIRE(getcwd(here, sizeof here) != NULL);
    AC_REQUIRE(make_folder("a", 0777));
    AC_REQUIRE(make_file("a/file"));
    AC_REQUIRE(chdir(ac_test_folder()) == 0);
    enum ac_code code = ac_file_check_trust("a/file", &err);
    AC_REQUIRE(chdir(here) == 0);

    AC_REQUIRE_CODE(code, AC_E_USAGE);
    CU_ASSERT_NSTRING_EQUAL(err.detail, ac_test_path("a"), strlen(ac_test_path("a")));
}

AC_TEST(what_is_not_there_is_not_found)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(symlink("nowhere", ac_test_path("link")) == 0);

    AC_REQUIRE_CODE(ac_file_check_trust(ac_test_path("no"), &err), AC_E_NOTFOUND);
    AC_REQUIRE_CODE(ac_file_check_trust(ac_test_path("link"), &err), AC_E_NOTFOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, ac_test_path("nowhere")));
}

AC_TEST(endless_links_and_paths_end)
{
    struct ac_error err = { 0 };
    char path[PATH_MAX + 16];

    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    AC_REQUIRE(symlink("loop", ac_test_path("loop")) == 0);

    AC_REQUIRE_CODE(ac_file_check_trust(ac_test_path("loop"), &err), AC_E_STORE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "Too many levels"));
    AC_REQUIRE_CODE(ac_file_check_trust(path, &err), AC_E_STORE);
    path[300] = '\0';
    AC_REQUIRE_CODE(ac_file_check_trust(path, &err), AC_E_STORE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "File name too long"));
}

AC_SUITE("base/trust", AC_CASE(our_file_in_our_folder_is_trusted),
         AC_CASE(a_file_that_others_can_write_is_refused_with_the_cure),
         AC_CASE(the_first_folder_that_others_can_write_is_named),
         AC_CASE(a_sticky_folder_is_taken), AC_CASE(a_file_of_somebody_else_is_refused),
         AC_CASE(a_folder_of_somebody_else_is_not_to_become_roots),
         AC_CASE(what_a_link_points_at_is_looked_at),
         AC_CASE(the_folder_of_a_link_is_looked_at),
         AC_CASE(links_between_trusted_places_are_followed),
         AC_CASE(a_relative_path_is_looked_at_from_here),
         AC_CASE(what_is_not_there_is_not_found), AC_CASE(endless_links_and_paths_end))
