/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pre-authorization (RFC 8555 7.4.1): the names are proven before there is an order,
 * where the CA has that. Wildcards cannot be, and a CA may refuse: what is not proven
 * then is proven with the order, as ever.
 */
#include "engine/issue/issue_steps.h"

#include <string.h>

/* What is asked for in place of this name; NULL: nothing, or it was already. */
static const char *subject_of(const struct ac_issue *issue, size_t index,
                              bool *ret_is_ancestor)
{
    const struct ac_identifiers *names = &issue->here.identifiers;
    const struct ac_identifier *name = &names->items[index];
    const char *ancestor = ac_issue_ancestor(issue, name);

    *ret_is_ancestor = ancestor != NULL;
    for (size_t i = 0; ancestor && i < index; i++) {
        const char *other = ac_issue_ancestor(issue, &names->items[i]);

        if (other && strcmp(other, ancestor) == 0)
            return NULL;
    }
    if (!ancestor && ac_identifier_is_wildcard(name))
        return NULL;
    return ancestor ? ancestor : name->value;
}

static enum ac_code ask(struct ac_issue *issue, size_t index, struct ac_error *err)
{
    struct ac_identifier identifier = issue->here.identifiers.items[index];
    bool is_ancestor;
    const char *subject = subject_of(issue, index, &is_ancestor);

    if (!subject)
        return AC_OK;
    if (is_ancestor)
        AC_TRY(ac_identifier_parse(subject, &identifier, err));
    return ac_authorization_create(issue->client, &identifier, is_ancestor,
                                   &issue->claims[issue->claim_count++].post, err);
}

static enum ac_code ask_all(struct ac_issue *issue, struct ac_error *err)
{
    size_t count = issue->here.identifiers.count;

    AC_TRY(
        ac_memory_new(count + 1, sizeof *issue->claims, (void *)&issue->claims, err));
    for (size_t i = 0; i < count; i++)
        AC_TRY(ask(issue, i, err));
    issue->is_in_advance = true;
    return AC_OK;
}

/* One of an earlier run is continued. */
static bool has_order(const struct ac_issue *issue)
{
    const char *noted = ac_journal_order(issue->journal).directory_url;

    return noted && strcmp(noted, issue->here.directory_url) == 0
           && !ac_issue_begins_anew(issue);
}

/* Is there something to be done in advance, and can it be? */
static enum ac_code begin(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_directory *directory;

    AC_TRY(ac_client_directory(issue->client, &directory, err));
    issue->has_preauthorized = true;
    issue->phase = AC_PHASE_ORDER;
    if (!issue->here.preauthorizes || has_order(issue))
        return AC_OK;
    if (!directory->new_authorization) {
        ac_issue_warn(issue, "this CA has no pre-authorization (no newAuthz in its "
                             "directory); the names are proven with the order");
        return AC_OK;
    }
    issue->phase = AC_PHASE_PREAUTHORIZE;
    return ask_all(issue, err);
}

/* Without this one; the last takes its place. */
static void drop_claim(struct ac_issue *issue, size_t index)
{
    struct ac_claim *claim = &issue->claims[index];

    ac_issue_free_post(&claim->post);
    *claim = issue->claims[--issue->claim_count];
    issue->claims[issue->claim_count] = (struct ac_claim){ 0 };
}

static enum ac_code take_in(struct ac_issue *issue, size_t index, struct ac_error *err)
{
    struct ac_claim *claim = &issue->claims[index];
    enum ac_code code =
        ac_authorization_created(claim->post, &claim->authorization, err);

    if (code == AC_E_PROBLEM) {
        ac_issue_warn(issue,
                      "the CA does not authorize in advance (%s); that is proven with "
                      "the order",
                      err->detail);
        drop_claim(issue, index);
        return AC_OK;
    }
    if (code != AC_OK) {
        ac_issue_note_problem(issue, ac_post_problem(claim->post));
        return code;
    }
    ac_issue_free_post(&claim->post);
    return ac_issue_check_wanted(issue, &claim->authorization, err);
}

enum ac_code ac_issue_preauthorize(struct ac_issue *issue, struct ac_error *err)
{
    if (!issue->has_preauthorized)
        AC_TRY(begin(issue, err));
    if (issue->phase != AC_PHASE_PREAUTHORIZE || !ac_issue_claims_are_read(issue))
        return AC_OK;
    for (size_t i = issue->claim_count; i-- > 0;)
        AC_TRY(take_in(issue, i, err));
    issue->phase = AC_PHASE_AUTHORIZE;
    return AC_OK;
}

enum ac_code ac_issue_end_preauthorize(struct ac_issue *issue, struct ac_error *err)
{
    (void)err;
    issue->is_in_advance = false;
    issue->next = AC_ISSUE_NEXT_ORDER;
    ac_issue_leave_answers(issue);
    issue->phase = AC_PHASE_LEAVE;
    return AC_OK;
}
