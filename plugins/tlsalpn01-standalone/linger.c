/* SPDX-License-Identifier: Apache-2.0 */
#include "linger.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 1000
#define NAME    "acmecore-relay" /* in the list of processes */
#define FDS_MAX 65536            /* a server's are below: it asks for fewer */

static void see_through(struct server *server, int64_t limit_ms, char *const *then)
    __attribute__((noreturn));
static void heed_signals(void);
static bool forget_all_else(const struct server *server);
static int64_t read_clock_ms(void);

void linger(struct server *server, int64_t limit_ms, char *const *then)
{
    const struct acmecore_host *host = server_host(server);
    pid_t child = fork();

    if (child < 0) {
        host->log(host->ctx, ACMECORE_WARN,
                  "%zu connections that were passed through are cut: %s",
                  server_relays(server), strerror(errno));
    }
    if (child == 0)
        see_through(server, limit_ms, then);
    /* Out of the group that the core takes down with the plugin's process; said by
     * both, because either may be first. */
    if (child > 0)
        (void)setpgid(child, child);
}

/* In the child. It must not touch the host: that is the parent's. */
static void see_through(struct server *server, int64_t limit_ms, char *const *then)
{
    static char *const environment[] = { NULL };
    int64_t end_ms = read_clock_ms() + limit_ms;

    (void)setpgid(0, 0);
    heed_signals();
    (void)prctl(PR_SET_NAME, NAME);
    if (!server_leave(server) || !forget_all_else(server))
        _exit(1);
    while (server_relays(server) > 0 && read_clock_ms() < end_ms) {
        struct pollfd wait = { .fd = server_fd(server), .events = POLLIN };

        (void)poll(&wait, 1, WAIT_MS);
        server_run(server);
    }
    if (then)
        (void)execve(then[0], then, environment);
    _exit(0);
}

/* A plugin's process leaves them to the core; this one has no core any more. */
static void heed_signals(void)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction plain = { .sa_handler = SIG_DFL };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        (void)sigaction(numbers[i], &plain, NULL);
}

static bool forget_all_else(const struct server *server)
{
    bool *is_kept = calloc(FDS_MAX, sizeof *is_kept);
    int null_fd = -1;

    if (!is_kept)
        return false;
    server_mark(server, is_kept, FDS_MAX);
    for (int fd = 0; fd < FDS_MAX; fd++) {
        if (!is_kept[fd])
            (void)close(fd);
    }
    (void)syscall(SYS_close_range, FDS_MAX, ~0U, 0U);
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd <= STDERR_FILENO && null_fd >= 0; fd++) {
        if (!is_kept[fd])
            (void)dup2(null_fd, fd);
    }
    free(is_kept);
    return true;
}

static int64_t read_clock_ms(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
