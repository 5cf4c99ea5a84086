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

/* What the process holds, as the plugin host sees it. */
struct holding {
    int64_t descriptors, threads, children, heap, requests, refused;
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
        .requests = ac_json_number_or(state, "requests", 0),
        .refused = ac_json_number_or(state, "refused", 0),
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
    struct holding holding = { 0 };

    AC_TRY(inspect(work, &holding, ret_lives, err));
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
                          .heap = now.heap - holding->heap,
                          .requests = now.requests - holding->requests };
    *holding = now;
    return AC_OK;
}

static bool has_leaked_memory(const struct holding *growth)
{
    return growth->heap >= (growth->requests > 0 ? HEAP_SLACK : HEAP_LEAK);
}

/* What is loaded once, and the allocator's own stock, grow in the beginning; what leaks
 * grows for ever: one window in which nothing has grown shows that nothing does. */
static enum ac_code watch_growth(struct ac_check_work *work, struct ac_error *err)
{
    int64_t until_ms = ac_clock_after_ms(WATCH_MS);
    struct holding holding = { 0 };
    struct holding growth = { 0 };
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
    if (work->verdict != AC_VERDICT_PASSED)
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
