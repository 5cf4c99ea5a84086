/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"

#include <inttypes.h>

/* The order is read again and again, until it moves. */

#define JITTER_PERCENT 10 /* A.12: above what was asked for, never below */
/* While it is pending, and the CA wants to be asked after the end of the run. */
#define SPARSE_MS 60000

static void back_off(struct ac_issue *issue)
{
    issue->poll_delay_ms *= 2;
    if (issue->poll_delay_ms < AC_ISSUE_POLL_MS)
        issue->poll_delay_ms = AC_ISSUE_POLL_MS;
    if (issue->poll_delay_ms > AC_ISSUE_POLL_MAX_MS)
        issue->poll_delay_ms = AC_ISSUE_POLL_MAX_MS;
}

/*
 * A CA that validates looks for what is presented, whatever it says of the time: that
 * stays up while the run has time, and is taken down with it. 0: there is too little
 * left for another look, or the CA is ill, and means it.
 */
static int64_t sparse_ms(const struct ac_issue *issue, const struct ac_post *post)
{
    int64_t half_ms = ac_clock_left_ms(issue->settings.deadline_ms) / 2;

    if (issue->order.status != AC_ORDER_PENDING || half_ms < AC_ISSUE_POLL_MAX_MS
        || ac_post_status(post) >= 500)
        return 0;
    return half_ms < SPARSE_MS ? half_ms : SPARSE_MS;
}

static bool is_in_time(const struct ac_issue *issue, int64_t delay_ms)
{
    return ac_clock_after_ms(delay_ms) < issue->settings.deadline_ms;
}

enum ac_code ac_issue_poll_later(struct ac_issue *issue, struct ac_post *post,
                                 struct ac_error *err)
{
    int64_t retry_after = post ? ac_post_retry_after(post) : -1;
    int64_t delay_ms;

    back_off(issue);
    delay_ms = retry_after > 0 ? retry_after * 1000 : issue->poll_delay_ms;
    if (retry_after > 0 && !is_in_time(issue, delay_ms) && sparse_ms(issue, post) > 0)
        delay_ms = sparse_ms(issue, post);
    issue->poll_at_ms = ac_clock_after_ms(delay_ms);
    if (is_in_time(issue, delay_ms)) {
        issue->poll_at_ms +=
            ac_clock_jitter((uint32_t)(delay_ms * JITTER_PERCENT / 100) + 1);
        return AC_OK;
    }
    if (retry_after > 0) {
        return ac_fail(
            err, AC_E_TIMEOUT,
            "the CA wants to be asked again in %" PRId64
            " s, which is past the time this run has (--timeout); the order is "
            "kept: run the same command again then",
            retry_after);
    }
    return ac_fail(
        err, AC_E_TIMEOUT,
        "the CA has not finished within the time this run has (--timeout); the "
        "order is kept: run the same command again later");
}

/* Reads the order when it is time. *ret_has_answer: the order is updated. */
static enum ac_code poll_order(struct ac_issue *issue, bool *ret_has_answer,
                               struct ac_error *err)
{
    *ret_has_answer = false;
    if (!issue->post && ac_clock_now_ms() < issue->poll_at_ms)
        return AC_OK;
    if (!issue->post) {
        return ac_order_read(issue->client, issue->order.url, &issue->post, err);
    }
    if (!ac_post_is_done(issue->post))
        return AC_OK;
    enum ac_code code = ac_post_result(issue->post, err);
    if (code != AC_OK) {
        ac_issue_note_problem(issue, ac_post_problem(issue->post));
        return code;
    }
    AC_TRY(ac_order_update(&issue->order, issue->post, err));
    *ret_has_answer = true;
    return AC_OK;
}

/* The order has moved on, or is asked for again later. */
static enum ac_code after_poll(struct ac_issue *issue, enum ac_order_status still,
                               struct ac_error *err)
{
    if (issue->order.status == still) {
        issue->still_count++;
        AC_TRY(ac_issue_poll_later(issue, issue->post, err));
    } else {
        issue->still_count = 0;
        issue->poll_delay_ms = 0;
        ac_issue_follow(issue);
    }
    ac_issue_free_post(&issue->post);
    return AC_OK;
}

/* All is proven, and the CA was asked too early to take the request (OR-07). */
static bool is_guess_due(const struct ac_issue *issue)
{
    return issue->guess_at_ms > 0 && ac_clock_now_ms() >= issue->guess_at_ms;
}

enum ac_code ac_issue_validate(struct ac_issue *issue, struct ac_error *err)
{
    bool has_answer;

    if (issue->is_in_advance) { /* there is no order to be read */
        if (ac_clock_now_ms() >= issue->poll_at_ms)
            issue->phase = AC_PHASE_RECHECK;
        return AC_OK;
    }
    AC_TRY(poll_order(issue, &has_answer, err));
    if (!has_answer)
        return AC_OK;
    AC_TRY(after_poll(issue, AC_ORDER_PENDING, err));
    if (issue->order.status == AC_ORDER_PENDING
        && (issue->still_count % AC_ISSUE_STILL_MAX == 0 || is_guess_due(issue))) {
        issue->phase = AC_PHASE_RECHECK;
    } else if (issue->order.status != AC_ORDER_PENDING
               && issue->order.status != AC_ORDER_INVALID) {
        ac_issue_leave_answers(issue); /* all authorizations are valid */
    }
    return AC_OK;
}

enum ac_code ac_issue_wait(struct ac_issue *issue, struct ac_error *err)
{
    bool has_answer;

    AC_TRY(poll_order(issue, &has_answer, err));
    if (!has_answer)
        return AC_OK;
    return after_poll(issue, AC_ORDER_PROCESSING, err);
}
