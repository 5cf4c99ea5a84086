/* SPDX-License-Identifier: Apache-2.0 */
#include "host/solver.h"

#include "base/clock.h"
#include "base/log.h"
#include "host/operation.h"

#include <stdlib.h>
#include <string.h>

struct ac_solver {
    struct ac_plugin plugin;
    bool is_for_cleanup; /* this is the second process */
    struct ac_error first_death;
    struct ac_solver_call **calls; /* owned together with who began them; in order */
    size_t count;
    size_t capacity;
};

/* ---- calls -------------------------------------------------------------- */

static void remove_call(struct ac_solver *solver, size_t index)
{
    struct ac_solver_call *call = solver->calls[index];

    solver->count--;
    memmove(&solver->calls[index], &solver->calls[index + 1],
            (solver->count - index) * sizeof(struct ac_solver_call *));
    ac_operation_release(call);
}

static bool can_restart(const struct ac_solver *solver)
{
    return solver->plugin.was_open && !solver->is_for_cleanup;
}

/* Fails what is under way and what no second process would do. */
static void fail_calls(struct ac_solver *solver, const struct ac_error *error)
{
    for (size_t i = solver->count; i > 0; i--) {
        struct ac_solver_call *call = solver->calls[i - 1];
        bool is_waiting = call->op == AC_SOLVER_CLEANUP && !call->part && !call->done;
        if (is_waiting && can_restart(solver))
            continue;
        ac_operation_fail(call, error);
        remove_call(solver, i - 1);
    }
}

/* ---- states ------------------------------------------------------------- */

static void fail_solver(struct ac_solver *solver, const struct ac_error *error)
{
    fail_calls(solver, error);
    ac_plugin_fail(&solver->plugin, error);
}

static void restart(struct ac_solver *solver)
{
    struct ac_error err = { 0 };

    solver->first_death = solver->plugin.error;
    solver->is_for_cleanup = true;
    ac_log(AC_LOG_DEBUG, "plugin.restart", "plugin", solver->plugin.title, "for",
           "cleanup", NULL);
    if (ac_plugin_restart(&solver->plugin, &err) != AC_OK)
        fail_solver(solver, &err);
}

/* What the plugin host does itself has no need of the plugin's limit: it asks the name
 * servers about all names at once. */
static uint32_t part_limit(const struct ac_solver *solver, enum ac_solver_op op)
{
    bool is_for_dns = false;

    for (size_t i = 0; i < solver->plugin.descriptor.types.count; i++) {
        if (!strncmp(solver->plugin.descriptor.types.items[i], "dns-", 4))
            is_for_dns = true;
    }
    if (is_for_dns && (op == AC_SOLVER_PROBE || op == AC_SOLVER_LOCATE))
        return 0;
    return solver->plugin.descriptor.max_batch;
}

/* One call has the plugin at a time. A failure of its own is not that of the solver. */
static void advance_call(struct ac_solver *solver, struct ac_solver_call *call)
{
    struct ac_error err = { 0 };
    enum ac_code code = AC_OK;

    if (call->part && ac_call_is_done(call->part))
        code = ac_operation_end_part(call, &err);
    if (code == AC_OK && !call->part && !call->is_done) {
        code = ac_operation_start_part(call, solver->plugin.process,
                                       part_limit(solver, call->op), &err);
    }
    if (code != AC_OK)
        ac_operation_fail(call, &err);
    if (call->is_done)
        remove_call(solver, 0);
}

static enum ac_code advance_open(struct ac_solver *solver, struct ac_error *err)
{
    size_t count = 0;

    /* Calls under way have their own words about a death, so they come first. */
    while (count != solver->count) {
        count = solver->count;
        if (count > 0
            && (solver->calls[0]->part || ac_process_is_alive(solver->plugin.process)))
            advance_call(solver, solver->calls[0]);
    }
    return ac_plugin_check_alive(&solver->plugin, err);
}

static enum ac_code advance(struct ac_solver *solver, struct ac_error *err)
{
    if (solver->plugin.state == AC_PLUGIN_OPEN)
        return advance_open(solver, err);
    return ac_plugin_advance(&solver->plugin, err);
}

static bool has_cleanup_waiting(const struct ac_solver *solver)
{
    return solver->plugin.state == AC_PLUGIN_FAILED && can_restart(solver)
           && solver->count > 0;
}

/* Has an answer come that nobody has taken in yet? No descriptor tells of it again. */
static bool has_answer(const struct ac_solver *solver)
{
    if (solver->plugin.state != AC_PLUGIN_OPEN)
        return ac_plugin_has_answer(&solver->plugin);
    return solver->count > 0 && solver->calls[0]->part
           && ac_call_is_done(solver->calls[0]->part);
}

static void step_once(struct ac_solver *solver)
{
    struct ac_error err = { 0 };

    if (solver->plugin.process)
        ac_process_step(solver->plugin.process);
    if (solver->plugin.process && advance(solver, &err) != AC_OK)
        fail_solver(solver, &err);
    if (has_cleanup_waiting(solver))
        restart(solver);
}

