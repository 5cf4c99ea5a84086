/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static mode_t mode_of(const char *path)
{
    struct stat status = { 0 };

    return lstat(path, &status) == 0 ? status.st_mode & 07777 : 0;
}

static bool write_file(const char *path)
{
    return ac_test_write_file(path, "x", 1);
}

/* "d/d/d/...", so many, without the many syncs of ac_file_make_folders. */
static bool make_deep(size_t depth)
{
    char name[128];
    bool is_made = true;

    for (size_t i = 0; i < depth && is_made; i++) {
        name[2 * i] = 'd';
        name[2 * i + 1] = '\0';
        is_made = mkdir(ac_test_path(name), 0700) == 0;
        name[2 * i + 1] = '/';
    }
    return is_made;
}

AC_TEST(a_folder_has_the_exact_mode_whatever_the_umask)
{
    struct ac_error err = { 0 };
    mode_t before = umask(0077);
    enum ac_code narrow = ac_file_make_folder(ac_test_path("a"), 0755, &err);
    enum ac_code wide;

    (void)umask(0);
    wide = ac_file_make_folder(ac_test_path("b"), 0700, &err);
    (void)umask(before);
    AC_REQUIRE_OK(narrow);
    AC_REQUIRE_OK(wide);

    CU_ASSERT_EQUAL(mode_of(ac_test_path("a")), 0755);
    CU_ASSERT_EQUAL(mode_of(ac_test_path("b")), 0700);
}

AC_TEST(an_existing_folder_is_fine_and_unchanged)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(mkdir(ac_test_path("a"), 0711) == 0);
    AC_REQUIRE_OK(ac_file_make_folder(ac_test_path("a"), 0700, &err));
    AC_REQUIRE(symlink("a", ac_test_path("link")) == 0);
    AC_REQUIRE_OK(ac_file_make_folder(ac_test_path("link"), 0700, &err));

    CU_ASSERT_EQUAL(mode_of(ac_test_path("a")), 0711);
}

AC_TEST(a_file_in_the_place_of_a_folder_is_told)
{
    struct ac_error err = { 0 };
    const char *path = ac_test_path("a");

    AC_REQUIRE(write_file(path));
    AC_REQUIRE_CODE(ac_file_make_folder(path, 0700, &err), AC_E_STORE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, path));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "File exists"));
    AC_REQUIRE_CODE(ac_file_make_folders(ac_test_path("a/b/c"), 0700, &err),
                    AC_E_STORE);
    AC_REQUIRE_CODE(ac_file_make_folder(ac_test_path("no/b"), 0700, &err), AC_E_STORE);
}

AC_TEST(a_whole_path_is_made)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(mkdir(ac_test_path("a"), 0711) == 0);
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("a//b/./c/"), 0750, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("a/b/c"), 0700, &err));
    AC_REQUIRE_OK(ac_file_make_folders("/", 0700, &err));

    CU_ASSERT_EQUAL(mode_of(ac_test_path("a")), 0711);
    CU_ASSERT_EQUAL(mode_of(ac_test_path("a/b")), 0750);
    CU_ASSERT_EQUAL(mode_of(ac_test_path("a/b/c")), 0750);
}

AC_TEST(an_empty_path_is_no_folder)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(ac_file_make_folders("", 0700, &err), AC_E_STORE);

    CU_ASSERT_STRING_EQUAL(err.detail, "\"\" does not end in a name");
}

AC_TEST(a_tree_is_removed)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("t/a/b"), 0700, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("t/c"), 0700, &err));
    AC_REQUIRE(write_file(ac_test_path("t/.hidden")));
    AC_REQUIRE(write_file(ac_test_path("t/a/b/file")));
    AC_REQUIRE_OK(ac_file_remove_tree(ac_test_path("t"), &err));

    CU_ASSERT_FALSE(ac_file_exists(ac_test_path("t")));
}

AC_TEST(removing_a_tree_never_follows_links)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("kept"), 0700, &err));
    AC_REQUIRE(write_file(ac_test_path("kept/file")));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("t"), 0700, &err));
    AC_REQUIRE(symlink("../kept", ac_test_path("t/link")) == 0);
    AC_REQUIRE(symlink("kept", ac_test_path("root")) == 0);
    AC_REQUIRE_OK(ac_file_remove_tree(ac_test_path("t"), &err));
    AC_REQUIRE_OK(ac_file_remove_tree(ac_test_path("root"), &err));

    CU_ASSERT_TRUE(ac_file_exists(ac_test_path("kept/file")));
    CU_ASSERT_FALSE(ac_file_exists(ac_test_path("t")));
    CU_ASSERT_FALSE(ac_file_exists(ac_test_path("root")));
}

