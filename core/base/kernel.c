/* SPDX-License-Identifier: Apache-2.0 */
#include "base/kernel.h"

#include <errno.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 65536 /* that are looked through, and that we may have */

static rlim_t soft_before; /* of RLIMIT_NOFILE; 0: it is as it was */

int ac_kernel_landlock(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
                           LANDLOCK_CREATE_RULESET_VERSION);

    return version > 0 ? (int)version : 0;
}

/* seccomp(2): a filter that cannot be read is EFAULT where filters are known. */
bool ac_kernel_has_seccomp(void)
{
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0UL, 0UL) != 0
           && errno == EFAULT;
}

bool ac_kernel_close_from(int first)
{
    struct rlimit limit = { 0 };

    if (close_range((unsigned)first, ~0U, 0) == 0)
        return true;
    /* Linux before 5.9 or an emulator of it; a container whose filter is as old. */
    if ((errno != ENOSYS && errno != EPERM) || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    /* Where a million are allowed nobody has them, and all are closed on exec anyway.
     */
    if (limit.rlim_cur > DESCRIPTORS_MAX)
        limit.rlim_cur = DESCRIPTORS_MAX;
    for (rlim_t fd = (rlim_t)first; fd < limit.rlim_cur; fd++)
        (void)close((int)fd);
    return true;
}

void ac_kernel_raise_files(void)
{
    struct rlimit limit = { 0 };

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur =
        limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
    if (limit.rlim_cur > before && setrlimit(RLIMIT_NOFILE, &limit) == 0)
        soft_before = before;
}

void ac_kernel_restore_files(void)
{
    struct rlimit limit = { 0 };

    if (soft_before == 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = soft_before;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* lower is always allowed */
}
