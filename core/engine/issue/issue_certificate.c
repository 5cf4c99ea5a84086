/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"
#include "engine/renewal/plan.h"

#include <string.h>

/* ---- finalize */

/* Guesses that were refused are not counted: each makes the next pause longer. */
static bool has_sent_enough(const struct ac_issue *issue)
{
    return issue->finalize_count - issue->guess_count > AC_ISSUE_FINALIZE_MAX;
}

static bool is_guess(const struct ac_issue *issue)
{
    return issue->order.status == AC_ORDER_PENDING;
}

static enum ac_code send(struct ac_issue *issue, struct ac_error *err)
{
    if (has_sent_enough(issue)) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA was sent the certificate request %u times, and its "
                       "order does not move on",
                       issue->finalize_count);
    }
    issue->is_sent_again = ac_issue_may_be_issued(issue);
    AC_TRY(ac_issue_have_key(issue, err));
    issue->finalize_count++;
    return ac_order_finalize(issue->client, &issue->order, issue->csr.bytes,
                             issue->csr.size, &issue->post, err);
}

static bool is_too_early(const struct ac_issue *issue)
{
    return ac_problem_is(ac_post_problem(issue->post), "orderNotReady");
}

/* Did it arrive, or is it too early? The order tells; asked for it a bounded number of
 * times (7.4: orderNotReady). */
static bool is_worth_reading(const struct ac_issue *issue, enum ac_code code)
{
    if (code == AC_OK || code == AC_E_TIMEOUT || has_sent_enough(issue))
        return false;
    return is_too_early(issue) || ac_post_is_ambiguous(issue->post);
}

/* Once may be a moment's difference between two of the CA's machines. */
static void rest(struct ac_issue *issue)
{
    if (!is_guess(issue) && issue->finalize_count == 1)
        return;
    issue->guess_count += is_guess(issue);
    issue->not_ready_ms =
        issue->not_ready_ms > 0 ? issue->not_ready_ms * 2 : AC_ISSUE_NOT_READY_MS;
    issue->guess_at_ms = ac_clock_after_ms(issue->not_ready_ms);
}

/* Reads the order, the first time at once; where it stands decides. What was a guess
 * may be true at any time; what was not is not tried at once again. */
static enum ac_code read_order(struct ac_issue *issue, struct ac_error *err)
{
    bool was_guess = is_guess(issue);

    if (is_too_early(issue)) { /* "ready" was not true (yet) */
        rest(issue);
        issue->order.status = AC_ORDER_PENDING;
    }
    issue->poll_at_ms = 0;
    if (issue->finalize_count > 1 || ac_post_retry_after(issue->post) > 0)
        AC_TRY(ac_issue_poll_later(issue, issue->post, err));
    if (!was_guess && issue->poll_at_ms < issue->guess_at_ms)
        issue->poll_at_ms = issue->guess_at_ms;
    ac_issue_free_post(&issue->post);
    issue->phase = was_guess ? AC_PHASE_VALIDATE : AC_PHASE_WAIT;
    return AC_OK;
}

enum ac_code ac_issue_finalize(struct ac_issue *issue, struct ac_error *err)
{
    if (!ac_issue_end_preflight(issue))
        return AC_OK;
    if (!issue->post)
        return send(issue, err);
    if (!ac_post_is_done(issue->post))
        return AC_OK;
    enum ac_code code = ac_post_result(issue->post, err);
    if (is_worth_reading(issue, code))
        return read_order(issue, err);
    if (code != AC_OK) {
        ac_issue_note_problem(issue, ac_post_problem(issue->post));
        return code;
    }
    AC_TRY(ac_order_update(&issue->order, issue->post, err));
    ac_issue_leave_answers(issue);
    ac_issue_follow(issue);
    /* Taken, and "ready" or "pending" all the same: the order is read before it is
     * sent again. */
    if (issue->order.status < AC_ORDER_PROCESSING)
        issue->phase = AC_PHASE_WAIT;
    if (issue->phase == AC_PHASE_WAIT)
        AC_TRY(ac_issue_poll_later(issue, issue->post, err));
    ac_issue_free_post(&issue->post);
    return AC_OK;
}

/* ---- the certificate */

