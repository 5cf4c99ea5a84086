/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check/check_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum ac_code ac_check_spent_deadline(struct ac_check_work *work, struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_check_outcome outcome;
    struct ac_check_outcome ignored;

    AC_TRY(ac_check_add(work, 1, 1, &batch, err));
    AC_TRY(ac_check_perform(work, "present", &batch, true, &outcome, err));
    if (ac_check_judge(work, "present without time left", &outcome, false)
        && outcome.elapsed_ms > AC_CHECK_PROMPT_MS) {
        ac_check_fail(
            work, "present went on for %" PRId64 " ms although remaining_ms() was 0",
            outcome.elapsed_ms);
    }
    return ac_check_perform(work, "cleanup", &batch, false, &ignored, err);
}

/* How often http and run were refused so far. */
static enum ac_code count_refused(struct ac_check_work *work, int64_t *ret_count,
                                  bool *ret_lives, struct ac_error *err)
{
    struct ac_check_holding holding = { 0 };

    AC_TRY(ac_check_inspect(work, &holding, ret_lives, err));
    *ret_count = holding.refused;
    return AC_OK;
}

/* A plugin that needs no service may well succeed; it must not die of one that fails,
 * nor say that all is well when what it asked for was not done. */
static enum ac_code try_without(struct ac_check_work *work, const char *service,
                                struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_check_outcome outcome;
    int64_t before = 0;
    int64_t after = 0;
    bool lives = false;
    char what[64];

    (void)snprintf(what, sizeof what, "present, while %s fails", service);
    AC_TRY(ac_check_add(work, 1, 1, &batch, err));
    AC_TRY(count_refused(work, &before, &lives, err));
    if (!lives)
        return AC_OK;
    AC_TRY(ac_check_perform(work, "present", &batch, false, &outcome, err));
    if (!ac_check_judge(work, what, &outcome, false))
        return AC_OK;
    AC_TRY(count_refused(work, &after, &lives, err));
    if (lives && outcome.status == ACMECORE_OK && after > before) {
        ac_check_fail(work, "present says that all is well although %s failed",
                      service);
        return AC_OK;
    }
    (void)snprintf(what, sizeof what, "cleanup, while %s fails", service);
    AC_TRY(ac_check_perform(work, "cleanup", &batch, false, &outcome, err));
    (void)ac_check_judge(work, what, &outcome, false);
    return AC_OK;
}

/* open may fail for want of a service, if it says so itself. */
static bool survives_open(struct ac_check_work *work, const char *service)
{
    struct ac_error why = { 0 };

    if (ac_trial_state(work->trial, &why) == AC_OK)
        return true;
    if (why.code != AC_E_USAGE && !strstr(why.detail, "could not be opened"))
        ac_check_fail(work, "while %s fails: %s", service, why.detail);
    return false;
}

enum ac_code ac_check_failing_services(struct ac_check_work *work, struct ac_error *err)
{
    static const struct {
        enum ac_process_services services;
        const char *name;
    } tries[] = {
        { AC_SERVICES_NO_SECRET, "secret" },
        { AC_SERVICES_NO_WRITE, "write_file" },
        { AC_SERVICES_NO_REMOVE, "remove_file" },
        { AC_SERVICES_NO_HTTP, "http" },
        { AC_SERVICES_NO_RUN, "run" },
        { AC_SERVICES_FAILING, "every service" },
    };

    for (size_t i = 0; i < AC_COUNT(tries); i++) {
        AC_TRY(ac_check_restart(work, tries[i].services, err));
        if (survives_open(work, tries[i].name))
            AC_TRY(try_without(work, tries[i].name, err));
        if (work->verdict != AC_VERDICT_PASSED)
            return AC_OK;
    }
    work->survives_services = true;
    return AC_OK;
}
