/* SPDX-License-Identifier: Apache-2.0 */
/* A small loop for one solver with a real plugin host, and the lines that are logged.
 */
#ifndef AC_TESTS_UNIT_HOST_DRIVE_H
#define AC_TESTS_UNIT_HOST_DRIVE_H

#include "base/clock.h"
#include "base/log.h"
#include "check.h"
#include "host/solver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRIVE_LIMIT_MS 20000 /* under valgrind too */
#define DRIVE_LOG_SIZE (256u * 1024u)

static char drive_log[DRIVE_LOG_SIZE];
static size_t drive_log_used;

static void drive_sink(void *arg, enum ac_log_level level, const char *line)
{
    (void)arg, (void)level;
    int size = snprintf(drive_log + drive_log_used, sizeof drive_log - drive_log_used,
                        "%s\n", line);
    if (size > 0 && (size_t)size < sizeof drive_log - drive_log_used)
        drive_log_used += (size_t)size;
}

static void drive_log_start(void)
{
    drive_log_used = 0;
    drive_log[0] = '\0';
    ac_log_to(drive_sink, NULL, AC_LOG_DEBUG);
}

__attribute__((unused)) static size_t drive_log_count(const char *text)
{
    size_t count = 0;

    for (const char *at = drive_log; (at = strstr(at, text)) != NULL; at++)
        count++;
    return count;
}

static void drive_wait(const struct ac_solver *solver)
{
    struct pollfd fds[AC_PROCESS_FDS];
    size_t count = ac_solver_fds(solver, fds);
    int left_ms = ac_clock_left_ms(ac_solver_wake_at_ms(solver));

    (void)poll(fds, (nfds_t)count, left_ms < 1000 ? left_ms : 1000);
}

/* True when it has opened, well or not. */
__attribute__((unused)) static bool drive_open(struct ac_solver *solver)
{
    int64_t until_ms = ac_clock_after_ms(DRIVE_LIMIT_MS);

    ac_solver_step(solver);
    while (!ac_solver_is_open(solver) && ac_clock_now_ms() < until_ms) {
        drive_wait(solver);
        ac_solver_step(solver);
    }
    return ac_solver_is_open(solver);
}

static bool drive_call(struct ac_solver *solver, const struct ac_solver_call *call)
{
    int64_t until_ms = ac_clock_after_ms(DRIVE_LIMIT_MS);

    ac_solver_step(solver);
    while (!ac_solver_call_is_done(call) && ac_clock_now_ms() < until_ms) {
        drive_wait(solver);
        ac_solver_step(solver);
    }
    return ac_solver_call_is_done(call);
}

/* host_path NULL: the one of this build. */
static enum ac_code drive_start(const char *plugin, const struct ac_section *section,
                                const char *host_path, struct ac_solver **ret_solver,
                                struct ac_error *err)
{
    static const struct ac_section none;
    AC_AUTO(ac_words) folders = { 0 };

    drive_log_start();
    AC_TRY(ac_words_add(&folders, AC_TEST_PLUGINS, err));
    struct ac_plugin_settings settings = {
        .name = plugin,
        .plugin = plugin,
        .section = section ? section : &none,
        .plugin_folders = &folders,
        .host_path = host_path ? host_path : AC_TEST_PLUGIN_HOST,
        .state_folder = ac_test_folder(),
    };
    return ac_solver_start(&settings, ret_solver, err);
}

/* Challenges of count names, "0.example.org" and so on. */
static enum ac_code drive_batch(size_t count, struct ac_batch *batch,
                                struct ac_error *err)
{
    char name[64];

    for (size_t i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "%zu.example.org", i);
        struct acmecore_challenge challenge = { .struct_size = sizeof challenge,
                                                .type = "http-01",
                                                .identifier = name,
                                                .token = "token",
                                                .key_authorization = "token.print" };
        AC_TRY(ac_batch_add(batch, &challenge, err));
    }
    return AC_OK;
}

/* Begins one operation on count challenges and drives it to its end. */
__attribute__((unused)) static enum ac_code drive(struct ac_solver *solver,
                                                  enum ac_solver_op op, size_t count,
                                                  int64_t span_ms,
                                                  struct ac_solver_call **ret_call,
                                                  struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };

    AC_TRY(drive_batch(count, &batch, err));
    AC_TRY(
        ac_solver_begin(solver, op, &batch, ac_clock_after_ms(span_ms), ret_call, err));
    if (!drive_call(solver, *ret_call))
        return ac_fail(err, AC_E_TIMEOUT, "the call does not end");
    return ac_solver_call_result(*ret_call, err);
}

#endif
