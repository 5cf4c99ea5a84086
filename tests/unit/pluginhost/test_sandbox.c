/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/sandbox.h"

#include "check.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What holds after entering; a bit for each. */
enum {
    ENTERED = 1,
    NO_NEW_PRIVILEGES = 2,
    NO_CORE = 4,
    FEW_FILES = 8,
    IGNORES_TERM = 16
};

static int look(void)
{
    struct ac_error err = { 0 };
    struct rlimit core = { 0 };
    struct rlimit files = { 0 };
    struct sigaction term = { 0 };
    int seen = 0;

    if (ac_sandbox_enter(AC_SANDBOX_PLUGIN, &err) == AC_OK)
        seen |= ENTERED;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0UL, 0UL, 0UL, 0UL) == 1)
        seen |= NO_NEW_PRIVILEGES;
    if (getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max <= 1)
        seen |= NO_CORE;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur <= AC_SANDBOX_FILES_MAX)
        seen |= FEW_FILES;
    if (sigaction(SIGTERM, NULL, &term) == 0 && term.sa_handler == SIG_IGN)
        seen |= IGNORES_TERM;
    return seen;
}

AC_TEST(privileges_cores_and_files_are_given_up)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        _exit(look());
    AC_REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));

    CU_ASSERT_EQUAL(WEXITSTATUS(status),
                    ENTERED | NO_NEW_PRIVILEGES | NO_CORE | FEW_FILES | IGNORES_TERM);
}

AC_TEST(commands_get_their_data_limit_back)
{
    struct rlimit before = { 0 };
    struct rlimit after = { 0 };

    AC_REQUIRE(getrlimit(RLIMIT_DATA, &before) == 0);
    AC_REQUIRE(ac_sandbox_relax());
    AC_REQUIRE(getrlimit(RLIMIT_DATA, &after) == 0);

    CU_ASSERT_EQUAL(after.rlim_cur, before.rlim_max);
}

AC_SUITE("pluginhost/sandbox", AC_CASE(privileges_cores_and_files_are_given_up),
         AC_CASE(commands_get_their_data_limit_back))
