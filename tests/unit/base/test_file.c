/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

#define FOREIGN 4242 /* whom no file belongs to */

/* ---- the system calls that may be made to fail: these take the place of libc's */

struct fault {
    size_t write_max; /* 0: no short writes */
    int write_errno;
    int write_errno_once;
    int fsync_errno;
    size_t fsync_good; /* so many succeed first */
    int renameat_errno;
    int renameat2_errno;
    uid_t uid; /* 0: the true one */
};

static struct fault none;
static struct fault *now = &none; /* a test's own while it runs */

static void forget_fault(struct fault *fault)
{
    (void)fault;
    now = &none;
}

AC_DEFINE_DROP_VALUE(fault, forget_fault)

static int fail_with(int errno_value)
{
    errno = errno_value;
    return -1;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
ssize_t write(int fd, const void *bytes, size_t size)
{
    int once = now->write_errno_once;

    now->write_errno_once = 0;
    if (once != 0 || now->write_errno != 0)
        return fail_with(once != 0 ? once : now->write_errno);
    if (now->write_max != 0 && size > now->write_max)
        size = now->write_max;
    return syscall(SYS_write, fd, bytes, size);
}

int fsync(int fd)
{
    if (now->fsync_errno != 0 && now->fsync_good == 0)
        return fail_with(now->fsync_errno);
    now->fsync_good -= now->fsync_good > 0;
    return (int)syscall(SYS_fsync, fd);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    if (now->renameat_errno != 0)
        return fail_with(now->renameat_errno);
    return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    if (now->renameat2_errno != 0)
        return fail_with(now->renameat2_errno);
    return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

uid_t geteuid(void)
{
    return now->uid != 0 ? now->uid : (uid_t)syscall(SYS_geteuid);
}

/* ---- helpers */

static mode_t mode_of(const char *path)
{
    struct stat status = { 0 };

    return lstat(path, &status) == 0 ? status.st_mode & 07777 : 0;
}

/* Dot files, "." and ".." included. */
static size_t count_entries(const char *path)
{
    DIR *stream = opendir(path);
    size_t count = 0;

    for (; stream != NULL && readdir(stream) != NULL; count++)
        continue;
    if (stream != NULL)
        (void)closedir(stream);
    return count;
}

static bool write_file(const char *path, const char *text)
{
    return ac_test_write_file(path, text, strlen(text));
}

static void assert_holds(const char *path, const char *want)
{
    char bytes[256] = "";

    CU_ASSERT_EQUAL(ac_test_read_file(path, bytes, sizeof bytes),
                    (ssize_t)strlen(want));
    CU_ASSERT_STRING_EQUAL(bytes, want);
}

static void assert_says(const struct ac_error *err, const char *part)
{
    CU_ASSERT_PTR_NOT_NULL(strstr(err->detail, part));
}

AC_TEST(a_file_is_replaced_and_nothing_else_stays)
{
    struct ac_error err = { 0 };
    const char *path = ac_test_path("a");

    AC_REQUIRE_OK(ac_file_replace(path, 0600, "old", 3, &err));
    AC_REQUIRE_OK(ac_file_replace(path, 0600, "newer", 5, &err));

    assert_holds(path, "newer");
    CU_ASSERT_EQUAL(count_entries(ac_test_folder()), 3);
}

AC_TEST(the_mode_is_exact_whatever_the_umask)
{
    struct ac_error err = { 0 };
    mode_t before = umask(0077);
    enum ac_code narrow = ac_file_replace(ac_test_path("a"), 0644, "x", 1, &err);
    enum ac_code wide;

    (void)umask(0);
    wide = ac_file_create(ac_test_path("b"), 0600, "x", 1, &err);
    (void)umask(before);
    AC_REQUIRE_OK(narrow);
    AC_REQUIRE_OK(wide);

    CU_ASSERT_EQUAL(mode_of(ac_test_path("a")), 0644);
    CU_ASSERT_EQUAL(mode_of(ac_test_path("b")), 0600);
}

AC_TEST(an_empty_file_is_written)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(ac_file_replace(ac_test_path("a"), 0600, NULL, 0, &err));

    assert_holds(ac_test_path("a"), "");
}

AC_TEST(a_new_file_never_overwrites)
{
    struct ac_error err = { 0 };
    const char *path = ac_test_path("key");

    AC_REQUIRE_OK(ac_file_create(path, 0600, "first", 5, &err));
    AC_REQUIRE_CODE(ac_file_create(path, 0600, "second", 6, &err), AC_E_STORE);

    assert_says(&err, "it exists already");
    assert_holds(path, "first");
    CU_ASSERT_EQUAL(count_entries(ac_test_folder()), 3);
}

AC_TEST(a_new_file_never_overwrites_without_renameat2)
{
    struct ac_error err = { 0 };
    AC_AUTO(fault) fault = { 0 };
    const char *path = ac_test_path("key");

    now = &fault;
    fault.renameat2_errno = EINVAL;
    AC_REQUIRE_OK(ac_file_create(path, 0600, "first", 5, &err));
    AC_REQUIRE_CODE(ac_file_create(path, 0600, "second", 6, &err), AC_E_STORE);

    assert_says(&err, "it exists already");
    assert_holds(path, "first");
    CU_ASSERT_EQUAL(count_entries(ac_test_folder()), 3);
}

AC_TEST(short_and_interrupted_writes_are_carried_on)
{
    struct ac_error err = { 0 };
    AC_AUTO(fault) fault = { 0 };

    now = &fault;
    fault = (struct fault){ .write_max = 3, .write_errno_once = EINTR };
    AC_REQUIRE_OK(ac_file_replace(ac_test_path("a"), 0600, "0123456789", 10, &err));

    assert_holds(ac_test_path("a"), "0123456789");
}

AC_TEST(a_full_disk_leaves_the_old_file)
{
    struct ac_error err = { 0 };
    AC_AUTO(fault) fault = { 0 };
    const char *path = ac_test_path("a");

    now = &fault;
    AC_REQUIRE(write_file(path, "old"));
    fault.write_errno = ENOSPC;
    AC_REQUIRE_CODE(ac_file_replace(path, 0600, "new", 3, &err), AC_E_STORE);

    assert_holds(path, "old");
    CU_ASSERT_EQUAL(count_entries(ac_test_folder()), 3);
    assert_says(&err, path);
    assert_says(&err, "(the disk is full; make room and run again): No space left");
}

AC_TEST(a_failing_sync_leaves_the_old_file)
{
    struct ac_error err = { 0 };
    AC_AUTO(fault) fault = { 0 };
    const char *path = ac_test_path("a");

    now = &fault;
    AC_REQUIRE(write_file(path, "old"));
    fault.fsync_errno = EIO;
    AC_REQUIRE_CODE(ac_file_replace(path, 0600, "new", 3, &err), AC_E_STORE);

    assert_holds(path, "old");
    CU_ASSERT_EQUAL(count_entries(ac_test_folder()), 3);
}

AC_TEST(a_failing_sync_of_the_folder_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(fault) fault = { 0 };
    const char *path = ac_test_path("a");

    now = &fault;
    fault = (struct fault){ .fsync_errno = EIO, .fsync_good = 1 };
    AC_REQUIRE_CODE(ac_file_replace(path, 0600, "new", 3, &err), AC_E_STORE);

    assert_says(&err, "cannot sync the folder of /");
    CU_ASSERT_EQUAL(count_entries(ac_test_folder()), 3);
}

AC_TEST(a_folder_that_knows_no_sync_is_fine)
{
    struct ac_error err = { 0 };
    AC_AUTO(fault) fault = { 0 };

    now = &fault;
    fault = (struct fault){ .fsync_errno = EINVAL, .fsync_good = 1 };
    AC_REQUIRE_OK(ac_file_replace(ac_test_path("a"), 0600, "new", 3, &err));

    assert_holds(ac_test_path("a"), "new");
}

AC_TEST(a_refused_rename_says_who_we_are)
{
    struct ac_error err = { 0 };
    AC_AUTO(fault) fault = { 0 };

    now = &fault;
    fault = (struct fault){ .renameat_errno = EACCES, .uid = FOREIGN };
    AC_REQUIRE_CODE(ac_file_replace(ac_test_path("a"), 0600, "new", 3, &err),
                    AC_E_STORE);
    assert_says(&err, "(we run as user id 4242): Permission denied");
    fault.renameat_errno = EROFS;
    AC_REQUIRE_CODE(ac_file_replace(ac_test_path("a"), 0600, "new", 3, &err),
                    AC_E_STORE);
    assert_says(&err, "(the file system is mounted read-only)");

    CU_ASSERT_EQUAL(count_entries(ac_test_folder()), 2);
}

AC_TEST(a_folder_is_not_replaced_by_a_file)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(mkdir(ac_test_path("d"), 0700) == 0);
    AC_REQUIRE_CODE(ac_file_replace(ac_test_path("d"), 0600, "x", 1, &err), AC_E_STORE);
    AC_REQUIRE_CODE(ac_file_replace(ac_test_path("d/"), 0600, "x", 1, &err),
                    AC_E_STORE);
    assert_says(&err, "does not end in a name");
    AC_REQUIRE_CODE(ac_file_replace(ac_test_path("no/x"), 0600, "x", 1, &err),
                    AC_E_STORE);
    AC_REQUIRE_CODE(ac_file_replace("", 0600, "x", 1, &err), AC_E_STORE);

    CU_ASSERT_EQUAL(count_entries(ac_test_folder()), 3);
}

