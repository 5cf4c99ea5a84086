/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's one wait: over the CA's connections, the plugin processes' sockets,
 * timers and signals. After each wait everything that is attached is stepped.
 *
 * While a loop exists, SIGINT, SIGTERM and SIGHUP are blocked and arrive here; the
 * first sets the cancel flag (base/clock).
 */
#ifndef AC_ENGINE_LOOP_H
#define AC_ENGINE_LOOP_H

#include "acme/client.h"
#include "host/caa.h"
#include "host/hook.h"
#include "host/solver.h"
#include "net/http.h"

struct ac_loop;

AC_MUST enum ac_code ac_loop_new(struct ac_loop **ret_loop, struct ac_error *err);
/* What is attached must have been detached or freed by its owner first. */
void ac_loop_free(struct ac_loop *loop);
AC_DEFINE_DROP(ac_loop, ac_loop_free)

/* Let SIGHUP be noted instead of ending the run. */
void ac_loop_outlive_hangup(struct ac_loop *loop, bool outlives);
bool ac_loop_was_hung_up(const struct ac_loop *loop);
/* The HTTP side, made when first asked for; settings are used then only. Lent. */
AC_MUST enum ac_code ac_loop_http(struct ac_loop *loop,
                                  const struct ac_http_settings *settings,
                                  struct ac_http **ret_http, struct ac_error *err);
/* Zero before there is any HTTP. */
struct ac_http_counters ac_loop_counters(const struct ac_loop *loop);

/* Borrowed until detached. */
AC_MUST enum ac_code ac_loop_attach_solver(struct ac_loop *loop,
                                           struct ac_solver *solver,
                                           struct ac_error *err);
void ac_loop_detach_solver(struct ac_loop *loop, const struct ac_solver *solver);
AC_MUST enum ac_code ac_loop_attach_client(struct ac_loop *loop,
                                           struct ac_client *client,
                                           struct ac_error *err);
void ac_loop_detach_client(struct ac_loop *loop, const struct ac_client *client);
AC_MUST enum ac_code ac_loop_attach_caa(struct ac_loop *loop, struct ac_caa *caa,
                                        struct ac_error *err);
void ac_loop_detach_caa(struct ac_loop *loop, const struct ac_caa *caa);
AC_MUST enum ac_code ac_loop_attach_hook(struct ac_loop *loop, struct ac_hook *hook,
                                         struct ac_error *err);
void ac_loop_detach_hook(struct ac_loop *loop, const struct ac_hook *hook);

/* Anything else that has descriptors to wait for, as process.h has them. */
struct ac_loop_guest {
    size_t (*fds)(const void *guest, struct pollfd *fds); /* at most AC_PROCESS_FDS */
    int64_t (*wake_at_ms)(const void *guest);
    void (*step)(void *guest);
    void *guest;
};
AC_MUST enum ac_code ac_loop_attach_guest(struct ac_loop *loop,
                                          const struct ac_loop_guest *guest,
                                          struct ac_error *err);
void ac_loop_detach_guest(struct ac_loop *loop, const void *guest);

/*
 * Waits until something happens, at the latest until wake_at_ms (monotonic), and steps
 * all that is attached. A signal ends the wait; ask ac_clock_cancelled().
 */
AC_MUST enum ac_code ac_loop_turn(struct ac_loop *loop, int64_t wake_at_ms,
                                  struct ac_error *err);

#endif
