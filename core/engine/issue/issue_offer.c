/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"
#include "engine/held/held.h"

#include <stdlib.h>
#include <string.h>

/*
 * What a new order makes use of where the CA offers it: a profile
 * (draft-ietf-acme-profiles), and the certificate that it replaces (RFC 9773 5). What
 * the CA then refuses because of them is asked for once more without them.
 */

/* ---- profiles */

static enum ac_code fail_not_offered(const char *profile,
                                     const struct ac_directory *directory,
                                     struct ac_error *err)
{
    AC_AUTO(ac_text) list = { 0 };

    if (directory->profiles.count == 0) {
        return ac_fail(err, AC_E_USAGE,
                       "the CA has no profiles, and \"%s\" is required", profile);
    }
    AC_TRY(ac_words_join(&directory->profiles, ", ", &list, err));
    return ac_fail(err, AC_E_USAGE,
                   "the CA does not offer the profile \"%s\", which is required; it "
                   "offers %s",
                   profile, ac_text_get(&list));
}

enum ac_code ac_issue_choose_profile(struct ac_issue *issue, const char **ret_profile,
                                     struct ac_error *err)
{
    const struct ac_wanted *wanted = &issue->here;
    const struct ac_directory *directory;

    AC_TRY(ac_client_directory(issue->client, &directory, err));
    *ret_profile = wanted->required_profile;
    if (*ret_profile && !ac_words_has(&directory->profiles, *ret_profile))
        return fail_not_offered(*ret_profile, directory, err);
    if (*ret_profile)
        return AC_OK;
    *ret_profile = issue->drops_profile ? NULL : wanted->profile;
    if (*ret_profile && !ac_words_has(&directory->profiles, *ret_profile)) {
        ac_issue_warn(issue,
                      "the CA does not offer the profile \"%s\"; its default is used",
                      *ret_profile);
        *ret_profile = NULL;
    }
    return AC_OK;
}

enum ac_code ac_issue_check_profile(struct ac_issue *issue, struct ac_error *err)
{
    const char *used = issue->order.profile;

    if (!issue->profile || !used || strcmp(used, issue->profile) == 0)
        return AC_OK;
    if (issue->here.required_profile) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA made an order of the profile \"%s\", and \"%s\" is "
                       "required",
                       used, issue->profile);
    }
    ac_issue_warn(issue, "the CA uses the profile \"%s\" in place of \"%s\"", used,
                  issue->profile);
    return AC_OK;
}

/* ---- the predecessor */

static bool has_common(const struct ac_identifiers *a, const struct ac_identifiers *b)
{
    for (size_t i = 0; i < a->count; i++) {
        for (size_t j = 0; j < b->count; j++) {
            if (ac_identifier_is_equal(&a->items[i], &b->items[j]))
                return true;
        }
    }
    return false;
}

static bool is_same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* B.1: of the same account at the same CA, with a name in common; not one that nobody
 * would call replaced. */
static bool is_predecessor(const struct ac_issue *issue, const struct ac_held *held)
{
    const struct ac_state_origin *origin = &held->state.origin;
    const struct ac_wanted *wanted = &issue->here;

    return held->renewal_id && ac_state_is_of(&held->state, held->serial)
           && is_same(origin->directory_url, wanted->directory_url)
           && is_same(origin->account_url, ac_client_kid(issue->client))
           && held->not_after > ac_clock_utc()
           && has_common(&held->identifiers, &wanted->identifiers);
}

static enum ac_code find_predecessor(struct ac_issue *issue, struct ac_error *err)
{
    AC_AUTO(ac_held) held = { 0 };
    const struct ac_directory *directory;
    struct ac_error why = { 0 };

    free(issue->replaces);
    issue->replaces = NULL;
    AC_TRY(ac_client_directory(issue->client, &directory, err));
    if (!directory->renewal_info || issue->drops_replaces)
        return AC_OK;
    enum ac_code code =
        ac_held_load(issue->settings.store, issue->here.name, &held, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK || !is_predecessor(issue, &held))
        return AC_OK;
    if (issue->key_index > 0) /* each of a set replaces the one of its type */
        return ac_issue_find_renewal_id(issue, &issue->replaces, err);
    issue->replaces = AC_TAKE(held.renewal_id);
    return AC_OK;
}

/* ---- both */

enum ac_code ac_issue_offer(struct ac_issue *issue, struct ac_order_request *request,
                            struct ac_error *err)
{
    AC_TRY(ac_issue_choose_profile(issue, &issue->profile, err));
    AC_TRY(find_predecessor(issue, err));
    request->profile = issue->profile;
    request->replaces = issue->replaces;
    return AC_OK;
}

/* Refusals that leaving out "replaces" would not mend. */
static bool is_about_something_else(const struct ac_problem *problem)
{
    static const char *const types[] = { "accountDoesNotExist",
                                         "badNonce",
                                         "badPublicKey",
                                         "badSignatureAlgorithm",
                                         "externalAccountRequired",
                                         "invalidProfile",
                                         "rateLimited",
                                         "rejectedIdentifier",
                                         "unsupportedIdentifier",
                                         "userActionRequired" };

    for (size_t i = 0; i < AC_COUNT(types); i++) {
        if (ac_problem_is(problem, types[i]))
            return true;
    }
    /* 500: Pebble, for one certificate of 256 (B.1). */
    return problem->status == 429 || problem->status > 500;
}

static bool can_drop_profile(const struct ac_issue *issue,
                             const struct ac_problem *problem)
{
    return issue->profile && !issue->here.required_profile
           && ac_problem_is(problem, "invalidProfile");
}

bool ac_issue_offers_less(struct ac_issue *issue)
{
    const struct ac_problem *problem = ac_post_problem(issue->post);

    if (!problem)
        return false;
    if (can_drop_profile(issue, problem)) {
        ac_issue_warn(issue,
                      "the CA refuses the profile \"%s\" (%s); its default is used",
                      issue->profile, problem->detail);
        issue->drops_profile = true;
        return true;
    }
    if (!issue->replaces || is_about_something_else(problem))
        return false;
    /* 7.4, alreadyReplaced: another run, or another client, was there before. */
    if (!ac_problem_is(problem, "alreadyReplaced")) {
        ac_issue_warn(issue,
                      "the CA does not take the new certificate as the replacement of "
                      "the old one (%s); it is ordered as any other",
                      problem->detail);
    }
    issue->drops_replaces = true;
    return true;
}
