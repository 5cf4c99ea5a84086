/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows an attempt that failed: names that did not validate are proven in
 * another way, or another CA is asked. Each type is tried once for each name and each
 * CA once in a run, so that this ends.
 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"
#include "engine/wanted/wanted_further.h"

#include <string.h>

/* ---- which CA */

static size_t ca_count(const struct ac_issue *issue)
{
    return 1 + issue->settings.wish->further.count;
}

static const char *ca_at(const struct ac_issue *issue, size_t index)
{
    const struct ac_wanted *wish = issue->settings.wish;

    return index == 0 ? wish->directory_url : wish->further.items[index - 1];
}

/* The first that was not asked in this run; false: there is none. */
static bool find_ca(const struct ac_issue *issue, size_t *ret_index)
{
    for (size_t i = 0; i < ca_count(issue); i++) {
        if (issue->asked >> i & 1)
            continue;
        *ret_index = i;
        return true;
    }
    return false;
}

/* One that is silent must leave time for those after it. */
static int64_t share_of_time(const struct ac_issue *issue)
{
    int64_t left_ms = ac_clock_left_ms(issue->settings.deadline_ms);
    size_t left = 1;

    for (size_t i = 0; i < ca_count(issue); i++)
        left += !(issue->asked >> i & 1);
    return left == 1 ? AC_CLOCK_NEVER : ac_clock_after_ms(left_ms / (int64_t)left);
}

static enum ac_code ask_ca(struct ac_issue *issue, size_t index, struct ac_error *err)
{
    const struct ac_wanted *wish = issue->settings.wish;
    struct ac_authority_place place = ac_authority_place_of(wish, ca_at(issue, index));
    struct ac_authority *authority;

    AC_TRY(ac_authorities_get(issue->settings.authorities, &place, &authority, err));
    issue->client = ac_authority_client(authority);
    issue->registration = ac_authority_registration(authority);
    issue->limits = ac_authority_limits(authority);
    issue->has_checked_refusals = false;
    issue->asked |= 1u << index;
    issue->share_until_ms = share_of_time(issue);
    issue->here.directory_url = (char *)ca_at(issue, index);
    ac_wanted_lend(&issue->here, ac_wanted_at(wish, index));
    return AC_OK;
}

/* An order of an earlier run is continued where it was made. */
enum ac_code ac_issue_choose_ca(struct ac_issue *issue, struct ac_error *err)
{
    const char *noted = ac_journal_order(issue->journal).directory_url;

    for (size_t i = 0; noted && i < ca_count(issue); i++) {
        if (strcmp(ca_at(issue, i), noted) == 0)
            return ask_ca(issue, i, err);
    }
    return ask_ca(issue, 0, err);
}

/* Would another CA be asked by now, were this one silent? */
static bool can_be_left(const struct ac_issue *issue)
{
    if (issue->phase == AC_PHASE_WAIT)
        return issue->outcome.is_resumed && !ac_issue_is_bound(issue);
    return issue->phase == AC_PHASE_ACCOUNT || issue->phase == AC_PHASE_ORDER;
}

enum ac_code ac_issue_check_share(struct ac_issue *issue, struct ac_error *err)
{
    if (ac_clock_now_ms() < issue->share_until_ms || !can_be_left(issue))
        return AC_OK;
    return ac_fail(err, AC_E_NETWORK,
                   "%s has not %s in its share of the time this run has (--timeout)",
                   issue->here.directory_url,
                   issue->phase == AC_PHASE_WAIT ? "issued" : "answered");
}

int64_t ac_issue_share_until_ms(const struct ac_issue *issue)
{
    bool has_share = issue->phase == AC_PHASE_WAIT && issue->outcome.is_resumed
                     && ac_clock_now_ms() < issue->share_until_ms;

    return has_share ? issue->share_until_ms : AC_CLOCK_NEVER;
}

/* ---- which type */

/* Of the wanted name that this one proves. */
static size_t index_of(const struct ac_issue *issue,
                       const struct ac_identifier *identifier)
{
    const struct ac_identifiers *wanted = &issue->settings.wish->identifiers;

    for (size_t i = 0; i < wanted->count; i++) {
        if (ac_identifier_is_equal(&wanted->items[i], identifier))
            return i;
    }
    for (size_t i = 0; i < wanted->count; i++) {
        if (strcmp(ac_identifier_base(&wanted->items[i]), identifier->value) == 0)
            return i;
    }
    return wanted->count; /* one more than there are: for any other */
}

