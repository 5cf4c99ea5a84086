/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include <inttypes.h>
#include <string.h>

/* Refusals that say nothing about the order: the account, the moment. */
static bool is_about_something_else(const struct ac_error *why)
{
    static const char *const types[] = {
        "accountDoesNotExist", "badNonce",       "externalAccountRequired",
        "orderNotReady",       "serverInternal", "userActionRequired"
    };

    for (size_t i = 0; i < AC_COUNT(types); i++) {
        if (strcmp(why->problem, types[i]) == 0)
            return true;
    }
    return why->http_status == 408 || why->http_status == 425;
}

/* One of an earlier run that could not be read: it may be at any point. */
static bool is_unread(const struct ac_issue *issue)
{
    return !issue->order.url && issue->outcome.is_resumed
           && issue->phase == AC_PHASE_ORDER;
}

/* Was the request sent? Then a certificate may come of it, and only we have its key. */
bool ac_issue_is_finalized(const struct ac_issue *issue)
{
    return issue->finalize_count > 0 || issue->order.status >= AC_ORDER_PROCESSING
           || is_unread(issue);
}

/* Will the next run fare no better with this order? */
static bool is_dead(const struct ac_issue *issue, const struct ac_error *why)
{
    if (issue->end != AC_ISSUE_END_JUDGE)
        return issue->end == AC_ISSUE_END_DROP;
    if (why->code == AC_E_PROTOCOL)
        return !ac_issue_is_finalized(issue);
    return why->code == AC_E_PROBLEM && !is_unread(issue) && why->http_status >= 400
           && why->http_status < 500 && !is_about_something_else(why);
}

/* The next run may fare better, but not every next run. */
static bool is_fruitless(const struct ac_issue *issue, const struct ac_error *why)
{
    if (issue->end != AC_ISSUE_END_JUDGE || !ac_issue_is_finalized(issue))
        return false;
    return why->code == AC_E_PROTOCOL || strcmp(why->problem, "orderNotReady") == 0;
}

static enum ac_code count_run(struct ac_issue *issue, struct ac_error *err)
{
    int64_t count;

    AC_TRY(ac_journal_count_run(issue->journal, &count, err));
    if (count < AC_ISSUE_RUNS_MAX) {
        ac_issue_warn(issue,
                      "the order and its key are kept: the next run tries again");
        return AC_OK;
    }
    ac_issue_warn(issue,
                  "%" PRId64 " runs came to nothing with this order; the next run "
                  "begins another",
                  count);
    return ac_journal_end(issue->journal, err);
}

void ac_issue_judge(struct ac_issue *issue, const struct ac_error *why)
{
    struct ac_error trouble = { 0 };
    enum ac_code code = AC_OK;

    if (!issue->order.url && !is_unread(issue))
        return;
    if (is_dead(issue, why)) {
        code = ac_journal_end(issue->journal, &trouble);
    } else if (is_fruitless(issue, why)) {
        code = count_run(issue, &trouble);
    }
    if (code != AC_OK && code != AC_E_NOTFOUND)
        ac_issue_warn(issue, "%s", trouble.detail);
}
