/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin that tries to get at what is not its own, and writes what came of it into
 * its folder: a line "ATTEMPT WORD" each, where the word is "open", or the name of the
 * error. Nothing that it gets is changed or kept. Paths come as "at:/path": a sandbox
 * opens those that settings name.
 */
#include "hostile_files.h"

#include <acmecore/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define KNOWN_FDS 5  /* null, output twice, the core's socket, the private folder */
#define SIBLINGS  40 /* process ids looked at beside our own */
#define HIGH_BIT  0x100000000ul /* the kernel does not look at it */

/* ---- the core's process */

static const char *of_parent(const char *what, char buffer[64])
{
    (void)snprintf(buffer, 64, "/proc/%d/%s", (int)getppid(), what);
    return buffer;
}

static int parent_memory(const struct hostile *hostile)
{
    char buffer[64];

    (void)hostile;
    int fd = open(of_parent("mem", buffer), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    return close(fd);
}

static int parent_descriptors(const struct hostile *hostile)
{
    char buffer[64];

    (void)hostile;
    return try_to_list(of_parent("fd", buffer));
}

static int parent_environment(const struct hostile *hostile)
{
    char buffer[64];

    (void)hostile;
    return try_to_read(of_parent("environ", buffer));
}

static int parent_map(const struct hostile *hostile)
{
    char buffer[64];

    (void)hostile;
    return try_to_read(of_parent("maps", buffer));
}

static int parent_signal(const struct hostile *hostile)
{
    (void)hostile;
    return result(kill(getppid(), 0)); /* may we stop it? */
}

static int sibling_signal(const struct hostile *hostile)
{
    int error = ESRCH;

    (void)hostile;
    for (pid_t pid = getppid() + 1; pid < getppid() + SIBLINGS; pid++) {
        if (pid == getpid() || (kill(pid, 0) != 0 && errno == ESRCH))
            continue;
        error = result(kill(pid, 0));
        if (error == 0)
            return 0;
    }
    return error == ESRCH ? EPERM : error;
}

/* Could signals of a descriptor of ours go to it? */
static int try_to_give_signals(long (*give)(int fd))
{
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return ENOENT;
    int error = result(give(fds[0]));
    (void)close(fds[0]), (void)close(fds[1]);
    return error;
}

static long give_by_fcntl(int fd)
{
    return fcntl(fd, F_SETOWN, getppid());
}

static long give_by_ioctl(int fd)
{
    pid_t pid = getppid();

    return syscall(SYS_ioctl, fd, HIGH_BIT | FIOSETOWN, &pid);
}

static int parent_owner(const struct hostile *hostile)
{
    (void)hostile;
    return try_to_give_signals(give_by_fcntl);
}

static int parent_owner_ioctl(const struct hostile *hostile)
{
    (void)hostile;
    return try_to_give_signals(give_by_ioctl);
}

static int parent_limits(const struct hostile *hostile)
{
    struct rlimit limit;

    (void)hostile;
    return result(prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit));
}

static int parent_priority(const struct hostile *hostile)
{
    (void)hostile;
    return result(setpriority(PRIO_PROCESS, (id_t)getppid(),
                              getpriority(PRIO_PROCESS, (id_t)getppid())));
}

static int parent_trace(const struct hostile *hostile)
{
    (void)hostile;
    int error = result(ptrace(PTRACE_SEIZE, getppid(), NULL, NULL));
    if (error == 0)
        (void)ptrace(PTRACE_DETACH, getppid(), NULL, NULL);
    return error;
}

