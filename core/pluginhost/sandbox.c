/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* A sanitizer's shadow memory is larger than any sensible limit. */
#if defined(__SANITIZE_ADDRESS__)
#define HAS_SHADOW 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SHADOW 1
#endif
#endif
#ifndef HAS_SHADOW
#define HAS_SHADOW 0
#endif

static bool set_soft(__rlimit_resource_t resource, rlim_t value)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) != 0)
        return false;
    limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
    return setrlimit(resource, &limit) == 0;
}

/*
 * A core file would hold secrets. One byte, not none: with 0 the kernel still feeds a
 * crash handler that kernel.core_pattern names, with 1 it feeds nobody (coredump.c).
 */
static bool forbid_core_files(void)
{
    struct rlimit limit = { .rlim_cur = 1, .rlim_max = 1 };

    return setrlimit(RLIMIT_CORE, &limit) == 0;
}

static bool ignore_signal(int number)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    return sigaction(number, &ignore, NULL) == 0;
}

enum ac_code ac_sandbox_enter(enum ac_sandbox_kind kind, struct ac_error *err)
{
    /* The core decides about the end, also when a signal goes to all processes. */
    if (!ignore_signal(SIGINT) || !ignore_signal(SIGTERM) || !ignore_signal(SIGHUP)
        || !ignore_signal(SIGPIPE))
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "cannot ignore signals");
    if (kind == AC_SANDBOX_NONE)
        return AC_OK;
    /* Others of the same user cannot look into it; its commands get their own back. */
    if (prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL) != 0)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "cannot be hidden");
    if (kind == AC_SANDBOX_PLUGIN
        && prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "cannot give up privileges");
    if (!forbid_core_files() || !set_soft(RLIMIT_NOFILE, AC_SANDBOX_FILES_MAX)
        || (!HAS_SHADOW && !set_soft(RLIMIT_DATA, AC_SANDBOX_DATA_MAX)))
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "cannot limit resources");
    return AC_OK;
}

bool ac_sandbox_relax(void)
{
    return set_soft(RLIMIT_DATA, RLIM_INFINITY);
}
