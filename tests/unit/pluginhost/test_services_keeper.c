/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/services_keeper.h"

#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MS 20000

/* A pipe that the command inherits as descriptor 9: it tells numbers, and who holds it
 * is alive. */
struct scene {
    int marks[2];
    const char *line; /* of shell */
};

static void become(const void *arg, pid_t parent)
{
    const struct scene *scene = arg;
    const char *argv[] = { "sh", "-c", scene->line, NULL };
    char *const *words = NULL;

    (void)parent;
    memcpy(&words, &(const char **){ argv }, sizeof words);
    if (dup2(scene->marks[1], 9) == 9)
        (void)execv("/bin/sh", words);
    _exit(99);
}

static pid_t start(struct scene *scene, const char *line)
{
    const struct ac_keeper_command command = { become, scene };

    scene->line = line;
    if (pipe2(scene->marks, O_CLOEXEC) != 0)
        return -1;
    pid_t pid = ac_keeper_start(&command);
    (void)close(scene->marks[1]);
    return pid;
}

/* What comes next, until a line ends: a number; 0: nobody holds the pipe any more. */
static pid_t read_number(const struct scene *scene)
{
    struct pollfd end = { .fd = scene->marks[0], .events = POLLIN };
    pid_t number = 0;
    char byte = '0';

    while (byte != '\n') {
        number = 10 * number + (byte - '0');
        if (poll(&end, 1, LIMIT_MS) <= 0)
            return -1;
        if (read(end.fd, &byte, 1) != 1)
            return 0;
    }
    return number;
}

static int exit_of(pid_t pid)
{
    int status = 0;

    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status)
                                                                : -1;
}

AC_TEST(keeper_ends_as_its_command_does)
{
    struct scene scene;

    CU_ASSERT_EQUAL(exit_of(start(&scene, "exit 7")), 7);
    CU_ASSERT_EQUAL(close(scene.marks[0]), 0);
    CU_ASSERT_EQUAL(exit_of(start(&scene, "kill -9 $$")), 128 + 9);
    CU_ASSERT_EQUAL(close(scene.marks[0]), 0);
}

AC_TEST(server_that_a_command_started_lives_on)
{
    struct scene scene;

    pid_t keeper = start(&scene, "setsid sh -c 'echo $$ >&9; exec sleep 60' &");
    CU_ASSERT_EQUAL(exit_of(keeper), 0);
    pid_t server = read_number(&scene);

    AC_REQUIRE(server > 1);
    CU_ASSERT_EQUAL(kill(server, 0), 0);
    CU_ASSERT_EQUAL(kill(server, SIGKILL), 0);
    CU_ASSERT_EQUAL(read_number(&scene), 0);
    CU_ASSERT_EQUAL(close(scene.marks[0]), 0);
}

AC_TEST(leftover_in_the_group_of_a_command_is_killed)
{
    struct scene scene;

    pid_t keeper = start(&scene, "sleep 60 & echo 1 >&9");
    CU_ASSERT_EQUAL(exit_of(keeper), 0);

    CU_ASSERT_EQUAL(read_number(&scene), 1);
    CU_ASSERT_EQUAL(read_number(&scene), 0);
    CU_ASSERT_EQUAL(close(scene.marks[0]), 0);
}

AC_TEST(keeper_that_is_told_to_end_leaves_nothing_of_any_session)
{
    struct scene scene;

    pid_t keeper =
        start(&scene, "setsid sh -c 'setsid sh -c \"echo 2 >&9; sleep 60\" &\n"
                      "trap : TERM; echo 1 >&9; sleep 60; sleep 60' &\n"
                      "trap : TERM; sleep 60; sleep 60");
    CU_ASSERT_EQUAL(read_number(&scene) + read_number(&scene), 3);
    ac_keeper_end(keeper, -1);

    CU_ASSERT_EQUAL(read_number(&scene), 0);
    CU_ASSERT_EQUAL(waitpid(keeper, NULL, WNOHANG), -1);
    CU_ASSERT_EQUAL(close(scene.marks[0]), 0);
}

AC_TEST(keeper_whose_parent_dies_leaves_nothing)
{
    struct scene scene = { .line = "setsid sh -c 'echo 1 >&9; sleep 60' & sleep 60" };
    const struct ac_keeper_command command = { become, &scene };

    AC_REQUIRE(pipe2(scene.marks, O_CLOEXEC) == 0);
    pid_t parent = fork();
    if (parent == 0) {
        (void)ac_keeper_start(&command);
        for (;;)
            (void)pause();
    }
    CU_ASSERT_EQUAL(close(scene.marks[1]), 0);
    CU_ASSERT_EQUAL(read_number(&scene), 1);
    CU_ASSERT_EQUAL(kill(parent, SIGKILL), 0);

    CU_ASSERT_EQUAL(read_number(&scene), 0);
    CU_ASSERT_EQUAL(waitpid(parent, NULL, 0), parent);
    CU_ASSERT_EQUAL(close(scene.marks[0]), 0);
}

AC_SUITE("pluginhost/services_keeper", AC_CASE(keeper_ends_as_its_command_does),
         AC_CASE(server_that_a_command_started_lives_on),
         AC_CASE(leftover_in_the_group_of_a_command_is_killed),
         AC_CASE(keeper_that_is_told_to_end_leaves_nothing_of_any_session),
         AC_CASE(keeper_whose_parent_dies_leaves_nothing))
