/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/loop.h"

#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct ac_loop {
    int signal_fd;
    bool outlives_hangup, was_hung_up;
    sigset_t old_mask;
    struct ac_http *http;
    struct ac_solver **solvers;
    size_t solver_count, solver_capacity;
    struct ac_client **clients;
    size_t client_count, client_capacity;
    struct ac_caa **caas;
    size_t caa_count, caa_capacity;
    struct ac_hook **hooks;
    size_t hook_count, hook_capacity;
    struct ac_loop_guest *guests;
    size_t guest_count, guest_capacity;
    struct pollfd *fds; /* one for signals, then AC_PROCESS_FDS for each process */
    size_t fd_capacity;
};

enum ac_code ac_loop_new(struct ac_loop **ret_loop, struct ac_error *err)
{
    AC_AUTO(ac_loop) *loop = NULL;
    sigset_t mask;

    AC_TRY(ac_memory_new(1, sizeof *loop, (void *)&loop, err));
    loop->signal_fd = -1;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &mask, &loop->old_mask) != 0)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "signals cannot be blocked");
    loop->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (loop->signal_fd < 0)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "no descriptor for signals");
    *ret_loop = AC_TAKE(loop);
    return AC_OK;
}

void ac_loop_free(struct ac_loop *loop)
{
    if (!loop)
        return;
    ac_http_free(loop->http);
    free(loop->solvers);
    free(loop->clients);
    free(loop->caas);
    free(loop->hooks);
    free(loop->guests);
    free(loop->fds);
    if (loop->signal_fd >= 0)
        close(loop->signal_fd);
    (void)sigprocmask(SIG_SETMASK, &loop->old_mask, NULL);
    free(loop);
}

enum ac_code ac_loop_http(struct ac_loop *loop, const struct ac_http_settings *settings,
                          struct ac_http **ret_http, struct ac_error *err)
{
    if (!loop->http)
        AC_TRY(ac_http_new(settings, &loop->http, err));
    *ret_http = loop->http;
    return AC_OK;
}

struct ac_http_counters ac_loop_counters(const struct ac_loop *loop)
{
    if (!loop->http)
        return (struct ac_http_counters){ 0 };
    return ac_http_counters(loop->http);
}

/* Room for one process more. */
static enum ac_code reserve_fds(struct ac_loop *loop, struct ac_error *err)
{
    size_t processes =
        loop->solver_count + loop->caa_count + loop->hook_count + loop->guest_count + 1;

    return ac_memory_grow(&loop->fds, &loop->fd_capacity,
                          1 + processes * AC_PROCESS_FDS, sizeof *loop->fds, err);
}

enum ac_code ac_loop_attach_solver(struct ac_loop *loop, struct ac_solver *solver,
                                   struct ac_error *err)
{
    AC_TRY(ac_memory_grow(&loop->solvers, &loop->solver_capacity,
                          loop->solver_count + 1, sizeof(struct ac_solver *), err));
    AC_TRY(reserve_fds(loop, err));
    loop->solvers[loop->solver_count++] = solver;
    return AC_OK;
}

void ac_loop_detach_solver(struct ac_loop *loop, const struct ac_solver *solver)
{
    for (size_t i = 0; i < loop->solver_count; i++) {
        if (loop->solvers[i] == solver)
            loop->solvers[i] = loop->solvers[--loop->solver_count];
    }
}

enum ac_code ac_loop_attach_client(struct ac_loop *loop, struct ac_client *client,
                                   struct ac_error *err)
{
    AC_TRY(ac_memory_grow(&loop->clients, &loop->client_capacity,
                          loop->client_count + 1, sizeof(struct ac_client *), err));
    loop->clients[loop->client_count++] = client;
    return AC_OK;
}

void ac_loop_detach_client(struct ac_loop *loop, const struct ac_client *client)
{
    for (size_t i = 0; i < loop->client_count; i++) {
        if (loop->clients[i] == client)
            loop->clients[i] = loop->clients[--loop->client_count];
    }
}

enum ac_code ac_loop_attach_caa(struct ac_loop *loop, struct ac_caa *caa,
                                struct ac_error *err)
{
    AC_TRY(ac_memory_grow(&loop->caas, &loop->caa_capacity, loop->caa_count + 1,
                          sizeof(struct ac_caa *), err));
    AC_TRY(reserve_fds(loop, err));
    loop->caas[loop->caa_count++] = caa;
    return AC_OK;
}

void ac_loop_detach_caa(struct ac_loop *loop, const struct ac_caa *caa)
{
    for (size_t i = 0; i < loop->caa_count; i++) {
        if (loop->caas[i] == caa)
            loop->caas[i] = loop->caas[--loop->caa_count];
    }
}

enum ac_code ac_loop_attach_hook(struct ac_loop *loop, struct ac_hook *hook,
                                 struct ac_error *err)
{
    AC_TRY(ac_memory_grow(&loop->hooks, &loop->hook_capacity, loop->hook_count + 1,
                          sizeof(struct ac_hook *), err));
    AC_TRY(reserve_fds(loop, err));
    loop->hooks[loop->hook_count++] = hook;
    return AC_OK;
}

