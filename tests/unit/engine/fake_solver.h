/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Solvers in place of host/solver: the functions of host/solver.h, on the fake CA's
 * clock, without a process. Included by one source of a test program.
 *
 * An operation is carried out by the next step of the loop. What was done is written to
 * fake_solvers.log, "present a.test b.test\n". A plugin behaves as its name says in
 * fake_plugins.
 */
#ifndef AC_TESTS_UNIT_ENGINE_FAKE_SOLVER_H
#define AC_TESTS_UNIT_ENGINE_FAKE_SOLVER_H

#include "base/clock.h"
#include "host/solver.h"

#include <stdio.h>
#include <string.h>

#define FAKE_SOLVERS   8
#define FAKE_CALLS     32
#define FAKE_LOG_SIZE  32768
#define FAKE_LOAD_TURN 2 /* steps until it is loaded; one more until it is open */

enum fake_deed {
    FAKE_DONE,
    FAKE_REFUSED, /* each challenge fails */
    FAKE_DIES,    /* the process ends */
    FAKE_HANGS,   /* until its deadline */
    FAKE_PENDING  /* probe: not visible yet */
};

struct fake_plugin {
    const char *name, *type;
    enum fake_deed present, probe, cleanup;
    bool has_probe;
    bool is_unstartable; /* there is no such file */
    bool is_unopenable;
    bool never_opens;
};

static const struct fake_plugin fake_plugins[] = {
    { .name = "http", .type = "http-01" },
    { .name = "dns", .type = "dns-01" },
    { .name = "refuses", .type = "http-01", .present = FAKE_REFUSED },
    { .name = "dies", .type = "http-01", .present = FAKE_DIES },
    { .name = "hangs", .type = "http-01", .present = FAKE_HANGS },
    { .name = "sticky", .type = "http-01", .cleanup = FAKE_REFUSED },
    { .name = "fragile", .type = "http-01", .cleanup = FAKE_DIES },
    { .name = "sluggish", .type = "http-01", .cleanup = FAKE_HANGS },
    { .name = "persist", .type = "dns-persist-01" },
    { .name = "probing", .type = "dns-01", .has_probe = true },
    { .name = "unseen", .type = "dns-01", .has_probe = true, .probe = FAKE_PENDING },
    { .name = "missing", .type = "http-01", .is_unstartable = true },
    { .name = "closed", .type = "http-01", .is_unopenable = true },
    { .name = "silent", .type = "http-01", .never_opens = true },
};

struct ac_solver_call {
    bool is_used, is_done;
    enum ac_solver_op op;
    struct ac_solver *solver;
    size_t count;
    int64_t deadline_ms;
    enum fake_deed deed;
    struct ac_error error;
};

struct ac_solver {
    bool is_used, has_died, has_failed;
    char name[64];
    const struct fake_plugin *plugin;
    struct ac_section section;
    struct ac_descriptor descriptor;
    unsigned steps;
    struct ac_error error;
};

static struct {
    struct ac_solver solvers[FAKE_SOLVERS];
    struct ac_solver_call calls[FAKE_CALLS];
    unsigned pending_probes; /* as many answers "not yet" before it is visible */
    const char *record_name, *record_zone; /* where every record really lies, or NULL */
    const struct ac_words *record_values;  /* what is there already; NULL: not known */
    enum fake_deed locate;
    size_t started;
    size_t stopped;                         /* operations that were told to */
    void (*on_begin)(enum ac_solver_op op); /* or NULL */
    size_t log_size;
    char log[FAKE_LOG_SIZE];
} fake_solvers;

static const char *const fake_op_names[] = {
    [AC_SOLVER_PRESENT] = "present",
    [AC_SOLVER_CLEANUP] = "cleanup",
    [AC_SOLVER_PROBE] = "probe",
    [AC_SOLVER_LOCATE] = "locate",
};

static inline void fake_solvers_begin(void)
{
    memset(&fake_solvers, 0, sizeof fake_solvers);
}

/* How often `text` stands in the log. */
static inline size_t fake_solvers_did(const char *text)
{
    size_t count = 0;

    for (const char *at = fake_solvers.log; (at = strstr(at, text)) != NULL; at++)
        count++;
    return count;
}

static inline void fake_solver_log(const char *text, const char *more)
{
    int size = snprintf(fake_solvers.log + fake_solvers.log_size,
                        FAKE_LOG_SIZE - fake_solvers.log_size, "%s%s", text, more);

    if (size > 0 && (size_t)size < FAKE_LOG_SIZE - fake_solvers.log_size)
        fake_solvers.log_size += (size_t)size;
}

