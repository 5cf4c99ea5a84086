/* SPDX-License-Identifier: Apache-2.0 */
#include "host/solver.h"

#include "base/clock.h"
#include "base/log.h"
#include "host/catalogue.h"
#include "host/operation.h"

#include <stdlib.h>
#include <string.h>

#define DETAIL_CLEAN_SIZE 640
#define NAME_ALPHABET                                                                  \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

enum state {
    LOADING,
    OPENING,
    OPEN,
    FAILED
};

struct ac_solver {
    char *name;
    char *plugin;
    char *title; /* what messages call it */
    char *path;
    char *host_path;
    char *folder; /* or NULL */
    struct ac_section section;
    enum state state;
    struct ac_process *process; /* NULL: it failed */
    struct ac_call *opening;
    struct ac_descriptor descriptor;
    bool has_descriptor;
    bool was_open;         /* only what was once well is started again */
    bool is_for_cleanup;   /* this is the second process */
    struct ac_error error; /* why FAILED */
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
    return solver->was_open && !solver->is_for_cleanup;
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

static enum ac_code start_process(struct ac_solver *solver, struct ac_error *err)
{
    struct ac_process_settings settings = { .host_path = solver->host_path,
                                            .plugin_path = solver->path,
                                            .name = solver->plugin,
                                            .title = solver->title,
                                            .folder = solver->folder };

    AC_TRY(ac_process_start(&settings, &solver->process, err));
    solver->state = LOADING;
    return AC_OK;
}

static void fail_solver(struct ac_solver *solver, const struct ac_error *error)
{
    solver->error = *error;
    solver->state = FAILED;
    ac_call_free(AC_TAKE(solver->opening));
    fail_calls(solver, error);
    ac_process_free(AC_TAKE(solver->process));
}

static void restart(struct ac_solver *solver)
{
    struct ac_error err = { 0 };

    solver->first_death = solver->error;
    solver->is_for_cleanup = true;
    ac_log(AC_LOG_DEBUG, "plugin.restart", "plugin", solver->title, "for", "cleanup",
           NULL);
    if (start_process(solver, &err) != AC_OK)
        fail_solver(solver, &err);
}

static enum ac_code fail_reply(const struct ac_solver *solver, const char *what,
                               const struct ac_json *reply, struct ac_error *err)
{
    int64_t status = ac_json_number_or(reply, "status", ACMECORE_E_INVALID);
    const char *detail = ac_json_text_or(reply, "detail", "");
    enum ac_code code = status == ACMECORE_E_CONFIG ? AC_E_USAGE : AC_E_PLUGIN;
    char clean[DETAIL_CLEAN_SIZE];

    if (!detail[0])
        detail = ac_operation_status_text(status);
    (void)ac_text_clean(clean, sizeof clean, detail, strlen(detail));
    return ac_fail(err, code, "plugin %s %s: %s", solver->title, what, clean);
}

static enum ac_code take_descriptor(struct ac_solver *solver,
                                    const struct ac_json *reply, struct ac_error *err)
{
    struct ac_descriptor *descriptor = &solver->descriptor;

    if (solver->has_descriptor)
        return AC_OK; /* lent to others since the first process */
    enum ac_code code =
        ac_descriptor_parse(ac_json_get(reply, "plugin"), descriptor, err);
    if (code == AC_E_NOMEM)
        return code;
    if (code != AC_OK) {
        struct ac_error why = *err;
        return ac_fail(err, AC_E_PLUGIN, "plugin %s is refused: %s", solver->title,
                       why.detail);
    }
    solver->has_descriptor = true;
    if (strcmp(descriptor->name, solver->plugin) != 0) {
        return ac_fail(err, AC_E_PLUGIN, "plugin %s is refused: it says it is %s",
                       solver->plugin, descriptor->name);
    }
    if (descriptor->kind != ACMECORE_SOLVER)
        return ac_fail(err, AC_E_USAGE, "plugin %s is no solver", solver->plugin);
    return AC_OK;
}

static enum ac_code finish_loading(struct ac_solver *solver, struct ac_error *err)
{
    AC_AUTO(ac_message) open = { 0 };
    const struct ac_json *reply = NULL;

    AC_TRY(ac_call_result(ac_process_loading(solver->process), &reply, err));
    if (ac_json_number_or(reply, "status", ACMECORE_E_INVALID) != ACMECORE_OK)
        return fail_reply(solver, "is refused", reply, err);
    AC_TRY(take_descriptor(solver, reply, err));
    AC_TRY(ac_options_check(&solver->descriptor, &solver->section, &open, err));
    AC_TRY(ac_process_call(solver->process, "open", &open,
                           ac_clock_after_ms(AC_PROCESS_LOAD_MS), &solver->opening,
                           err));
    solver->state = OPENING;
    return AC_OK;
}

static enum ac_code finish_opening(struct ac_solver *solver, struct ac_error *err)
{
    const struct ac_json *reply = NULL;
    AC_AUTO(ac_call) *opening = AC_TAKE(solver->opening);

