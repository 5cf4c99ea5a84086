/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/answer.h"

#include "base/clock.h"
#include "engine/issue/answer_check.h"
#include "engine/issue/twin.h"

#include <stdlib.h>
#include <string.h>

/* So much before the run ends must a plugin have answered: its host is killed
 * AC_PROCESS_GRACE_MS later, and then it is known who hung; the rest is for a machine
 * that is too busy to look at once. */
#define MARGIN_MS (AC_PROCESS_GRACE_MS + 1000)

/* Of several that would present the same, one is in the batch for all. */
struct member {
    struct ac_answer *answer; /* NULL: forgotten */
    size_t place;             /* in the batch */
};

/* What is under way at one solver. */
struct lane {
    struct ac_solver *solver;
    enum ac_solver_op op;
    struct ac_solver_call *call; /* NULL: idle */
    bool is_cancelled;           /* the call */
    struct member *members;      /* of the call */
    size_t member_count, member_capacity;
    int64_t probe_at_ms; /* when to probe again */
    int64_t probe_delay_ms;
};

struct ac_answers {
    struct ac_answers_settings settings;
    struct ac_answer **items;
    size_t count, capacity;
    struct lane *lanes;
    size_t lane_count, lane_capacity;
    bool has_news; /* without an operation that ends: step the orders at once */
};

/* What an operation works on, and where its challenges go from there. */
static const struct op_rule {
    enum ac_answer_status from, during;
    int64_t time_ms;
} op_rules[] = {
    [AC_SOLVER_PRESENT] = { AC_ANSWER_QUEUED, AC_ANSWER_PRESENTING,
                            AC_ANSWER_PRESENT_MS },
    [AC_SOLVER_PROBE] = { AC_ANSWER_PROBING, AC_ANSWER_PROBING, AC_ANSWER_PRESENT_MS },
    [AC_SOLVER_CLEANUP] = { AC_ANSWER_LEAVING, AC_ANSWER_CLEANING,
                            AC_ANSWER_CLEANUP_MS },
};

const struct acmecore_challenge *ac_answer_challenge(const struct ac_answer *answer)
{
    return &answer->one.items[0];
}

void ac_answer_done(struct ac_answer *answer)
{
    ac_batch_done(&answer->one);
    ac_exchange_free(answer->exchange);
    *answer = (struct ac_answer){ 0 };
}

enum ac_code ac_answers_new(const struct ac_answers_settings *settings,
                            struct ac_answers **ret_answers, struct ac_error *err)
{
    struct ac_answers *answers = NULL;

    AC_TRY(ac_memory_new(1, sizeof *answers, (void *)&answers, err));
    answers->settings = *settings;
    *ret_answers = answers;
    return AC_OK;
}

void ac_answers_free(struct ac_answers *answers)
{
    if (!answers)
        return;
    for (size_t i = 0; i < answers->lane_count; i++) {
        ac_solver_call_free(answers->lanes[i].call);
        free(answers->lanes[i].members);
    }
    free(answers->lanes);
    free(answers->items);
    free(answers);
}

static void put_in_place(struct lane *lane, struct ac_answer *answer);

static struct lane *find_lane(struct ac_answers *answers,
                              const struct ac_solver *solver)
{
    for (size_t i = 0; i < answers->lane_count; i++) {
        if (answers->lanes[i].solver == solver)
            return &answers->lanes[i];
    }
    return NULL;
}

enum ac_code ac_answers_add(struct ac_answers *answers, struct ac_answer *answer,
                            struct ac_error *err)
{
    AC_TRY(ac_memory_grow(&answers->items, &answers->capacity, answers->count + 1,
                          sizeof(struct ac_answer *), err));
    if (!find_lane(answers, answer->solver)) {
        AC_TRY(ac_memory_grow(&answers->lanes, &answers->lane_capacity,
                              answers->lane_count + 1, sizeof *answers->lanes, err));
        answers->lanes[answers->lane_count++] =
            (struct lane){ .solver = answer->solver };
    }
    answer->status = AC_ANSWER_QUEUED;
    if (answer->is_there)
        put_in_place(find_lane(answers, answer->solver), answer);
    answers->items[answers->count++] = answer;
    return AC_OK;
}

