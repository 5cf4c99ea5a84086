/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check/check_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum need {
    NOTHING,
    LOAD,   /* it is loaded */
    OPEN,   /* it opens with these settings */
    ANSWER, /* and answers: it does not die of a challenge */
    PRESENT /* and something can be presented with them */
};

static ac_check_function check_load, check_open, check_undo_nothing, check_stage;

#define FOR_SOLVERS    (1u << ACMECORE_SOLVER)
#define FOR_INSTALLERS (1u << ACMECORE_INSTALLER)
#define FOR_BOTH       (FOR_SOLVERS | FOR_INSTALLERS)

static const struct {
    const char *id, *claim;
    unsigned kinds;
    enum need need;
    ac_check_function *run;
} suite[] = {
    { "load", "it is loaded: exports, descriptor, options", FOR_BOTH, NOTHING,
      check_load },
    { "open", "it opens with these settings", FOR_BOTH, LOAD, check_open },
    { "empty-batch", "a batch of nothing is done at once", FOR_SOLVERS, OPEN,
      ac_check_empty_batch },
    { "one", "one challenge is presented and cleaned up", FOR_SOLVERS, OPEN,
      ac_check_one },
    { "many", "a large batch is presented and cleaned up", FOR_SOLVERS, PRESENT,
      ac_check_many },
    { "two-values", "one name can have two values", FOR_SOLVERS, PRESENT,
      ac_check_two_values },
    { "present-twice", "repeating a present is harmless", FOR_SOLVERS, PRESENT,
      ac_check_present_twice },
    { "cleanup-twice", "repeating a cleanup is harmless", FOR_SOLVERS, PRESENT,
      ac_check_cleanup_twice },
    { "cleanup-elsewhere", "another process can clean up", FOR_SOLVERS, PRESENT,
      ac_check_cleanup_elsewhere },
    { "cleanup-nothing", "cleaning up what was never presented is harmless",
      FOR_SOLVERS, PRESENT, ac_check_cleanup_nothing },
    { "probe", "it says whether an answer is visible", FOR_SOLVERS, PRESENT,
      ac_check_probe },
    { "undo-nothing", "rollback and finish with nothing to undo are harmless",
      FOR_INSTALLERS, OPEN, check_undo_nothing },
    { "spent-deadline", "without time left it ends at once", FOR_SOLVERS, ANSWER,
      ac_check_spent_deadline },
    { "failing-services", "services that fail are survived", FOR_SOLVERS, ANSWER,
      ac_check_failing_services },
    { "leaks", "no descriptor and no memory is left over", FOR_BOTH, ANSWER,
      ac_check_leaks },
    { "silence", "nothing is printed", FOR_BOTH, ANSWER, ac_check_silence },
    { "leftovers", "no thread and no process is left behind", FOR_BOTH, ANSWER,
      ac_check_leftovers },
    { "surroundings", "the process around it stays as it was", FOR_BOTH, ANSWER,
      ac_check_surroundings },
    { "close", "it closes", FOR_BOTH, OPEN, ac_check_close },
    { "stage", "a certificate is staged, committed and rolled back", FOR_INSTALLERS,
      OPEN, check_stage },
    { "record", "a real record is written, seen, and gone again", FOR_SOLVERS, PRESENT,
      ac_check_record },
};

void ac_plugin_check_done(struct ac_plugin_check *check)
{
    for (size_t i = 0; i < check->count; i++)
        free(check->items[i].reason);
    free(check->items);
    *check = (struct ac_plugin_check){ 0 };
}

size_t ac_plugin_check_count(const struct ac_plugin_check *check,
                             enum ac_verdict_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < check->count; i++)
        count += check->items[i].kind == kind;
    return count;
}

/* Of which kind it is turns out only when it is loaded. */
static enum ac_code check_load(struct ac_check_work *work, struct ac_error *err)
{
    struct ac_error why = { 0 };

    AC_TRY(ac_check_restart(work, AC_SERVICES_HASTY, err));
    const struct ac_descriptor *descriptor = ac_trial_descriptor(work->trial);
    if (descriptor && descriptor->kind == ACMECORE_INSTALLER) {
        work->kind = ACMECORE_INSTALLER;
        AC_TRY(ac_check_restart(work, AC_SERVICES_HASTY, err));
        descriptor = ac_trial_descriptor(work->trial);
    }
    enum ac_code code = ac_trial_state(work->trial, &why);
    work->is_loaded = descriptor != NULL;
    if (descriptor) {
        (void)snprintf(work->type, sizeof work->type, "%s",
                       descriptor->types.count > 0 ? descriptor->types.items[0] : "");
        return AC_OK;
    }
    ac_check_fail(work, "%s", code != AC_OK ? why.detail : "it says nothing of itself");
    return AC_OK;
}

