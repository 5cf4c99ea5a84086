/* SPDX-License-Identifier: Apache-2.0 */
#include "host/isolation.h"

#include "check.h"
#include "host/options.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

static enum ac_code read_one(const char *name, const char *value,
                             struct ac_isolation *ret_isolation, struct ac_error *err)
{
    AC_AUTO(ac_section) section = { 0 };

    AC_TRY(ac_section_add(&section, name, value, "acmecore.conf:12", err));
    return ac_isolation_read(&section, ret_isolation, err);
}

AC_TEST(nothing_said_is_a_sandbox_as_the_same_user)
{
    struct ac_error err = { 0 };
    struct ac_isolation isolation = { .is_none = true };

    AC_REQUIRE_OK(read_one("word", "none", &isolation, &err));

    CU_ASSERT_FALSE(isolation.is_none);
    CU_ASSERT_FALSE(isolation.has_identity);
}

AC_TEST(isolation_is_process_or_none)
{
    struct ac_error err = { 0 };
    struct ac_isolation isolation = { 0 };

    AC_REQUIRE_OK(read_one("@isolation", "none", &isolation, &err));
    CU_ASSERT_TRUE(isolation.is_none);
    AC_REQUIRE_OK(read_one("@isolation", "process", &isolation, &err));
    CU_ASSERT_FALSE(isolation.is_none);
    CU_ASSERT_EQUAL(read_one("@isolation", "nun", &isolation, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(
        err.detail, "acmecore.conf:12: isolation is process or none, not \"nun\"");
}

AC_TEST(user_that_does_not_exist_is_named)
{
    struct ac_error err = { 0 };
    struct ac_isolation isolation = { 0 };

    enum ac_code code = read_one("@user", "no-such-user-here", &isolation, &err);

    CU_ASSERT_EQUAL(code, AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "acmecore.conf:12: user = \"no-such-user-here\": "
                           "there is no such user");
}

/* Of root the code and the user are looked at, of all others the refusal. */
AC_TEST(only_root_becomes_another_user)
{
    struct ac_error err = { 0 };
    struct ac_isolation isolation = { 0 };
    bool is_root = geteuid() == 0;

    enum ac_code code = read_one("@user", "nobody", &isolation, &err);

    CU_ASSERT_EQUAL(code, is_root ? AC_OK : AC_E_USAGE);
    CU_ASSERT_EQUAL(isolation.identity.uid, is_root ? NOBODY : 0);
    CU_ASSERT_EQUAL(strstr(err.detail, "only root can run") != NULL, !is_root);
}

AC_TEST(a_setting_alone_is_checked_the_same_way)
{
    struct ac_error err = { 0 };
    char name[] = "@isolation";
    char value[] = "x";
    char origin[] = "--set";
    const struct ac_setting setting = { name, value, origin };

    enum ac_code code = ac_isolation_check(&setting, &err);

    CU_ASSERT_EQUAL(code, AC_E_USAGE);
    CU_ASSERT_TRUE(ac_isolation_is_setting(name));
    CU_ASSERT_FALSE(ac_isolation_is_setting("user"));
}

AC_TEST(paths_are_values_that_are_absolute_alone_or_behind_a_name)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_words) paths = { 0 };

    AC_REQUIRE_OK(ac_section_add(&section, "path", "/srv/www", "", &err));
    AC_REQUIRE_OK(ac_section_add(&section, "path", "a.test=/srv/a", "", &err));
    AC_REQUIRE_OK(ac_section_add(&section, "key", "file:/etc/secret", "", &err));
    AC_REQUIRE_OK(ac_section_add(&section, "word", "a/b", "", &err));
    AC_REQUIRE_OK(ac_section_add(&section, "@user", "/x", "", &err));
    AC_REQUIRE_OK(ac_isolation_paths(&section, NULL, &paths, &err));

    AC_REQUIRE(paths.count == 2);
    CU_ASSERT_STRING_EQUAL(paths.items[0], "/srv/www");
    CU_ASSERT_STRING_EQUAL(paths.items[1], "/srv/a");
}

