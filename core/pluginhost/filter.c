/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/filter.h"

#include "base/kernel.h"
#include "base/memory.h"

#include <acmecore/plugin.h>

#include <asm/ioctls.h>
#include <asm/sockios.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Calls of kernels newer than our libseccomp; each machine has these numbers. */
#define FCHMODAT2     452
#define SETXATTRAT    463
#define REMOVEXATTRAT 466
#define FILE_SETATTR  469

/* Of arguments that are 32 bits wide the kernel never looks at the others. */
#define INT_MASK    0xffffffffu
#define TYPE_MASK   0xfu /* of a socket; the other bits are flags */
#define FAMILY_LAST 16   /* AF_NETLINK: names of interfaces and addresses */

#if defined(__s390x__)
#define CLONE_FLAGS 1u /* the argument; the stack comes first */
#else
#define CLONE_FLAGS 0u
#endif

/*
 * A leak check at the end of a process forks and traces it, and a report runs another
 * program: built with a sanitizer, a process keeps these calls (ACMECORE_SANITIZE).
 */
#ifdef AC_SANITIZED
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

/* Into other processes and into the kernel: no plugin needs them. */
static const int deadly[] = {
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(process_madvise),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(kcmp),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(bpf),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsmount),
    SCMP_SYS(fspick),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(open_by_handle_at),
};

/* A library may try these, and does without. */
static const int refused[] = {
    SCMP_SYS(perf_event_open),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(setpriority),
    SCMP_SYS(ioprio_set),
    SCMP_SYS(migrate_pages),
    SCMP_SYS(move_pages),
    SCMP_SYS(setuid),
    SCMP_SYS(setgid),
    SCMP_SYS(setreuid),
    SCMP_SYS(setregid),
    SCMP_SYS(setresuid),
    SCMP_SYS(setresgid),
    SCMP_SYS(setgroups),
    SCMP_SYS(setsid),
    SCMP_SYS(setpgid),
    SCMP_SYS(tkill),
    SCMP_SYS(sched_setattr),
    /* What other processes of this user share by a number or a name: Landlock sees
     * neither. */
    SCMP_SYS(shmget),
    SCMP_SYS(shmat),
    SCMP_SYS(shmctl),
    SCMP_SYS(msgget),
    SCMP_SYS(msgsnd),
    SCMP_SYS(msgrcv),
    SCMP_SYS(msgctl),
    SCMP_SYS(semget),
    SCMP_SYS(semop),
    SCMP_SYS(semtimedop),
    SCMP_SYS(semctl),
    SCMP_SYS(mq_open),
    SCMP_SYS(mq_unlink),
};

/*
 * Landlock governs none of these: they would reach each file of the machine. Who writes
 * files does it by descriptor (fchmod, fchown, futimens), and those Landlock has let it
 * open.
 */
static const int by_path[] = {
    SCMP_SYS(chmod),        SCMP_SYS(fchmodat),     SCMP_SYS(chown),
    SCMP_SYS(lchown),       SCMP_SYS(fchownat),     SCMP_SYS(setxattr),
    SCMP_SYS(lsetxattr),    SCMP_SYS(fsetxattr),    SCMP_SYS(removexattr),
    SCMP_SYS(lremovexattr), SCMP_SYS(fremovexattr), SCMP_SYS(utime),
    SCMP_SYS(utimes),       SCMP_SYS(futimesat),
};

/* A descriptor to read is enough for these: any library would do. */
static const int by_descriptor[] = { SCMP_SYS(fchmod), SCMP_SYS(fchown),
                                     SCMP_SYS(utimensat) };

/* Sockets made, and files opened, by way of a ring are seen by no filter, and neither
 * are flags that lie in memory. */
static const int unknown[] = { SCMP_SYS(io_uring_setup),
                               SCMP_SYS(openat2),
                               FCHMODAT2,
                               SETXATTRAT,
                               REMOVEXATTRAT,
                               FILE_SETATTR };