static inline const struct fake_plugin *fake_find_plugin(const char *name)
{
    for (size_t i = 0; i < sizeof fake_plugins / sizeof fake_plugins[0]; i++)
        if (strcmp(fake_plugins[i].name, name) == 0)
            return &fake_plugins[i];
    return NULL;
}

enum ac_code ac_solver_start(const struct ac_plugin_settings *settings,
                             struct ac_solver **ret_solver, struct ac_error *err)
{
    const struct fake_plugin *plugin = fake_find_plugin(settings->plugin);
    struct ac_solver *solver = fake_solvers.solvers;

    while (solver->is_used)
        solver++;
    if (!plugin || plugin->is_unstartable)
        return ac_fail(err, AC_E_USAGE, "there is no plugin %s", settings->plugin);
    *solver = (struct ac_solver){ .plugin = plugin };
    AC_TRY(ac_section_copy(settings->section, &solver->section, err));
    enum ac_code code = ac_words_add(&solver->descriptor.types, plugin->type, err);
    if (code != AC_OK) {
        ac_section_done(&solver->section);
        return code;
    }
    solver->descriptor.has_probe = plugin->has_probe;
    (void)snprintf(solver->name, sizeof solver->name, "%s", settings->name);
    solver->is_used = true;
    fake_solvers.started++;
    *ret_solver = solver;
    return AC_OK;
}

void ac_solver_free(struct ac_solver *solver)
{
    if (!solver)
        return;
    ac_section_done(&solver->section);
    ac_words_done(&solver->descriptor.types);
    solver->is_used = false;
}

const char *ac_solver_name(const struct ac_solver *solver)
{
    return solver->name;
}

const char *ac_solver_title(const struct ac_solver *solver)
{
    return solver->plugin->name;
}

const char *ac_solver_plugin(const struct ac_solver *solver)
{
    return solver->plugin->name;
}

const struct ac_section *ac_solver_section(const struct ac_solver *solver)
{
    return &solver->section;
}

size_t ac_solver_fds(const struct ac_solver *solver, struct pollfd *fds)
{
    (void)solver, (void)fds;
    return 0;
}

static inline bool fake_is_pending(const struct ac_solver_call *call,
                                   const struct ac_solver *solver)
{
    return call->is_used && !call->is_done && call->solver == solver;
}

int64_t ac_solver_wake_at_ms(const struct ac_solver *solver)
{
    bool is_opening = !ac_solver_is_open(solver) && !solver->plugin->never_opens;
    int64_t wake_at_ms = is_opening ? ac_clock_now_ms() : AC_CLOCK_NEVER;

    for (size_t i = 0; i < FAKE_CALLS; i++) {
        const struct ac_solver_call *call = &fake_solvers.calls[i];
        int64_t at_ms =
            call->deed == FAKE_HANGS ? call->deadline_ms : ac_clock_now_ms();

        if (fake_is_pending(call, solver) && !solver->plugin->never_opens
            && at_ms < wake_at_ms)
            wake_at_ms = at_ms;
    }
    return wake_at_ms;
}

static inline void fake_finish(struct ac_solver *solver, struct ac_solver_call *call)
{
    call->is_done = true;
    if (solver->has_failed) {
        call->deed = FAKE_REFUSED;
        call->error = solver->error;
        return;
    }
    if (call->deed == FAKE_REFUSED)
        (void)ac_fail(&call->error, AC_E_PLUGIN, "plugin %s says no", solver->name);
    if (call->deed == FAKE_HANGS)
        (void)ac_fail(&call->error, AC_E_PLUGIN, "plugin %s hung in %s", solver->name,
                      fake_op_names[call->op]);
    if (call->deed != FAKE_DIES)
        return;
    (void)ac_fail(&call->error, AC_E_PLUGIN, "plugin %s died in %s of SIGSEGV",
                  solver->name, fake_op_names[call->op]);
    solver->has_died = true;
    solver->error = call->error;
}

void ac_solver_step(struct ac_solver *solver)
{
    solver->steps++;
    if (solver->plugin->is_unopenable && solver->steps > FAKE_LOAD_TURN) {
        solver->has_failed = true;
        (void)ac_fail(&solver->error, AC_E_PLUGIN, "plugin %s could not be opened",
                      solver->name);
    }
    for (size_t i = 0; i < FAKE_CALLS && ac_solver_is_open(solver); i++) {
        struct ac_solver_call *call = &fake_solvers.calls[i];

        if (fake_is_pending(call, solver)
            && (call->deed != FAKE_HANGS || ac_clock_now_ms() >= call->deadline_ms))
            fake_finish(solver, call);
    }
}

