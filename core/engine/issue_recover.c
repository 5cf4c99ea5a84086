/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue_steps.h"

#include <string.h>

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
    AC_TRY(ac_select_candidates(issue->settings.wanted, identifier, &candidates, err));
    for (size_t i = 0; i < candidates.count && !*ret_type; i++) {
        const struct ac_solver_spec *spec =
            ac_wanted_find_spec(issue->settings.wanted, candidates.solvers[i]);
        struct ac_solver *solver;

        AC_TRY(ac_instances_get(issue->settings.instances, spec, &solver, err));
        AC_TRY(ac_solver_state(solver, err));
        *ret_is_loading |= !ac_solver_is_open(solver);
        if (!ac_solver_is_loaded(solver))
            return AC_OK; /* the next candidate is started only when it is needed */
        *ret_type = ac_select_type(&ac_solver_descriptor(solver)->types, identifier);
    }
    return AC_OK;
}

enum ac_code ac_issue_solvers(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_identifiers *identifiers = &issue->settings.wanted->identifiers;
    bool is_loading = false;

    for (size_t i = 0; i < identifiers->count; i++) {
        const struct ac_identifier *identifier = &identifiers->items[i];
        bool is_unknown = false;
        const char *type;

        AC_TRY(find_solver(issue, identifier, &is_unknown, &type, err));
        if (!is_unknown && !type) {
            return ac_fail(err, AC_E_USAGE, "no solver fits %s: %s", identifier->value,
                           ac_select_fitting(identifier));
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
                                 struct ac_error *err)
{
    struct ac_answer *answer = &issue->leftovers[issue->leftover_count];

    *answer = (struct ac_answer){ .solver = solver, .was_presented = true };
    issue->leftover_count++; /* a batch that is not whole is freed, too */
    AC_TRY(ac_batch_add(&answer->one, challenge, err));
    AC_TRY(ac_answers_add(issue->settings.answers, answer, err));
    ac_answers_leave(issue->settings.answers, answer);
    return AC_OK;
}

static enum ac_code note_unclean(struct ac_issue *issue, const char *solver,
                                 struct ac_error *err)
{
    if (ac_words_has(&issue->unclean, solver))
        return AC_OK;
    return ac_words_add(&issue->unclean, solver, err);
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
    if (ac_instances_get(issue->settings.instances, &spec, &solver, &why) != AC_OK) {
        ac_issue_warn(issue,
                      "%s; what it presented in an earlier run is not cleaned up; "
                      "the next run tries again",
                      why.detail);
        return note_unclean(issue, spec.name, err);
    }
    for (size_t i = 0; i < batch.count; i++)
        AC_TRY(add_leftover(issue, solver, batch.pointers[i], err));
    return AC_OK;
}

static enum ac_code count_leftovers(const struct ac_issue *issue, size_t *ret_count,
                                    struct ac_error *err)
{
    *ret_count = 0;
    for (size_t i = 0; i < ac_journal_presented_count(issue->journal); i++) {
        AC_AUTO(ac_solver_spec) spec = { 0 };
        AC_AUTO(ac_batch) batch = { 0 };

        AC_TRY(ac_journal_presented(issue->journal, i, &spec, &batch, err));
        *ret_count += batch.count;
    }
    return AC_OK;
}

/* The queue holds pointers to the answers: the array must not move once it is used. */
static enum ac_code begin_recover(struct ac_issue *issue, struct ac_error *err)
{
    size_t count;

    AC_TRY(count_leftovers(issue, &count, err));
    AC_TRY(ac_memory_grow(&issue->leftovers, &issue->leftover_capacity, count + 1,
                          sizeof *issue->leftovers, err));
    for (size_t i = 0; i < ac_journal_presented_count(issue->journal); i++)
        AC_TRY(add_noted(issue, i, err));
    return AC_OK;
}

/* Forgets the batches of each solver whose answers are all gone. */
static enum ac_code end_recover(struct ac_issue *issue, struct ac_error *err)
{
    for (size_t i = 0; i < issue->leftover_count; i++) {
        const struct ac_answer *answer = &issue->leftovers[i];

        if (answer->is_clean)
            continue;
        ac_issue_warn(
            issue,
            "what an earlier run presented for %s could not be cleaned up: %s; "
            "the next run tries again",
            ac_answer_challenge(answer)->identifier, answer->error.detail);
        AC_TRY(note_unclean(issue, ac_solver_name(answer->solver), err));
    }
    for (size_t i = 0; i < issue->leftover_count; i++) {
        const char *solver = ac_solver_name(issue->leftovers[i].solver);

        if (!ac_words_has(&issue->unclean, solver))
            AC_TRY(ac_journal_cleaned(issue->journal, solver, err));
    }
    return AC_OK;
}

/* A plugin that died of old challenges gets a new process for the new ones. */
static bool retire_dead(struct ac_issue *issue)
{
    bool is_any = false;

    for (size_t i = 0; i < issue->leftover_count; i++) {
        const struct ac_solver *solver = issue->leftovers[i].solver;
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
    for (size_t i = 0; i < issue->leftover_count; i++) {
        if (issue->leftovers[i].status != AC_ANSWER_GONE)
            return AC_OK;
    }
    AC_TRY(end_recover(issue, err));
    issue->has_recovered = true;
    issue->phase = AC_PHASE_LEAVE;
    if (!issue->settings.only_recovers)
        issue->phase = retire_dead(issue) ? AC_PHASE_SOLVERS : AC_PHASE_ACCOUNT;
    return AC_OK;
}
