/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/proof.h"
#include "engine/issue/issue_steps.h"

#include <string.h>

#define REST_MS 1000 /* for a CA that is ill; doubles each time it is told again */

/* ---- present: journal first, then the queue */

static enum ac_code note_presented(struct ac_issue *issue,
                                   const struct ac_solver_spec *spec,
                                   struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };

    for (size_t i = 0; i < issue->claim_count; i++) {
        const struct ac_claim *claim = &issue->claims[i];

        if (!claim->answer.solver || claim->spec != spec || claim->answer.is_kept)
            continue;
        AC_TRY(ac_batch_add(&batch, ac_answer_challenge(&claim->answer), err));
    }
    if (batch.count == 0)
        return AC_OK;
    return ac_journal_present(issue->journal, spec, &batch, err);
}

static void tell_proof(const struct acmecore_challenge *challenge)
{
    const struct ac_proof proof = {
        .type = challenge->type,
        .identifier = challenge->identifier,
        .token = challenge->token,
        .key_authorization = challenge->key_authorization,
        .record_name = challenge->record_name,
        .record_value = challenge->record_value,
    };

    ac_proof_tell(&proof);
}

static enum ac_code queue_all(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;

    for (size_t i = 0; i < wanted->spec_count; i++) {
        AC_TRY(note_presented(issue, &wanted->specs[i], err));
        AC_TRY(ac_issue_note_persistent(issue, &wanted->specs[i], err));
    }
    AC_TRY(ac_journal_flush(issue->journal, err));
    for (size_t i = 0; i < issue->claim_count; i++) {
        struct ac_answer *answer = &issue->claims[i].answer;

        if (!answer->solver)
            continue;
        if (wanted->self_check)
            AC_TRY(ac_selfcheck_parse(wanted->self_check, &answer->self_check, err));
        answer->self_check_via = wanted->self_check_via;
        AC_TRY(ac_answers_add(issue->settings.answers, answer, err));
        tell_proof(ac_answer_challenge(answer));
    }
    return AC_OK;
}

static void pass_on_warning(struct ac_issue *issue, const struct ac_answer *answer)
{
    if (answer->warning.code != AC_OK) {
        ac_issue_warn(issue, "%s (the CA's view may differ; asking it all the same)",
                      answer->warning.detail);
    }
}

enum ac_code ac_issue_present(struct ac_issue *issue, struct ac_error *err)
{
    if (!issue->is_presenting) {
        issue->is_presenting = true;
        AC_TRY(queue_all(issue, err));
    }
    for (size_t i = 0; i < issue->claim_count; i++) {
        const struct ac_answer *answer = &issue->claims[i].answer;

        if (answer->solver && answer->status == AC_ANSWER_FAILED) {
            *err = answer->error;
            return err->code;
        }
    }
    for (size_t i = 0; i < issue->claim_count; i++) {
        if (issue->claims[i].answer.solver
            && issue->claims[i].answer.status != AC_ANSWER_READY)
            return AC_OK;
    }
    for (size_t i = 0; i < issue->claim_count; i++) {
        if (issue->claims[i].answer.solver)
            pass_on_warning(issue, &issue->claims[i].answer);
    }
    issue->phase = AC_PHASE_RESPOND;
    return AC_OK;
}

/* ---- respond: all together */

static enum ac_code tell_all(struct ac_issue *issue, struct ac_error *err)
{
    for (size_t i = 0; i < issue->claim_count; i++) {
        struct ac_claim *claim = &issue->claims[i];

        if (!claim->challenge || claim->is_told)
            continue;
        claim->is_told = true;
        claim->tell_count++;
        AC_TRY(
            ac_challenge_respond(issue->client, claim->challenge, &claim->post, err));
    }
    return AC_OK;
}

/*
 * What the CA made of one response. A refusal may mean that the challenge is decided
 * already (CH-18), a lost answer that it arrived: the authorization tells.
 */
static enum ac_code hear(struct ac_issue *issue, struct ac_claim *claim,
                         bool *ret_must_read, struct ac_error *err)
{
    if (!claim->post)
        return AC_OK;
    enum ac_code code = ac_post_result(claim->post, err);
    bool is_unsure =
        code == AC_E_PROBLEM
        || (code != AC_OK && code != AC_E_TIMEOUT && ac_post_is_ambiguous(claim->post));
    if (is_unsure) {
        *ret_must_read |= ac_post_status(claim->post) < 500; /* that one needs a rest */
        ac_issue_free_post(&claim->refusal);
        claim->refusal = AC_TAKE(claim->post);
    } else if (code != AC_OK) {
        ac_issue_note_problem(issue, ac_post_problem(claim->post));
        return code;
    } else {
        AC_TRY(ac_challenge_update(claim->challenge, claim->post, err));
        /* step-ca validates before it answers, and then never moves (SERVERS). */
        *ret_must_read |= claim->challenge->status == AC_CHALLENGE_INVALID;
    }
    ac_issue_free_post(&claim->post);
    return AC_OK;
}

/* The one that was told by a CA that is ill (5xx) to come back last; or NULL. */
static const struct ac_claim *find_put_off(const struct ac_issue *issue)
{
    const struct ac_claim *last = NULL;

    for (size_t i = 0; i < issue->claim_count; i++) {
        const struct ac_claim *claim = &issue->claims[i];

        if (claim->refusal && ac_post_status(claim->refusal) >= 500
            && (!last
                || ac_post_retry_after(claim->refusal)
                       > ac_post_retry_after(last->refusal)))
            last = claim;
    }
    return last;
}

/* Who is ill has its Retry-After or a rest that doubles; then comes one look at the
 * order, and the CA is told again (ac_issue_recheck). */
static enum ac_code wait_for_validation(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_claim *put_off = find_put_off(issue);

    issue->still_count = put_off ? AC_ISSUE_STILL_MAX - 1 : 0;
    issue->poll_delay_ms = put_off ? (REST_MS / 2) << (put_off->tell_count - 1) : 0;
    AC_TRY(ac_issue_poll_later(issue, put_off ? put_off->refusal : NULL, err));
    issue->phase = AC_PHASE_VALIDATE;
    return AC_OK;
}

enum ac_code ac_issue_respond(struct ac_issue *issue, struct ac_error *err)
{
    bool must_read = false;

    if (!ac_issue_end_preflight(issue))
        return AC_OK;
    if (!issue->is_telling) {
        issue->is_telling = true;
        AC_TRY(tell_all(issue, err));
    }
    if (!ac_issue_claims_are_read(issue))
        return AC_OK;
    for (size_t i = 0; i < issue->claim_count; i++)
        AC_TRY(hear(issue, &issue->claims[i], &must_read, err));
    if (must_read) {
        issue->phase = AC_PHASE_RECHECK;
        return AC_OK;
    }
    return wait_for_validation(issue, err);
}
