/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/services_keeper.h"

#include "base/clock.h"
#include "base/family.h"
#include "base/kernel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXIT_BROKEN   126
#define SIGNAL_BASE   128 /* as shells report a signal */
#define LOOK_AGAIN_MS 10
#define NANOSECONDS   1000000 /* in a millisecond */

/* ---- the keeper's process: system calls only, there may have been threads */

static void watch_signals(sigset_t *watched)
{
    struct sigaction plain = { .sa_handler = SIG_DFL };

    (void)sigemptyset(watched);
    (void)sigaddset(watched, SIGCHLD);
    (void)sigaddset(watched, SIGTERM);
    (void)sigaction(SIGCHLD, &plain, NULL);
    (void)sigaction(SIGTERM, &plain, NULL);
    (void)sigprocmask(SIG_SETMASK, watched, NULL);
}

/* True: the command has ended, and is a zombie still. Others that ended are reaped. */
static bool has_ended(pid_t command)
{
    siginfo_t info = { 0 };

    for (;;) {
        info.si_pid = 0;
        if (waitid(P_PID, (id_t)command, &info, WEXITED | WNOHANG | WNOWAIT) != 0
            || info.si_pid == command)
            return true;
        info.si_pid = 0;
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0
            || info.si_pid == 0)
            return false;
        if (info.si_pid != command)
            (void)waitpid(info.si_pid, NULL, 0);
    }
}

/* False: there is nobody left. */
static bool reap_all(void)
{
    pid_t pid;

    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        continue;
    return pid == 0;
}

/* Whoever is killed leaves its children to us, so it is done round by round. */
__attribute__((noreturn)) static void kill_all(pid_t command, const sigset_t *watched)
{
    struct timespec pause = { .tv_nsec = (long)LOOK_AGAIN_MS * NANOSECONDS };
    int64_t until_ms = ac_clock_after_ms(AC_KEEPER_KILL_MS);

    (void)kill(-command, SIGKILL);
    (void)kill(command, SIGKILL);
    do {
        (void)ac_family_kill_children(getpid());
        (void)sigtimedwait(watched, NULL, &pause);
    } while (reap_all() && ac_clock_now_ms() < until_ms);
    _exit(SIGNAL_BASE + SIGTERM);
}

/*
 * A server that was just started leaves the group once it has made a session of its
 * own, perhaps after the command has ended. Who stays in the group is killed: no
 * leftover of a command goes on beside the next one. Told to end, we do that at once.
 */
static void end_group(pid_t group, const sigset_t *watched)
{
    struct timespec pause = { .tv_nsec = (long)LOOK_AGAIN_MS * NANOSECONDS };
    int64_t until_ms = ac_clock_after_ms(AC_KEEPER_LEAVE_MS);

    (void)reap_all();
    while (kill(-group, 0) == 0 && ac_clock_now_ms() < until_ms) {
        if (sigtimedwait(watched, NULL, &pause) == SIGTERM)
            break;
        (void)reap_all();
    }
    (void)kill(-group, SIGKILL);
}

__attribute__((noreturn)) static void end_with(pid_t command, const sigset_t *watched)
{
    int status = 0;

    while (waitpid(command, &status, 0) < 0 && errno == EINTR)
        continue;
    end_group(command, watched);
    _exit(WIFSIGNALED(status) ? SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status));
}

/* No exit code that the command could have had. */
__attribute__((noreturn)) static void end_unkept(void)
{
    (void)kill(getpid(), SIGKILL);
    _exit(EXIT_BROKEN);
}

__attribute__((noreturn)) static void keep(const struct ac_keeper_command *command,
                                           pid_t parent)
{
    sigset_t watched;
    sigset_t none;
    pid_t self = getpid();

    /* Out of the host's group: what kills that must not kill who ends the command. */
    (void)setpgid(0, 0);
    watch_signals(&watched);
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent
        || prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL) != 0)
        end_unkept();
    pid_t pid = fork();
    if (pid == 0) {
        (void)setpgid(0, 0);
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        command->become(command->arg, self);
        _exit(EXIT_BROKEN);
    }
    /* Its pipes are for the two others: one who reads no more must be noticed. */
    (void)ac_kernel_close_from(STDERR_FILENO + 1);
    if (pid < 0)
        end_unkept();
    (void)setpgid(pid, pid); /* whoever is first */
    while (!has_ended(pid)) {
        if (sigwaitinfo(&watched, NULL) == SIGTERM)
            kill_all(pid, &watched);
    }
    end_with(pid, &watched);
}

/* ---- ours */

pid_t ac_keeper_start(const struct ac_keeper_command *command)
{
    pid_t parent = getpid();
    pid_t pid = fork();

    if (pid == 0)
        keep(command, parent);
    return pid;
}

static bool is_zombie(pid_t pid)
{
    siginfo_t info = { 0 };

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0
           || info.si_pid == pid;
}

void ac_keeper_end(pid_t keeper, int pid_fd)
{
    struct pollfd end = { .fd = pid_fd, .events = POLLIN };
    int64_t until_ms = ac_clock_after_ms(AC_KEEPER_END_MS);

    (void)kill(keeper, SIGTERM);
    while (!is_zombie(keeper) && ac_clock_now_ms() < until_ms)
        (void)poll(&end, 1, LOOK_AGAIN_MS);
    (void)kill(keeper, SIGKILL);
    (void)waitpid(keeper, NULL, 0);
}
