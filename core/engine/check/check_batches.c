/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check/check_parts.h"

#include <stdio.h>

/* present and cleanup of names [first, first + count), each with `values` values. */
static enum ac_code make_batch(const struct ac_check_work *work, size_t first,
                               size_t count, size_t values, struct ac_batch *batch,
                               struct ac_error *err)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t value = 0; value < values; value++)
            AC_TRY(ac_check_add(work, first + i, 10 * i + value, batch, err));
    }
    return AC_OK;
}

/* One of the batch operations; false: the check has its verdict. */
static enum ac_code operate(struct ac_check_work *work, const char *op,
                            const char *what, const struct ac_batch *batch,
                            bool *ret_goes_on, struct ac_error *err)
{
    struct ac_check_outcome outcome;

    *ret_goes_on = false;
    AC_TRY(ac_check_perform(work, op, batch, false, &outcome, err));
    *ret_goes_on = ac_check_judge(work, what, &outcome, true);
    return AC_OK;
}

enum ac_code ac_check_empty_batch(struct ac_check_work *work, struct ac_error *err)
{
    AC_AUTO(ac_batch) none = { 0 };
    bool goes_on = false;

    work->call_ms = AC_CHECK_PROMPT_MS;
    AC_TRY(operate(work, "present", "present of nothing", &none, &goes_on, err));
    if (goes_on)
        AC_TRY(operate(work, "cleanup", "cleanup of nothing", &none, &goes_on, err));
    return AC_OK;
}

/* Here it turns out whether anything can be presented with these settings. */
enum ac_code ac_check_one(struct ac_check_work *work, struct ac_error *err)
{
    AC_AUTO(ac_batch) one = { 0 };
    struct ac_check_outcome outcome;

    AC_TRY(make_batch(work, 1, 1, 1, &one, err));
    AC_TRY(ac_check_perform(work, "present", &one, false, &outcome, err));
    (void)snprintf(work->blocked, sizeof work->blocked, "present does not work");
    if (!ac_check_judge(work, "present", &outcome, false))
        return AC_OK;
    work->can_answer = true;
    work->can_present = outcome.status == ACMECORE_OK;
    if (!work->can_present) {
        (void)snprintf(work->blocked, sizeof work->blocked,
                       "present fails with these settings: %.*s", AC_CHECK_REASON / 2,
                       outcome.detail[0] ? outcome.detail : "without a reason");
        ac_check_skip(work, "%s", work->blocked);
        if (!outcome.detail[0]) {
            ac_check_fail(work, "present gives %d and does not say why (host->fail)",
                          outcome.status);
        }
    }
    AC_TRY(ac_check_perform(work, "cleanup", &one, false, &outcome, err));
    if (ac_check_judge(work, "cleanup", &outcome, work->can_present))
        return AC_OK;
    (void)snprintf(work->blocked, sizeof work->blocked, "cleanup does not work");
    work->can_present = false;
    work->can_answer = outcome.is_answered && outcome.is_lawful;
    return AC_OK;
}

static enum ac_code there_and_back(struct ac_check_work *work,
                                   const struct ac_batch *batch, struct ac_error *err)
{
    bool goes_on = false;
    bool is_clean = false;

    AC_TRY(operate(work, "present", "present", batch, &goes_on, err));
    AC_TRY(operate(work, "cleanup", "cleanup", batch, &is_clean, err));
    return AC_OK;
}

enum ac_code ac_check_many(struct ac_check_work *work, struct ac_error *err)
{
    AC_AUTO(ac_batch) many = { 0 };

    AC_TRY(make_batch(work, 1, AC_CHECK_MANY, 1, &many, err));
    return there_and_back(work, &many, err);
}

enum ac_code ac_check_two_values(struct ac_check_work *work, struct ac_error *err)
{
    AC_AUTO(ac_batch) two = { 0 };

    AC_TRY(make_batch(work, 1, 1, 2, &two, err));
    return there_and_back(work, &two, err);
}

static enum ac_code in_turn(struct ac_check_work *work, const char *const *ops,
                            size_t count, struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };

    AC_TRY(make_batch(work, 2, 2, 1, &batch, err));
    for (size_t i = 0; i < count; i++) {
        bool goes_on = false;
        char what[64];

        (void)snprintf(what, sizeof what, "step %zu, %s", i + 1, ops[i]);
        AC_TRY(operate(work, ops[i], what, &batch, &goes_on, err));
        if (!goes_on)
            return AC_OK;
    }
    return AC_OK;
}

enum ac_code ac_check_present_twice(struct ac_check_work *work, struct ac_error *err)
{
    static const char *const ops[] = { "present", "present", "cleanup" };

    return in_turn(work, ops, AC_COUNT(ops), err);
}

enum ac_code ac_check_cleanup_twice(struct ac_check_work *work, struct ac_error *err)
{
    static const char *const ops[] = { "present", "cleanup", "cleanup" };

    return in_turn(work, ops, AC_COUNT(ops), err);
}

enum ac_code ac_check_cleanup_elsewhere(struct ac_check_work *work,
                                        struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };
    bool goes_on = false;

    AC_TRY(make_batch(work, 4, 2, 1, &batch, err));
    AC_TRY(operate(work, "present", "present", &batch, &goes_on, err));
    if (!goes_on)
        return AC_OK;
    AC_TRY(ac_check_restart(work, AC_SERVICES_HASTY, err));
    return operate(work, "cleanup", "cleanup in another process", &batch, &goes_on,
                   err);
}

enum ac_code ac_check_cleanup_nothing(struct ac_check_work *work, struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };
    bool goes_on = false;

    AC_TRY(make_batch(work, AC_CHECK_MANY + 1, 2, 1, &batch, err));
    return operate(work, "cleanup", "cleanup of what was never presented", &batch,
                   &goes_on, err);
}

/* A plugin may answer that nothing is visible yet; it must answer. */
enum ac_code ac_check_probe(struct ac_check_work *work, struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_check_outcome outcome;
    const struct ac_descriptor *descriptor = ac_trial_descriptor(work->trial);
    bool goes_on = false;
    bool is_clean = false;

    if (!descriptor || !descriptor->has_probe) {
        ac_check_skip(work, "it has no probe of its own");
        return AC_OK;
    }
    AC_TRY(make_batch(work, 1, 1, 1, &batch, err));
    AC_TRY(operate(work, "present", "present", &batch, &goes_on, err));
    if (!goes_on)
        return AC_OK;
    AC_TRY(ac_check_perform(work, "probe", &batch, false, &outcome, err));
    if (!ac_check_judge(work, "probe", &outcome, false))
        return AC_OK;
    return operate(work, "cleanup", "cleanup", &batch, &is_clean, err);
}
