/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* Takes the place of libc's, so that a file can go away under our hands. */
static const char *vanishing;
static int vanish_count;

int flock(int fd, int operation)
{
    if (vanish_count > 0) {
        vanish_count--;
        (void)unlink(vanishing);
    }
    return (int)syscall(SYS_flock, fd, operation);
}

/* A disk that takes no byte more. */
static bool is_disk_full;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t write(int fd, const void *bytes, size_t size)
{
    if (is_disk_full) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_write, fd, bytes, size);
}

static int64_t fixed_utc(void)
{
    return 1795319310; /* 2026-11-22T03:48:30Z */
}

/* A process that takes the lock, says so, and waits to be killed; -1 when it cannot. */
static pid_t start_holder(const char *path)
{
    int fds[2];
    char byte = 0;
    pid_t pid;

    if (pipe(fds) != 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        struct ac_error err = { 0 };
        struct ac_lock *lock = NULL;

        if (ac_lock_take(path, &lock, &err) == AC_OK && write(fds[1], "x", 1) == 1)
            (void)pause();
        _exit(0);
    }
    (void)close(fds[1]);
    (void)!read(fds[0], &byte, 1);
    (void)close(fds[0]);
    return byte == 'x' ? pid : -1;
}

static void kill_holder(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

static void assert_says(const struct ac_error *err, const char *part)
{
    CU_ASSERT_PTR_NOT_NULL(strstr(err->detail, part));
}

AC_TEST(the_file_says_who_holds_the_lock)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;
    char host[HOST_NAME_MAX + 1] = "";
    char want[512];
    char bytes[512] = "";
    struct stat status = { 0 };
    enum ac_code code;

    AC_REQUIRE(gethostname(host, sizeof host) == 0);
    (void)snprintf(want, sizeof want, "pid %ld since 2026-11-22T03:48:30Z host %s\n",
                   (long)getpid(), host);
    ac_clock_fake(NULL, fixed_utc);
    code = ac_lock_take(ac_test_path("lock"), &lock, &err);
    ac_clock_fake(NULL, NULL);
    AC_REQUIRE_OK(code);

    AC_REQUIRE(ac_test_read_file(ac_test_path("lock"), bytes, sizeof bytes) > 0);
    CU_ASSERT_STRING_EQUAL(bytes, want);
    AC_REQUIRE(stat(ac_test_path("lock"), &status) == 0);
    CU_ASSERT_EQUAL(status.st_mode & 07777, 0600);
}

AC_TEST(a_held_lock_is_refused_with_its_holder)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_lock) *second = NULL;
    char want[64];

    (void)snprintf(want, sizeof want, "/lock: pid %ld since 20", (long)getpid());
    AC_REQUIRE_OK(ac_lock_take(ac_test_path("lock"), &lock, &err));
    AC_REQUIRE_CODE(ac_lock_take(ac_test_path("lock"), &second, &err), AC_E_LOCKED);

    assert_says(&err, "another run holds /");
    assert_says(&err, want);
    CU_ASSERT_PTR_NULL(second);
}

AC_TEST(a_released_lock_is_taken_again)
{
    struct ac_error err = { 0 };
    struct ac_lock *first = NULL;
    AC_AUTO(ac_lock) *second = NULL;

    AC_REQUIRE_OK(ac_lock_take(ac_test_path("lock"), &first, &err));
    ac_lock_free(first);
    CU_ASSERT_TRUE(ac_file_exists(ac_test_path("lock")));
    AC_REQUIRE_OK(ac_lock_take(ac_test_path("lock"), &second, &err));

    CU_ASSERT_PTR_NOT_NULL(second);
    ac_lock_free(NULL);
}

AC_TEST(the_lock_of_a_killed_run_is_taken_at_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;
    pid_t holder = start_holder(ac_test_path("lock"));
    enum ac_code held;
    char want[32];
    char bytes[512] = "";

    AC_REQUIRE(holder > 0);
    held = ac_lock_take(ac_test_path("lock"), &lock, &err);
    kill_holder(holder);
    AC_REQUIRE_CODE(held, AC_E_LOCKED);
    AC_REQUIRE_OK(ac_lock_take(ac_test_path("lock"), &lock, &err));

    (void)snprintf(want, sizeof want, "pid %ld since", (long)getpid());
    AC_REQUIRE(ac_test_read_file(ac_test_path("lock"), bytes, sizeof bytes) > 0);
    CU_ASSERT_NSTRING_EQUAL(bytes, want, strlen(want));
}

