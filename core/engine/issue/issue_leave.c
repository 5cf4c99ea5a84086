/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include <string.h>

/*
 * The end of an attempt: what was presented is cleaned up, and while the plugins do
 * that, the last answers of the CA come. Then all notes are written at once.
 */

/* Forgets in the journal what each solver says is gone, and an order that has done its
 * duty. */
static void settle_journal(struct ac_issue *issue)
{
    const struct ac_wanted *wanted = &issue->here;
    struct ac_error why = { 0 };

    if (ac_journal_withdraw(issue->journal, &why) != AC_OK)
        ac_issue_warn(issue, "%s", why.detail);
    for (size_t s = 0; s < wanted->spec_count; s++) {
        bool was_used = false;
        bool is_clean = true;

        for (size_t i = 0; i < issue->claim_count; i++) {
            const struct ac_claim *claim = &issue->claims[i];
            if (!claim->answer.solver || claim->spec != &wanted->specs[s])
                continue;
            was_used = true;
            is_clean = is_clean && claim->answer.is_clean;
        }
        if (was_used && is_clean
            && ac_journal_cleaned(issue->journal, wanted->specs[s].name, &why) != AC_OK)
            ac_issue_warn(issue, "%s", why.detail);
    }
    enum ac_code code = issue->is_over ? ac_journal_end(issue->journal, &why)
                                       : ac_journal_flush(issue->journal, &why);
    if (code != AC_OK)
        ac_issue_warn(issue, "%s", why.detail);
    issue->is_over = false;
}

/* One that died in present cannot be asked to clean up either: that is said already. */
static void warn_of_unclean(struct ac_issue *issue, const struct ac_answer *answer)
{
    const char *name = ac_answer_challenge(answer)->identifier;
    const char *why = answer->error.detail;

    if (strcmp(why, issue->outcome.error.detail) == 0) {
        ac_issue_warn(issue,
                      "the answer for %s could therefore not be cleaned up; the next "
                      "run tries again",
                      name);
    } else {
        ac_issue_warn(issue,
                      "the answer for %s could not be cleaned up: %s; the next run "
                      "tries again",
                      name, why);
    }
}

static void end_notes(struct ac_issue *issue)
{
    struct ac_error why = { 0 };

    if (ac_issue_save_notes(issue, &why) == AC_OK || issue->outcome.code != AC_OK)
        return;
    ac_issue_conclude(issue, &why);
    ac_issue_note_trouble(issue);
}

enum ac_code ac_issue_leave(struct ac_issue *issue, struct ac_error *err)
{
    bool has_window = ac_issue_end_renewal(issue);

    if (has_window)
        end_notes(issue);
    for (size_t i = 0; i < issue->claim_count; i++) {
        const struct ac_answer *answer = &issue->claims[i].answer;

        if (answer->solver && answer->status != AC_ANSWER_GONE)
            return AC_OK;
    }
    if (!has_window)
        return AC_OK;
    for (size_t i = 0; i < issue->claim_count; i++) {
        const struct ac_answer *answer = &issue->claims[i].answer;

        if (answer->solver && !answer->is_clean)
            warn_of_unclean(issue, answer);
    }
    settle_journal(issue);
    if (issue->next != AC_ISSUE_NEXT_NONE)
        return ac_issue_begin_another(issue, err);
    issue->phase = AC_PHASE_DONE;
    return AC_OK;
}

void ac_issue_abandon(struct ac_issue *issue)
{
    end_notes(issue);
    settle_journal(issue);
    for (size_t i = 0; i < issue->claim_count; i++) {
        const struct ac_answer *answer = &issue->claims[i].answer;

        if (answer->solver && answer->status != AC_ANSWER_GONE) {
            ac_issue_warn(issue,
                          "plugin %s has not cleaned up the answer for %s within the "
                          "time left; the next run tries again",
                          ac_solver_title(answer->solver),
                          ac_answer_challenge(answer)->identifier);
        }
    }
    issue->phase = AC_PHASE_DONE;
}