AC_TEST(a_link_is_replaced_and_not_followed)
{
    struct ac_error err = { 0 };
    const char *target = ac_test_path("target");
    const char *path = ac_test_path("link");

    AC_REQUIRE(write_file(target, "old"));
    AC_REQUIRE(symlink(target, path) == 0);
    AC_REQUIRE_OK(ac_file_replace(path, 0600, "new", 3, &err));

    assert_holds(target, "old");
    assert_holds(path, "new");
}

/* ---- names */

AC_TEST(a_file_is_renamed_over_another)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(write_file(ac_test_path("a"), "a"));
    AC_REQUIRE(write_file(ac_test_path("b"), "b"));
    AC_REQUIRE_OK(ac_file_rename(ac_test_path("a"), ac_test_path("b"), &err));

    assert_holds(ac_test_path("b"), "a");
    CU_ASSERT_FALSE(ac_file_exists(ac_test_path("a")));
    AC_REQUIRE_CODE(ac_file_rename(ac_test_path("a"), ac_test_path("b"), &err),
                    AC_E_STORE);
}

AC_TEST(a_link_points_elsewhere_after_one_rename)
{
    struct ac_error err = { 0 };
    char target[64] = "";
    const char *path = ac_test_path("current");

    AC_REQUIRE_OK(ac_file_replace_link(path, "versions/0001", &err));
    AC_REQUIRE_OK(ac_file_replace_link(path, "versions/0002", &err));

    AC_REQUIRE(readlink(path, target, sizeof target - 1) > 0);
    CU_ASSERT_STRING_EQUAL(target, "versions/0002");
    CU_ASSERT_EQUAL(count_entries(ac_test_folder()), 3);
}