static enum ac_code fail_notes(const struct ac_issue *issue, enum ac_code code,
                               const struct ac_error *why, struct ac_error *err)
{
    return ac_fail(err, code,
                   "the new certificate is in place (version %u), but what is noted "
                   "about it could not be saved: %s; run the same command again",
                   issue->outcome.version, why->detail);
}

/* Of a first issue: a run that is killed while the version is put in place must not
 * leave a certificate that no `renew` knows how to renew. */
static bool remember_first(const struct ac_issue *issue)
{
    const struct ac_wanted *wish = issue->settings.wish;
    struct ac_store *store = issue->settings.store;
    struct ac_error ignored;

    return !ac_store_has(store, AC_STORE_CERTIFICATES, wish->name, AC_WANTED_DOCUMENT)
           && ac_wanted_save(wish, store, &ignored) == AC_OK;
}

static enum ac_code take_notes(struct ac_issue *issue, bool is_remembered,
                               const struct ac_chain *chain, struct ac_error *err)
{
    if (!is_remembered)
        AC_TRY(ac_wanted_save(issue->settings.wish, issue->settings.store, err));
    return ac_issue_note_version(issue, chain, err);
}

/* The version is what must not be lost: what is noted besides does not stop it. */
static enum ac_code store(struct ac_issue *issue, const struct ac_chain *chain,
                          struct ac_error *err)
{
    bool is_remembered = remember_first(issue);
    struct ac_error why = { 0 };

    AC_TRY(ac_issue_add_version(issue, chain, err));
    enum ac_code code = take_notes(issue, is_remembered, chain, &why);
    return code == AC_OK ? AC_OK : fail_notes(issue, code, &why, err);
}

static enum ac_code save_notes(struct ac_issue *issue, struct ac_error *err)
{
    AC_TRY(ac_issue_save_state(issue, err));
    return ac_issue_end_set(issue, err);
}

/*
 * One write has what was noted when the version was stored and when the CA would like
 * it renewed. A run that is killed before leaves the order in the journal: the next one
 * reads it, finds its certificate in place, and comes here again.
 */
enum ac_code ac_issue_save_notes(struct ac_issue *issue, struct ac_error *err)
{
    struct ac_error why = { 0 };

    if (!issue->has_notes)
        return AC_OK;
    issue->has_notes = false;
    enum ac_code code = save_notes(issue, &why);
    if (code != AC_OK)
        return fail_notes(issue, code, &why, err);
    issue->is_over = true;
    return AC_OK;
}

enum ac_code ac_issue_keep(struct ac_issue *issue, const struct ac_chain *chain,
                           struct ac_error *err)
{
    bool is_whole;
    bool is_over;

    AC_TRY(ac_issue_is_spent(issue, chain, &is_over, err));
    if (is_over) {
        issue->next = AC_ISSUE_NEXT_ORDER;
        ac_issue_leave_answers(issue);
        return AC_OK;
    }
    AC_TRY(ac_issue_keep_part(issue, chain, &is_whole, err));
    if (is_whole) {
        AC_TRY(store(issue, chain, err));
        ac_issue_begin_renewal(issue);
    }
    ac_issue_warn_persistent(issue, ac_plan_renew_at(issue->here.name,
                                                     ac_chain_not_before(chain),
                                                     ac_chain_not_after(chain)));
    ac_issue_leave_answers(issue);
    return AC_OK;
}

/* Is nothing wrong with it but the time? Then our clock may be what is wrong. */
static bool is_a_matter_of_time(const struct ac_issue *issue,
                                const struct ac_chain *chain)
{
    struct ac_error ignored;

    return ac_chain_check(chain, issue->key, &issue->here.identifiers,
                          ac_chain_not_after(chain), &ignored)
           == AC_OK;
}

/* --must-staple was asked for, and is not there: clients would expect less than was
 * wished for. */
static enum ac_code check_feature(struct ac_issue *issue, const struct ac_chain *chain,
                                  struct ac_error *err)
{
    if (!issue->here.must_staple || ac_chain_must_staple(chain))
        return AC_OK;
    issue->end = AC_ISSUE_END_DROP;
    return ac_fail(
        err, AC_E_INVALID,
        "it does not say must-staple (RFC 7633); this CA may not offer that: "
        "issue without --must-staple (--forget must-staple)");
}

/*
 * Only a certificate that is what we asked for is kept (A.9). An order that gave
 * another one will never give a better; one that is not valid yet will be.
 */
