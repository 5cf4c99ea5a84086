/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"
#include "engine/wanted/wanted_keys.h"

#include <stdlib.h>
#include <string.h>

void ac_issue_follow(struct ac_issue *issue)
{
    static const enum ac_phase next[] = {
        [AC_ORDER_PENDING] = AC_PHASE_AUTHORIZE, /* some authorization is not valid */
        [AC_ORDER_READY] = AC_PHASE_FINALIZE,    /* all are; the CA wants a CSR */
        [AC_ORDER_PROCESSING] = AC_PHASE_WAIT,   /* Retry-After says how long */
        [AC_ORDER_VALID] = AC_PHASE_DOWNLOAD,    /* the chain can be fetched */
        [AC_ORDER_INVALID] = AC_PHASE_EXPLAIN,   /* fails, with the CA's reasons */
    };

    issue->phase = next[issue->order.status];
    /* What is presented and told already is waited for, not begun again. */
    if (issue->phase == AC_PHASE_AUTHORIZE && issue->claims)
        issue->phase = AC_PHASE_VALIDATE;
    if (issue->phase == AC_PHASE_DOWNLOAD)
        issue->poll_at_ms = 0;
}

/* ---- continue or create */

static enum ac_code create(struct ac_issue *issue, struct ac_error *err)
{
    struct ac_order_request request = {
        .identifiers = &issue->here.identifiers,
    };
    bool must_wait;

    AC_TRY(ac_issue_offer(issue, &request, err));
    AC_TRY(ac_issue_check_order(issue, &must_wait, err));
    if (must_wait)
        return AC_OK; /* this step comes again then */
    AC_TRY(ac_issue_ask_validity(issue, &request, err));
    AC_TRY(ac_issue_ask_ancestors(issue, &request, err));
    /* A full disk must not make one order more with each run. */
    AC_TRY(ac_journal_intend(issue->journal, &issue->here, err));
    return ac_order_create(issue->client, &request, &issue->post, err);
}

/*
 * Was the order made for this profile? What the CA made of that wish does not matter:
 * it would do so again. Once it may be issued, only one that is required, or --force,
 * is reason enough for a second order. No: where the CA says which it has, that may be
 * the one.
 */
static bool is_for_profile(const struct ac_issue *issue)
{
    const struct ac_wanted *wanted = &issue->here;
    const char *noted = ac_journal_order(issue->journal).profile;

    if (wanted->required_profile) {
        return noted && strcmp(noted, wanted->required_profile) == 0
               && !issue->order.profile;
    }
    return !wanted->profile || (noted && strcmp(noted, wanted->profile) == 0)
           || (ac_issue_may_be_issued(issue) && !issue->settings.begins_anew);
}

/* Is it of the profile that is wanted now? */
static enum ac_code has_profile(struct ac_issue *issue, bool *ret_has_profile,
                                struct ac_error *err)
{
    const char *profile;

    *ret_has_profile = is_for_profile(issue);
    if (*ret_has_profile)
        return AC_OK;
    AC_TRY(ac_issue_choose_profile(issue, &profile, err));
    *ret_has_profile =
        !profile
        || (issue->order.profile && strcmp(issue->order.profile, profile) == 0);
    return AC_OK;
}

/* Have we the key that its CSR was made of, and may a certificate have it still? */
static enum ac_code has_key(struct ac_issue *issue, bool *ret_has_key,
                            struct ac_error *err)
{
    enum ac_code code =
        ac_journal_load_key(issue->journal, &issue->key, &issue->csr, err);

    if (code == AC_OK)
        return ac_issue_may_use_key(issue, ret_has_key, err);
    /* One that cannot be read now is not lost: its certificate may be issued. */
    if (code != AC_E_NOTFOUND && code != AC_E_INVALID)
        return code;
    *ret_has_key = issue->order.status <= AC_ORDER_READY; /* another one will do */
    return AC_OK;
}

/* --force need not wait for a CA that had time enough; where there is another, that one
 * is asked when this one's share of the time is over. */
static bool is_waited_out(const struct ac_issue *issue)
{
    return issue->settings.begins_anew && issue->order.status == AC_ORDER_PROCESSING
           && issue->share_until_ms == AC_CLOCK_NEVER && !ac_issue_is_bound(issue);
}

/* Has it our identifiers, is it alive, and can its certificate be ours? */
static enum ac_code is_of_use(struct ac_issue *issue, bool *ret_is_of_use,
                              struct ac_error *err)
{
    enum ac_order_status status = issue->order.status;

    *ret_is_of_use = status != AC_ORDER_INVALID && !is_waited_out(issue)
                     && ac_identifiers_is_same_set(&issue->here.identifiers,
                                                   &issue->order.identifiers);
    if (*ret_is_of_use)
        AC_TRY(has_profile(issue, ret_is_of_use, err));
    if (!*ret_is_of_use
        || (status == AC_ORDER_PENDING && !ac_issue_may_be_issued(issue)))
        return AC_OK;
    return has_key(issue, ret_is_of_use, err);
}

/* The URL of the noted order, if it is for what is wanted now; NULL: there is none.
 * Lent. */
static enum ac_code find_noted(struct ac_issue *issue, const char **ret_url,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) tag = { 0 };

    AC_TRY(ac_wanted_key_tag(&issue->here, issue->key_index, &tag, err));
    *ret_url = ac_journal_order_url(issue->journal, &issue->here, ac_text_get(&tag),
                                    ac_client_kid(issue->client), ac_clock_utc());
    if (ac_issue_begins_anew(issue))
        *ret_url = NULL;
    return AC_OK;
}

