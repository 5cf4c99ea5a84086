/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for the kernel where the machine's clock is set, which a test must not do.
 * The timer on the real time is a FIFO (CLOCK_SET_FIFO): what is written to it is the
 * kernel's word that the clock was set, which it gives to timers that asked for it. The
 * time itself is libfaketime's. When the timer has been set, "ARMED" is sent to the
 * socket CLOCK_SET_TELLS: from then on a test may set the clock. Built by
 * test_clock.py.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

typedef ssize_t read_of(int fd, void *buffer, size_t size);

static int timer_fd = -1;

static ssize_t real_read(int fd, void *buffer, size_t size)
{
    static read_of *real;

    if (!real)
        real = (read_of *)dlsym(RTLD_NEXT, "read");
    return real(fd, buffer, size);
}

/* timerfd_create(2): what was said is said once, to read or to timerfd_settime, which
 * sets the timer all the same. */
static int say_whether_set(void)
{
    char bytes[64];
    int was_set = 0;

    while (real_read(timer_fd, bytes, sizeof bytes) > 0)
        was_set = 1;
    if (!was_set)
        return 0;
    errno = ECANCELED;
    return -1;
}

int timerfd_create(int clock, int flags)
{
    (void)flags;
    if (clock != CLOCK_REALTIME) {
        errno = EINVAL;
        return -1;
    }
    timer_fd = open(getenv("CLOCK_SET_FIFO"), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return timer_fd;
}

static void tell_armed(void)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    strncpy(to.sun_path, getenv("CLOCK_SET_TELLS"), sizeof to.sun_path - 1);
    (void)!sendto(fd, "ARMED", 5, 0, (struct sockaddr *)&to, sizeof to);
    close(fd);
}

int timerfd_settime(int fd, int flags, const struct itimerspec *when,
                    struct itimerspec *before)
{
    (void)when, (void)before;
    if (fd != timer_fd || !(flags & TFD_TIMER_ABSTIME)
        || !(flags & TFD_TIMER_CANCEL_ON_SET)) {
        errno = EINVAL;
        return -1;
    }
    if (say_whether_set() != 0)
        return -1;
    tell_armed();
    return 0;
}

ssize_t read(int fd, void *buffer, size_t size)
{
    if (fd < 0 || fd != timer_fd)
        return real_read(fd, buffer, size);
    if (say_whether_set() == 0)
        errno = EAGAIN;
    return -1;
}