void ac_loop_detach_hook(struct ac_loop *loop, const struct ac_hook *hook)
{
    for (size_t i = 0; i < loop->hook_count; i++) {
        if (loop->hooks[i] == hook)
            loop->hooks[i] = loop->hooks[--loop->hook_count];
    }
}

enum ac_code ac_loop_attach_guest(struct ac_loop *loop,
                                  const struct ac_loop_guest *guest,
                                  struct ac_error *err)
{
    AC_TRY(ac_memory_grow(&loop->guests, &loop->guest_capacity, loop->guest_count + 1,
                          sizeof *loop->guests, err));
    AC_TRY(reserve_fds(loop, err));
    loop->guests[loop->guest_count++] = *guest;
    return AC_OK;
}

void ac_loop_detach_guest(struct ac_loop *loop, const void *guest)
{
    for (size_t i = 0; i < loop->guest_count; i++) {
        if (loop->guests[i].guest == guest)
            loop->guests[i] = loop->guests[--loop->guest_count];
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_wake(const struct ac_loop *loop, int64_t wake_at_ms)
{
    for (size_t i = 0; i < loop->solver_count; i++)
        wake_at_ms = earlier(wake_at_ms, ac_solver_wake_at_ms(loop->solvers[i]));
    for (size_t i = 0; i < loop->caa_count; i++)
        wake_at_ms = earlier(wake_at_ms, ac_caa_wake_at_ms(loop->caas[i]));
    for (size_t i = 0; i < loop->hook_count; i++)
        wake_at_ms = earlier(wake_at_ms, ac_hook_wake_at_ms(loop->hooks[i]));
    for (size_t i = 0; i < loop->guest_count; i++) {
        wake_at_ms =
            earlier(wake_at_ms, loop->guests[i].wake_at_ms(loop->guests[i].guest));
    }
    for (size_t i = 0; i < loop->client_count; i++)
        wake_at_ms = earlier(wake_at_ms, ac_client_wake_at_ms(loop->clients[i]));
    return wake_at_ms;
}

static size_t gather_fds(struct ac_loop *loop)
{
    size_t count = 1;

    loop->fds[0] = (struct pollfd){ .fd = loop->signal_fd, .events = POLLIN };
    for (size_t i = 0; i < loop->solver_count; i++)
        count += ac_solver_fds(loop->solvers[i], loop->fds + count);
    for (size_t i = 0; i < loop->caa_count; i++)
        count += ac_caa_fds(loop->caas[i], loop->fds + count);
    for (size_t i = 0; i < loop->hook_count; i++)
        count += ac_hook_fds(loop->hooks[i], loop->fds + count);
    for (size_t i = 0; i < loop->guest_count; i++)
        count += loop->guests[i].fds(loop->guests[i].guest, loop->fds + count);
    return count;
}

void ac_loop_outlive_hangup(struct ac_loop *loop, bool outlives)
{
    loop->outlives_hangup = outlives;
}

bool ac_loop_was_hung_up(const struct ac_loop *loop)
{
    return loop->was_hung_up;
}

/* Keeps the first signal: it is what the exit code tells. */
static void take_signals(struct ac_loop *loop)
{
    struct signalfd_siginfo info;

    while (read(loop->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP && loop->outlives_hangup) {
            loop->was_hung_up = true;
        } else if (!ac_clock_cancelled()) {
            ac_clock_cancel((int)info.ssi_signo);
        }
    }
}

static enum ac_code wait_for(struct ac_loop *loop, size_t count, int timeout_ms,
                             struct ac_error *err)
{
    if (loop->http)
        return ac_http_wait(loop->http, loop->fds, count, timeout_ms, err);
    if (poll(loop->fds, (nfds_t)count, timeout_ms) < 0 && errno != EINTR)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "waiting failed");
    return AC_OK;
}

static void step_clients(struct ac_loop *loop)
{
    for (size_t i = 0; i < loop->client_count; i++)
        ac_client_step(loop->clients[i]);
}

enum ac_code ac_loop_turn(struct ac_loop *loop, int64_t wake_at_ms,
                          struct ac_error *err)
{
    AC_TRY(ac_memory_grow(&loop->fds, &loop->fd_capacity, 1, sizeof *loop->fds, err));
    step_clients(loop); /* what was asked for since the last turn goes out first */
    size_t count = gather_fds(loop);
    int timeout_ms = ac_clock_left_ms(next_wake(loop, wake_at_ms));

    AC_TRY(wait_for(loop, count, timeout_ms, err));
    take_signals(loop);
    for (size_t i = 0; i < loop->solver_count; i++)
        ac_solver_step(loop->solvers[i]);
    for (size_t i = 0; i < loop->caa_count; i++)
        ac_caa_step(loop->caas[i]);
    for (size_t i = 0; i < loop->hook_count; i++)
        ac_hook_step(loop->hooks[i]);
    for (size_t i = 0; i < loop->guest_count; i++)
        loop->guests[i].step(loop->guests[i].guest);
    step_clients(loop);
    return AC_OK;
}
