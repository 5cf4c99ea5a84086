/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"

#include <string.h>

/* ---- the order is dead: the CA's reasons, name by name */

/* What cannot be read any more is as it was. */
static void take_in_known(struct ac_issue *issue)
{
    for (size_t i = 0; i < issue->claim_count; i++) {
        struct ac_claim *claim = &issue->claims[i];
        struct ac_error ignored = { 0 };

        if (claim->post && ac_post_result(claim->post, &ignored) == AC_OK)
            (void)!ac_issue_take_in(issue, claim, &ignored);
        ac_issue_free_post(&claim->post);
    }
}

static size_t count_failed(const struct ac_issue *issue)
{
    size_t count = 0;

    for (size_t i = 0; i < issue->claim_count; i++)
        count += ac_issue_has_failed(&issue->claims[i]);
    return count;
}

static enum ac_code say_reasons(struct ac_issue *issue, struct ac_text *reasons,
                                struct ac_error *err)
{
    size_t failed = count_failed(issue);
    const char *between = "";

    if (failed > 1) { /* the sentence is cut; the count must not be */
        AC_TRY(ac_text_addf(reasons, err, "%zu of %zu names did not validate: ", failed,
                            issue->claim_count));
    }
    for (size_t i = 0; i < issue->claim_count; i++) {
        const struct ac_claim *claim = &issue->claims[i];
        const struct ac_problem *problem =
            ac_authorization_error(&claim->authorization);

        if (!ac_issue_has_failed(claim))
            continue;
        AC_TRY(ac_issue_note_failure(issue, &claim->authorization, err));
        AC_TRY(ac_text_addf(
            reasons, err, "%s%s: %s%s%s", between,
            claim->authorization.identifier.value,
            problem ? problem->type : "the authorization is ", problem ? ": " : "",
            problem ? problem->detail
                    : ac_authorization_status_name(claim->authorization.status)));
        between = "; ";
    }
    return AC_OK;
}

static enum ac_code reasons_error(struct ac_issue *issue, const struct ac_text *reasons,
                                  struct ac_error *err)
{
    if (reasons->size > 0)
        return ac_fail(err, AC_E_CHALLENGE, "%s", ac_text_get(reasons));
    if (issue->order.error)
        return ac_problem_fail(issue->order.error, 0, err);
    return ac_fail(err, AC_E_PROBLEM,
                   "the CA made the order invalid and gave no reason; try again later");
}

/* That of the order where it was not read yet; NULL: there is none to give up. */
static const char *pending_url(const struct ac_issue *issue, size_t index)
{
    const struct ac_authorization *authorization = &issue->claims[index].authorization;

    if (!authorization->url) {
        return index < issue->order.authorizations.count
                   ? issue->order.authorizations.items[index]
                   : NULL;
    }
    return authorization->status == AC_AUTHORIZATION_PENDING ? authorization->url
                                                             : NULL;
}

/* CH-16: what is still pending would only be handed out again, and counts against the
 * account's limits. */
static void deactivate_rest(struct ac_issue *issue)
{
    for (size_t i = 0; i < issue->claim_count; i++) {
        const char *url = pending_url(issue, i);
        struct ac_error ignored;

        ac_issue_free_post(&issue->claims[i].post);
        if (url) {
            (void)!ac_authorization_deactivate(issue->client, url,
                                               &issue->claims[i].post, &ignored);
        }
    }
    issue->let_go_until_ms = ac_clock_after_ms(AC_ISSUE_LET_GO_MS);
    issue->phase = AC_PHASE_LET_GO;
}

/* The CA's reasons become the verdict; then the rest of the order is let go. */
enum ac_code ac_issue_explain(struct ac_issue *issue, struct ac_error *err)
{
    AC_AUTO(ac_text) reasons = { 0 };

    if (!issue->claims)
        AC_TRY(ac_issue_new_claims(issue, err));
    if (!ac_issue_is_reading(issue))
        AC_TRY(ac_issue_read_claims(issue, err));
    if (!ac_issue_claims_are_read(issue))
        return AC_OK;
    take_in_known(issue);
    AC_TRY(say_reasons(issue, &reasons, err));
    ac_issue_note_names(issue);
    ac_issue_note_problem(issue, issue->order.error);
    AC_TRY(ac_issue_end_order(issue, err));
    (void)reasons_error(issue, &reasons, &issue->verdict);
    ac_issue_leave_answers(issue);
    deactivate_rest(issue);
    return AC_OK;
}

enum ac_code ac_issue_let_go(struct ac_issue *issue, struct ac_error *err)
{
    /* Whether the CA lets go of them changes nothing for us. */
    if (!ac_issue_claims_are_read(issue) && ac_clock_now_ms() < issue->let_go_until_ms)
        return AC_OK;
    if (issue->verdict.code == AC_E_CHALLENGE && !ac_issue_weigh_failures(issue))
        return AC_OK; /* a solver loads */
    *err = issue->verdict;
    return err->code;
}

/* May anything come of it still, or is there nothing that could be let go? */
static bool can_be_given_up(const struct ac_issue *issue)
{
    return (issue->order.url || issue->is_in_advance)
           && issue->phase >= AC_PHASE_PREAUTHORIZE && issue->phase < AC_PHASE_FINALIZE
           && !ac_issue_may_be_issued(issue);
}

bool ac_issue_give_up(struct ac_issue *issue, const struct ac_error *why)
{
    struct ac_error ignored = { 0 };

    if (issue->phase == AC_PHASE_LET_GO)
        return issue->verdict.code == why->code;
    if (!can_be_given_up(issue)
        || (!issue->claims && ac_issue_new_claims(issue, &ignored) != AC_OK)
        || ac_issue_end_order(issue, &ignored) != AC_OK)
        return false;
    (void)!ac_fail(&issue->verdict, why->code, "%s: its order was given up",
                   why->detail);
    ac_issue_free_post(&issue->post);
    ac_issue_drop_preflight(issue);
    ac_issue_leave_answers(issue);
    deactivate_rest(issue);
    return true;
}
