/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From when and until when a certificate is to be valid, where that is asked for
 * (RFC 8555 7.4: notBefore, notAfter). A CA may refuse, or do as it likes: then it is
 * told.
 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"
#include "engine/issue/validity.h"

#define SLACK_S 3600 /* CAs date back by as much, for clocks that are wrong */

/* One that has passed is of an earlier issue; it would be refused for ever. */
static enum ac_code read_moment(struct ac_issue *issue, const char *option,
                                const char *text, int64_t *ret_at, struct ac_error *err)
{
    int64_t now = ac_clock_utc();
    int64_t at;

    *ret_at = 0;
    if (!text)
        return AC_OK;
    AC_TRY(ac_validity_parse(text, now, &at, err));
    if (at > now) {
        *ret_at = at;
    } else {
        ac_issue_warn(issue, "%s %s has passed, so it is not asked for", option, text);
    }
    return AC_OK;
}

enum ac_code ac_issue_ask_validity(struct ac_issue *issue,
                                   struct ac_order_request *request,
                                   struct ac_error *err)
{
    AC_TRY(read_moment(issue, "--not-before", issue->here.not_before,
                       &issue->not_before, err));
    AC_TRY(read_moment(issue, "--not-after", issue->here.not_after, &issue->not_after,
                       err));
    if (issue->not_before && issue->not_after
        && issue->not_before >= issue->not_after) {
        return ac_fail(err, AC_E_USAGE, "--not-after %s is not after --not-before %s",
                       issue->here.not_after, issue->here.not_before);
    }
    if (issue->not_before)
        request->not_before = ac_clock_format(issue->not_before, issue->moments[0]);
    if (issue->not_after)
        request->not_after = ac_clock_format(issue->not_after, issue->moments[1]);
    return AC_OK;
}

static void compare(struct ac_issue *issue, const char *option, int64_t asked,
                    int64_t given)
{
    char wanted[AC_CLOCK_TEXT_SIZE];
    char got[AC_CLOCK_TEXT_SIZE];
    int64_t apart = asked > given ? asked - given : given - asked;

    if (!asked || apart <= SLACK_S)
        return;
    ac_issue_warn(issue,
                  "the CA did not take up %s: asked for %s, the certificate has %s",
                  option, ac_clock_format(asked, wanted), ac_clock_format(given, got));
}

int64_t ac_issue_valid_at(const struct ac_issue *issue)
{
    /* What the CA has kept counts for an order of an earlier run, too. */
    int64_t asked =
        issue->outcome.is_resumed ? issue->order.not_before : issue->not_before;
    int64_t utc = ac_clock_utc();

    return issue->here.not_before && asked > utc ? asked : utc;
}

void ac_issue_check_validity(struct ac_issue *issue, const struct ac_chain *chain)
{
    /* An order of an earlier run: what it was asked for, the CA has kept. */
    if (issue->outcome.is_resumed) {
        issue->not_before = issue->order.not_before;
        issue->not_after = issue->order.not_after;
    }
    compare(issue, "--not-before", issue->not_before, ac_chain_not_before(chain));
    compare(issue, "--not-after", issue->not_after, ac_chain_not_after(chain));
}