static enum ac_code check_open(struct ac_check_work *work, struct ac_error *err)
{
    struct ac_error why = { 0 };

    (void)err;
    work->is_open = ac_trial_state(work->trial, &why) == AC_OK;
    if (work->is_open)
        return AC_OK;
    (void)snprintf(work->blocked, sizeof work->blocked,
                   "it does not open with these settings");
    /* A setting that is missing is not the plugin's fault. */
    if (why.code == AC_E_USAGE) {
        ac_check_skip(work, "%s%s", why.detail,
                      strstr(why.detail, "--set ") ? "" : " (--set OPTION=VALUE)");
    } else {
        ac_check_fail(work, "%s", why.detail);
    }
    return AC_OK;
}

static enum ac_code check_undo_nothing(struct ac_check_work *work, struct ac_error *err)
{
    static const char *const ops[] = { "rollback", "finish", "rollback" };

    for (size_t i = 0; i < AC_COUNT(ops); i++) {
        struct ac_check_outcome outcome;

        AC_TRY(ac_check_perform(work, ops[i], NULL, false, &outcome, err));
        if (!ac_check_judge(work, ops[i], &outcome, true)) {
            (void)snprintf(work->blocked, sizeof work->blocked, "%s does not work",
                           ops[i]);
            return AC_OK;
        }
    }
    work->can_answer = true;
    return AC_OK;
}

/* Whatever the settings lead to would be changed, which may be what people use. */
static enum ac_code check_stage(struct ac_check_work *work, struct ac_error *err)
{
    (void)err;
    ac_check_skip(work, "it would change a server: issue a certificate of a CA for "
                        "tests with it, and see acmecore deploy NAME --dry-run");
    return AC_OK;
}

static bool is_blocked(const struct ac_check_work *work, enum need need)
{
    return (need >= LOAD && !work->is_loaded) || (need >= OPEN && !work->is_open)
           || (need >= ANSWER && !work->can_answer)
           || (need >= PRESENT && !work->can_present);
}

/* One that died or was changed by the check before is started anew. */
static enum ac_code freshen(struct ac_check_work *work, struct ac_error *err)
{
    return work->is_open ? ac_check_restart(work, AC_SERVICES_HASTY, err) : AC_OK;
}

static enum ac_code run_one(struct ac_check_work *work, size_t index,
                            struct ac_plugin_check *check, struct ac_error *err)
{
    work->verdict = AC_VERDICT_PASSED;
    work->reason[0] = '\0';
    work->call_ms = AC_CHECK_CALL_MS;
    if (is_blocked(work, suite[index].need)) {
        ac_check_skip(work, "%s", work->blocked);
    } else {
        AC_TRY(freshen(work, err));
        AC_TRY(suite[index].run(work, err));
    }
    AC_TRY(ac_memory_grow(&check->items, &check->capacity, check->count + 1,
                          sizeof *check->items, err));
    struct ac_verdict *verdict = &check->items[check->count];
    *verdict = (struct ac_verdict){ .id = suite[index].id,
                                    .claim = suite[index].claim,
                                    .kind = work->verdict };
    check->count++;
    if (!work->reason[0])
        return AC_OK;
    return ac_memory_copy_text(work->reason, &verdict->reason, err);
}

static void work_done(struct ac_check_work *work)
{
    ac_check_stop(work);
    ac_check_leave_folder(work);
}

enum ac_code ac_plugin_check(const struct ac_plugin_check_settings *settings,
                             struct ac_plugin_check *ret_check, struct ac_error *err)
{
    AC_AUTO(ac_plugin_check) check = { 0 };
    __attribute__((cleanup(work_done))) struct ac_check_work work = {
        .settings = settings, .kind = ACMECORE_SOLVER, .blocked = "it is not loaded"
    };

    AC_TRY(ac_check_make_folder(&work, err));
    for (size_t i = 0; i < AC_COUNT(suite); i++) {
        if (suite[i].kinds & (1u << work.kind))
            AC_TRY(run_one(&work, i, &check, err));
    }
    *ret_check = check;
    check = (struct ac_plugin_check){ 0 };
    return AC_OK;
}