void ac_solver_step(struct ac_solver *solver)
{
    enum ac_plugin_state before = AC_PLUGIN_FAILED;

    do {
        before = solver->plugin.state;
        step_once(solver);
        if (solver->plugin.process)
            ac_process_send(solver->plugin.process); /* what was just begun */
    } while (solver->plugin.state != before || has_answer(solver));
}

/* ---- for the engine ----------------------------------------------------- */

enum ac_code ac_solver_start(const struct ac_plugin_settings *settings,
                             struct ac_solver **ret_solver, struct ac_error *err)
{
    AC_AUTO(ac_solver) *solver = NULL;

    AC_TRY(ac_memory_new(1, sizeof *solver, &solver, err));
    AC_TRY(ac_plugin_start(&solver->plugin, ACMECORE_SOLVER, settings, err));
    *ret_solver = AC_TAKE(solver);
    return AC_OK;
}

void ac_solver_free(struct ac_solver *solver)
{
    struct ac_error err = { 0 };

    if (!solver)
        return;
    (void)ac_fail(&err, AC_E_PLUGIN, "plugin %s was stopped",
                  solver->plugin.title ? solver->plugin.title : "");
    solver->plugin.was_open = false; /* no restart any more */
    fail_solver(solver, &err);
    free((void *)solver->calls);
    ac_plugin_done(&solver->plugin);
    free(solver);
}

const char *ac_solver_name(const struct ac_solver *solver)
{
    return solver->plugin.name;
}

const char *ac_solver_title(const struct ac_solver *solver)
{
    return solver->plugin.title;
}

const char *ac_solver_plugin(const struct ac_solver *solver)
{
    return solver->plugin.plugin;
}

const struct ac_section *ac_solver_section(const struct ac_solver *solver)
{
    return &solver->plugin.section;
}

size_t ac_solver_fds(const struct ac_solver *solver, struct pollfd *fds)
{
    return ac_plugin_fds(&solver->plugin, fds);
}

int64_t ac_solver_wake_at_ms(const struct ac_solver *solver)
{
    if (!solver->plugin.process)
        return AC_CLOCK_NEVER;
    if (has_answer(solver)
        || (solver->plugin.state == AC_PLUGIN_OPEN && solver->count > 0
            && !solver->calls[0]->part))
        return ac_clock_now_ms();
    return ac_process_wake_at_ms(solver->plugin.process);
}

bool ac_solver_is_loaded(const struct ac_solver *solver)
{
    return solver->plugin.state != AC_PLUGIN_LOADING || solver->plugin.has_descriptor;
}

bool ac_solver_is_open(const struct ac_solver *solver)
{
    return solver->plugin.state == AC_PLUGIN_OPEN
           || solver->plugin.state == AC_PLUGIN_FAILED || solver->plugin.was_open;
}

enum ac_code ac_solver_state(const struct ac_solver *solver, struct ac_error *err)
{
    if (solver->plugin.state != AC_PLUGIN_FAILED && !solver->is_for_cleanup)
        return AC_OK;
    *err = solver->plugin.state == AC_PLUGIN_FAILED ? solver->plugin.error
                                                    : solver->first_death;
    return err->code;
}

const struct ac_descriptor *ac_solver_descriptor(const struct ac_solver *solver)
{
    return solver->plugin.has_descriptor ? &solver->plugin.descriptor : NULL;
}

void ac_solver_call_cancel(struct ac_solver *solver, struct ac_solver_call *call)
{
    call->is_cancelled = true;
    if (!call->part)
        return;
    ac_call_cancel(call->part);
    ac_process_send(solver->plugin.process);
}

/* May this operation still be begun? A second process is there for cleanup only. */
static enum ac_code check_may_begin(const struct ac_solver *solver,
                                    enum ac_solver_op op, struct ac_error *err)
{
    if (op != AC_SOLVER_CLEANUP)
        return ac_solver_state(solver, err);
    if (solver->plugin.state != AC_PLUGIN_FAILED || can_restart(solver))
        return AC_OK;
    *err = solver->plugin.error;
    return err->code;
}

enum ac_code ac_solver_begin(struct ac_solver *solver, enum ac_solver_op op,
                             const struct ac_batch *batch, int64_t deadline_ms,
                             struct ac_solver_call **ret_call, struct ac_error *err)
{
    struct ac_solver_call *call = NULL;

    AC_TRY(check_may_begin(solver, op, err));
    AC_TRY(ac_memory_grow(&solver->calls, &solver->capacity, solver->count + 1,
                          sizeof(struct ac_solver_call *), err));
    AC_TRY(ac_operation_new(op, solver->plugin.title, batch, deadline_ms, &call, err));
    *ret_call = call;
    if (call->is_done)
        return AC_OK;
    call->is_listed = true;
    solver->calls[solver->count++] = call;
    if (has_cleanup_waiting(solver))
        restart(solver);
    return AC_OK;
}