/* Of commands, too. */
static const int of_others[] = {
    SCMP_SYS(ptrace),      SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_getfd), SCMP_SYS(kexec_load),       SCMP_SYS(kexec_file_load),
    SCMP_SYS(init_module), SCMP_SYS(finit_module),     SCMP_SYS(delete_module),
};

/* The first error stays: libseccomp gives it as a negative number. */
struct filter {
    scmp_filter_ctx context;
    int result;
};

static void filter_done(struct filter *filter)
{
    if (filter->context)
        seccomp_release(filter->context);
}

static void add(struct filter *filter, uint32_t action, const int *calls, size_t count)
{
    for (size_t i = 0; i < count && filter->result == 0; i++)
        filter->result = seccomp_rule_add(filter->context, action, calls[i], 0);
}

/* SCMP_A0 and its like leave a field out. */
static struct scmp_arg_cmp first(enum scmp_compare how, scmp_datum_t datum)
{
    return (struct scmp_arg_cmp){ .arg = 0, .op = how, .datum_a = datum, .datum_b = 0 };
}

static struct scmp_arg_cmp masked(unsigned index, scmp_datum_t mask, scmp_datum_t value)
{
    return (struct scmp_arg_cmp){
        .arg = index, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value
    };
}

/* Refused when that argument compares so. */
static void add_if(struct filter *filter, uint32_t error, int call,
                   struct scmp_arg_cmp argument)
{
    if (filter->result == 0) {
        filter->result =
            seccomp_rule_add(filter->context, SCMP_ACT_ERRNO(error), call, 1, argument);
    }
}

/* Refused when both compare so. */
static void add_if_both(struct filter *filter, uint32_t error, int call,
                        struct scmp_arg_cmp one, struct scmp_arg_cmp other)
{
    if (filter->result == 0) {
        filter->result = seccomp_rule_add(filter->context, SCMP_ACT_ERRNO(error), call,
                                          2, one, other);
    }
}

/* ---- the parts */

static bool is_family_open(int family, uint32_t uses)
{
    if (family == AF_UNIX)
        return (uses & ACMECORE_USES_SOCKETS) != 0;
    return (uses & ACMECORE_USES_NETWORK)
           && (family == AF_INET || family == AF_INET6 || family == AF_NETLINK);
}

static void add_sockets(struct filter *filter, uint32_t uses)
{
    int call = SCMP_SYS(socket);

    for (int i = 0; i <= FAMILY_LAST; i++) {
        if (!is_family_open(i, uses))
            add_if(filter, EACCES, call, first(SCMP_CMP_EQ, (scmp_datum_t)i));
    }
    add_if(filter, EACCES, call, first(SCMP_CMP_GT, FAMILY_LAST));
}

/* One of a pair of datagram sockets can be connected to any other (unix(7) makes RAW a
 * datagram socket); one of a pair of streams is connected for good. A pair of another
 * family (TIPC) would be a socket of a family that socket() refuses. */
static void add_pairs(struct filter *filter, uint32_t uses)
{
    int call = SCMP_SYS(socketpair);

    add_if(filter, EACCES, call, first(SCMP_CMP_NE, AF_UNIX));
    if (uses & ACMECORE_USES_SOCKETS)
        return;
    add_if(filter, EACCES, call, masked(1, TYPE_MASK, SOCK_DGRAM));
    add_if(filter, EACCES, call, masked(1, TYPE_MASK, SOCK_RAW));
}

/* Who owns a descriptor gets the signals of it: that could be the core. */
static void add_owners(struct filter *filter)
{
    static const unsigned controls[] = { F_SETOWN, F_SETOWN_EX, F_SETSIG };
    static const unsigned requests[] = { FIOSETOWN, SIOCSPGRP, TIOCSTI };

    for (size_t i = 0; i < AC_COUNT(controls); i++)
        add_if(filter, EPERM, SCMP_SYS(fcntl), masked(1, INT_MASK, controls[i]));
    for (size_t i = 0; i < AC_COUNT(requests); i++)
        add_if(filter, EPERM, SCMP_SYS(ioctl), masked(1, INT_MASK, requests[i]));
}

