/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/profile.h"

#include "pluginhost/filter.h"
#include "pluginhost/rules.h"

#include <acmecore/plugin.h>

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CPU_MAX_S     1200 /* of a whole run; a plugin waits, it does not compute */
#define FILE_SIZE_MAX (1024ul * 1024 * 1024)
#define PROCESSES_MAX 1024 /* of a user of its own, threads included */

/*
 * What root keeps: to listen below 1024, and to reach and give away files that are not
 * its own. To open them is within what Landlock lets it; to change mode and owner is no
 * concern of Landlock's, so the filter leaves that to files that are open, of those who
 * use FILES. Not to trace, signal, mount, or become others.
 */
#define KEPT_CAPABILITIES                                                              \
    (1u << CAP_CHOWN | 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH              \
     | 1u << CAP_FOWNER | 1u << CAP_FSETID | 1u << CAP_NET_BIND_SERVICE)

/* Behind what a plugin says of a refusal. */
#define WITHOUT "; its sandbox has no "
#define AND_NO_COMMANDS                                                                \
    "commands (ACMECORE_USES_COMMANDS), and no files but its folder and"
#define READ_ONLY                                                                      \
    ", to read, what its settings name (ACMECORE_USES_FILES: also to write)"
#define READ_WRITE " what its settings name"
#define LIFTED     "; isolation = none lifts it"
#define NO_NETWORK "network (ACMECORE_USES_NETWORK), no "
#define NO_SOCKETS "local sockets (ACMECORE_USES_SOCKETS), no "

/* For its table. */
#define NETWORK ACMECORE_USES_NETWORK
#define FILES   ACMECORE_USES_FILES
#define SOCKETS ACMECORE_USES_SOCKETS

bool ac_profile_is_confined(const struct ac_profile *profile)
{
    return !(profile->uses & ACMECORE_USES_COMMANDS);
}

static enum ac_code drop_capabilities(struct ac_error *err)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

    if (syscall(SYS_capget, &header, data) != 0)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "cannot read capabilities");
    data[0].permitted &= KEPT_CAPABILITIES;
    data[0].effective &= KEPT_CAPABILITIES;
    data[0].inheritable = 0;
    data[1] = (struct __user_cap_data_struct){ 0 };
    if (syscall(SYS_capset, &header, data) != 0)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "cannot give up capabilities");
    return AC_OK;
}

/* A soft limit is one that a plugin can lift. */
static bool make_hard(__rlimit_resource_t resource, rlim_t maximum)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) != 0)
        return false;
    if (limit.rlim_cur > maximum)
        limit.rlim_cur = maximum;
    rlim_t hard = limit.rlim_max;
    limit.rlim_max = limit.rlim_cur;
    if (setrlimit(resource, &limit) == 0)
        return true;
    limit.rlim_max = hard; /* valgrind keeps the hard ones for itself */
    return setrlimit(resource, &limit) == 0;
}

static enum ac_code harden_limits(struct ac_error *err)
{
    if (!make_hard(RLIMIT_NOFILE, RLIM_INFINITY)
        || !make_hard(RLIMIT_DATA, RLIM_INFINITY) || !make_hard(RLIMIT_CPU, CPU_MAX_S)
        || !make_hard(RLIMIT_FSIZE, FILE_SIZE_MAX))
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "cannot limit resources");
    return AC_OK;
}

enum ac_code ac_profile_enter(const struct ac_profile *profile, struct ac_error *err)
{
    /* Others of the same user cannot look into it; its commands get their own back. */
    if (prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL) != 0)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "cannot be hidden");
    /* Not before the exec: of a user who has more than that already (www-data), the
     * kernel would refuse it (execve(2), EAGAIN). */
    if (profile->has_own_user && !make_hard(RLIMIT_NPROC, PROCESSES_MAX))
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "cannot limit processes");
    if (ac_profile_is_confined(profile)) {
        AC_TRY(harden_limits(err));
        AC_TRY(drop_capabilities(err));
        AC_TRY(ac_rules_enter(profile, err));
    }
    return ac_filter_enter(profile->uses, err);
}

const char *ac_profile_hint(uint32_t uses, const char *reason)
{
    static const char *const hints[] = {
        [0] = WITHOUT NO_NETWORK NO_SOCKETS AND_NO_COMMANDS READ_ONLY LIFTED,
        [NETWORK] = WITHOUT NO_SOCKETS AND_NO_COMMANDS READ_ONLY LIFTED,
        [FILES] = WITHOUT NO_NETWORK NO_SOCKETS AND_NO_COMMANDS READ_WRITE LIFTED,
        [NETWORK | FILES] = WITHOUT NO_SOCKETS AND_NO_COMMANDS READ_WRITE LIFTED,
        [SOCKETS] = WITHOUT NO_NETWORK AND_NO_COMMANDS READ_ONLY LIFTED,
        [SOCKETS | NETWORK] = WITHOUT AND_NO_COMMANDS READ_ONLY LIFTED,
        [SOCKETS | FILES] = WITHOUT NO_NETWORK AND_NO_COMMANDS READ_WRITE LIFTED,
        [SOCKETS | NETWORK | FILES] = WITHOUT AND_NO_COMMANDS READ_WRITE LIFTED,
    };

    if (uses & ACMECORE_USES_COMMANDS)
        return "";
    if (!strstr(reason, strerror(EACCES)) && !strstr(reason, strerror(EPERM)))
        return "";
    return hints[uses & (NETWORK | FILES | SOCKETS)];
}