AC_TEST(a_link_that_cannot_be_renamed_leaves_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(fault) fault = { 0 };

    now = &fault;
    fault.renameat_errno = EIO;
    AC_REQUIRE_CODE(ac_file_replace_link(ac_test_path("current"), "x", &err),
                    AC_E_STORE);

    CU_ASSERT_EQUAL(count_entries(ac_test_folder()), 2);
}

AC_TEST(removing_takes_a_missing_file)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(write_file(ac_test_path("a"), "a"));
    AC_REQUIRE_OK(ac_file_remove(ac_test_path("a"), &err));
    AC_REQUIRE_OK(ac_file_remove(ac_test_path("a"), &err));

    CU_ASSERT_FALSE(ac_file_exists(ac_test_path("a")));
    AC_REQUIRE_CODE(ac_file_remove(ac_test_folder(), &err), AC_E_STORE);
}

AC_TEST(a_link_to_nothing_does_not_exist)
{
    AC_REQUIRE(symlink("nowhere", ac_test_path("link")) == 0);

    CU_ASSERT_FALSE(ac_file_exists(ac_test_path("link")));
    CU_ASSERT_TRUE(ac_file_exists(ac_test_folder()));
}

static bool holds(const char *folder, const char *const *names, size_t count)
{
    const struct ac_file_at file = ac_file_at(folder);

    return ac_file_holds_at(&file, names, count);
}

