/* SPDX-License-Identifier: Apache-2.0 */
#include "host/child.h"

#include "base/family.h"
#include "base/file.h"
#include "base/kernel.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LISTEN_PID  "LISTEN_PID="
#define DRAFT_AGE_S 3600 /* of a plugin that was killed, not of one that is writing */

/* The sockets systemd gave to this process, sd_listen_fds(3); 0: none. */
static int count_listeners(void)
{
    struct ac_error ignored = { 0 };
    int64_t pid = 0;
    int64_t count = 0;

    if (ac_text_parse_number(getenv("LISTEN_PID"), 1, INT32_MAX, &pid, &ignored)
            != AC_OK
        || pid != getpid()
        || ac_text_parse_number(getenv("LISTEN_FDS"), 1, AC_CHILD_LISTEN_MAX, &count,
                                &ignored)
               != AC_OK)
        return 0;
    for (int i = 0; i < count; i++) {
        if (fcntl(AC_CHILD_FIRST_FD + i, F_GETFD) < 0)
            return 0;
    }
    return (int)count;
}

/* A copy above all places that the child fills. */
static int move_up(const struct ac_child *child, int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, AC_CHILD_FIRST_FD + child->listen_count + 2);
}

static enum ac_code fail_start(struct ac_error *err)
{
    return ac_fail_errno(err, AC_E_SYSTEM, errno, "cannot start a plugin host");
}

/* The child's three descriptors; ours go to *ret_control_fd and *ret_output_fd. */
static enum ac_code open_ends(struct ac_child *child, int *ret_control_fd,
                              int *ret_output_fd, struct ac_error *err)
{
    AC_AUTO_FD int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int control[2];
    int output[2];

    if (null_fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) != 0)
        return fail_start(err);
    *ret_control_fd = control[0];
    AC_AUTO_FD int control_fd = control[1];
    if (pipe2(output, O_CLOEXEC) != 0)
        return fail_start(err);
    *ret_output_fd = output[0];
    AC_AUTO_FD int output_fd = output[1];
    child->null_fd = move_up(child, null_fd);
    child->control_fd = move_up(child, control_fd);
    child->output_fd = move_up(child, output_fd);
    if (child->null_fd < 0 || child->control_fd < 0 || child->output_fd < 0
        || fcntl(*ret_output_fd, F_SETFL, O_NONBLOCK) != 0)
        return fail_start(err);
    return AC_OK;
}

static void fill_texts(struct ac_child *child)
{
    static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    static char language[] = "LANG=C.UTF-8";

    (void)snprintf(child->control_text, sizeof child->control_text, "%d",
                   AC_CHILD_FIRST_FD + child->listen_count);
    (void)snprintf(child->listen_fds, sizeof child->listen_fds, "LISTEN_FDS=%d",
                   child->listen_count);
    (void)snprintf(child->listen_pid, sizeof child->listen_pid, LISTEN_PID);
    child->envp[0] = path;
    child->envp[1] = language;
    if (child->listen_count > 0) {
        child->envp[2] = child->listen_fds;
        child->envp[3] = child->listen_pid;
    }
}

char ac_child_commands[] = "--commands";

enum ac_code ac_child_isolate(struct ac_child *child,
                              const struct ac_isolation *isolation, const char *folder,
                              struct ac_error *err)
{
    static char open_option[] = "--open";

    if (isolation && isolation->is_none)
        child->argv[3] = open_option;
    if (!isolation || !isolation->has_identity)
        return AC_OK;
    child->identity = &isolation->identity;
    if (!folder)
        return AC_OK;
    AC_TRY(ac_isolation_give(folder, child->identity, err));
    AC_AUTO_FD int fd = open(folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    child->folder_fd = fd < 0 ? -1 : move_up(child, fd);
    if (child->folder_fd < 0)
        return ac_fail_errno(err, AC_E_STORE, errno, "%s", folder);
    (void)snprintf(child->folder, sizeof child->folder, "/proc/self/fd/%d",
                   AC_CHILD_FIRST_FD + child->listen_count + 1);
    return AC_OK;
}

enum ac_code ac_child_check(const char *path, struct ac_error *err)
{
    if (path[0] == '/' && access(path, X_OK) == 0)
        return AC_OK;
    return ac_fail(err, AC_E_SYSTEM,
                   "plugin host %s cannot be executed; is acmecore installed "
                   "completely?",
                   path);
}

void ac_child_end_session(pid_t session)
{
    ac_family_end(session);
    /* Where there is no /proc. */
    (void)kill(session, SIGKILL);
    (void)kill(-session, SIGKILL);
}

enum ac_code ac_child_make_place(const char *folder, struct ac_error *err)
{
    struct ac_error why = { 0 };

    AC_TRY(ac_file_make_folders(folder, 0700, err));
    if (ac_file_sweep(folder, DRAFT_AGE_S, &why) == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "%s", why.detail);
    return AC_OK;
}

enum ac_code ac_child_prepare(const char *path, int *ret_control_fd, int *ret_output_fd,
                              struct ac_child *ret_child, struct ac_error *err)
{
    static char name[] = "acmecore-plugin-host";
    static char option[] = "--control";
    struct ac_child *child = ret_child;