unsigned ac_issue_tried(const struct ac_issue *issue,
                        const struct ac_identifier *identifier)
{
    return issue->tried[index_of(issue, identifier)];
}

/* What is wrong with the answer itself, another one may do better. */
static bool is_of_answer(const struct ac_problem *problem)
{
    static const char *const types[] = { "connection", "dns", "incorrectResponse",
                                         "tls", "unauthorized" };

    for (size_t i = 0; i < AC_COUNT(types); i++) {
        if (ac_problem_is(problem, types[i]))
            return true;
    }
    return false;
}

/* Is there a solver, of those that are given, for another type that is offered? A
 * solver that cannot be had is none. */
static bool has_other_way(struct ac_issue *issue, const struct ac_claim *claim,
                          bool *ret_is_loading)
{
    const struct ac_wanted *wish = issue->settings.wish;
    const struct ac_identifier *identifier = &claim->authorization.identifier;
    unsigned tried = ac_issue_tried(issue, identifier);
    AC_AUTO(ac_candidates) candidates = { 0 };
    struct ac_error ignored;

    if (ac_select_candidates(wish, identifier, &candidates, &ignored) != AC_OK)
        return false;
    for (size_t i = 0; i < candidates.count; i++) {
        const struct ac_solver_spec *spec =
            ac_wanted_find_spec(wish, candidates.solvers[i]);
        struct ac_solver *solver;

        if (ac_instances_get(issue->settings.instances, spec, &solver, &ignored)
                != AC_OK
            || ac_solver_state(solver, &ignored) != AC_OK)
            continue;
        *ret_is_loading |= !ac_solver_is_open(solver);
        if (*ret_is_loading)
            return false;
        if (ac_select_type_among(wish, &ac_solver_descriptor(solver)->types,
                                 claim->offered & ~tried, identifier))
            return true;
    }
    return false;
}

static void note_tried(struct ac_issue *issue, const struct ac_claim *claim)
{
    if (claim->answer.solver) {
        issue->tried[index_of(issue, &claim->authorization.identifier)] |=
            ac_select_bit(ac_answer_challenge(&claim->answer)->type);
    }
}

/* What every failed name has in common decides what may follow. */
bool ac_issue_weigh_failures(struct ac_issue *issue)
{
    bool is_loading = false;
    bool has_way = true;

    issue->is_unwilling = true;
    for (size_t i = 0; i < issue->claim_count && !is_loading; i++) {
        const struct ac_claim *claim = &issue->claims[i];
        bool is_answer = is_of_answer(ac_authorization_error(&claim->authorization));

        if (!ac_issue_has_failed(claim))
            continue;
        note_tried(issue, claim);
        issue->is_unwilling &= !is_answer;
        has_way = has_way && is_answer && has_other_way(issue, claim, &is_loading);
    }
    issue->next = has_way && !is_loading ? AC_ISSUE_NEXT_ORDER : AC_ISSUE_NEXT_NONE;
    return !is_loading;
}

/* ---- is there another attempt? */

/* Would another CA fare better? Not where what is wrong is ours: the settings, a
 * plugin, the store, or what the answers to the challenges were. */
static bool is_of_ca(const struct ac_issue *issue, const struct ac_error *why)
{
    static const bool of_ca[AC_CODE_COUNT] = {
        [AC_E_NETWORK] = true,
        [AC_E_PROTOCOL] = true,
        [AC_E_PROBLEM] = true,
        [AC_E_RATE_LIMITED] = true,
    };

    if (issue->phase < AC_PHASE_ACCOUNT || issue->phase == AC_PHASE_LOCATE
        || issue->phase == AC_PHASE_PRESENT)
        return false;
    if (why->code == AC_E_TIMEOUT) /* it will not issue in the time of this run */
        return issue->phase == AC_PHASE_WAIT;
    return of_ca[why->code] || (why->code == AC_E_CHALLENGE && issue->is_unwilling);
}