AC_TEST(where_a_secret_is_is_no_path_of_the_plugin)
{
    struct ac_error err = { 0 };
    char token[] = "token";
    char file[] = "file";
    struct ac_option options[] = { { .name = token, .type = ACMECORE_OPTION_SECRET },
                                   { .name = file, .type = ACMECORE_OPTION_PATH } };
    const struct ac_descriptor descriptor = { .options = options, .option_count = 2 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_words) before = { 0 };
    AC_AUTO(ac_words) after = { 0 };

    AC_REQUIRE(ac_test_write_file(ac_test_path("private"), "x", 1));
    AC_REQUIRE(chmod(ac_test_path("private"), 0600) == 0);
    AC_REQUIRE_OK(ac_section_add(&section, "token", ac_test_path("private"), "", &err));
    AC_REQUIRE_OK(ac_section_add(&section, "file", ac_test_path("private"), "", &err));
    AC_REQUIRE_OK(ac_section_add(&section, "file", "/srv/www", "", &err));
    AC_REQUIRE_OK(ac_isolation_paths(&section, NULL, &before, &err));
    AC_REQUIRE_OK(ac_isolation_paths(&section, &descriptor, &after, &err));

    AC_REQUIRE(before.count == 1 && after.count == 2);
    CU_ASSERT_STRING_EQUAL(before.items[0], "/srv/www");
    CU_ASSERT_STRING_EQUAL(after.items[0], ac_test_path("private"));
    CU_ASSERT_STRING_EQUAL(after.items[1], "/srv/www");
}

AC_TEST(folder_and_what_is_in_it_are_given_once)
{
    struct ac_error err = { 0 };
    const struct ac_identity self = { .uid = geteuid(), .gid = getegid() };
    const struct ac_identity other = { .uid = geteuid() == 0 ? NOBODY : geteuid(),
                                       .gid = getegid() };
    struct stat status = { 0 };

    AC_REQUIRE(mkdir(ac_test_path("place"), 0700) == 0);
    AC_REQUIRE(ac_test_write_file(ac_test_path("place/note"), "x", 1));
    AC_REQUIRE_OK(ac_isolation_give(ac_test_path("place"), &self, &err));
    AC_REQUIRE_OK(ac_isolation_give(ac_test_path("place"), &other, &err));
    AC_REQUIRE(lstat(ac_test_path("place/note"), &status) == 0);

    CU_ASSERT_EQUAL(status.st_uid, other.uid);
}

AC_TEST(folder_of_a_third_user_is_not_given_away)
{
    struct ac_error err = { 0 };
    const struct ac_identity other = { .uid = 4711 };

    /* given: what belongs to neither us nor that user; who is not root, has /proc */
    const char *path = ac_test_path("theirs");
    AC_REQUIRE(mkdir(path, 0700) == 0);
    const char *theirs = chown(path, NOBODY, NOBODY) == 0 ? path : "/proc";

    enum ac_code code = ac_isolation_give(theirs, &other, &err);

    CU_ASSERT_EQUAL(code, AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "chown -R"));
}

AC_SUITE("host/isolation", AC_CASE(nothing_said_is_a_sandbox_as_the_same_user),
         AC_CASE(isolation_is_process_or_none),
         AC_CASE(user_that_does_not_exist_is_named),
         AC_CASE(only_root_becomes_another_user),
         AC_CASE(a_setting_alone_is_checked_the_same_way),
         AC_CASE(paths_are_values_that_are_absolute_alone_or_behind_a_name),
         AC_CASE(where_a_secret_is_is_no_path_of_the_plugin),
         AC_CASE(folder_and_what_is_in_it_are_given_once),
         AC_CASE(folder_of_a_third_user_is_not_given_away))
