/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"
#include "engine/issue/persistent.h"

#include <string.h>

#define MARGIN_MS 250 /* for the end of a plugin that was killed because it hung */
#define SLACK_MS  (AC_PROCESS_GRACE_MS + 2 * MARGIN_MS)

/* ---- solvers: decided before the CA is contacted */

/* The first candidate whose plugin can prove the identifier; AC_OK with NULL: none can;
 * *ret_is_loading: one must load first. */
static enum ac_code find_solver(struct ac_issue *issue,
                                const struct ac_identifier *identifier,
                                bool *ret_is_loading, const char **ret_type,
                                struct ac_error *err)
{
    AC_AUTO(ac_candidates) candidates = { 0 };

    *ret_type = NULL;
    AC_TRY(ac_select_candidates(&issue->here, identifier, &candidates, err));
    for (size_t i = 0; i < candidates.count && !*ret_type; i++) {
        const struct ac_solver_spec *spec =
            ac_wanted_find_spec(&issue->here, candidates.solvers[i]);
        struct ac_solver *solver;

        AC_TRY(ac_instances_get(issue->settings.instances, spec, &solver, err));
        AC_TRY(ac_solver_state(solver, err));
        *ret_is_loading |= !ac_solver_is_open(solver);
        issue->opening = ac_solver_is_open(solver) ? issue->opening : solver;
        if (!ac_solver_is_loaded(solver))
            return AC_OK; /* the next candidate is started only when it is needed */
        *ret_type = ac_select_type(&issue->here, &ac_solver_descriptor(solver)->types,
                                   identifier);
    }
    return AC_OK;
}

static enum ac_code fail_unfit(const struct ac_issue *issue,
                               const struct ac_identifier *identifier,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) types = { 0 };
    const struct ac_words *allowed = &issue->here.challenges;

    if (allowed->count == 0) {
        return ac_fail(err, AC_E_USAGE, "no solver fits %s: %s", identifier->value,
                       ac_select_fitting(identifier));
    }
    AC_TRY(ac_words_join(allowed, ", ", &types, err));
    return ac_fail(err, AC_E_USAGE,
                   "no solver fits %s: this certificate is proven by %s only "
                   "(--challenge any lifts that)",
                   identifier->value, ac_text_get(&types));
}

enum ac_code ac_issue_solvers(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_identifiers *identifiers = &issue->here.identifiers;
    bool is_loading = false;

    issue->opening = NULL;
    AC_TRY(ac_issue_bring_key(issue, err));
    for (size_t i = 0; i < identifiers->count; i++) {
        const struct ac_identifier *identifier = &identifiers->items[i];
        bool is_unknown = false;
        const char *type;

        AC_TRY(find_solver(issue, identifier, &is_unknown, &type, err));
        if (!is_unknown && !type) {
            return fail_unfit(issue, identifier, err);
        }
        is_loading |= is_unknown;
    }
    if (is_loading)
        return AC_OK;
    issue->phase = issue->has_recovered ? AC_PHASE_ACCOUNT : AC_PHASE_RECOVER;
    if (issue->settings.only_opens)
        issue->phase = AC_PHASE_LEAVE;
    return AC_OK;
}

/* ---- cleanup of what an earlier run presented */

static enum ac_code add_leftover(struct ac_issue *issue, struct ac_solver *solver,
                                 const struct acmecore_challenge *challenge,
                                 size_t batch, struct ac_error *err)
{
    struct ac_leftover *leftover = &issue->leftovers[issue->leftover_count];

    leftover->batch = batch;
    leftover->answer = (struct ac_answer){ .solver = solver,
                                           .was_presented = true,
                                           .clean_by_ms = issue->recover_until_ms };
    issue->leftover_count++; /* a batch that is not whole is freed, too */
    AC_TRY(ac_batch_add(&leftover->answer.one, challenge, err));
    AC_TRY(ac_answers_add(issue->settings.answers, &leftover->answer, err));
    ac_answers_leave(issue->settings.answers, &leftover->answer);
    return AC_OK;
}

/* Queues one noted batch. A solver that cannot be had any more is a warning. */
static enum ac_code add_noted(struct ac_issue *issue, size_t index,
                              struct ac_error *err)
{
    AC_AUTO(ac_solver_spec) spec = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_solver *solver;
    struct ac_error why = { 0 };

    AC_TRY(ac_journal_presented(issue->journal, index, &spec, &batch, err));
    issue->is_clean[index] = true; /* until one of its challenges is not */
    if (ac_instances_get(issue->settings.instances, &spec, &solver, &why) != AC_OK) {
        ac_issue_warn(issue,
                      "%s; what it presented in an earlier run is not cleaned up",
                      why.detail);
        issue->is_clean[index] = false;
        return AC_OK;
    }
    for (size_t i = 0; i < batch.count; i++)
        AC_TRY(add_leftover(issue, solver, batch.pointers[i], index, err));
    return AC_OK;
}

static enum ac_code count_leftovers(const struct ac_issue *issue, size_t *ret_count,
                                    struct ac_error *err)
{
    *ret_count = 0;
    for (size_t i = 0; i < issue->batch_count; i++) {
        AC_AUTO(ac_solver_spec) spec = { 0 };
        AC_AUTO(ac_batch) batch = { 0 };

        AC_TRY(ac_journal_presented(issue->journal, i, &spec, &batch, err));
        *ret_count += batch.count;
    }
    return AC_OK;
}