static enum ac_code check_chain(struct ac_issue *issue, const struct ac_chain *chain,
                                struct ac_error *err)
{
    int64_t utc = ac_issue_valid_at(issue);

    enum ac_code code =
        ac_chain_check(chain, issue->key, &issue->here.identifiers, utc, err);
    if (code == AC_OK)
        return check_feature(issue, chain, err);
    if (code != AC_E_INVALID)
        return code;
    if (!is_a_matter_of_time(issue, chain)) {
        issue->end = AC_ISSUE_END_DROP;
    } else if (utc < ac_chain_not_before(chain)) {
        issue->end = AC_ISSUE_END_KEEP;
    }
    return code;
}

static bool has_more_tries(const struct ac_issue *issue)
{
    return issue->download_count < AC_ISSUE_DOWNLOAD_MAX;
}

/* *ret_chain NULL: what came is no chain, and is asked for again. */
static enum ac_code check(struct ac_issue *issue, struct ac_chain **ret_chain,
                          struct ac_error *err)
{
    AC_AUTO(ac_chain) *chain = NULL;
    struct ac_error why = { 0 };
    const char *pem;
    size_t size;

    enum ac_code code = ac_order_downloaded(issue->post, &pem, &size, &why);
    if (code == AC_OK)
        code = ac_chain_parse(pem, size, &chain, &why);
    if (code == AC_OK) {
        code = check_chain(issue, chain, &why);
    } else if (code != AC_E_NOMEM && has_more_tries(issue)) {
        return ac_issue_poll_later(issue, issue->post, err);
    }
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK) {
        return ac_fail(
            err, AC_E_PROTOCOL,
            "the CA's certificate is not what was asked for: %s; nothing was "
            "stored",
            why.detail);
    }
    *ret_chain = AC_TAKE(chain);
    return AC_OK;
}

/* Somebody else with this account finalized the order: its certificate is for a key
 * that we do not have (OR-06). */
static enum ac_code fail_foreign(struct ac_issue *issue, struct ac_error *err)
{
    AC_TRY(ac_journal_end(issue->journal, err));
    return ac_fail(err, AC_E_PROTOCOL,
                   "the CA's order was finalized by somebody else, with a key that is "
                   "not here; nothing was stored");
}

/* What read "pending" when it was taken up may have been finalized before, for all
 * that: the answer was late. */
static enum ac_code find_key(struct ac_issue *issue, struct ac_error *err)
{
    enum ac_code code =
        ac_journal_load_key(issue->journal, &issue->key, &issue->csr, err);

    if (code == AC_E_NOTFOUND || code == AC_E_INVALID)
        return fail_foreign(issue, err);
    return code;
}

/* A page in its place, or a door that is closed for a moment. */
static enum ac_code refused(struct ac_issue *issue, enum ac_code code,
                            struct ac_error *err)
{
    struct ac_error why = *err;

    if ((code == AC_E_PROBLEM || code == AC_E_PROTOCOL) && has_more_tries(issue)) {
        AC_TRY(ac_issue_poll_later(issue, issue->post, err));
        ac_issue_free_post(&issue->post);
        return AC_OK;
    }
    *err = why;
    ac_issue_note_problem(issue, ac_post_problem(issue->post));
    return code;
}

static enum ac_code fetch(struct ac_issue *issue, struct ac_error *err)
{
    if (ac_clock_now_ms() < issue->poll_at_ms)
        return AC_OK;
    issue->download_count++;
    return ac_order_download(issue->client, issue->order.certificate, &issue->post,
                             err);
}

enum ac_code ac_issue_download(struct ac_issue *issue, struct ac_error *err)
{
    AC_AUTO(ac_chain) *chain = NULL;

    if (!issue->key)
        AC_TRY(find_key(issue, err));
    if (!issue->post)
        return fetch(issue, err);
    if (!ac_post_is_done(issue->post))
        return AC_OK;
    enum ac_code code = ac_post_result(issue->post, err);
    if (code != AC_OK)
        return refused(issue, code, err);
    AC_TRY(check(issue, &chain, err));
    if (chain)
        AC_TRY(ac_issue_take_chain(issue, &chain, issue->post, err));
    ac_issue_free_post(&issue->post);
    return AC_OK;
}
