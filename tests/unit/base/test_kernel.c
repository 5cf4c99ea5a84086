/* SPDX-License-Identifier: Apache-2.0 */
#include "base/kernel.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Only a kernel with seccomp has a line for it. */
static bool is_in_status(const char *word)
{
    char line[256];
    bool is_found = false;
    FILE *file = fopen("/proc/self/status", "re");

    while (file && !is_found && fgets(line, sizeof line, file))
        is_found = strncmp(line, word, strlen(word)) == 0;
    if (file)
        (void)fclose(file);
    return is_found;
}

AC_TEST(seccomp_is_there_when_the_kernel_reports_its_state)
{
    bool has_line = is_in_status("Seccomp:");

    CU_ASSERT_EQUAL(ac_kernel_has_seccomp(), has_line);
}

AC_TEST(asking_for_landlock_changes_nothing)
{
    int first = ac_kernel_landlock();
    int second = ac_kernel_landlock();

    CU_ASSERT_TRUE(first >= 0);
    CU_ASSERT_EQUAL(first, second);
}

/* As a kernel without close_range(2), or a container that does not know it. */
static bool lose_close_range(uint32_t error)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = { .len = sizeof code / sizeof *code,
                                        .filter = code };

    return prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0
           && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0UL, 0UL) == 0;
}

/* The exit code of a child that closes all from `keep` + 1 on: 0 when that is so. */
static int close_without(uint32_t error)
{
    int status = 0;
    int keep = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int lost = dup(keep);
    pid_t pid = fork();

    if (pid == 0) {
        bool is_done = lose_close_range(error) && ac_kernel_close_from(keep + 1);

        _exit(is_done && fcntl(keep, F_GETFD) >= 0 && fcntl(lost, F_GETFD) < 0 ? 0 : 1);
    }
    (void)close(keep);
    (void)close(lost);
    return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

AC_TEST(descriptors_are_closed_where_the_kernel_lacks_the_call)
{
    CU_ASSERT_EQUAL(close_without(ENOSYS), 0);
    CU_ASSERT_EQUAL(close_without(EPERM), 0);
    CU_ASSERT_NOT_EQUAL(close_without(EINVAL), 0);
}

static rlim_t soft_limit(void)
{
    struct rlimit limit = { 0 };

    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

AC_TEST(as_many_descriptors_as_may_be_are_had_and_given_back)
{
    struct rlimit before = { 0 };

    AC_REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    struct rlimit few = { .rlim_cur = 128, .rlim_max = before.rlim_max };
    AC_REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
    ac_kernel_raise_files();
    rlim_t raised = soft_limit();
    ac_kernel_restore_files();
    rlim_t restored = soft_limit();
    AC_REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);

    CU_ASSERT_EQUAL(raised, before.rlim_max < 65536 ? before.rlim_max : 65536);
    CU_ASSERT_EQUAL(restored, 128);
}

AC_SUITE("base/kernel", AC_CASE(seccomp_is_there_when_the_kernel_reports_its_state),
         AC_CASE(descriptors_are_closed_where_the_kernel_lacks_the_call),
         AC_CASE(as_many_descriptors_as_may_be_are_had_and_given_back),
         AC_CASE(asking_for_landlock_changes_nothing))