static int parent_attach(const struct hostile *hostile)
{
    (void)hostile;
    int error = result(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
    if (error == 0) {
        (void)waitpid(getppid(), NULL, __WALL);
        (void)ptrace(PTRACE_DETACH, getppid(), NULL, NULL);
    }
    return error;
}

static int parent_copy(const struct hostile *hostile)
{
    char byte;
    struct iovec here = { &byte, 1 };
    struct iovec there = { (void *)(uintptr_t)&byte, 1 };

    (void)hostile;
    int error = result(process_vm_readv(getppid(), &here, 1, &there, 1, 0));
    return error == EFAULT ? 0 : error; /* we may, and there is nothing */
}

/* Would have the connection to the CA. */
static int parent_socket(const struct hostile *hostile)
{
    int pid_fd = (int)syscall(SYS_pidfd_open, getppid(), 0);

    (void)hostile;
    int error = pid_fd < 0 ? errno : result(syscall(SYS_pidfd_getfd, pid_fd, 0, 0));
    if (pid_fd >= 0)
        (void)close(pid_fd);
    return error;
}

/* ---- its own process */

static int inherited(const struct hostile *hostile)
{
    (void)hostile;
    for (int fd = KNOWN_FDS; fd < 1024; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            return 0;
    }
    return EPERM; /* there is nothing */
}

static int become_root(const struct hostile *hostile)
{
    (void)hostile;
    return result(setuid(0));
}

static int gain_by_program(const struct hostile *hostile)
{
    (void)hostile;
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? EPERM : 0;
}

static int process(const struct hostile *hostile)
{
    (void)hostile;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    if (pid < 0)
        return errno;
    (void)waitpid(pid, NULL, 0);
    return 0;
}

static int new_namespace(const struct hostile *hostile)
{
    (void)hostile;
    return result(syscall(SYS_unshare, 0x00020000)); /* CLONE_NEWNS */
}

static int mount_something(const struct hostile *hostile)
{
    (void)hostile;
    int error = result(mount("none", "/", "no-such-file-system", 0, NULL));
    return error == ENODEV ? 0 : error; /* we may, and there is no such thing */
}

static int try_to_connect(const struct hostile *hostile, int fd)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s",
                   path_of(hostile, "socket"));
    return result(connect(fd, (struct sockaddr *)&address, sizeof address));
}

static int local_socket(const struct hostile *hostile)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return errno;
    int error = try_to_connect(hostile, fd);
    (void)close(fd);
    return error;
}

/* One of a pair may be connected elsewhere. */
static int try_pair(const struct hostile *hostile, int type)
{
    int fds[2];

    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) != 0)
        return errno;
    int error = try_to_connect(hostile, fds[0]);
    (void)close(fds[0]), (void)close(fds[1]);
    return error == EPROTOTYPE ? 0 : error; /* we may, and it is for streams */
}

static int local_pair(const struct hostile *hostile)
{
    return try_pair(hostile, SOCK_DGRAM);
}

static int local_raw_pair(const struct hostile *hostile)
{
    return try_pair(hostile, SOCK_RAW);
}

/* ---- all of them */

static const struct {
    const char *name;
    attempt *try;
} quiet[] = {
    { "account-key", account_key },
    { "certificate-key", certificate_key },
    { "store-list", list_store },
    { "store-write", write_store },
    { "plugins-write", write_plugins },
    { "program-write", write_program },
    { "shadow-read", read_shadow },
    { "key-mode", key_mode },
    { "key-owner", key_owner },
    { "key-attribute", key_attribute },
    { "key-times", key_times },
    { "key-truncate", key_truncate },
    { "system-mode", system_mode },
    { "set-uid-file", set_uid_file },
    { "truncate-to-read", truncate_to_read },
    { "truncate-without-access", truncate_without_access },
    { "core-memory", parent_memory },
    { "core-descriptors", parent_descriptors },
    { "core-environment", parent_environment },
    { "core-map", parent_map },
    { "core-signal", parent_signal },
    { "sibling-signal", sibling_signal },
    { "core-owner", parent_owner },
    { "core-owner-ioctl", parent_owner_ioctl },
    { "core-limits", parent_limits },
    { "core-priority", parent_priority },
    { "descriptors-inherited", inherited },
    { "become-root", become_root },
    { "gain-by-program", gain_by_program },
    { "process", process },
    { "local-socket", local_socket },
    { "local-pair", local_pair },
    { "local-raw-pair", local_raw_pair },
}, loud[] = {
    { "core-trace", parent_trace },
    { "core-attach", parent_attach },
    { "core-copy", parent_copy },
    { "core-socket", parent_socket },
    { "namespace", new_namespace },
    { "mount", mount_something },
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void note(struct hostile *hostile, const char *name, int error)
{
    const char *word = error == 0 ? "open" : strerrorname_np(error);

    hostile->size += (size_t)snprintf(hostile->report + hostile->size,
                                      sizeof hostile->report - hostile->size, "%s %s\n",
                                      name, word ? word : "?");
}

static void save(const struct hostile *hostile)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/report", hostile->host->folder);
    (void)hostile->host->write_file(hostile->host->ctx, path, 0600, hostile->report,
                                    hostile->size);
}