    AC_TRY(ac_call_result(opening, &reply, err));
    if (ac_json_number_or(reply, "status", ACMECORE_E_INVALID) != ACMECORE_OK)
        return fail_reply(solver, "could not be opened", reply, err);
    solver->state = OPEN;
    solver->was_open = true;
    return AC_OK;
}

/* What the plugin host does itself has no need of the plugin's limit: it asks the name
 * servers about all names at once. */
static uint32_t part_limit(const struct ac_solver *solver, enum ac_solver_op op)
{
    bool is_for_dns = false;

    for (size_t i = 0; i < solver->descriptor.types.count; i++) {
        if (!strncmp(solver->descriptor.types.items[i], "dns-", 4))
            is_for_dns = true;
    }
    if (is_for_dns && (op == AC_SOLVER_PROBE || op == AC_SOLVER_LOCATE))
        return 0;
    return solver->descriptor.max_batch;
}

/* One call has the plugin at a time. A failure of its own is not that of the solver. */
static void advance_call(struct ac_solver *solver, struct ac_solver_call *call)
{
    struct ac_error err = { 0 };
    enum ac_code code = AC_OK;

    if (call->part && ac_call_is_done(call->part))
        code = ac_operation_end_part(call, &err);
    if (code == AC_OK && !call->part && !call->is_done) {
        code = ac_operation_start_part(call, solver->process,
                                       part_limit(solver, call->op), &err);
    }
    if (code != AC_OK)
        ac_operation_fail(call, &err);
    if (call->is_done)
        remove_call(solver, 0);
}

static enum ac_code check_process(struct ac_solver *solver, struct ac_error *err)
{
    AC_AUTO(ac_message) nothing = { 0 };
    struct ac_call *call = NULL;

    if (ac_process_is_alive(solver->process))
        return AC_OK;
    return ac_process_call(solver->process, "", &nothing, 0, &call, err);
}

static enum ac_code advance_open(struct ac_solver *solver, struct ac_error *err)
{
    size_t count = 0;

    /* Calls under way have their own words about a death, so they come first. */
    while (count != solver->count) {
        count = solver->count;
        if (count > 0
            && (solver->calls[0]->part || ac_process_is_alive(solver->process)))
            advance_call(solver, solver->calls[0]);
    }
    return check_process(solver, err);
}

static enum ac_code advance(struct ac_solver *solver, struct ac_error *err)
{
    if (solver->state == LOADING
        && ac_call_is_done(ac_process_loading(solver->process)))
        return finish_loading(solver, err);
    if (solver->state == OPENING && ac_call_is_done(solver->opening))
        return finish_opening(solver, err);
    return solver->state == OPEN ? advance_open(solver, err) : AC_OK;
}

static bool has_cleanup_waiting(const struct ac_solver *solver)
{
    return solver->state == FAILED && can_restart(solver) && solver->count > 0;
}

/* Has an answer come that nobody has taken in yet? No descriptor tells of it again. */
static bool has_answer(const struct ac_solver *solver)
{
    if (!solver->process)
        return false;
    if (solver->state == LOADING)
        return ac_call_is_done(ac_process_loading(solver->process));
    if (solver->state == OPENING)
        return ac_call_is_done(solver->opening);
    return solver->state == OPEN && solver->count > 0 && solver->calls[0]->part
           && ac_call_is_done(solver->calls[0]->part);
}

static void step_once(struct ac_solver *solver)
{
    struct ac_error err = { 0 };

    if (solver->process)
        ac_process_step(solver->process);
    if (solver->process && advance(solver, &err) != AC_OK)
        fail_solver(solver, &err);
    if (has_cleanup_waiting(solver))
        restart(solver);
}

void ac_solver_step(struct ac_solver *solver)
{
    enum state before = FAILED;

    do {
        before = solver->state;
        step_once(solver);
        if (solver->process)
            ac_process_send(solver->process); /* what was just begun */
    } while (solver->state != before || has_answer(solver));
}

/* ---- for the engine ----------------------------------------------------- */

/* Of several instances of a plugin a message must say which. */
static enum ac_code make_title(struct ac_solver *solver, struct ac_error *err)
{
    if (strcmp(solver->name, solver->plugin) == 0)
        return ac_memory_copy_text(solver->plugin, &solver->title, err);
    return ac_memory_format(&solver->title, err, "%s (%s)", solver->name,
                            solver->plugin);
}

static enum ac_code fill(struct ac_solver *solver,
                         const struct ac_solver_settings *settings,
                         struct ac_error *err)
{
    if (!ac_text_is_made_of(settings->name, NAME_ALPHABET, 1, AC_PLUGIN_NAME_MAX)
        || settings->name[0] == '.') {
        return ac_fail(err, AC_E_USAGE,
                       "\"%s\" is no name for a solver: letters, digits, \"-\", \"_\" "
                       "and \".\" (not first)",
                       settings->name);
    }
    AC_TRY(ac_memory_copy_text(settings->name, &solver->name, err));
    AC_TRY(ac_memory_copy_text(settings->plugin, &solver->plugin, err));
    AC_TRY(make_title(solver, err));
    AC_TRY(ac_memory_copy_text(settings->host_path, &solver->host_path, err));
    AC_TRY(ac_section_copy(settings->section, &solver->section, err));
    if (!settings->state_folder)
        return AC_OK;
    return ac_memory_format(&solver->folder, err, "%s/plugins/%s",
                            settings->state_folder, settings->name);
}

enum ac_code ac_solver_start(const struct ac_solver_settings *settings,
                             struct ac_solver **ret_solver, struct ac_error *err)
{
    AC_AUTO(ac_solver) *solver = NULL;

