/* SPDX-License-Identifier: Apache-2.0 */
#include "base/family.h"

#include "base/memory.h"

#include "check.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MS 20000

AC_TEST(line_of_a_process_is_read_whatever_its_name_is)
{
    struct ac_relative relative = { 0 };

    AC_REQUIRE(
        ac_family_parse("77 (a) b) (c)) S 12 34 56 0 -1 4194560 1 0", &relative));
    CU_ASSERT_EQUAL(relative.pid, 77);
    CU_ASSERT_EQUAL(relative.parent, 12);
    CU_ASSERT_EQUAL(relative.session, 56);
}

AC_TEST(line_that_is_cut_or_odd_is_none)
{
    static const char *const bad[] = {
        "",
        "77",
        "77 (a",
        "x (a) S 1 2 3",
        "77 (a) S",
        "77 (a) S ",
        "77 (a) S 1",
        "77 (a) S 1 2",
        "77 (a) S 1 ",
        "77 (a) S 1 2 ",
        "77 (a)S 1 2 3",
        "77 (a) S 1 99999999999 3",
        "77 (a) S 1 2 x",
    };
    struct ac_relative relative;

    for (size_t i = 0; i < AC_COUNT(bad); i++)
        CU_ASSERT_FALSE(ac_family_parse(bad[i], &relative));
}

static void find_self(void *arg, const struct ac_relative *relative)
{
    bool *is_found = arg;

    if (relative->pid == getpid())
        *is_found = relative->parent == getppid() && relative->session == getsid(0);
}

AC_TEST(we_find_ourselves)
{
    bool is_found = false;

    AC_REQUIRE(ac_family_look(find_self, &is_found));

    CU_ASSERT_TRUE(is_found);
}

/* Lives until somebody kills it; `mark` is written when it is there. */
__attribute__((noreturn)) static void live(int mark_fd)
{
    (void)!write(mark_fd, "x", 1);
    for (;;)
        (void)pause();
}

/* A child in a session of its own, with a grandchild in one of its own: both write to
 * the pipe, whose end is seen when both are gone. */
static pid_t start_family(int mark_fd)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    (void)setsid();
    if (fork() == 0) {
        (void)setsid();
        live(mark_fd);
    }
    live(mark_fd);
}

/* The next byte; 0 at the end; -1: nothing came. */
static int read_mark(int fd)
{
    struct pollfd end = { .fd = fd, .events = POLLIN };
    char byte;

    if (poll(&end, 1, LIMIT_MS) <= 0)
        return -1;
    return (int)read(fd, &byte, 1);
}

AC_TEST(session_ends_with_what_has_left_it)
{
    int marks[2];

    AC_REQUIRE(pipe(marks) == 0);
    pid_t pid = start_family(marks[1]);
    AC_REQUIRE(pid > 0 && close(marks[1]) == 0);
    CU_ASSERT_TRUE(read_mark(marks[0]) == 1 && read_mark(marks[0]) == 1);

    ac_family_end(pid);

    CU_ASSERT_EQUAL(read_mark(marks[0]), 0);
    CU_ASSERT_EQUAL(waitpid(pid, NULL, 0), pid);
    CU_ASSERT_EQUAL(close(marks[0]), 0);
}

AC_TEST(children_are_killed_and_nobody_else)
{
    int marks[2];
    int status = 0;

    AC_REQUIRE(pipe(marks) == 0);
    pid_t pid = fork();
    if (pid == 0)
        live(marks[1]);
    AC_REQUIRE(pid > 0 && close(marks[1]) == 0);
    CU_ASSERT_EQUAL(read_mark(marks[0]), 1);

    AC_REQUIRE(ac_family_kill_children(getpid()));

    CU_ASSERT_EQUAL(read_mark(marks[0]), 0);
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    CU_ASSERT_EQUAL(close(marks[0]), 0);
}

AC_SUITE("base/family", AC_CASE(line_of_a_process_is_read_whatever_its_name_is),
         AC_CASE(line_that_is_cut_or_odd_is_none), AC_CASE(we_find_ourselves),
         AC_CASE(session_ends_with_what_has_left_it),
         AC_CASE(children_are_killed_and_nobody_else))