AC_TEST(removing_a_tree_takes_a_file_and_a_missing_one)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(write_file(ac_test_path("a")));
    AC_REQUIRE_OK(ac_file_remove_tree(ac_test_path("a"), &err));
    AC_REQUIRE_OK(ac_file_remove_tree(ac_test_path("a"), &err));
    AC_REQUIRE_OK(ac_file_remove_tree(ac_test_path("no/a"), &err));

    CU_ASSERT_FALSE(ac_file_exists(ac_test_path("a")));
}

AC_TEST(a_path_that_ends_in_no_name_is_not_removed)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(mkdir(ac_test_path("a"), 0700) == 0);
    AC_REQUIRE_CODE(ac_file_remove_tree(ac_test_path("a/."), &err), AC_E_STORE);
    AC_REQUIRE_CODE(ac_file_remove_tree(ac_test_path("a/.."), &err), AC_E_STORE);
    AC_REQUIRE_CODE(ac_file_remove_tree("/", &err), AC_E_STORE);

    CU_ASSERT_TRUE(ac_file_exists(ac_test_path("a")));
}

AC_TEST(a_tree_deeper_than_any_of_ours_is_left)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(make_deep(32));
    AC_REQUIRE_OK(ac_file_remove_tree(ac_test_path("d"), &err));
    AC_REQUIRE(make_deep(33));
    AC_REQUIRE_CODE(ac_file_remove_tree(ac_test_path("d"), &err), AC_E_STORE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "nested deeper than 32"));
}

AC_TEST(names_are_listed_in_order_without_dot_files)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) names = { 0 };

    AC_REQUIRE(write_file(ac_test_path("b")));
    AC_REQUIRE(write_file(ac_test_path("a")));
    AC_REQUIRE(write_file(ac_test_path(".hidden")));
    AC_REQUIRE(mkdir(ac_test_path("c"), 0700) == 0);
    AC_REQUIRE_OK(ac_file_list(ac_test_folder(), &names, &err));

    AC_REQUIRE(names.count == 3);
    CU_ASSERT_STRING_EQUAL(names.items[0], "a");
    CU_ASSERT_STRING_EQUAL(names.items[1], "b");
    CU_ASSERT_STRING_EQUAL(names.items[2], "c");
}

AC_TEST(a_missing_folder_has_no_names)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) names = { 0 };

    AC_REQUIRE_OK(ac_file_list(ac_test_path("no"), &names, &err));
    CU_ASSERT_EQUAL(names.count, 0);

    AC_REQUIRE(write_file(ac_test_path("a")));
    AC_REQUIRE_CODE(ac_file_list(ac_test_path("a"), &names, &err), AC_E_STORE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "cannot list /"));
}

/* ---- what a killed run left */

#define DRAFT ".acmecore-0123456789abcdef.tmp"

static bool is_there(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

AC_TEST(sweeping_removes_drafts_and_keeps_all_else)
{
    static const char *const kept[] = {
        ".acmecore-0123456789ABCDEF.tmp",
        ".acmecore-0123456789abcde.tmp",
        ".acmecore-0123456789abcdef0.tmp",
        ".acmecore-0123456789abcdef.tmpx",
        ".acmecore-0123456789abcdeg.tmp",
        "acmecore-0123456789abcdef.tmp",
        ".acmecore-.tmp",
        "x.acmecore-0123456789abcdef.tmp",
        "note.json",
    };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(kept); i++)
        AC_REQUIRE(write_file(ac_test_path(kept[i])));
    AC_REQUIRE(write_file(ac_test_path(DRAFT)));
    AC_REQUIRE_OK(ac_file_sweep(ac_test_folder(), 0, &err));

    CU_ASSERT_FALSE(is_there(ac_test_path(DRAFT)));
    for (size_t i = 0; i < AC_COUNT(kept); i++)
        CU_ASSERT_TRUE(is_there(ac_test_path(kept[i])));
}