/* As an honest plugin would that needs more than it says. */
static int write_by_service(const struct hostile *hostile)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/hostile-was-here", path_of(hostile, "store"));
    return hostile->host->write_file(hostile->host->ctx, path, 0600, "x", 1);
}

/* The option `attempt`: one of the loud ones by its name, or none of them. given: a
 * key that it may read; or NULL. */
static int try_all(struct hostile *hostile, const char *given)
{
    const char *wanted = hostile->host->option(hostile->host->ctx, "attempt", 0);

    hostile->size = 0;
    if (wanted && strcmp(wanted, "service") == 0)
        return write_by_service(hostile);
    for (size_t i = 0; i < COUNT(quiet) && !wanted; i++)
        note(hostile, quiet[i].name, quiet[i].try(hostile));
    for (size_t i = 0; i < COUNT(loud); i++) {
        if (wanted && strcmp(loud[i].name, wanted) == 0)
            note(hostile, loud[i].name, loud[i].try(hostile));
    }
    if (given)
        note(hostile, "given-key", try_to_read(given));
    save(hostile);
    return hostile->host->fail(hostile->host->ctx, ACMECORE_E_REFUSED, "all is tried");
}

#ifdef IS_INSTALLER
static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results)
{
    (void)count, (void)results;
    return try_all(self, certificates[0]->key_path);
}

static int end(void *self)
{
    (void)self;
    return ACMECORE_OK;
}

static const struct acmecore_installer installer = {
    .struct_size = sizeof installer, .stage = stage, .commit = end, .rollback = end
};
#define KIND ACMECORE_INSTALLER
#else
static int present(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    (void)challenges, (void)count, (void)results;
    return try_all(self, NULL);
}

static int cleanup(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    (void)self, (void)challenges, (void)count, (void)results;
    return ACMECORE_OK;
}

static const char *const types[] = { "http-01", NULL };
static const struct acmecore_solver solver = {
    .struct_size = sizeof solver, .types = types, .present = present, .cleanup = cleanup
};
#define KIND ACMECORE_SOLVER
#endif

static int open_hostile(const struct acmecore_host *host, void **ret_self)
{
    static struct hostile hostile;

    hostile.host = host;
    *ret_self = &hostile;
    return ACMECORE_OK;
}

static void close_hostile(void *self)
{
    (void)self;
}

static const struct acmecore_option options[] = {
    { .name = "attempt", .type = ACMECORE_OPTION_TEXT, .help = "one that may kill" },
    { .name = "account-key", .type = ACMECORE_OPTION_TEXT, .help = "at:/path" },
    { .name = "certificate-key", .type = ACMECORE_OPTION_TEXT, .help = "at:/path" },
    { .name = "store", .type = ACMECORE_OPTION_TEXT, .help = "at:/path" },
    { .name = "plugins", .type = ACMECORE_OPTION_TEXT, .help = "at:/path" },
    { .name = "program", .type = ACMECORE_OPTION_TEXT, .help = "at:/path" },
    { .name = "socket", .type = ACMECORE_OPTION_TEXT, .help = "at:/path" },
};

ACMECORE_EXPORT const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(KIND, NAME, "1", 0),
    .flags = FLAGS,
    .option_count = COUNT(options),
    .options = options,
    .open = open_hostile,
    .close = close_hostile,
#ifdef IS_INSTALLER
    .ops.installer = &installer,
#else
    .ops.solver = &solver,
#endif
};