    *child = (struct ac_child){ .path = path,
                                .null_fd = -1,
                                .output_fd = -1,
                                .control_fd = -1,
                                .folder_fd = -1,
                                .listen_count = count_listeners(),
                                .parent = getpid() };
    enum ac_code code = open_ends(child, ret_control_fd, ret_output_fd, err);
    if (code != AC_OK) {
        ac_child_done(child);
        return code;
    }
    fill_texts(child);
    child->argv[0] = name;
    child->argv[1] = option;
    child->argv[2] = child->control_text;
    return AC_OK;
}

void ac_child_done(struct ac_child *child)
{
    ac_memory_drop_fd(&child->null_fd);
    ac_memory_drop_fd(&child->output_fd);
    ac_memory_drop_fd(&child->control_fd);
    ac_memory_drop_fd(&child->folder_fd);
    child->null_fd = child->output_fd = child->control_fd = child->folder_fd = -1;
}

/* printf is not async-signal-safe. */
static void write_pid(char *at, pid_t pid)
{
    char digits[16];
    size_t count = 0;

    for (; pid > 0; pid /= 10)
        digits[count++] = (char)('0' + pid % 10);
    while (count > 0)
        *at++ = digits[--count];
    *at = '\0';
}

/*
 * The core decides when a plugin host ends: a Ctrl-C at the terminal or a service
 * manager's SIGTERM to all must leave it alive for the cleanup. The plugin host keeps
 * these three ignored; all else starts from the default.
 */
static void reset_signals(void)
{
    struct sigaction plain = { .sa_handler = SIG_DFL };
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigset_t none;

    for (int i = 1; i < NSIG; i++)
        (void)sigaction(i, &plain, NULL);
    (void)sigaction(SIGINT, &ignore, NULL);
    (void)sigaction(SIGTERM, &ignore, NULL);
    (void)sigaction(SIGHUP, &ignore, NULL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* 0 to 2, systemd's from 3 on, the control socket, a folder; nothing else. */
static bool place_descriptors(const struct ac_child *child)
{
    int control = AC_CHILD_FIRST_FD + child->listen_count;

    if (dup2(child->null_fd, STDIN_FILENO) < 0
        || dup2(child->output_fd, STDOUT_FILENO) < 0
        || dup2(child->output_fd, STDERR_FILENO) < 0
        || dup2(child->control_fd, control) < 0)
        return false;
    for (int i = AC_CHILD_FIRST_FD; i < control; i++) {
        if (fcntl(i, F_SETFD, 0) < 0)
            return false;
    }
    if (child->folder_fd < 0)
        return ac_kernel_close_from(control + 1);
    return dup2(child->folder_fd, control + 1) >= 0
           && ac_kernel_close_from(control + 2);
}

/*
 * The system calls, not glibc's functions: these would change the threads of the core,
 * whose memory this still is.
 */
static bool become(const struct ac_identity *identity)
{
    return syscall(SYS_setgroups, identity->group_count, identity->groups) == 0
           && syscall(SYS_setgid, identity->gid) == 0
           && syscall(SYS_setuid, identity->uid) == 0;
}

__attribute__((noreturn)) static void set_up_and_exec(struct ac_child *child)
{
    /* A session of its own: no terminal to ask at, no signals from one. */
    (void)setsid();
    reset_signals();
    (void)umask(S_IRWXG | S_IRWXO);
    if (chdir("/") != 0 || !place_descriptors(child))
        _exit(AC_CHILD_EXIT_BROKEN);
    ac_kernel_restore_files(); /* not before: those above it are to be closed */
    if (child->identity && !become(child->identity))
        _exit(AC_CHILD_EXIT_BROKEN);
    /* After that: to become another takes this back. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != child->parent)
        _exit(AC_CHILD_EXIT_BROKEN); /* the core died before it could tell us */
    write_pid(child->listen_pid + sizeof LISTEN_PID - 1, getpid());
    (void)execve(child->path, child->argv, child->envp);
    _exit(AC_CHILD_EXIT_EXEC);
}

/*
 * vfork, because fork copies the page tables of some thirty libraries for a process
 * that needs none of them: 1 ms, and as much again for our next writes. Until the exec
 * we stand still and lend the child our memory: it makes system calls, writes to *child
 * and to its own part of the stack, and never returns. Its signal actions and its
 * descriptors are its own.
 */
enum ac_code ac_child_start(struct ac_child *child, pid_t *ret_pid,
                            struct ac_error *err)
{
    pid_t pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */

    if (pid < 0)
        return fail_start(err);
    if (pid == 0)
        set_up_and_exec(child); /* NOLINT(clang-analyzer-unix.Vfork) */
    *ret_pid = pid;
    return AC_OK;
}
