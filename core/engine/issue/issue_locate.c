/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>

#define LOCATE_MS 60000

/*
 * Where does the record of each dns challenge really lie? The plugin host follows
 * aliases and finds the zone; the journal must hold the place, so that a later cleanup
 * goes where this run wrote, whatever the aliases say by then.
 */

static bool is_of(const struct ac_claim *claim, const struct ac_solver_spec *spec)
{
    return claim->answer.solver && claim->spec == spec
           && ac_answer_challenge(&claim->answer)->record_name;
}

static enum ac_code begin_one(struct ac_issue *issue, const struct ac_solver_spec *spec,
                              struct ac_solver_call **ret_call, struct ac_error *err)
{
    int64_t deadline_ms = ac_clock_after_ms(LOCATE_MS);
    int64_t run_ms = ac_answers_end_ms(issue->settings.answers);
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_solver *solver = NULL;

    for (size_t i = 0; i < issue->claim_count; i++) {
        const struct ac_claim *claim = &issue->claims[i];

        if (!is_of(claim, spec))
            continue;
        solver = claim->answer.solver;
        AC_TRY(ac_batch_add(&batch, ac_answer_challenge(&claim->answer), err));
    }
    if (!solver)
        return AC_OK;
    if (run_ms < deadline_ms)
        deadline_ms = run_ms;
    return ac_solver_begin(solver, AC_SOLVER_LOCATE, &batch, deadline_ms, ret_call,
                           err);
}

static enum ac_code begin(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;

    AC_TRY(ac_memory_new(wanted->spec_count + 1, sizeof(struct ac_solver_call *),
                         &issue->locating, err));
    for (size_t s = 0; s < wanted->spec_count; s++)
        AC_TRY(begin_one(issue, &wanted->specs[s], &issue->locating[s], err));
    return AC_OK;
}

enum ac_code ac_issue_change_answer(struct ac_claim *claim,
                                    const struct acmecore_challenge *challenge,
                                    struct ac_error *err)
{
    AC_AUTO(ac_batch) changed = { 0 };

    AC_TRY(ac_batch_add(&changed, challenge, err));
    ac_batch_done(&claim->answer.one);
    claim->answer.one = changed;
    changed = (struct ac_batch){ 0 };
    return AC_OK;
}

/* The challenge again, with its place; and what lies there, where that matters. */
static enum ac_code take_place(struct ac_issue *issue, struct ac_claim *claim,
                               const struct ac_solver_call *call, size_t index,
                               struct ac_error *err)
{
    struct acmecore_challenge challenge = *ac_answer_challenge(&claim->answer);
    const char *name = ac_solver_call_record_name(call, index);

    if (name) {
        challenge.record_name = name;
        challenge.record_zone = ac_solver_call_record_zone(call, index);
        AC_TRY(ac_issue_change_answer(claim, &challenge, err));
    }
    /* What a person has to delegate, or to look for at the name servers. */
    ac_log(AC_LOG_DEBUG, "issue.record", "identifier", challenge.identifier, "name",
           ac_answer_challenge(&claim->answer)->record_name, "type",
           ac_answer_challenge(&claim->answer)->type, NULL);
    if (!claim->answer.is_kept)
        return AC_OK;
    return ac_issue_use_persistent(issue, claim,
                                   ac_solver_call_record_values(call, index), err);
}

static enum ac_code finish_one(struct ac_issue *issue,
                               const struct ac_solver_spec *spec,
                               const struct ac_solver_call *call, struct ac_error *err)
{
    size_t index = 0;

    AC_TRY(ac_solver_call_result(call, err));
    for (size_t i = 0; i < issue->claim_count; i++) {
        struct ac_claim *claim = &issue->claims[i];

        if (!is_of(claim, spec))
            continue;
        AC_TRY(take_place(issue, claim, call, index++, err));
    }
    return AC_OK;
}

void ac_issue_free_locating(struct ac_issue *issue)
{
    for (size_t s = 0; issue->locating && s < issue->here.spec_count; s++)
        ac_solver_call_free(issue->locating[s]);
    free((void *)issue->locating);
    issue->locating = NULL;
}

enum ac_code ac_issue_locate(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;

    if (!issue->locating)
        AC_TRY(begin(issue, err));
    for (size_t s = 0; s < wanted->spec_count; s++) {
        if (issue->locating[s] && !ac_solver_call_is_done(issue->locating[s]))
            return AC_OK;
    }
    for (size_t s = 0; s < wanted->spec_count; s++) {
        if (issue->locating[s])
            AC_TRY(finish_one(issue, &wanted->specs[s], issue->locating[s], err));
    }
    ac_issue_free_locating(issue);
    issue->phase = AC_PHASE_PRESENT;
    return AC_OK;
}
