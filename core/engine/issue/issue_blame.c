/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"

/* Whom the run waits for; solver NULL: no plugin. */
struct suspect {
    const struct ac_solver *solver;
    const char *deed;
};

static struct suspect of_answer(const struct ac_answer *answer)
{
    static const char *const deeds[] = {
        [AC_ANSWER_QUEUED] = "present",  [AC_ANSWER_PRESENTING] = "present",
        [AC_ANSWER_PROBING] = "probe",   [AC_ANSWER_CHECKING] = NULL,
        [AC_ANSWER_READY] = NULL,        [AC_ANSWER_FAILED] = NULL,
        [AC_ANSWER_LEAVING] = "cleanup", [AC_ANSWER_CLEANING] = "cleanup",
        [AC_ANSWER_GONE] = NULL,
    };
    const char *deed = deeds[answer->status];

    return (struct suspect){ deed ? answer->solver : NULL, deed };
}

/* What it says of itself is known once it is loaded. */
static struct suspect of_opening(const struct ac_solver *solver)
{
    bool is_loaded = solver && ac_solver_descriptor(solver);

    return (struct suspect){ solver, is_loaded ? "open" : "load" };
}

static struct suspect of_leftovers(const struct ac_issue *issue)
{
    struct suspect suspect = { 0 };

    for (size_t i = 0; i < issue->leftover_count && !suspect.solver; i++)
        suspect = of_answer(&issue->leftovers[i].answer);
    return suspect;
}

static struct suspect of_claims(const struct ac_issue *issue)
{
    struct suspect suspect = { 0 };

    for (size_t i = 0; i < issue->claim_count && !suspect.solver; i++) {
        if (issue->claims[i].answer.solver)
            suspect = of_answer(&issue->claims[i].answer);
    }
    return suspect;
}

void ac_issue_blame(const struct ac_issue *issue, struct ac_error *why)
{
    struct suspect suspect = { 0 };

    if (issue->phase == AC_PHASE_ACCOUNT
        && ac_registration_wake_at_ms(issue->registration) != AC_CLOCK_NEVER) {
        (void)ac_fail(why, AC_E_LOCKED,
                      "another run registers with this CA and is not done; run the "
                      "same command again");
        return;
    }
    if (issue->phase == AC_PHASE_SOLVERS)
        suspect = of_opening(issue->opening);
    if (issue->phase == AC_PHASE_RECOVER)
        suspect = of_leftovers(issue);
    if (issue->phase == AC_PHASE_PRESENT)
        suspect = of_claims(issue);
    if (!suspect.solver)
        return;
    (void)ac_fail(
        why, AC_E_PLUGIN,
        "plugin %s did not finish %s within the time this run has (--timeout)",
        ac_solver_title(suspect.solver), suspect.deed);
}