bool ac_solver_is_loaded(const struct ac_solver *solver)
{
    return solver->steps >= FAKE_LOAD_TURN || solver->has_failed;
}

bool ac_solver_is_open(const struct ac_solver *solver)
{
    return (solver->steps > FAKE_LOAD_TURN && !solver->plugin->never_opens)
           || solver->has_failed;
}

enum ac_code ac_solver_state(const struct ac_solver *solver, struct ac_error *err)
{
    if (!solver->has_died && !solver->has_failed)
        return AC_OK;
    *err = solver->error;
    return err->code;
}

const struct ac_descriptor *ac_solver_descriptor(const struct ac_solver *solver)
{
    return solver->steps >= FAKE_LOAD_TURN ? &solver->descriptor : NULL;
}

static inline enum fake_deed fake_deed_of(const struct ac_solver *solver,
                                          enum ac_solver_op op)
{
    const struct fake_plugin *plugin = solver->plugin;

    if (op == AC_SOLVER_PROBE && fake_solvers.pending_probes > 0) {
        fake_solvers.pending_probes--;
        return FAKE_PENDING;
    }
    return op == AC_SOLVER_PRESENT   ? plugin->present
           : op == AC_SOLVER_PROBE   ? plugin->probe
           : op == AC_SOLVER_CLEANUP ? plugin->cleanup
                                     : fake_solvers.locate;
}

enum ac_code ac_solver_begin(struct ac_solver *solver, enum ac_solver_op op,
                             const struct ac_batch *batch, int64_t deadline_ms,
                             struct ac_solver_call **ret_call, struct ac_error *err)
{
    struct ac_solver_call *call = fake_solvers.calls;

    if (op != AC_SOLVER_CLEANUP || solver->has_failed)
        AC_TRY(ac_solver_state(solver, err));
    while (call->is_used)
        call++;
    *call = (struct ac_solver_call){ .is_used = true, .op = op, .solver = solver };
    call->count = batch->count;
    call->deadline_ms = deadline_ms;
    call->deed = fake_deed_of(solver, op);
    fake_solver_log(fake_op_names[op], "");
    for (size_t i = 0; i < batch->count; i++)
        fake_solver_log(" ", batch->items[i].identifier);
    fake_solver_log("\n", "");
    if (fake_solvers.on_begin)
        fake_solvers.on_begin(op);
    *ret_call = call;
    return AC_OK;
}

/* One that hangs hears of it at once. */
void ac_solver_call_cancel(struct ac_solver *solver, struct ac_solver_call *call)
{
    (void)solver;
    fake_solvers.stopped++;
    call->deadline_ms = ac_clock_now_ms();
}

bool ac_solver_call_is_done(const struct ac_solver_call *call)
{
    return call->is_done;
}

int ac_solver_call_status(const struct ac_solver_call *call, size_t index)
{
    (void)index;
    if (call->deed == FAKE_PENDING)
        return ACMECORE_PENDING;
    return call->deed == FAKE_DONE ? ACMECORE_OK : ACMECORE_E_REFUSED;
}

enum ac_code ac_solver_call_result(const struct ac_solver_call *call,
                                   struct ac_error *err)
{
    if (call->error.code != AC_OK)
        *err = call->error;
    return call->error.code;
}

const char *ac_solver_call_detail(const struct ac_solver_call *call, size_t index)
{
    (void)index;
    return call->error.detail;
}

/* Without fake_solvers.record_name as with visibility=off: it lies where it says. */
const char *ac_solver_call_record_name(const struct ac_solver_call *call, size_t index)
{
    (void)call, (void)index;
    return fake_solvers.record_name;
}

const char *ac_solver_call_record_zone(const struct ac_solver_call *call, size_t index)
{
    (void)call, (void)index;
    return fake_solvers.record_zone;
}

const struct ac_words *ac_solver_call_record_values(const struct ac_solver_call *call,
                                                    size_t index)
{
    (void)call, (void)index;
    return fake_solvers.record_values;
}

void ac_solver_call_free(struct ac_solver_call *call)
{
    if (call)
        call->is_used = false;
}

#endif
