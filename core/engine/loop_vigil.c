/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/loop_vigil.h"

#include "base/clock.h"
#include "base/memory.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define LONGEST_S INT64_C(86400) /* then it looks again, whatever the timer says */

struct ac_vigil {
    int signal_fd, timer_fd;
    sigset_t old_mask;
};

enum ac_code ac_vigil_new(struct ac_vigil **ret_vigil, struct ac_error *err)
{
    AC_AUTO(ac_vigil) *vigil = NULL;
    sigset_t mask;

    AC_TRY(ac_memory_new(1, sizeof *vigil, &vigil, err));
    vigil->signal_fd = vigil->timer_fd = -1;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &mask, &vigil->old_mask) != 0)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "signals cannot be blocked");
    vigil->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    /* The real time: what it waits for is a date, and goes on while the machine is
     * suspended. */
    vigil->timer_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (vigil->signal_fd < 0 || vigil->timer_fd < 0)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "no descriptor to wait with");
    *ret_vigil = AC_TAKE(vigil);
    return AC_OK;
}

void ac_vigil_free(struct ac_vigil *vigil)
{
    if (!vigil)
        return;
    ac_memory_drop_fd(&vigil->signal_fd);
    ac_memory_drop_fd(&vigil->timer_fd);
    (void)sigprocmask(SIG_SETMASK, &vigil->old_mask, NULL);
    free(vigil);
}

/* *ret_was_set: the clock was, since the timer was read last. The kernel says so here
 * with ECANCELED, whoever was awake at that time. */
static enum ac_code arm(const struct ac_vigil *vigil, int64_t until_utc,
                        bool *ret_was_set, struct ac_error *err)
{
    struct itimerspec when = { .it_value.tv_sec = (time_t)until_utc };
    bool is_armed =
        timerfd_settime(vigil->timer_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
                        &when, NULL)
        == 0;

    *ret_was_set = !is_armed && errno == ECANCELED;
    if (is_armed || *ret_was_set)
        return AC_OK;
    return ac_fail_errno(err, AC_E_SYSTEM, errno, "the timer cannot be set");
}

/* Else the next sleep would hear once more of what ended this one. */
static void forget_timer(const struct ac_vigil *vigil)
{
    uint64_t ignored;

    (void)!read(vigil->timer_fd, &ignored, sizeof ignored);
}

/* False: none has come. */
static bool take_signal(const struct ac_vigil *vigil, enum ac_vigil_reason *ret_reason)
{
    struct signalfd_siginfo info;

    if (read(vigil->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
        return false;
    *ret_reason = info.ssi_signo == SIGHUP ? AC_VIGIL_RELOAD : AC_VIGIL_END;
    return true;
}

enum ac_code ac_vigil_sleep(struct ac_vigil *vigil, int64_t until_utc,
                            enum ac_vigil_reason *ret_reason, struct ac_error *err)
{
    struct pollfd fds[] = { { .fd = vigil->signal_fd, .events = POLLIN },
                            { .fd = vigil->timer_fd, .events = POLLIN } };
    int64_t utc = ac_clock_utc();

    *ret_reason = AC_VIGIL_TIME;
    if (take_signal(vigil, ret_reason) || until_utc <= utc)
        return AC_OK;
    if (until_utc - utc > LONGEST_S)
        until_utc = utc + LONGEST_S;
    bool was_set = false;
    AC_TRY(arm(vigil, until_utc, &was_set, err));
    if (was_set)
        return AC_OK;
    while (poll(fds, AC_COUNT(fds), (int)(LONGEST_S * 1000)) < 0) {
        if (errno != EINTR)
            return ac_fail_errno(err, AC_E_SYSTEM, errno, "waiting failed");
    }
    forget_timer(vigil);
    (void)take_signal(vigil, ret_reason);
    return AC_OK;
}
