/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue_steps.h"

#include "base/clock.h"
#include "crypto/csr.h"
#include "store/version.h"

#include <string.h>

/* ---- finalize: key and CSR are on disk before they are of use */

static enum ac_code have_key(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_wanted *wanted = issue->settings.wanted;

    if (issue->key)
        return AC_OK;
    enum ac_code code =
        ac_journal_load_key(issue->journal, &issue->key, &issue->csr, err);
    if (code == AC_OK || code == AC_E_NOMEM)
        return code;
    AC_TRY(ac_key_generate(wanted->key_type, &issue->key, err));
    AC_TRY(ac_csr_new(issue->key, &wanted->identifiers, false, &issue->csr, err));
    return ac_journal_keep_key(issue->journal, issue->key, &issue->csr, err);
}

static enum ac_code send(struct ac_issue *issue, struct ac_error *err)
{
    AC_TRY(have_key(issue, err));
    issue->finalize_count++;
    return ac_order_finalize(issue->settings.client, &issue->order, issue->csr.bytes,
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
    if (code == AC_OK || code == AC_E_TIMEOUT
        || issue->finalize_count > AC_ISSUE_FINALIZE_MAX)
        return false;
    return is_too_early(issue) || ac_post_is_ambiguous(issue->post);
}

/* Reads the order, the first time at once; where it stands decides. */
static enum ac_code read_order(struct ac_issue *issue, struct ac_error *err)
{
    if (is_too_early(issue)) /* "ready" was not true (yet) */
        issue->order.status = AC_ORDER_PENDING;
    issue->poll_at_ms = 0;
    if (issue->finalize_count > 1 || ac_post_retry_after(issue->post) > 0)
        AC_TRY(ac_issue_poll_later(issue, issue->post, err));
    ac_issue_free_post(&issue->post);
    issue->phase = AC_PHASE_WAIT;
    return AC_OK;
}

enum ac_code ac_issue_finalize(struct ac_issue *issue, struct ac_error *err)
{
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
    if (issue->order.status == AC_ORDER_PROCESSING)
        AC_TRY(ac_issue_poll_later(issue, issue->post, err));
    ac_issue_free_post(&issue->post);
    ac_issue_follow(issue);
    return AC_OK;
}

/* ---- the certificate */

static enum ac_code save_state(struct ac_issue *issue, const struct ac_chain *chain,
                               struct ac_error *err)
{
    AC_AUTO(ac_json) *state = NULL;
    char now[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_json_new(&state, err, "{s:s, s:s, s:s, s:s}", "issued",
                       ac_clock_format(ac_clock_utc(), now), "directory",
                       issue->settings.wanted->directory_url, "account",
                       ac_client_kid(issue->settings.client), "serial",
                       ac_chain_serial(chain)));
    if (issue->order.profile)
        AC_TRY(ac_json_set_text(state, "profile", issue->order.profile, err));
    return ac_store_save(issue->settings.store, AC_STORE_CERTIFICATES,
                         issue->settings.wanted->name, "state.json", state, err);
}

/* The version is what must not be lost: it is stored first. */
static enum ac_code keep(struct ac_issue *issue, const struct ac_chain *chain,
                         struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };

    AC_TRY(ac_key_export(issue->key, &pem, err));
    struct ac_version version = {
        .key_pem = &pem,
        .leaf_pem = ac_chain_leaf_pem(chain),
        .rest_pem = ac_chain_rest_pem(chain),
        .full_pem = ac_chain_full_pem(chain),
    };
    AC_TRY(ac_version_add(issue->settings.store, issue->settings.wanted->name, &version,
                          &issue->outcome.version, err));
    AC_TRY(ac_wanted_save(issue->settings.wanted, issue->settings.store, err));
    AC_TRY(save_state(issue, chain, err));
    return ac_journal_end(issue->journal, err);
}

/* Only a certificate that is what we asked for is kept (A.9); an order that gave
 * another one will never give a better. */
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
        code = ac_chain_check(chain, issue->key, &issue->settings.wanted->identifiers,
                              ac_clock_utc(), &why);
    }
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK) {
        AC_TRY(ac_journal_end(issue->journal, err));
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

enum ac_code ac_issue_download(struct ac_issue *issue, struct ac_error *err)
{
    AC_AUTO(ac_chain) *chain = NULL;

    if (!issue->key)
        return fail_foreign(issue, err);
    if (!issue->post) {
        return ac_order_download(issue->settings.client, issue->order.certificate,
                                 &issue->post, err);
    }
    if (!ac_post_is_done(issue->post))
        return AC_OK;
    enum ac_code code = ac_post_result(issue->post, err);
    if (code != AC_OK) {
        ac_issue_note_problem(issue, ac_post_problem(issue->post));
        return code;
    }
    AC_TRY(check(issue, &chain, err));
    AC_TRY(keep(issue, chain, err));
    ac_issue_free_post(&issue->post);
    ac_issue_leave_answers(issue);
    issue->phase = AC_PHASE_LEAVE;
    return AC_OK;
}