AC_TEST(folder_holds_names_that_are_all_there)
{
    static const char *const names[] = { "a", "b" };

    AC_REQUIRE(ac_test_write_file(ac_test_path("a"), "", 0));
    CU_ASSERT_TRUE(holds(ac_test_folder(), names, 1));
    CU_ASSERT_FALSE(holds(ac_test_folder(), names, 2));
    AC_REQUIRE(ac_test_write_file(ac_test_path("b"), "", 0));
    CU_ASSERT_TRUE(holds(ac_test_folder(), names, 2));
    CU_ASSERT_FALSE(holds(ac_test_path("none"), names, 0));
}

AC_TEST(link_that_leads_nowhere_is_not_there)
{
    static const char *const names[] = { "link" };

    AC_REQUIRE(symlink("target", ac_test_path("link")) == 0);
    CU_ASSERT_FALSE(holds(ac_test_folder(), names, 1));
    AC_REQUIRE(ac_test_write_file(ac_test_path("target"), "", 0));
    CU_ASSERT_TRUE(holds(ac_test_folder(), names, 1));
}

static struct ac_file_at below(int folder_fd, const char *path)
{
    return (struct ac_file_at){ .path = path, .folder_fd = folder_fd, .name = "a" };
}

AC_TEST(file_is_found_from_the_folder_that_is_open_and_named_by_its_path)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    AC_AUTO_FD int fd = open(ac_test_folder(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    const struct ac_file_at file = below(fd, "far/away/a");

    CU_ASSERT_EQUAL(ac_file_size_at(&file), -1);
    CU_ASSERT_EQUAL(ac_file_read_at(&file, 10, &text, &err), AC_E_NOTFOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "cannot read far/away/a"));
    AC_REQUIRE(ac_test_write_file(ac_test_path("a"), "text", 4));
    CU_ASSERT_EQUAL(ac_file_size_at(&file), 4);
    AC_REQUIRE_OK(ac_file_read_at(&file, 10, &text, &err));
    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "text");
}

AC_SUITE("base/file", AC_CASE(folder_holds_names_that_are_all_there),
         AC_CASE(link_that_leads_nowhere_is_not_there),
         AC_CASE(file_is_found_from_the_folder_that_is_open_and_named_by_its_path),
         AC_CASE(a_file_is_replaced_and_nothing_else_stays),
         AC_CASE(the_mode_is_exact_whatever_the_umask),
         AC_CASE(an_empty_file_is_written), AC_CASE(a_new_file_never_overwrites),
         AC_CASE(a_new_file_never_overwrites_without_renameat2),
         AC_CASE(short_and_interrupted_writes_are_carried_on),
         AC_CASE(a_full_disk_leaves_the_old_file),
         AC_CASE(a_failing_sync_leaves_the_old_file),
         AC_CASE(a_failing_sync_of_the_folder_is_told),
         AC_CASE(a_folder_that_knows_no_sync_is_fine),
         AC_CASE(a_refused_rename_says_who_we_are),
         AC_CASE(a_folder_is_not_replaced_by_a_file),
         AC_CASE(a_link_is_replaced_and_not_followed),
         AC_CASE(a_file_is_renamed_over_another),
         AC_CASE(a_link_points_elsewhere_after_one_rename),
         AC_CASE(a_link_that_cannot_be_renamed_leaves_nothing),
         AC_CASE(removing_takes_a_missing_file),
         AC_CASE(a_link_to_nothing_does_not_exist))