    AC_TRY(ac_memory_new(1, sizeof *solver, &solver, err));
    AC_TRY(fill(solver, settings, err));
    AC_TRY(ac_catalogue_find(settings->plugin_folders, settings->plugin, &solver->path,
                             err));
    AC_TRY(start_process(solver, err));
    *ret_solver = AC_TAKE(solver);
    return AC_OK;
}

void ac_solver_free(struct ac_solver *solver)
{
    struct ac_error err = { 0 };

    if (!solver)
        return;
    (void)ac_fail(&err, AC_E_PLUGIN, "plugin %s was stopped",
                  solver->title ? solver->title : "");
    solver->was_open = false; /* no restart any more */
    fail_solver(solver, &err);
    free((void *)solver->calls);
    ac_section_done(&solver->section);
    ac_descriptor_done(&solver->descriptor);
    free(solver->name);
    free(solver->plugin);
    free(solver->title);
    free(solver->path);
    free(solver->host_path);
    free(solver->folder);
    free(solver);
}

const char *ac_solver_name(const struct ac_solver *solver)
{
    return solver->name;
}

const char *ac_solver_title(const struct ac_solver *solver)
{
    return solver->title;
}

const char *ac_solver_plugin(const struct ac_solver *solver)
{
    return solver->plugin;
}

const struct ac_section *ac_solver_section(const struct ac_solver *solver)
{
    return &solver->section;
}

size_t ac_solver_fds(const struct ac_solver *solver, struct pollfd *fds)
{
    return solver->process ? ac_process_fds(solver->process, fds) : 0;
}

int64_t ac_solver_wake_at_ms(const struct ac_solver *solver)
{
    if (!solver->process)
        return AC_CLOCK_NEVER;
    if (has_answer(solver)
        || (solver->state == OPEN && solver->count > 0 && !solver->calls[0]->part))
        return ac_clock_now_ms();
    return ac_process_wake_at_ms(solver->process);
}

bool ac_solver_is_loaded(const struct ac_solver *solver)
{
    return solver->state != LOADING || solver->has_descriptor;
}

bool ac_solver_is_open(const struct ac_solver *solver)
{
    return solver->state == OPEN || solver->state == FAILED || solver->was_open;
}

enum ac_code ac_solver_state(const struct ac_solver *solver, struct ac_error *err)
{
    if (solver->state != FAILED && !solver->is_for_cleanup)
        return AC_OK;
    *err = solver->state == FAILED ? solver->error : solver->first_death;
    return err->code;
}

const struct ac_descriptor *ac_solver_descriptor(const struct ac_solver *solver)
{
    return solver->has_descriptor ? &solver->descriptor : NULL;
}

/* May this operation still be begun? A second process is there for cleanup only. */
static enum ac_code check_may_begin(const struct ac_solver *solver,
                                    enum ac_solver_op op, struct ac_error *err)
{
    if (op != AC_SOLVER_CLEANUP)
        return ac_solver_state(solver, err);
    if (solver->state != FAILED || can_restart(solver))
        return AC_OK;
    *err = solver->error;
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
    AC_TRY(ac_operation_new(op, solver->title, batch, deadline_ms, &call, err));
    *ret_call = call;
    if (call->is_done)
        return AC_OK;
    call->is_listed = true;
    solver->calls[solver->count++] = call;
    if (has_cleanup_waiting(solver))
        restart(solver);
    return AC_OK;
}