/* Is what is under way of no use to anybody? */
static bool is_in_vain(const struct lane *lane)
{
    if (!lane->call || lane->op == AC_SOLVER_CLEANUP)
        return false;
    for (size_t i = 0; i < lane->member_count; i++) {
        const struct ac_answer *answer = lane->members[i].answer;

        if (answer && answer->status == op_rules[lane->op].during)
            return false;
    }
    return true;
}

/* Its cleanup waits for the plugin. */
static void cancel_in_vain(struct lane *lane)
{
    if (lane->is_cancelled || !is_in_vain(lane))
        return;
    lane->is_cancelled = true;
    ac_solver_call_cancel(lane->solver, lane->call);
}

void ac_answers_leave(struct ac_answers *answers, struct ac_answer *answer)
{
    ac_exchange_free(answer->exchange);
    answer->exchange = NULL;
    if (answer->status == AC_ANSWER_CLEANING || answer->status == AC_ANSWER_GONE)
        return;
    answer->is_clean = !answer->was_presented || answer->is_kept;
    answer->status = answer->is_clean ? AC_ANSWER_GONE : AC_ANSWER_LEAVING;
    struct lane *lane = find_lane(answers, answer->solver);
    if (lane)
        cancel_in_vain(lane);
}

void ac_answers_forget(struct ac_answers *answers, const struct ac_answer *answer)
{
    for (size_t i = 0; i < answers->count; i++) {
        if (answers->items[i] == answer)
            answers->items[i--] = answers->items[--answers->count];
    }
    for (size_t l = 0; l < answers->lane_count; l++) {
        for (size_t i = 0; i < answers->lanes[l].member_count; i++) {
            if (answers->lanes[l].members[i].answer == answer)
                answers->lanes[l].members[i].answer = NULL;
        }
    }
}

static void fail(struct ac_answer *answer, const struct ac_error *why)
{
    answer->status = AC_ANSWER_FAILED;
    answer->error = *why;
}

/* ---- operations */

static bool wants(const struct ac_answers *answers, const struct lane *lane,
                  enum ac_solver_op op)
{
    if (op == AC_SOLVER_PROBE && lane->probe_at_ms > ac_clock_now_ms())
        return false;
    for (size_t i = 0; i < answers->count; i++) {
        if (answers->items[i]->solver == lane->solver
            && answers->items[i]->status == op_rules[op].from)
            return true;
    }
    return false;
}

/* That of its twin, or the next one. */
static size_t find_place(const struct lane *lane, const struct ac_answer *answer,
                         size_t next)
{
    for (size_t i = 0; i < lane->member_count; i++) {
        if (ac_answer_is_twin(lane->members[i].answer, answer))
            return lane->members[i].place;
    }
    return next;
}

static enum ac_code gather(struct ac_answers *answers, struct lane *lane,
                           enum ac_solver_op op, struct ac_batch *batch,
                           struct ac_error *err)
{
    lane->member_count = 0;
    for (size_t i = 0; i < answers->count; i++) {
        struct ac_answer *answer = answers->items[i];

        if (answer->solver != lane->solver || answer->status != op_rules[op].from)
            continue;
        size_t place = find_place(lane, answer, batch->count);
        if (place == AC_MESSAGE_BATCH_MAX)
            return AC_OK; /* the others have their turn after these */
        AC_TRY(ac_memory_grow(&lane->members, &lane->member_capacity,
                              lane->member_count + 1, sizeof *lane->members, err));
        if (place == batch->count)
            AC_TRY(ac_batch_add(batch, ac_answer_challenge(answer), err));
        lane->members[lane->member_count++] = (struct member){ answer, place };
    }
    return AC_OK;
}

/* The nearest limit of those that are to be cleaned up. */
static int64_t cleanup_deadline(const struct lane *lane, int64_t deadline_ms)
{
    for (size_t i = 0; i < lane->member_count; i++) {
        int64_t by_ms = lane->members[i].answer->clean_by_ms;

        if (by_ms != 0 && by_ms < deadline_ms)
            deadline_ms = by_ms;
    }
    return deadline_ms;
}

/* Cleanup gets its time even when the run has none left. */
static int64_t op_deadline(const struct ac_answers *answers, const struct lane *lane)
{
    int64_t deadline_ms = ac_clock_after_ms(op_rules[lane->op].time_ms);
    int64_t end_ms = ac_answers_end_ms(answers);

    if (lane->op == AC_SOLVER_CLEANUP)
        return cleanup_deadline(lane, deadline_ms);
    return end_ms < deadline_ms ? end_ms : deadline_ms;
}

