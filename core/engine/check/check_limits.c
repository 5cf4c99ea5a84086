/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check/check_parts.h"

#include <inttypes.h>

#define PROMPT_MS 2000 /* without time left, an operation ends within */
#define ROUNDS    10
/* Bytes that ten rounds may leave: TLS libraries keep some for each connection. */
#define HEAP_SLACK  (32 * 1024)
#define OWN_THREADS 1

/* What the process holds, as the plugin host sees it. */
struct holding {
    int64_t descriptors, threads, children, heap;
};

static enum ac_code inspect(struct ac_check_work *work, struct holding *ret_holding,
                            bool *ret_is_known, struct ac_error *err)
{
    struct ac_check_outcome outcome;

    AC_TRY(ac_check_perform(work, "inspect", NULL, false, &outcome, err));
    const struct ac_json *state =
        outcome.is_answered ? ac_json_get(ac_check_reply(work), "state") : NULL;
    *ret_is_known = state != NULL;
    if (!state) {
        ac_check_fail(work, "the process cannot be looked into: %s", outcome.detail);
        return AC_OK;
    }
    *ret_holding = (struct holding){
        .descriptors = ac_json_number_or(state, "descriptors", 0),
        .threads = ac_json_number_or(state, "threads", 0),
        .children = ac_json_number_or(state, "children", -1),
        .heap = ac_json_number_or(state, "heap", 0),
    };
    return AC_OK;
}

/* Presents and cleans up again, whatever comes of it. */
static enum ac_code go_round(struct ac_check_work *work, size_t rounds, bool *ret_lives,
                             struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_check_outcome outcome = { .is_answered = true };

    AC_TRY(ac_check_add(work, 1, 1, &batch, err));
    AC_TRY(ac_check_add(work, 2, 2, &batch, err));
    for (size_t i = 0; i < rounds && outcome.is_answered; i++) {
        AC_TRY(ac_check_perform(work, "present", &batch, false, &outcome, err));
        if (outcome.is_answered)
            AC_TRY(ac_check_perform(work, "cleanup", &batch, false, &outcome, err));
    }
    *ret_lives = ac_check_judge(work, "one of many rounds", &outcome, false);
    return AC_OK;
}

enum ac_code ac_check_spent_deadline(struct ac_check_work *work, struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_check_outcome outcome;
    struct ac_check_outcome ignored;

    AC_TRY(ac_check_add(work, 1, 1, &batch, err));
    AC_TRY(ac_check_perform(work, "present", &batch, true, &outcome, err));
    if (ac_check_judge(work, "present without time left", &outcome, false)
        && outcome.elapsed_ms > PROMPT_MS) {
        ac_check_fail(
            work, "present went on for %" PRId64 " ms although remaining_ms() was 0",
            outcome.elapsed_ms);
    }
    return ac_check_perform(work, "cleanup", &batch, false, &ignored, err);
}

/* A plugin that needs no service may well succeed; it must not die of one that fails.
 */
enum ac_code ac_check_failing_services(struct ac_check_work *work, struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_check_outcome outcome;
    struct ac_error why = { 0 };

    AC_TRY(ac_check_restart(work, AC_SERVICES_FAILING, err));
    if (ac_trial_state(work->trial, &why) != AC_OK) {
        if (why.code != AC_E_USAGE && !ac_trial_descriptor(work->trial))
            ac_check_fail(work, "open: %s", why.detail);
        return AC_OK;
    }
    AC_TRY(ac_check_add(work, 1, 1, &batch, err));
    AC_TRY(ac_check_perform(work, "present", &batch, false, &outcome, err));
    if (ac_check_judge(work, "present", &outcome, false)) {
        AC_TRY(ac_check_perform(work, "cleanup", &batch, false, &outcome, err));
        (void)ac_check_judge(work, "cleanup", &outcome, false);
    }
    return AC_OK;
}

/* What has grown over some rounds; *ret_lives false: the check has its verdict. */
static enum ac_code grow(struct ac_check_work *work, struct holding *holding,
                         struct holding *ret_growth, bool *ret_lives,
                         struct ac_error *err)
{
    struct holding now = { 0 };

    AC_TRY(go_round(work, ROUNDS, ret_lives, err));
    if (*ret_lives)
        AC_TRY(inspect(work, &now, ret_lives, err));
    *ret_growth =
        (struct holding){ .descriptors = now.descriptors - holding->descriptors,
                          .heap = now.heap - holding->heap };
    *holding = now;
    return AC_OK;
}

/* What is loaded once, and the allocator's own stock, grow in the beginning; what leaks
 * grows for ever. */
enum ac_code ac_check_leaks(struct ac_check_work *work, struct ac_error *err)
{
    struct holding holding = { 0 };
    struct holding growth[3] = { { 0 } };
    bool lives = true;

    for (size_t i = 0; i < AC_COUNT(growth) && lives; i++)
        AC_TRY(grow(work, &holding, &growth[i], &lives, err));
    if (!lives)
        return AC_OK;
    if (growth[1].descriptors > 0 && growth[2].descriptors > 0) {
        ac_check_fail(work, "%" PRId64 " descriptors are left open after %d rounds",
                      growth[2].descriptors, ROUNDS);
    } else if (growth[1].heap > HEAP_SLACK && growth[2].heap > HEAP_SLACK) {
        ac_check_fail(work, "%" PRId64 " bytes are left over after %d rounds",
                      growth[2].heap, ROUNDS);
    }
    return AC_OK;
}

enum ac_code ac_check_silence(struct ac_check_work *work, struct ac_error *err)
{
    bool lives = false;

    AC_TRY(go_round(work, 1, &lives, err));
    size_t printed = ac_trial_printed(work->trial);
    if (lives && printed > 0) {
        ac_check_fail(work,
                      "%zu bytes were printed: host->log is the way to say things",
                      printed);
    }
    return AC_OK;
}

enum ac_code ac_check_leftovers(struct ac_check_work *work, struct ac_error *err)
{
    struct holding holding = { 0 };
    bool lives = false;

    AC_TRY(go_round(work, 1, &lives, err));
    if (lives)
        AC_TRY(inspect(work, &holding, &lives, err));
    if (!lives)
        return AC_OK;
    if (holding.threads > OWN_THREADS) {
        ac_check_fail(work, "threads that are left behind: %" PRId64,
                      holding.threads - OWN_THREADS);
    } else if (holding.children > 0) {
        ac_check_fail(work, "processes that are left behind: %" PRId64,
                      holding.children);
    }
    return AC_OK;
}