/* A plugin that hangs must leave time for the certificate. */
static int64_t recover_until(const struct ac_issue *issue)
{
    int64_t left_ms = ac_clock_left_ms(issue->settings.deadline_ms);

    if (issue->settings.only_recovers)
        return issue->settings.deadline_ms - SLACK_MS;
    left_ms /= 4;
    return ac_clock_after_ms(left_ms < AC_ISSUE_RECOVER_MS ? left_ms
                                                           : AC_ISSUE_RECOVER_MS);
}

static enum ac_code take_persistent(struct ac_issue *issue, struct ac_error *err)
{
    if (!issue->settings.takes_persistent)
        return AC_OK;
    return ac_persistent_release(issue->settings.store, issue->here.name,
                                 issue->journal, err);
}

/* The queue holds pointers to the answers: the array must not move once it is used. */
static enum ac_code begin_recover(struct ac_issue *issue, struct ac_error *err)
{
    size_t count;

    issue->recover_until_ms = recover_until(issue);
    AC_TRY(take_persistent(issue, err));
    issue->batch_count = ac_journal_presented_count(issue->journal);
    AC_TRY(count_leftovers(issue, &count, err));
    AC_TRY(ac_memory_new(issue->batch_count + 1, sizeof *issue->is_clean,
                         &issue->is_clean, err));
    AC_TRY(ac_memory_grow(&issue->leftovers, &issue->leftover_capacity, count + 1,
                          sizeof *issue->leftovers, err));
    for (size_t i = 0; i < issue->batch_count; i++)
        AC_TRY(add_noted(issue, i, err));
    return AC_OK;
}

static bool is_settled(const struct ac_issue *issue)
{
    for (size_t i = 0; i < issue->leftover_count; i++) {
        if (issue->leftovers[i].answer.status != AC_ANSWER_GONE)
            return false;
    }
    return true;
}

void ac_issue_warn_leftovers(struct ac_issue *issue)
{
    for (size_t i = 0; i < issue->leftover_count; i++) {
        const struct ac_answer *answer = &issue->leftovers[i].answer;

        if (answer->is_clean || answer->one.count == 0)
            continue;
        ac_issue_warn(issue,
                      "what an earlier run presented for %s could not be cleaned up: "
                      "%s; the next run tries again",
                      ac_answer_challenge(answer)->identifier,
                      answer->error.code != AC_OK ? answer->error.detail
                                                  : "the time for it is up");
    }
}

static enum ac_code note_cleaned(struct ac_issue *issue, const struct ac_answer *answer,
                                 struct ac_error *err)
{
    const struct acmecore_challenge *challenge = ac_answer_challenge(answer);
    const char *what =
        challenge->record_name ? challenge->record_name : challenge->identifier;

    if (!answer->is_clean || ac_words_has(&issue->outcome.cleaned, what))
        return AC_OK;
    return ac_words_add(&issue->outcome.cleaned, what, err);
}

/* Nobody will say it again, so it is shown even where other warnings are not. */
static void warn_given_up(struct ac_issue *issue, const struct ac_words *given_up)
{
    bool is_aside = issue->settings.is_aside;

    issue->settings.is_aside = false;
    for (size_t i = 0; i < given_up->count; i++) {
        ac_issue_warn(
            issue,
            "%d runs could not clean up %s; it is forgotten now: remove it by "
            "hand",
            AC_JOURNAL_CLEANUP_RUNS, given_up->items[i]);
    }
    issue->settings.is_aside = is_aside;
}

/* Forgets the batches that are clean, and notes that the others were tried. */
static enum ac_code end_recover(struct ac_issue *issue, struct ac_error *err)
{
    AC_AUTO(ac_words) given_up = { 0 };

    for (size_t i = 0; i < issue->leftover_count; i++) {
        const struct ac_leftover *leftover = &issue->leftovers[i];

        issue->is_clean[leftover->batch] &= leftover->answer.is_clean;
        if (leftover->answer.status != AC_ANSWER_GONE)
            ac_answers_forget(issue->settings.answers, &leftover->answer);
        AC_TRY(note_cleaned(issue, &leftover->answer, err));
    }
    ac_issue_warn_leftovers(issue);
    AC_TRY(ac_journal_tried(issue->journal, issue->is_clean, issue->batch_count,
                            &given_up, err));
    warn_given_up(issue, &given_up);
    return AC_OK;
}

/* A plugin that died of old challenges gets a new process for the new ones. */
static bool retire_dead(struct ac_issue *issue)
{
    bool is_any = false;

    for (size_t i = 0; i < issue->leftover_count; i++) {
        const struct ac_solver *solver = issue->leftovers[i].answer.solver;
        struct ac_error ignored;

        if (ac_solver_state(solver, &ignored) == AC_OK)
            continue;
        ac_instances_retire(issue->settings.instances, solver);
        is_any = true;
    }
    return is_any;
}

enum ac_code ac_issue_recover(struct ac_issue *issue, struct ac_error *err)
{
    if (!issue->leftovers)
        AC_TRY(begin_recover(issue, err));
    if (!is_settled(issue) && ac_clock_now_ms() < ac_issue_recover_end(issue))
        return AC_OK;
    AC_TRY(end_recover(issue, err));
    issue->has_recovered = true;
    issue->phase = AC_PHASE_LEAVE;
    if (!issue->settings.only_recovers)
        issue->phase = retire_dead(issue) ? AC_PHASE_SOLVERS : AC_PHASE_ACCOUNT;
    return AC_OK;
}

int64_t ac_issue_recover_end(const struct ac_issue *issue)
{
    return issue->recover_until_ms + AC_PROCESS_GRACE_MS + MARGIN_MS;
}