/* Visible or not: what the plugin host and the plugin allow for it is theirs to say, so
 * it is asked for as long as the run lasts. */
static int64_t probe_end(const struct ac_answers *answers)
{
    return answers->settings.deadline_ms - MARGIN_MS;
}

static void gone(struct ac_answer *answer, enum ac_code code,
                 const struct ac_error *why)
{
    answer->status = AC_ANSWER_GONE;
    answer->is_clean = code == AC_OK;
    if (code != AC_OK)
        answer->error = *why;
}

static void begin(struct ac_answers *answers, struct lane *lane, enum ac_solver_op op)
{
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_error why = { 0 };

    lane->op = op;
    lane->is_cancelled = false;
    enum ac_code code = gather(answers, lane, op, &batch, &why);
    if (code == AC_OK) {
        code = ac_solver_begin(lane->solver, op, &batch, op_deadline(answers, lane),
                               &lane->call, &why);
    }
    for (size_t i = 0; i < lane->member_count; i++) {
        struct ac_answer *answer = lane->members[i].answer;

        answer->status = op_rules[op].during;
        answer->was_presented |= code == AC_OK && op == AC_SOLVER_PRESENT;
        if (code != AC_OK && op == AC_SOLVER_CLEANUP) {
            gone(answer, code, &why);
        } else if (code != AC_OK) {
            fail(answer, &why);
        }
    }
    answers->has_news |= code != AC_OK;
}

/* The error of one member: that of the whole call, or the plugin's own words for it. */
static void member_error(const struct lane *lane, const struct member *member,
                         struct ac_error *ret)
{
    static const char *const verbs[] = {
        [AC_SOLVER_PRESENT] = "present",
        [AC_SOLVER_PROBE] = "probe",
        [AC_SOLVER_CLEANUP] = "clean up",
    };
    const char *detail = ac_solver_call_detail(lane->call, member->place);

    enum ac_code code = ac_solver_call_result(lane->call, ret);
    if (detail[0] != '\0' && strcmp(detail, ret->detail) != 0) {
        (void)!ac_fail(ret, code == AC_OK ? AC_E_PLUGIN : code,
                       "plugin %s could not %s %s: %s", ac_solver_title(lane->solver),
                       verbs[lane->op], ac_answer_challenge(member->answer)->identifier,
                       detail);
    }
}

static void next_probe(const struct ac_answers *answers, struct lane *lane)
{
    lane->probe_at_ms = ac_clock_after_ms(lane->probe_delay_ms);
    if (lane->probe_at_ms > probe_end(answers))
        lane->probe_at_ms = probe_end(answers);
    lane->probe_delay_ms *= 2;
    if (lane->probe_delay_ms > AC_ANSWER_POLL_MAX_MS)
        lane->probe_delay_ms = AC_ANSWER_POLL_MAX_MS;
}

/* What comes after it was presented: is it seen? */
static void put_in_place(struct lane *lane, struct ac_answer *answer)
{
    const struct ac_descriptor *descriptor = ac_solver_descriptor(lane->solver);

    if (!descriptor || !descriptor->has_probe) {
        ac_answer_check_begin(answer);
        return;
    }
    answer->status = AC_ANSWER_PROBING;
    lane->probe_at_ms = 0;
    lane->probe_delay_ms = AC_ANSWER_POLL_MS;
}

static void settle_present(struct ac_answers *answers, struct lane *lane,
                           const struct member *member)
{
    struct ac_answer *answer = member->answer;
    struct ac_error why = { 0 };

    (void)answers;
    if (ac_solver_call_status(lane->call, member->place) == ACMECORE_OK) {
        put_in_place(lane, answer);
        return;
    }
    member_error(lane, member, &why);
    fail(answer, &why);
}

