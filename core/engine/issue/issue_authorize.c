/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "acme/challenge.h"
#include "base/clock.h"

#include <string.h>

/* A CA that asks for more than this to prove so many names asks without end: one a name
 * is usual, and a few more for those it wants besides (7.1.3 leaves it open). */
#define AUTHORIZATIONS_PER_NAME 2
#define AUTHORIZATIONS_BESIDES  10

/* ---- reading authorizations, all at once */

enum ac_code ac_issue_new_claims(struct ac_issue *issue, struct ac_error *err)
{
    size_t count = issue->order.authorizations.count;
    size_t names = issue->here.identifiers.count;

    if (count > names * AUTHORIZATIONS_PER_NAME + AUTHORIZATIONS_BESIDES) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's order has %zu authorizations for %zu names", count,
                       names);
    }
    AC_TRY(
        ac_memory_new(count + 1, sizeof *issue->claims, (void *)&issue->claims, err));
    issue->claim_count = count;
    return AC_OK;
}

enum ac_code ac_issue_read_claims(struct ac_issue *issue, struct ac_error *err)
{
    for (size_t i = 0; i < issue->claim_count; i++) {
        struct ac_claim *claim = &issue->claims[i];
        /* Pebble shuffles the order's list with every reading (SERVERS). */
        const char *url = claim->authorization.url
                              ? claim->authorization.url
                              : issue->order.authorizations.items[i];

        if (claim->authorization.url
            && claim->authorization.status == AC_AUTHORIZATION_VALID)
            continue;
        ac_issue_free_post(&claim->post);
        AC_TRY(ac_authorization_read(issue->client, url, &claim->post, err));
    }
    return AC_OK;
}

bool ac_issue_claims_are_read(const struct ac_issue *issue)
{
    for (size_t i = 0; i < issue->claim_count; i++) {
        if (issue->claims[i].post && !ac_post_is_done(issue->claims[i].post))
            return false;
    }
    return true;
}

bool ac_issue_is_reading(const struct ac_issue *issue)
{
    for (size_t i = 0; i < issue->claim_count; i++) {
        if (issue->claims[i].post)
            return true;
    }
    return false;
}

/* A CA that forgets "wildcard" means the base all the same. */
static bool is_wanted(const struct ac_issue *issue,
                      const struct ac_identifier *identifier)
{
    const struct ac_identifiers *wanted = &issue->here.identifiers;

    for (size_t i = 0; i < wanted->count; i++) {
        const struct ac_identifier *one = &wanted->items[i];

        if (ac_identifier_is_equal(one, identifier)
            || (ac_identifier_is_wildcard(one)
                && strcmp(ac_identifier_base(one), identifier->value) == 0))
            return true;
    }
    return false;
}

/* Nothing is ever presented for a name that nobody asked for. */
enum ac_code ac_issue_check_wanted(const struct ac_issue *issue,
                                   const struct ac_authorization *authorization,
                                   struct ac_error *err)
{
    const struct ac_identifier *identifier = &authorization->identifier;

    if (is_wanted(issue, identifier)
        || (authorization->allows_subdomains
            && ac_issue_is_ancestor(issue, identifier)))
        return AC_OK;
    return ac_fail(err, AC_E_PROTOCOL,
                   "the CA's order has an authorization for %s, which was not asked "
                   "for",
                   identifier->value);
}

static enum ac_code parse_new(struct ac_issue *issue, struct ac_claim *claim,
                              struct ac_error *err)
{
    const struct ac_json *json;

    AC_TRY(ac_post_json(claim->post, &json, err));
    AC_TRY(ac_authorization_parse(json, ac_post_url(claim->post), &claim->authorization,
                                  err));
    return ac_issue_check_wanted(issue, &claim->authorization, err);
}

/* Takes in what was read. Our challenge may have moved in memory: finds it again. */
enum ac_code ac_issue_take_in(struct ac_issue *issue, struct ac_claim *claim,
                              struct ac_error *err)
{
    const char *type =
        claim->answer.solver ? ac_answer_challenge(&claim->answer)->type : NULL;

    if (!claim->post)
        return AC_OK;
    enum ac_code code = ac_post_result(claim->post, err);
    if (code != AC_OK) {
        ac_issue_note_problem(issue, ac_post_problem(claim->post));
        return code;
    }
    if (claim->authorization.url) {
        AC_TRY(ac_authorization_update(&claim->authorization, claim->post, err));
    } else {
        AC_TRY(parse_new(issue, claim, err));
    }
    claim->challenge =
        type ? (struct ac_challenge *)ac_authorization_find(&claim->authorization, type)
             : NULL;
    ac_issue_free_post(&claim->post);
    return AC_OK;
}

static enum ac_code take_in_all(struct ac_issue *issue, struct ac_error *err)
{
    for (size_t i = 0; i < issue->claim_count; i++)
        AC_TRY(ac_issue_take_in(issue, &issue->claims[i], err));
    return AC_OK;
}

/* ---- choosing what to answer */

