/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/filter.h"

#include "check.h"
#include "confined.h"

#include <acmecore/plugin.h>

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* A sanitizer's leak check needs processes (filter.c). */
#ifdef AC_SANITIZED
#define REFUSED 0
#else
#define REFUSED EPERM
#endif

struct attempt {
    uint32_t uses;
    int (*call)(void); /* 0, or what errno is then */
};

static int try(const void *arg)
{
    const struct attempt *attempt = arg;
    struct ac_error err = { 0 };

    if (ac_filter_enter(attempt->uses, &err) != AC_OK)
        return CONFINED_BROKEN;
    return attempt->call();
}

static int open_socket(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd < 0 ? errno : close(fd);
}

static int connect_internet(void)
{
    return open_socket(AF_INET);
}

static int connect_here(void)
{
    return open_socket(AF_UNIX);
}

static int open_packets(void)
{
    return open_socket(AF_PACKET);
}

static int begin_process(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return pid < 0 ? errno : 0;
}

static int signal_parent(void)
{
    return kill(getppid(), 0) == 0 ? 0 : errno;
}

static int read_parent(void)
{
    char byte = 0;
    struct iovec place = { &byte, 1 };

    (void)process_vm_readv(getppid(), &place, 1, &place, 1, 0);
    return errno;
}

static int run_attempt(uint32_t uses, int (*call)(void))
{
    const struct attempt attempt = { uses, call };

    return confined(try, &attempt);
}

AC_TEST(sockets_are_for_those_who_say_so)
{
    CU_ASSERT_EQUAL(run_attempt(0, connect_internet), EACCES);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, connect_internet), EACCES);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, connect_internet), 0);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, connect_here), EACCES);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_FILES, connect_here), 0);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, open_packets), EACCES);
}

AC_TEST(processes_and_signals_are_for_those_who_run_commands)
{
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, begin_process), REFUSED);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, signal_parent), REFUSED);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_COMMANDS, begin_process), 0);
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_COMMANDS, signal_parent), 0);
}

AC_TEST(reaching_into_another_process_ends_a_plugin)
{
    CU_ASSERT_EQUAL(run_attempt(ACMECORE_USES_NETWORK, read_parent), 128 + SIGSYS);
}

AC_SUITE("pluginhost/filter", AC_CASE(sockets_are_for_those_who_say_so),
         AC_CASE(processes_and_signals_are_for_those_who_run_commands),
         AC_CASE(reaching_into_another_process_ends_a_plugin))