static void settle_probe(struct ac_answers *answers, struct lane *lane,
                         const struct member *member)
{
    struct ac_answer *answer = member->answer;
    int status = ac_solver_call_status(lane->call, member->place);
    struct ac_error why = { 0 };

    if (answer->status != AC_ANSWER_PROBING)
        return;
    if (status == ACMECORE_OK) {
        ac_answer_check_begin(answer);
        return;
    }
    if (status == ACMECORE_PENDING && ac_clock_now_ms() < probe_end(answers))
        return;
    member_error(lane, member, &why);
    if (status == ACMECORE_PENDING) {
        (void)!ac_fail(&why, AC_E_PLUGIN,
                       "solver %s: the answer for %s was not visible within the time "
                       "this run has (--timeout)",
                       ac_solver_name(lane->solver),
                       ac_answer_challenge(answer)->identifier);
    }
    fail(answer, &why);
}

static void settle_cleanup(struct ac_answers *answers, struct lane *lane,
                           const struct member *member)
{
    struct ac_error why = { 0 };
    enum ac_code code = AC_OK;

    (void)answers;
    if (ac_solver_call_status(lane->call, member->place) != ACMECORE_OK) {
        member_error(lane, member, &why);
        code = why.code;
    }
    gone(member->answer, code, &why);
}

static void finish(struct ac_answers *answers, struct lane *lane)
{
    static void (*const settle[])(struct ac_answers *, struct lane *,
                                  const struct member *) = {
        [AC_SOLVER_PRESENT] = settle_present,
        [AC_SOLVER_PROBE] = settle_probe,
        [AC_SOLVER_CLEANUP] = settle_cleanup,
    };

    for (size_t i = 0; i < lane->member_count; i++) {
        const struct member *member = &lane->members[i];

        if (member->answer && member->answer->status == op_rules[lane->op].during)
            settle[lane->op](answers, lane, member);
    }
    if (lane->op == AC_SOLVER_PROBE)
        next_probe(answers, lane);
    ac_solver_call_free(lane->call);
    lane->call = NULL;
    lane->member_count = 0;
}

/* Of several that present the same, the last one takes it away. */
static void hand_over(struct ac_answers *answers, const struct lane *lane)
{
    for (size_t i = 0; i < answers->count; i++) {
        struct ac_answer *answer = answers->items[i];

        if (answer->solver != lane->solver || answer->status != AC_ANSWER_LEAVING)
            continue;
        struct ac_answer *heir =
            ac_answer_find_heir(answers->items, answers->count, answer);
        if (!heir)
            continue;
        heir->was_presented = true;
        gone(answer, AC_OK, NULL);
        answers->has_news = true;
    }
}

static void step_lane(struct ac_answers *answers, struct lane *lane)
{
    static const enum ac_solver_op order[] = { AC_SOLVER_PRESENT, AC_SOLVER_PROBE,
                                               AC_SOLVER_CLEANUP };

    if (lane->call && ac_solver_call_is_done(lane->call))
        finish(answers, lane);
    if (!lane->call)
        hand_over(answers, lane);
    for (size_t i = 0; i < AC_COUNT(order) && !lane->call; i++) {
        if (wants(answers, lane, order[i]))
            begin(answers, lane, order[i]);
    }
}

int64_t ac_answers_end_ms(const struct ac_answers *answers)
{
    int64_t run_ms = answers->settings.deadline_ms;
    int64_t half_ms = ac_clock_left_ms(run_ms) / 2;

    return run_ms - (half_ms < MARGIN_MS ? half_ms : MARGIN_MS);
}

void ac_answers_step(struct ac_answers *answers)
{
    answers->has_news = false;
    for (size_t i = 0; i < answers->lane_count; i++)
        step_lane(answers, &answers->lanes[i]);
    answers->has_news |=
        ac_answer_check_step(answers->settings.http, answers->items, answers->count);
}

int64_t ac_answers_wake_at_ms(const struct ac_answers *answers)
{
    bool is_due =
        answers->has_news || ac_answer_check_can_start(answers->items, answers->count);
    int64_t wake_at_ms = is_due ? ac_clock_now_ms() : AC_CLOCK_NEVER;

    for (size_t i = 0; i < answers->lane_count; i++) {
        const struct lane *lane = &answers->lanes[i];

        for (size_t a = 0; !lane->call && a < answers->count; a++) {
            if (answers->items[a]->solver == lane->solver
                && answers->items[a]->status == AC_ANSWER_PROBING
                && lane->probe_at_ms < wake_at_ms)
                wake_at_ms = lane->probe_at_ms;
        }
    }
    return wake_at_ms;
}