/* The challenge to answer and who does it: what the CA offers, in the order of rules.
 * *ret_is_loading: that is not known before a further plugin has loaded. */
static enum ac_code choose(struct ac_issue *issue, struct ac_claim *claim,
                           bool *ret_is_loading, struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;
    const struct ac_identifier *identifier = &claim->authorization.identifier;
    AC_AUTO(ac_candidates) candidates = { 0 };
    AC_AUTO(ac_text) offered = { 0 };

    AC_TRY(ac_select_candidates(wanted, identifier, &candidates, err));
    for (size_t i = 0; i < candidates.count; i++) {
        const struct ac_solver_spec *spec =
            ac_wanted_find_spec(wanted, candidates.solvers[i]);
        struct ac_solver *solver;

        AC_TRY(ac_instances_get(issue->settings.instances, spec, &solver, err));
        AC_TRY(ac_solver_state(solver, err));
        *ret_is_loading = !ac_solver_is_open(solver);
        if (*ret_is_loading)
            return AC_OK;
        const struct ac_challenge *challenge = ac_select_challenge(
            wanted, &ac_solver_descriptor(solver)->types,
            ac_issue_tried(issue, identifier), &claim->authorization);
        if (!challenge)
            continue;
        claim->challenge = (struct ac_challenge *)challenge;
        claim->spec = spec;
        claim->answer.solver = solver;
        return AC_OK;
    }
    if (ac_issue_tried(issue, identifier) && issue->earlier.code != AC_OK) {
        *err = issue->earlier; /* what was offered before, is not any more */
        return err->code;
    }
    if (claim->authorization.has_bad_token) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's challenge for %s has a token that is not 1 to %d "
                       "characters of base64url (RFC 8555 8.3); it is not answered",
                       identifier->value, AC_CHALLENGE_TOKEN_MAX);
    }
    AC_TRY(ac_authorization_types(&claim->authorization, &offered, err));
    if (ac_select_offered(&claim->authorization) == 0
        && ac_select_explain(&claim->authorization)) {
        return ac_fail(err, AC_E_USAGE, "for %s the CA offers %s: %s",
                       identifier->value, ac_text_get(&offered),
                       ac_select_explain(&claim->authorization));
    }
    return ac_fail(
        err, AC_E_USAGE,
        "for %s the CA offers %s, and no solver that was given answers one of "
        "these",
        identifier->value,
        offered.size > 0 ? ac_text_get(&offered) : "no challenge we know");
}

static enum ac_code prepare_answer(struct ac_issue *issue, struct ac_claim *claim,
                                   struct ac_error *err)
{
    const struct ac_identifier *identifier = &claim->authorization.identifier;
    AC_AUTO_TEXT char *key_authorization = NULL;
    AC_AUTO_TEXT char *record_name = NULL;
    AC_AUTO_TEXT char *record_value = NULL;
    const char *type = claim->challenge->type;

    AC_TRY(ac_challenge_key_authorization(claim->challenge->token,
                                          ac_client_key(issue->client),
                                          &key_authorization, err));
    if (strncmp(type, "dns-", 4) == 0) {
        AC_TRY(ac_challenge_record_name(type, identifier, ac_client_kid(issue->client),
                                        &record_name, err));
        AC_TRY(ac_challenge_txt_value(key_authorization, &record_value, err));
    }
    struct acmecore_challenge challenge = {
        .struct_size = sizeof challenge,
        .type = type,
        .identifier = ac_identifier_base(identifier),
        .token = claim->challenge->token,
        .key_authorization = key_authorization,
        .record_name = record_name,
        .record_value = record_value,
    };
    return ac_batch_add(&claim->answer.one, &challenge, err);
}

/* A pending order can hold authorizations that will never be valid (7.1.6). */
static bool is_dead(const struct ac_claim *claim)
{
    return claim->authorization.status != AC_AUTHORIZATION_PENDING
           && claim->authorization.status != AC_AUTHORIZATION_VALID;
}

/* step-ca leaves authorization and order pending after a wrong answer (SERVERS). */
bool ac_issue_has_failed(const struct ac_claim *claim)
{
    return is_dead(claim) || claim->is_given_up
           || (claim->challenge && claim->challenge->status == AC_CHALLENGE_INVALID);
}

/* An order of an earlier run that died meanwhile is replaced without a fuss; the new
 * one is not resumed, so this happens once. */
static enum ac_code begin_anew(struct ac_issue *issue, struct ac_error *err)
{
    ac_issue_drop_order(issue);
    AC_TRY(ac_journal_end(issue->journal, err));
    issue->phase = AC_PHASE_ORDER;
    return AC_OK;
}

static enum ac_code choose_one(struct ac_issue *issue, struct ac_claim *claim,
                               bool *ret_is_loading, struct ac_error *err)
{
    if (claim->authorization.status != AC_AUTHORIZATION_PENDING || claim->answer.solver)
        return AC_OK;
    claim->offered = ac_select_offered(&claim->authorization);
    AC_TRY(choose(issue, claim, ret_is_loading, err));
    if (*ret_is_loading)
        return AC_OK;
    claim->is_told = claim->challenge->status != AC_CHALLENGE_PENDING;
    if (claim->challenge->issuers.count > 0) /* of dns-persist-01 only */
        return ac_issue_prepare_persist(issue, claim, err);
    return prepare_answer(issue, claim, err);
}

