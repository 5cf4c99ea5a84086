/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the order that is noted is kept, and when it is given up: that is decided here.
 * What matters is whether a request (CSR) is noted with it. Then the CA may have been
 * sent it, so a certificate may come of it, and its key is nowhere else: no other order
 * is made for the same need, and no other CA is asked, until that is too late to be
 * good.
 *
 * what the CA said of it                   | no request noted | with one
 * -----------------------------------------|------------------|--------------
 * invalid, or what it issued is not        | given up         | given up
 *   what was asked for                     |                  |
 * its URL is gone (404, 410; OR-11), or it | given up         | given up
 *   has expired, when it is taken up       |                  |
 * no, to the request, the first time       |                  | given up
 * no (4xx), or nothing that is RFC 8555    | given up; unread | after 3 runs
 *                                          |   after 3 runs   |
 * ill (5xx), silent, or "pending" or       | after 3 runs,    | after 3 runs,
 *   "processing" when the time was up      |   when overdue;  |   when overdue
 *                                          |   unread: after  |
 *                                          |   3 runs         |
 * no, because of the account or the        | kept             | kept
 *   moment; all that is not the CA's fault |                  |
 *
 * Overdue is an order of a day ago, and sooner where the certificate that is held is
 * short-lived, or near its end (ac_plan_patience_s). From then on another CA is asked,
 * too; the order is noted until that one has made one.
 *
 * --force asks for a new certificate, not for another order: one with a request is
 * continued, because what comes of it is newer than what is held. Without a request it
 * is given up at once, and so is one that is overdue when the CA says "processing"
 * and there is no other CA to ask.
 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

enum verdict {
    KEPT,
    FRUITLESS, /* the next run may fare better, but not every next run */
    AWAITED,   /* it may come yet */
    GIVEN_UP
};

/* ---- what is at stake */

bool ac_issue_may_be_issued(const struct ac_issue *issue)
{
    return ac_journal_order(issue->journal).has_request;
}

bool ac_issue_begins_anew(const struct ac_issue *issue)
{
    return issue->settings.begins_anew && !ac_issue_may_be_issued(issue);
}

/* Before it can be read: is it for what is wanted now, at this CA? */
static bool is_to_be_read(const struct ac_issue *issue)
{
    struct ac_journal_order noted = ac_journal_order(issue->journal);

    return issue->phase < AC_PHASE_ORDER && !ac_issue_begins_anew(issue)
           && ac_journal_order_url(issue->journal, &issue->here, noted.key_tag,
                                   noted.account_url, ac_clock_utc());
}

/* One of an earlier run that could not be read: it may be at any point. */
static bool is_unread(const struct ac_issue *issue)
{
    return !issue->order.url && issue->outcome.is_resumed
           && issue->phase == AC_PHASE_ORDER;
}

/* Is it the noted order that this is about, and not that of a CA before? */
static bool is_noted(const struct ac_issue *issue)
{
    const char *noted = ac_journal_order(issue->journal).url;

    return noted
           && (is_unread(issue)
               || (issue->order.url && strcmp(noted, issue->order.url) == 0));
}

bool ac_issue_is_bound(const struct ac_issue *issue)
{
    return ac_issue_may_be_issued(issue) && (is_noted(issue) || is_to_be_read(issue))
           && !ac_issue_is_overdue(issue);
}

/* ---- what the CA said */

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

static bool is_refusal(const struct ac_error *why)
{
    return why->code == AC_E_PROBLEM && why->http_status >= 400
           && why->http_status < 500 && !is_about_something_else(why);
}

/* A page of something between us and the CA has no type. */
bool ac_issue_is_gone(const struct ac_issue *issue, const struct ac_error *why)
{
    if (!is_refusal(why))
        return false;
    return why->http_status == 404 || why->http_status == 410
           || (why->problem[0] && !ac_issue_may_be_issued(issue));
}

/* Is it the CA whose turn it is? */
static bool is_waited_for(const struct ac_issue *issue)
{
    if (issue->phase == AC_PHASE_LOCATE || issue->phase == AC_PHASE_PRESENT)
        return false;
    return is_unread(issue)
           || (issue->phase >= AC_PHASE_AUTHORIZE && issue->phase <= AC_PHASE_DOWNLOAD);
}

static bool is_ill(const struct ac_error *why)
{
    return why->code == AC_E_NETWORK || why->code == AC_E_TIMEOUT
           || (why->code == AC_E_PROBLEM
               && (why->http_status >= 500
                   || strcmp(why->problem, "serverInternal") == 0));
}

/* The CA has read the request, and will not have it. */
static bool is_about_request(const struct ac_issue *issue, const struct ac_error *why)
{
    return issue->phase == AC_PHASE_FINALIZE && !issue->is_sent_again
           && is_refusal(why);
}

static enum verdict verdict_on(const struct ac_issue *issue, const struct ac_error *why)
{
    bool may_be_issued = ac_issue_may_be_issued(issue);
    bool is_too_early = strcmp(why->problem, "orderNotReady") == 0;

    if (issue->end != AC_ISSUE_END_JUDGE)
        return issue->end == AC_ISSUE_END_DROP ? GIVEN_UP : KEPT;
    if (is_ill(why))
        return is_waited_for(issue) ? AWAITED : KEPT;
    if (why->code != AC_E_PROTOCOL && !is_refusal(why)
        && !(is_too_early && may_be_issued))
        return KEPT;
    if (is_about_request(issue, why))
        return GIVEN_UP;
    return may_be_issued || is_unread(issue) ? FRUITLESS : GIVEN_UP;
}

/* ---- what follows */

/* Another order would cost one, and what is under way. One that cannot be read, and
 * was never sent a request, has nothing under way. */
static bool has_time(const struct ac_issue *issue)
{
    return !ac_issue_is_overdue(issue)
           && (ac_issue_may_be_issued(issue) || !is_unread(issue));
}

static enum ac_code count_run(struct ac_issue *issue, enum verdict verdict,
                              struct ac_error *err)
{
    bool is_awaited = verdict == AWAITED;
    int64_t count;

    AC_TRY(ac_journal_count_run(issue->journal,
                                is_awaited ? AC_JOURNAL_WAITED : AC_JOURNAL_FRUITLESS,
                                &count, err));
    if (count < AC_ISSUE_RUNS_MAX || (is_awaited && has_time(issue))) {
        if (!is_awaited) {
            ac_issue_warn(issue,
                          "the order and its key are kept: the next run tries again");
        }
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

    if (!is_noted(issue))
        return;
    enum verdict verdict = verdict_on(issue, why);
    if (verdict == GIVEN_UP) {
        code = ac_journal_end(issue->journal, &trouble);
    } else if (verdict != KEPT) {
        code = count_run(issue, verdict, &trouble);
    }
    if (code != AC_OK && code != AC_E_NOTFOUND)
        ac_issue_warn(issue, "%s", trouble.detail);
}
