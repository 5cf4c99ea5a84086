/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check/check_parts.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS   10
#define WINDOWS  20 /* of so many rounds in which it has grown each time: it leaks */
#define WATCH_MS 30000
/* Bytes of a window: the smallest loss there is in each round, and what TLS libraries
 * may keep where there were requests. */
#define HEAP_LEAK   (16 * ROUNDS)
#define HEAP_SLACK  (32 * 1024)
#define OWN_THREADS 1

enum ac_code ac_check_inspect(struct ac_check_work *work,
                              struct ac_check_holding *ret_holding, bool *ret_is_known,
                              struct ac_error *err)
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
    *ret_holding = (struct ac_check_holding){
        .descriptors = ac_json_number_or(state, "descriptors", 0),
        .threads = ac_json_number_or(state, "threads", 0),
        .children = ac_json_number_or(state, "children", -1),
        .heap = ac_json_number_or(state, "heap", 0),
        .requests = ac_json_number_or(state, "requests", 0),
        .refused = ac_json_number_or(state, "refused", 0),
    };
    (void)snprintf(ret_holding->surroundings, sizeof ret_holding->surroundings,
                   "%s, %s, %s", ac_json_text_or(state, "folder", ""),
                   ac_json_text_or(state, "umask", ""),
                   ac_json_text_or(state, "signals", ""));
    return AC_OK;
}

/* The operations of one round, which leaves nothing behind. */
static const char *const *round_of(const struct ac_check_work *work)
{
    static const char *const solver[] = { "present", "cleanup", NULL };
    static const char *const installer[] = { "rollback", "finish", NULL };

    return work->kind == ACMECORE_SOLVER ? solver : installer;
}

/* Whatever comes of it. */
static enum ac_code go_round(struct ac_check_work *work, size_t rounds, bool *ret_lives,
                             struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_check_outcome outcome = { .is_answered = true };
    const char *const *ops = round_of(work);
    bool is_solver = work->kind == ACMECORE_SOLVER;

    for (size_t i = 1; i <= 2 && is_solver; i++)
        AC_TRY(ac_check_add(work, i, i, &batch, err));
    for (size_t i = 0; i < 2 * rounds && outcome.is_answered; i++) {
        AC_TRY(ac_check_perform(work, ops[i % 2], is_solver ? &batch : NULL, false,
                                &outcome, err));
    }
    *ret_lives = ac_check_judge(work, "one of many rounds", &outcome, false);
    return AC_OK;
}

/* What has grown over some rounds; *ret_lives false: the check has its verdict. */
static enum ac_code grow(struct ac_check_work *work, struct ac_check_holding *holding,
                         struct ac_check_holding *ret_growth, bool *ret_lives,
                         struct ac_error *err)
{
    struct ac_check_holding now = { 0 };

    AC_TRY(go_round(work, ROUNDS, ret_lives, err));
    if (*ret_lives)
        AC_TRY(ac_check_inspect(work, &now, ret_lives, err));
    *ret_growth =
        (struct ac_check_holding){ .descriptors =
                                       now.descriptors - holding->descriptors,
                                   .heap = now.heap - holding->heap,
                                   .requests = now.requests - holding->requests };
    *holding = now;
    return AC_OK;
}

static bool has_leaked_memory(const struct ac_check_holding *growth)
{
    return growth->heap >= (growth->requests > 0 ? HEAP_SLACK : HEAP_LEAK);
}

/* What is loaded once, and the allocator's own stock, grow in the beginning; what leaks
 * grows for ever: one window in which nothing has grown shows that nothing does. */
static enum ac_code watch_growth(struct ac_check_work *work, struct ac_error *err)
{
    int64_t until_ms = ac_clock_after_ms(WATCH_MS);
    struct ac_check_holding holding = { 0 };
    struct ac_check_holding growth = { 0 };
    bool leaks_descriptors = true;
    bool leaks_memory = true;
    bool lives = false;

    AC_TRY(grow(work, &holding, &growth, &lives, err));
    for (size_t i = 0; i < WINDOWS && lives && (leaks_descriptors || leaks_memory);
         i++) {
        AC_TRY(grow(work, &holding, &growth, &lives, err));
        leaks_descriptors = leaks_descriptors && growth.descriptors > 0;
        leaks_memory =
            leaks_memory && has_leaked_memory(&growth) && ac_clock_now_ms() < until_ms;
    }
    if (lives && leaks_descriptors) {
        ac_check_fail(work, "%" PRId64 " descriptors are left open after %d rounds",
                      growth.descriptors, ROUNDS);
    } else if (lives && leaks_memory) {
        ac_check_fail(work, "%" PRId64 " bytes are left over after %d rounds",
                      growth.heap, ROUNDS);
    }
    return AC_OK;
}

/* Once as it is, and once without anything from outside, where each byte counts. */
enum ac_code ac_check_leaks(struct ac_check_work *work, struct ac_error *err)
{
    struct ac_error why = { 0 };

    AC_TRY(watch_growth(work, err));
    if (work->verdict != AC_VERDICT_PASSED || !work->survives_services)
        return AC_OK;
    AC_TRY(ac_check_restart(work, AC_SERVICES_FAILING, err));
    return ac_trial_state(work->trial, &why) == AC_OK ? watch_growth(work, err) : AC_OK;
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
    struct ac_check_holding holding = { 0 };
    bool lives = false;

    AC_TRY(go_round(work, 1, &lives, err));
    if (lives)
        AC_TRY(ac_check_inspect(work, &holding, &lives, err));
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

/* What another plugin in the same process, or the next call, would stumble over. */
enum ac_code ac_check_surroundings(struct ac_check_work *work, struct ac_error *err)
{
    struct ac_check_holding before = { 0 };
    struct ac_check_holding after = { 0 };
    bool lives = false;

    AC_TRY(ac_check_inspect(work, &before, &lives, err));
    if (lives)
        AC_TRY(go_round(work, 1, &lives, err));
    if (lives)
        AC_TRY(ac_check_inspect(work, &after, &lives, err));
    if (lives && strcmp(before.surroundings, after.surroundings) != 0) {
        ac_check_fail(work,
                      "working folder, umask and signals (blocked, ignored, caught) "
                      "were %s and are %s",
                      before.surroundings, after.surroundings);
    }
    return AC_OK;
}

enum ac_code ac_check_close(struct ac_check_work *work, struct ac_error *err)
{
    struct ac_check_outcome outcome;

    work->call_ms = AC_CHECK_PROMPT_MS;
    AC_TRY(ac_check_perform(work, "close", NULL, false, &outcome, err));
    (void)ac_check_judge(work, "close", &outcome, true);
    return AC_OK;
}
