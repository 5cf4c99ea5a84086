/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps out of the way of a CA that limits: nothing is asked before it said so, and
 * what its published limits would refuse is not tried (--force tries all the same).
 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"
#include "engine/renewal/plan.h"

#include <string.h>

static enum ac_code fail_until(int64_t until, const char *what, struct ac_error *err)
{
    int64_t utc = ac_clock_utc();
    char text[AC_CLOCK_TEXT_SIZE];

    (void)ac_fail(err, AC_E_RATE_LIMITED,
                  "%s; it was not asked: run it again after %s (--force asks at once)",
                  what, ac_clock_format(until, text));
    err->retry_after = (uint32_t)(until - utc);
    return err->code;
}

/* What is held must not end because the CA, or what stands before it, named a time that
 * is beyond its life. */
static enum ac_code find_end(struct ac_issue *issue, int64_t *ret_until,
                             const char **ret_why, struct ac_error *err)
{
    const char *name = issue->here.name;
    int64_t utc = ac_clock_utc();

    *ret_until =
        ac_limits_until(issue->limits, name, AC_LIMITS_WAIT_MAX_S, utc, ret_why);
    if (*ret_until == 0)
        return AC_OK;
    AC_TRY(ac_issue_load_state(issue, err));
    const struct ac_state_origin *held = &issue->state.origin;
    *ret_until = ac_limits_until(
        issue->limits, name, ac_plan_patience_s(held->not_before, held->not_after, utc),
        utc, ret_why);
    return AC_OK;
}

enum ac_code ac_issue_check_refusals(struct ac_issue *issue, struct ac_error *err)
{
    const char *noted = ac_journal_order(issue->journal).directory_url;
    const char *why;
    int64_t until;
    AC_AUTO_TEXT char *what = NULL;

    /* An order in flight is continued: it may be a certificate, and it may expire. */
    if (issue->settings.begins_anew
        || (noted && strcmp(noted, issue->here.directory_url) == 0))
        return AC_OK;
    AC_TRY(find_end(issue, &until, &why, err));
    if (until == 0)
        return AC_OK;
    AC_TRY(ac_memory_format(&what, err, "the CA asked to be left alone (%s)", why));
    return fail_until(until, what, err);
}

static enum ac_code check_names(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_identifiers *names = &issue->here.identifiers;
    int64_t utc = ac_clock_utc();

    for (size_t i = 0; i < names->count; i++) {
        const char *name = ac_identifier_base(&names->items[i]);
        int64_t at = ac_limits_name_at(issue->limits, name, utc);
        AC_AUTO_TEXT char *what = NULL;

        if (at <= utc)
            continue;
        AC_TRY(ac_memory_format(&what, err,
                                "%s did not validate so often that the CA would refuse "
                                "it now",
                                name));
        return fail_until(at, what, err);
    }
    return AC_OK;
}

/* Waits where there is time, because a fleet comes through that way. */
enum ac_code ac_issue_check_order(struct ac_issue *issue, bool *ret_must_wait,
                                  struct ac_error *err)
{
    int64_t utc = ac_clock_utc();
    int64_t wait_ms;

    *ret_must_wait = false;
    if (issue->settings.begins_anew)
        return AC_OK;
    AC_TRY(check_names(issue, err));
    int64_t at = ac_limits_order_at(issue->limits, utc);
    if (at <= utc || issue->replaces) /* C.2: what replaces another is not counted */
        return AC_OK;
    wait_ms = (at - utc) * 1000;
    if (wait_ms >= ac_clock_left_ms(issue->settings.deadline_ms)) {
        return fail_until(at, "the account has made as many orders as the CA allows",
                          err);
    }
    issue->order_at_ms = ac_clock_after_ms(wait_ms);
    *ret_must_wait = true;
    return AC_OK;
}

static void warn_if(struct ac_issue *issue, enum ac_code code,
                    const struct ac_error *why)
{
    if (code != AC_OK)
        ac_issue_warn(issue, "the CA's limits could not be noted: %s", why->detail);
}

void ac_issue_note_order(struct ac_issue *issue)
{
    struct ac_error why = { 0 };

    if (issue->replaces)
        return;
    warn_if(issue,
            ac_limits_note_order(issue->limits, issue->here.name, ac_clock_utc(), &why),
            &why);
}

void ac_issue_note_names(struct ac_issue *issue)
{
    for (size_t i = 0; i < issue->claim_count; i++) {
        const struct ac_claim *claim = &issue->claims[i];
        struct ac_error why = { 0 };

        if (!ac_issue_has_failed(claim)
            || !ac_authorization_error(&claim->authorization))
            continue;
        warn_if(issue,
                ac_limits_note_failure(
                    issue->limits, ac_identifier_base(&claim->authorization.identifier),
                    ac_clock_utc(), &why),
                &why);
    }
}

/* As long as it said; an outage is looked at again soon, because that costs nothing. */
static int64_t wait_of(const struct ac_error *refusal)
{
    bool is_outage = refusal->code != AC_E_RATE_LIMITED;

    return is_outage && refusal->retry_after > AC_LIMITS_PAUSE_S ? AC_LIMITS_PAUSE_S
                                                                 : refusal->retry_after;
}

/* Only what came from the CA, and was an answer about limits. */
void ac_issue_note_refusal(struct ac_issue *issue, const struct ac_error *refusal)
{
    bool is_limit = refusal->code == AC_E_RATE_LIMITED;
    bool is_outage = refusal->http_status == 503 && refusal->retry_after > 0;
    bool is_of_order =
        issue->phase == AC_PHASE_ORDER || issue->phase == AC_PHASE_FINALIZE;
    struct ac_error why = { 0 };

    if (!issue->limits || refusal->http_status == 0 || (!is_limit && !is_outage))
        return;
    /* Without a time it is about these names, which a person must look after. */
    if (!is_of_order && refusal->retry_after == 0)
        return;
    warn_if(issue,
            ac_limits_note_refusal(
                issue->limits, is_limit && is_of_order ? issue->here.name : NULL,
                wait_of(refusal), refusal->detail, ac_clock_utc(), &why),
            &why);
}