AC_TEST(sweeping_can_leave_what_is_young)
{
    const struct timespec long_ago[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
    struct ac_error err = { 0 };

    AC_REQUIRE(write_file(ac_test_path(DRAFT)));
    AC_REQUIRE_OK(ac_file_sweep(ac_test_folder(), 3600, &err));
    CU_ASSERT_TRUE(is_there(ac_test_path(DRAFT)));
    AC_REQUIRE(utimensat(AT_FDCWD, ac_test_path(DRAFT), long_ago, 0) == 0);
    AC_REQUIRE_OK(ac_file_sweep(ac_test_folder(), 3600, &err));

    CU_ASSERT_FALSE(is_there(ac_test_path(DRAFT)));
}

AC_TEST(sweeping_removes_a_link_and_not_where_it_leads)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(write_file(ac_test_path("target")));
    AC_REQUIRE(symlink("target", ac_test_path(DRAFT)) == 0);
    AC_REQUIRE_OK(ac_file_sweep(ac_test_folder(), 0, &err));

    CU_ASSERT_FALSE(is_there(ac_test_path(DRAFT)));
    CU_ASSERT_TRUE(is_there(ac_test_path("target")));
}

AC_TEST(sweeping_leaves_what_is_neither_file_nor_link)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(mkdir(ac_test_path(DRAFT), 0700) == 0);
    AC_REQUIRE(mkfifo(ac_test_path(".acmecore-1111111111111111.tmp"), 0600) == 0);
    AC_REQUIRE_OK(ac_file_sweep(ac_test_folder(), 0, &err));

    CU_ASSERT_TRUE(is_there(ac_test_path(DRAFT)));
    CU_ASSERT_TRUE(is_there(ac_test_path(".acmecore-1111111111111111.tmp")));
}

AC_TEST(sweeping_enters_neither_folders_nor_links)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(mkdir(ac_test_path("d"), 0700) == 0);
    AC_REQUIRE(write_file(ac_test_path("d/" DRAFT)));
    AC_REQUIRE(symlink("d", ac_test_path("link")) == 0);
    AC_REQUIRE_OK(ac_file_sweep(ac_test_folder(), 0, &err));
    AC_REQUIRE_OK(ac_file_sweep(ac_test_path("link"), 0, &err));
    CU_ASSERT_TRUE(is_there(ac_test_path("d/" DRAFT)));
    AC_REQUIRE_OK(ac_file_sweep(ac_test_path("d"), 0, &err));
    CU_ASSERT_FALSE(is_there(ac_test_path("d/" DRAFT)));
}

AC_TEST(sweeping_takes_a_missing_folder_and_a_file)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(write_file(ac_test_path("a")));
    AC_REQUIRE_OK(ac_file_sweep(ac_test_path("no"), 0, &err));
    AC_REQUIRE_OK(ac_file_sweep(ac_test_path("a"), 0, &err));

    CU_ASSERT_TRUE(is_there(ac_test_path("a")));
}

AC_TEST(sweeping_knows_the_drafts_of_a_killed_write)
{
    struct ac_error err = { 0 };
    const char *folder = ac_test_folder();
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        const struct rlimit limit = { .rlim_cur = 4, .rlim_max = 4 };

        /* Killed by SIGXFSZ amid the write, its draft stays. */
        (void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
        (void)setrlimit(RLIMIT_FSIZE, &limit);
        (void)!ac_file_replace(ac_test_path("a"), 0600, "0123456789", 10, &err);
        _exit(0);
    }
    AC_REQUIRE(child > 0 && waitpid(child, &status, 0) == child);
    AC_REQUIRE(WIFSIGNALED(status));
    CU_ASSERT_NOT_EQUAL(rmdir(folder), 0);
    AC_REQUIRE_OK(ac_file_sweep(folder, 0, &err));

    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

AC_SUITE("base/folder", AC_CASE(a_folder_has_the_exact_mode_whatever_the_umask),
         AC_CASE(an_existing_folder_is_fine_and_unchanged),
         AC_CASE(a_file_in_the_place_of_a_folder_is_told),
         AC_CASE(a_whole_path_is_made), AC_CASE(an_empty_path_is_no_folder),
         AC_CASE(a_tree_is_removed), AC_CASE(removing_a_tree_never_follows_links),
         AC_CASE(removing_a_tree_takes_a_file_and_a_missing_one),
         AC_CASE(a_path_that_ends_in_no_name_is_not_removed),
         AC_CASE(a_tree_deeper_than_any_of_ours_is_left),
         AC_CASE(names_are_listed_in_order_without_dot_files),
         AC_CASE(a_missing_folder_has_no_names),
         AC_CASE(sweeping_removes_drafts_and_keeps_all_else),
         AC_CASE(sweeping_can_leave_what_is_young),
         AC_CASE(sweeping_removes_a_link_and_not_where_it_leads),
         AC_CASE(sweeping_leaves_what_is_neither_file_nor_link),
         AC_CASE(sweeping_enters_neither_folders_nor_links),
         AC_CASE(sweeping_takes_a_missing_folder_and_a_file),
         AC_CASE(sweeping_knows_the_drafts_of_a_killed_write))