static enum ac_code choose_all(struct ac_issue *issue, struct ac_error *err)
{
    for (size_t i = 0; i < issue->claim_count; i++) {
        struct ac_claim *claim = &issue->claims[i];
        bool is_loading = false;

        AC_TRY(choose_one(issue, claim, &is_loading, err));
        if (is_loading)
            return AC_OK;
        if (!ac_issue_has_failed(claim))
            continue;
        if (issue->outcome.is_resumed)
            return begin_anew(issue, err);
        issue->phase = AC_PHASE_EXPLAIN;
        return AC_OK;
    }
    issue->phase = AC_PHASE_LOCATE;
    return AC_OK;
}

enum ac_code ac_issue_authorize(struct ac_issue *issue, struct ac_error *err)
{
    if (!issue->claims) {
        AC_TRY(ac_issue_new_claims(issue, err));
        AC_TRY(ac_issue_read_claims(issue, err));
    }
    if (!ac_issue_claims_are_read(issue))
        return AC_OK;
    AC_TRY(take_in_all(issue, err));
    return choose_all(issue, err);
}

/* ---- why does nothing move? */

/* Was the CA told, and does nothing show that it took note? */
static bool is_untouched(const struct ac_claim *claim)
{
    return claim->is_told && claim->challenge
           && claim->authorization.status == AC_AUTHORIZATION_PENDING
           && claim->challenge->status == AC_CHALLENGE_PENDING;
}

/* 409: it is being validated (Boulder). 5xx or no answer: nobody knows. */
static bool is_final_refusal(const struct ac_claim *claim)
{
    const struct ac_problem *problem =
        claim->refusal ? ac_post_problem(claim->refusal) : NULL;

    return problem && problem->status < 500 && problem->status != 409;
}

/* step-ca tries once, notes an error, and tries again when it is told again; an answer
 * that was lost or a CA that was ill is no different. */
static bool wants_telling(const struct ac_claim *claim)
{
    if (claim->refusal) {
        return !ac_post_problem(claim->refusal)
               || ac_post_problem(claim->refusal)->status >= 500;
    }
    return claim->challenge->error != NULL;
}

static enum ac_code fail_refused(struct ac_issue *issue, const struct ac_claim *claim,
                                 struct ac_error *err)
{
    enum ac_code code = ac_post_result(claim->refusal, err);

    ac_issue_note_problem(issue, ac_post_problem(claim->refusal));
    ac_error_about(err, "%s", claim->authorization.identifier.value);
    return code;
}

/* What to do about a claim on which the CA does not move. */
static enum ac_code nudge(struct ac_issue *issue, struct ac_claim *claim,
                          bool *ret_must_tell, struct ac_error *err)
{
    if (is_untouched(claim) && is_final_refusal(claim))
        return fail_refused(issue, claim, err);
    if (is_untouched(claim) && wants_telling(claim)) {
        if (claim->tell_count >= AC_ISSUE_TELL_MAX && claim->refusal)
            return fail_refused(issue, claim, err);
        claim->is_given_up = claim->tell_count >= AC_ISSUE_TELL_MAX;
        claim->is_told = claim->is_given_up;
        *ret_must_tell |= !claim->is_told;
    }
    ac_issue_free_post(&claim->refusal);
    return AC_OK;
}

enum ac_code ac_issue_recheck(struct ac_issue *issue, struct ac_error *err)
{
    bool has_failure = false;
    bool must_tell = false;
    bool is_valid = true;

    if (!ac_issue_is_reading(issue))
        AC_TRY(ac_issue_read_claims(issue, err));
    if (!ac_issue_claims_are_read(issue))
        return AC_OK;
    AC_TRY(take_in_all(issue, err));
    for (size_t i = 0; i < issue->claim_count; i++) {
        AC_TRY(nudge(issue, &issue->claims[i], &must_tell, err));
        has_failure |= ac_issue_has_failed(&issue->claims[i]);
        is_valid &= issue->claims[i].authorization.status == AC_AUTHORIZATION_VALID;
    }
    issue->phase = AC_PHASE_VALIDATE;
    if (must_tell) {
        issue->phase = AC_PHASE_RESPOND;
        issue->is_telling = false;
    }
    if (has_failure) {
        issue->phase = AC_PHASE_EXPLAIN;
    } else if (is_valid && issue->is_in_advance) {
        return ac_issue_end_preauthorize(issue, err);
    } else if (is_valid && ac_clock_now_ms() >= issue->guess_at_ms) {
        /* OR-07: some servers never say "ready" */
        issue->phase = AC_PHASE_FINALIZE;
    }
    return issue->is_in_advance ? ac_issue_poll_later(issue, NULL, err) : AC_OK;
}