/* No file may become set-uid or set-gid. Each bit alone: either will do. */
static void add_mode(struct filter *filter, scmp_datum_t bit)
{
    static const struct {
        int call;
        unsigned index; /* of the mode */
    } made[] = { { SCMP_SYS(creat), 1 },
                 { SCMP_SYS(mkdir), 1 },
                 { SCMP_SYS(mkdirat), 2 },
                 { SCMP_SYS(mknod), 1 },
                 { SCMP_SYS(mknodat), 2 } };
    static const unsigned flags[] = { O_CREAT, O_TMPFILE }; /* there is a mode */

    for (size_t i = 0; i < AC_COUNT(made); i++)
        add_if(filter, EPERM, made[i].call, masked(made[i].index, bit, bit));
    for (size_t i = 0; i < AC_COUNT(flags); i++) {
        add_if_both(filter, EPERM, SCMP_SYS(open), masked(1, flags[i], flags[i]),
                    masked(2, bit, bit));
        add_if_both(filter, EPERM, SCMP_SYS(openat), masked(2, flags[i], flags[i]),
                    masked(3, bit, bit));
    }
}

/* Before its version 3 Landlock has nothing to say to either. Access 3 is to neither
 * read nor write, so no version asks for a right. */
static void add_truncation(struct filter *filter, uint32_t uses)
{
    static const int by_name[] = { SCMP_SYS(truncate) };
    static const unsigned accesses[] = { O_RDONLY, O_ACCMODE };

    if (!(uses & ACMECORE_USES_FILES) || ac_kernel_landlock() < AC_LANDLOCK_TRUNCATE)
        add(filter, SCMP_ACT_ERRNO(EPERM), by_name, AC_COUNT(by_name));
    for (size_t i = 0; i < AC_COUNT(accesses); i++) {
        scmp_datum_t value = O_TRUNC | accesses[i];

        add_if(filter, EPERM, SCMP_SYS(open), masked(1, O_TRUNC | O_ACCMODE, value));
        add_if(filter, EPERM, SCMP_SYS(openat), masked(2, O_TRUNC | O_ACCMODE, value));
    }
}

static void add_files(struct filter *filter, uint32_t uses)
{
    const struct scmp_arg_cmp has_path = { .arg = 1, .op = SCMP_CMP_NE };

    add(filter, SCMP_ACT_ERRNO(EPERM), by_path, AC_COUNT(by_path));
    if (uses & ACMECORE_USES_FILES) {
        add_if(filter, EPERM, SCMP_SYS(utimensat), has_path);
        add_if(filter, EPERM, SCMP_SYS(fchmod), masked(1, S_ISUID, S_ISUID));
        add_if(filter, EPERM, SCMP_SYS(fchmod), masked(1, S_ISGID, S_ISGID));
    } else {
        add(filter, SCMP_ACT_ERRNO(EPERM), by_descriptor, AC_COUNT(by_descriptor));
    }
    add_mode(filter, S_ISUID);
    add_mode(filter, S_ISGID);
    add_truncation(filter, uses);
}

/* Signals, limits and priorities are for this process alone. */
static void add_self(struct filter *filter)
{
    static const int signals[] = { SCMP_SYS(kill), SCMP_SYS(tgkill),
                                   SCMP_SYS(rt_sigqueueinfo),
                                   SCMP_SYS(rt_tgsigqueueinfo) };
    static const int by_zero[] = { SCMP_SYS(prlimit64), SCMP_SYS(sched_setaffinity),
                                   SCMP_SYS(sched_setscheduler),
                                   SCMP_SYS(sched_setparam) };
    scmp_datum_t self = (scmp_datum_t)getpid();

    for (size_t i = 0; i < AC_COUNT(signals); i++)
        add_if(filter, EPERM, signals[i], first(SCMP_CMP_NE, self));
    for (size_t i = 0; i < AC_COUNT(by_zero); i++)
        add_if(filter, EPERM, by_zero[i], first(SCMP_CMP_NE, 0));
}