AC_TEST(what_the_holder_wrote_is_cleaned)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO_FD int fd = -1;

    AC_REQUIRE(ac_test_write_file(ac_test_path("lock"), "\x1b[2Jevil\nmore", 13));
    fd = open(ac_test_path("lock"), O_RDONLY | O_CLOEXEC);
    AC_REQUIRE(flock(fd, LOCK_EX) == 0);
    AC_REQUIRE_CODE(ac_lock_take(ac_test_path("lock"), &lock, &err), AC_E_LOCKED);

    CU_ASSERT_PTR_NULL(strchr(err.detail, '\x1b'));
    assert_says(&err, "evil");
    CU_ASSERT_PTR_NULL(strstr(err.detail, "more"));
}

AC_TEST(a_holder_that_wrote_nothing_is_told_as_such)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO_FD int fd = -1;

    AC_REQUIRE(ac_test_write_file(ac_test_path("lock"), "", 0));
    fd = open(ac_test_path("lock"), O_RDONLY | O_CLOEXEC);
    AC_REQUIRE(flock(fd, LOCK_EX) == 0);
    AC_REQUIRE_CODE(ac_lock_take(ac_test_path("lock"), &lock, &err), AC_E_LOCKED);

    assert_says(&err, ": it does not say which");
}

AC_TEST(a_full_disk_keeps_nobody_from_taking_a_lock)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_lock) *second = NULL;
    const char *path = ac_test_path("a.lock");

    is_disk_full = true;
    enum ac_code code = ac_lock_take(path, &lock, &err);
    is_disk_full = false;
    AC_REQUIRE_OK(code);

    AC_REQUIRE_CODE(ac_lock_take(path, &second, &err), AC_E_LOCKED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "it does not say which"));
}

AC_TEST(what_is_no_regular_file_is_not_locked)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE(mkfifo(ac_test_path("fifo"), 0600) == 0);
    AC_REQUIRE(symlink("target", ac_test_path("link")) == 0);

    AC_REQUIRE_CODE(ac_lock_take(ac_test_path("fifo"), &lock, &err), AC_E_STORE);
    assert_says(&err, "not a regular file");
    AC_REQUIRE_CODE(ac_lock_take(ac_test_path("link"), &lock, &err), AC_E_STORE);
    AC_REQUIRE_CODE(ac_lock_take(ac_test_folder(), &lock, &err), AC_E_STORE);
    AC_REQUIRE_CODE(ac_lock_take(ac_test_path("no/lock"), &lock, &err), AC_E_STORE);
    CU_ASSERT_FALSE(ac_file_exists(ac_test_path("target")));
}

AC_TEST(a_lock_file_that_vanishes_is_made_again)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;

    vanishing = ac_test_path("lock");
    vanish_count = 2;
    AC_REQUIRE_OK(ac_lock_take(ac_test_path("lock"), &lock, &err));

    CU_ASSERT_EQUAL(vanish_count, 0);
    CU_ASSERT_TRUE(ac_file_exists(ac_test_path("lock")));
}

AC_TEST(a_lock_file_that_always_vanishes_is_given_up)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;
    enum ac_code code;

    vanishing = ac_test_path("lock");
    vanish_count = INT_MAX;
    code = ac_lock_take(ac_test_path("lock"), &lock, &err);
    vanish_count = 0;
    AC_REQUIRE_CODE(code, AC_E_LOCKED);

    assert_says(&err, "keeps removing");
}

AC_TEST(what_is_shared_cannot_be_taken_nor_the_other_way_round)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_lock) *first = NULL;
    AC_AUTO(ac_lock) *second = NULL;
    AC_AUTO(ac_lock) *taken = NULL;

    AC_REQUIRE_OK(ac_lock_share(ac_test_path("lock"), &first, &err));
    AC_REQUIRE_OK(ac_lock_share(ac_test_path("lock"), &second, &err));
    AC_REQUIRE_CODE(ac_lock_take(ac_test_path("lock"), &taken, &err), AC_E_LOCKED);
    ac_lock_free(AC_TAKE(first));
    ac_lock_free(AC_TAKE(second));
    AC_REQUIRE_OK(ac_lock_take(ac_test_path("lock"), &taken, &err));
    AC_REQUIRE_CODE(ac_lock_share(ac_test_path("lock"), &second, &err), AC_E_LOCKED);

    assert_says(&err, "pid ");
}

AC_SUITE("base/lock", AC_CASE(the_file_says_who_holds_the_lock),
         AC_CASE(a_held_lock_is_refused_with_its_holder),
         AC_CASE(a_released_lock_is_taken_again),
         AC_CASE(the_lock_of_a_killed_run_is_taken_at_once),
         AC_CASE(what_the_holder_wrote_is_cleaned),
         AC_CASE(a_holder_that_wrote_nothing_is_told_as_such),
         AC_CASE(a_full_disk_keeps_nobody_from_taking_a_lock),
         AC_CASE(what_is_no_regular_file_is_not_locked),
         AC_CASE(a_lock_file_that_vanishes_is_made_again),
         AC_CASE(a_lock_file_that_always_vanishes_is_given_up),
         AC_CASE(what_is_shared_cannot_be_taken_nor_the_other_way_round))
