/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for the kernel where the machine's clock is set, which a test must not do.
 * The timer on the real time is a FIFO (CLOCK_SET_FIFO): what is written to it is the
 * kernel's word that the clock was set, which it gives to timers that asked for it. The
 * time itself is libfaketime's. Built by test_clock.py.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int timerfd_create(int clock, int flags)
{
    (void)flags;
    if (clock != CLOCK_REALTIME) {
        errno = EINVAL;
        return -1;
    }
    return open(getenv("CLOCK_SET_FIFO"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

/* What was said before is over, as it is in the kernel. */
int timerfd_settime(int fd, int flags, const struct itimerspec *when,
                    struct itimerspec *before)
{
    char bytes[64];

    (void)when, (void)before;
    if (!(flags & TFD_TIMER_ABSTIME) || !(flags & TFD_TIMER_CANCEL_ON_SET)) {
        errno = EINVAL;
        return -1;
    }
    while (read(fd, bytes, sizeof bytes) > 0)
        continue;
    return 0;
}