static enum ac_code begin(struct ac_issue *issue, struct ac_error *err)
{
    const char *url;

    AC_TRY(ac_issue_choose_key(issue, err));
    AC_TRY(find_noted(issue, &url, err));
    ac_client_expect(issue->client, issue->here.identifiers.count);
    issue->outcome.is_resumed = url != NULL;
    if (url)
        return ac_order_read(issue->client, url, &issue->post, err);
    AC_TRY(ac_issue_begin_set(issue, err));
    return create(issue, err);
}

/* The noted order is of no use (expired, unknown, invalid, without key): a new one. */
static enum ac_code begin_anew(struct ac_issue *issue, struct ac_error *err)
{
    issue->outcome.is_resumed = false;
    ac_issue_drop_order(issue);
    AC_TRY(ac_journal_end(issue->journal, err));
    AC_TRY(ac_issue_begin_set(issue, err));
    return create(issue, err);
}

/* The CA does not know the account any more: it is looked up, once for all that are
 * issued together, and this is tried again. */
static bool is_account_lost(struct ac_issue *issue)
{
    if (!ac_problem_is(ac_post_problem(issue->post), "accountDoesNotExist")
        || !ac_registration_again(issue->registration, issue->lookups))
        return false;
    ac_issue_free_post(&issue->post);
    issue->phase = AC_PHASE_ACCOUNT;
    return true;
}

static enum ac_code continued(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_json *json;
    bool can_go_on;

    enum ac_code code = ac_post_result(issue->post, err);
    if (code == AC_E_PROBLEM && is_account_lost(issue))
        return AC_OK;
    if (code != AC_OK && ac_issue_is_gone(issue, err))
        return begin_anew(issue, err);
    if (code != AC_OK) {
        ac_issue_note_problem(issue, ac_post_problem(issue->post));
        return code;
    }
    AC_TRY(ac_post_json(issue->post, &json, err));
    AC_TRY(ac_order_parse(json, ac_post_url(issue->post), &issue->order, err));
    AC_TRY(is_of_use(issue, &can_go_on, err));
    return can_go_on ? AC_OK : begin_anew(issue, err);
}

/*
 * An order that may have been made, and whose URL nobody knows now (A.3). Where it is
 * in no list of the account's orders either, there is no way to ask for it but to order
 * the same again: some CAs give the same order then, at others the first one expires
 * unused. Once, because each may count against a limit.
 */
static bool is_order_lost(const struct ac_issue *issue, enum ac_code code)
{
    return code == AC_E_NETWORK && ac_post_status(issue->post) == 0
           && ac_post_is_ambiguous(issue->post) && !issue->has_ordered_again;
}

static enum ac_code note_new(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;
    AC_AUTO(ac_text) tag = { 0 };

    AC_TRY(ac_wanted_key_tag(wanted, issue->key_index, &tag, err));
    AC_TRY(ac_issue_check_profile(issue, err));
    /* OR-01: before anything else. */
    AC_TRY(ac_journal_begin(issue->journal, wanted, ac_text_get(&tag),
                            ac_client_kid(issue->client), &issue->order, err));
    ac_issue_note_order(issue);
    return AC_OK;
}

static enum ac_code created(struct ac_issue *issue, struct ac_error *err)
{
    enum ac_code code = ac_post_result(issue->post, err);

    if (code == AC_E_PROBLEM && is_account_lost(issue))
        return AC_OK;
    if (is_order_lost(issue, code)) {
        issue->has_ordered_again = true;
        ac_issue_free_post(&issue->post);
        return ac_issue_begin_seek(issue, err, err);
    }
    if (code != AC_OK && ac_issue_offers_less(issue)) {
        ac_issue_free_post(&issue->post);
        return create(issue, err);
    }
    if (code != AC_OK) {
        ac_issue_note_problem(issue, ac_post_problem(issue->post));
        return code;
    }
    AC_TRY(ac_order_created(issue->post, &issue->here.identifiers, &issue->order, err));
    return note_new(issue, err);
}

static enum ac_code sought(struct ac_issue *issue, struct ac_error *err)
{
    bool is_over;

    AC_TRY(ac_issue_seek(issue, &is_over, err));
    if (!is_over)
        return AC_OK;
    return issue->order.url ? note_new(issue, err) : create(issue, err);
}

static enum ac_code take_order(struct ac_issue *issue, struct ac_error *err)
{
    if (issue->sought)
        return sought(issue, err);
    if (!issue->post)
        return begin(issue, err);
    if (!ac_post_is_done(issue->post))
        return AC_OK;
    return issue->outcome.is_resumed ? continued(issue, err) : created(issue, err);
}

enum ac_code ac_issue_order(struct ac_issue *issue, struct ac_error *err)
{
    AC_TRY(take_order(issue, err));
    if (!issue->order.url)
        return AC_OK; /* asked for, begun anew, or back to the account */
    ac_issue_free_post(&issue->post);
    free(issue->outcome.order_url);
    issue->outcome.order_url = NULL;
    AC_TRY(ac_memory_copy_text(issue->order.url, &issue->outcome.order_url, err));
    ac_issue_follow(issue);
    return AC_OK;
}