static enum ac_code note_attempt(struct ac_issue *issue, const struct ac_error *why,
                                 struct ac_error *err)
{
    struct ac_outcome *outcome = &issue->outcome;
    AC_AUTO(ac_json) *attempt = NULL;

    if (!outcome->attempts)
        AC_TRY(ac_json_new(&outcome->attempts, err, "[]"));
    AC_TRY(ac_json_new(&attempt, err, "{s:s, s:s, s:s}", "directory",
                       issue->here.directory_url, "code", ac_code_name(why->code),
                       "message", why->detail));
    if (outcome->problem)
        AC_TRY(ac_json_set(attempt, "problem", &outcome->problem, err));
    if (outcome->failures)
        AC_TRY(ac_json_set(attempt, "identifiers", &outcome->failures, err));
    return ac_json_append(outcome->attempts, &attempt, err);
}

static void remember(struct ac_issue *issue, const struct ac_error *why)
{
    struct ac_error ignored;

    (void)!note_attempt(issue, why, &ignored);
    ac_json_free(issue->outcome.problem);
    issue->outcome.problem = NULL;
    ac_json_free(issue->outcome.failures);
    issue->outcome.failures = NULL;
    issue->earlier = *why;
}

bool ac_issue_plan_another(struct ac_issue *issue, const struct ac_error *why)
{
    size_t index;

    if (issue->next == AC_ISSUE_NEXT_ORDER && why->code == AC_E_CHALLENGE) {
        ac_issue_warn(issue, "%s; trying another challenge type", why->detail);
        remember(issue, why);
        return true;
    }
    issue->next = AC_ISSUE_NEXT_NONE;
    if (!issue->client || !is_of_ca(issue, why) || !find_ca(issue, &index)
        || ac_issue_is_bound(issue)
        || ac_clock_left_ms(issue->settings.deadline_ms) == 0)
        return false;
    ac_issue_warn(issue, "%s: %s; asking %s", issue->here.directory_url, why->detail,
                  ca_at(issue, index));
    remember(issue, why);
    issue->next = AC_ISSUE_NEXT_CA;
    return true;
}

static enum ac_code go_to_next_ca(struct ac_issue *issue, struct ac_error *err)
{
    size_t index = 0;

    (void)find_ca(issue, &index); /* there is one: the plan says so */
    AC_TRY(ask_ca(issue, index, err));
    memset(issue->tried, 0,
           (issue->settings.wish->identifiers.count + 1) * sizeof *issue->tried);
    issue->has_asked_caa = false;
    issue->has_preauthorized = false;
    issue->drops_profile = false;
    issue->drops_replaces = false;
    issue->phase = AC_PHASE_ACCOUNT;
    return AC_OK;
}

enum ac_code ac_issue_end_order(struct ac_issue *issue, struct ac_error *err)
{
    const char *noted = ac_journal_order(issue->journal).directory_url;
    bool is_elsewhere = noted && strcmp(noted, issue->here.directory_url) != 0;

    return is_elsewhere ? AC_OK : ac_journal_end(issue->journal, err);
}

enum ac_code ac_issue_begin_another(struct ac_issue *issue, struct ac_error *err)
{
    enum ac_issue_next next = issue->next;

    issue->next = AC_ISSUE_NEXT_NONE;
    issue->outcome.is_resumed = false;
    issue->finalize_count = 0;
    issue->download_count = 0;
    issue->end = AC_ISSUE_END_JUDGE;
    issue->is_in_advance = false;
    ac_issue_drop_order(issue);
    if (next == AC_ISSUE_NEXT_CA)
        return go_to_next_ca(issue, err);
    AC_TRY(ac_issue_end_order(issue, err));
    issue->phase = AC_PHASE_ORDER;
    return AC_OK;
}

/* What is missing at a CA that was only the last resort says less than what went wrong
 * at the one before. */
void ac_issue_conclude(struct ac_issue *issue, const struct ac_error *why)
{
    bool is_afterthought = why->code == AC_E_USAGE && issue->earlier.code != AC_OK;

    if (is_afterthought)
        ac_issue_warn(issue, "%s: %s", issue->here.directory_url, why->detail);
    issue->outcome.error = is_afterthought ? issue->earlier : *why;
    issue->outcome.code = issue->outcome.error.code;
}