/* Threads are none of it: clone3 hides its flags in memory, so glibc is sent back to
 * clone. */
static void add_processes(struct filter *filter)
{
    static const int begin[] = { SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(execve),
                                 SCMP_SYS(execveat) };
    static const int hidden[] = { SCMP_SYS(clone3) };
    static const int tracing[] = { SCMP_SYS(ptrace) };
    const struct scmp_arg_cmp no_thread = { .arg = CLONE_FLAGS,
                                            .op = SCMP_CMP_MASKED_EQ,
                                            .datum_a = CLONE_THREAD,
                                            .datum_b = 0 };

    add(filter, SCMP_ACT_ERRNO(EPERM), begin, AC_COUNT(begin));
    add(filter, SCMP_ACT_ERRNO(ENOSYS), hidden, AC_COUNT(hidden));
    add(filter, SCMP_ACT_KILL_PROCESS, tracing, AC_COUNT(tracing));
    add_if(filter, EPERM, SCMP_SYS(clone), no_thread);
}

/* Programs of the other word size run as ever, by the same rules: their calls are there
 * for every process. */
static void open_to_commands(struct filter *filter)
{
    static const uint32_t others[] = {
#if defined(__x86_64__)
        SCMP_ARCH_X86,
        SCMP_ARCH_X32
#elif defined(__aarch64__)
        SCMP_ARCH_ARM
#else
        SCMP_ARCH_NATIVE /* is there already */
#endif
    };

    filter->result =
        seccomp_attr_set(filter->context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
    for (size_t i = 0; i < AC_COUNT(others) && filter->result == 0; i++) {
        int result = seccomp_arch_add(filter->context, others[i]);

        filter->result = result == -EEXIST ? 0 : result;
    }
    add(filter, SCMP_ACT_ERRNO(EPERM), of_others, AC_COUNT(of_others));
}

static void fill(struct filter *filter, uint32_t uses)
{
    if (uses & ACMECORE_USES_COMMANDS) {
        open_to_commands(filter);
        return;
    }
    add(filter, SCMP_ACT_KILL_PROCESS, deadly, AC_COUNT(deadly));
    add(filter, SCMP_ACT_ERRNO(EPERM), refused, AC_COUNT(refused));
    add(filter, SCMP_ACT_ERRNO(ENOSYS), unknown, AC_COUNT(unknown));
    add_sockets(filter, uses);
    add_pairs(filter, uses);
    add_owners(filter);
    add_files(filter, uses);
    if (IS_SANITIZED)
        return;
    add_self(filter);
    add_processes(filter);
}

enum ac_code ac_filter_enter(uint32_t uses, struct ac_error *err)
{
    __attribute__((cleanup(filter_done))) struct filter filter = { 0 };

    if (!ac_kernel_has_seccomp() || (IS_SANITIZED && (uses & ACMECORE_USES_COMMANDS)))
        return AC_OK;
    filter.context = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter.context)
        return ac_fail(err, AC_E_NOMEM, "out of memory");
    fill(&filter, uses);
    if (filter.result == 0)
        filter.result = seccomp_load(filter.context);
    /* An emulator (valgrind, qemu-user) has filters in its list and takes none; of a
     * kernel this filter is a valid one. */
    if (filter.result == 0 || filter.result == -EINVAL || filter.result == -ENOSYS)
        return AC_OK;
    return ac_fail_errno(err, AC_E_SYSTEM, -filter.result,
                         "seccomp refuses the filter of a plugin");
}
