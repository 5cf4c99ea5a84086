/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "acme/persist.h"
#include "base/clock.h"
#include "base/log.h"
#include "engine/issue/persistent.h"

#include <string.h>

#define DAY_S    INT64_C(86400)
#define AHEAD_S  (30 * DAY_S) /* a record that ends sooner is told of */
#define TOLD_MAX 5            /* records of others, and records that end, of one run */
#define NONE     SIZE_MAX
#define SHOWN    160 /* characters of a record */

/* ---- what ours is to say */

static const char *wanted_account(const struct ac_issue *issue,
                                  const struct ac_claim *claim)
{
    const char *given = claim->challenge->account_uri;

    return given ? given : ac_client_kid(issue->client);
}

/* The challenge's word counts (the drafts know accounts under other URIs than their
 * own), but a record that stays and names somebody else is worth a warning. */
static void warn_of_account(struct ac_issue *issue, const struct ac_claim *claim)
{
    const char *own = ac_client_kid(issue->client);
    const char *given = wanted_account(issue, claim);

    if (strcmp(given, own) != 0) {
        ac_issue_warn(issue,
                      "for %s the CA wants a record of the account %s, and ours is %s; "
                      "it is written as the CA wants it",
                      claim->authorization.identifier.value, given, own);
    }
}

/* --persist-for, from now on; 0: without end. */
static enum ac_code find_end(const struct ac_issue *issue, int64_t *ret_until,
                             struct ac_error *err)
{
    const char *text = issue->here.persist_for;
    int64_t days;

    *ret_until = 0;
    if (!text)
        return AC_OK;
    AC_TRY(ac_text_parse_number(text, 1, AC_PERSIST_DAYS_MAX, &days, err));
    *ret_until = ac_clock_utc() + days * DAY_S;
    return AC_OK;
}

enum ac_code ac_issue_prepare_persist(struct ac_issue *issue, struct ac_claim *claim,
                                      struct ac_error *err)
{
    const struct ac_identifier *identifier = &claim->authorization.identifier;
    const struct ac_directory *directory;
    AC_AUTO_TEXT char *name = NULL;
    AC_AUTO_TEXT char *value = NULL;

    AC_TRY(ac_client_directory(issue->client, &directory, err));
    warn_of_account(issue, claim);
    AC_TRY(find_end(issue, &claim->persist_until, err));
    struct ac_persist_record record = {
        .issuer = ac_persist_issuer(claim->challenge, &directory->caa_identities),
        .account_uri = wanted_account(issue, claim),
        .is_wildcard = ac_identifier_is_wildcard(identifier),
        .until = claim->persist_until,
    };
    AC_TRY(ac_persist_name(identifier, &name, err));
    AC_TRY(ac_persist_value(&record, &value, err));
    struct acmecore_challenge challenge = {
        .struct_size = sizeof challenge,
        .type = claim->challenge->type,
        .identifier = ac_identifier_base(identifier),
        .record_name = name,
        .record_value = value,
    };
    claim->answer.is_kept = true;
    return ac_batch_add(&claim->answer.one, &challenge, err);
}

/* ---- what is there already */

/* Why a record cannot be used; NULL: nobody needs to be told. */
static const char *const reasons[] = {
    [AC_PERSIST_MALFORMED] = "is malformed, so no CA takes it",
    [AC_PERSIST_OTHER_ISSUER] = "is for another CA",
    [AC_PERSIST_OTHER_ACCOUNT] = "is for another account than the CA asks for",
    [AC_PERSIST_NO_WILDCARD] = "has no policy=wildcard, which a wildcard needs",
    [AC_PERSIST_EXPIRED] = "has expired (persistUntil)",
};

static void tell(struct ac_issue *issue, const struct ac_claim *claim,
                 const char *value, enum ac_persist_verdict verdict)
{
    bool is_long = strlen(value) > SHOWN;

    if (!reasons[verdict] || issue->persist_told++ >= TOLD_MAX)
        return;
    ac_issue_warn(issue,
                  "the record \"%.*s%s\" at %s does not do for %s: it %s; it stays as "
                  "it is, and ours is added",
                  SHOWN, value, is_long ? "..." : "",
                  ac_answer_challenge(&claim->answer)->record_name,
                  claim->authorization.identifier.value, reasons[verdict]);
}

static bool lasts_longer(int64_t until, int64_t other)
{
    return until == 0 || (other != 0 && until > other);
}

/* The index of the one that lasts longest of those that the CA will take; or NONE. */
static size_t find_good(const struct ac_words *values,
                        const struct ac_persist_need *need, int64_t *ret_until)
{
    size_t found = NONE;

    for (size_t i = 0; i < values->count; i++) {
        int64_t until = 0;

        if (ac_persist_judge(values->items[i], need, &until) != AC_PERSIST_GOOD
            || (found != NONE && !lasts_longer(until, *ret_until)))
            continue;
        found = i;
        *ret_until = until;
    }
    return found;
}

static enum ac_code use(struct ac_claim *claim, const char *value, struct ac_error *err)
{
    struct acmecore_challenge challenge = *ac_answer_challenge(&claim->answer);

    ac_log(AC_LOG_INFO, "persist.found", "name", challenge.record_name, "value", value,
           NULL);
    challenge.record_value = value;
    claim->answer.is_there = true;
    return ac_issue_change_answer(claim, &challenge, err);
}

enum ac_code ac_issue_use_persistent(struct ac_issue *issue, struct ac_claim *claim,
                                     const struct ac_words *values,
                                     struct ac_error *err)
{
    const struct ac_identifier *identifier = &claim->authorization.identifier;
    struct ac_persist_need need = {
        .issuers = &claim->challenge->issuers,
        .account_uri = wanted_account(issue, claim),
        .is_wildcard = ac_identifier_is_wildcard(identifier),
        .utc = ac_clock_utc(),
    };
    int64_t until;

    if (!values) {
        ac_log(AC_LOG_INFO, "persist.unknown", "name",
               ac_answer_challenge(&claim->answer)->record_name, NULL);
        return AC_OK;
    }
    size_t good = find_good(values, &need, &until);
    if (good != NONE) {
        claim->persist_until = until;
        return use(claim, values->items[good], err);
    }
    for (size_t i = 0; i < values->count; i++) {
        tell(issue, claim, values->items[i],
             ac_persist_judge(values->items[i], &need, &until));
    }
    return AC_OK;
}

/* ---- what stays */

enum ac_code ac_issue_note_persistent(struct ac_issue *issue,
                                      const struct ac_solver_spec *spec,
                                      struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };

    for (size_t i = 0; i < issue->claim_count; i++) {
        const struct ac_claim *claim = &issue->claims[i];

        if (!claim->answer.solver || claim->spec != spec || !claim->answer.is_kept
            || claim->answer.is_there)
            continue;
        AC_TRY(ac_batch_add(&batch, ac_answer_challenge(&claim->answer), err));
    }
    if (batch.count == 0)
        return AC_OK;
    return ac_persistent_note(issue->settings.store, issue->here.name, spec, &batch,
                              err);
}

void ac_issue_warn_persistent(struct ac_issue *issue, int64_t renew_at)
{
    int64_t ahead = ac_clock_utc() + AHEAD_S;
    int64_t needed = renew_at > ahead ? renew_at : ahead;
    unsigned told = 0;

    for (size_t i = 0; i < issue->claim_count && told < TOLD_MAX; i++) {
        const struct ac_claim *claim = &issue->claims[i];
        char until[AC_CLOCK_TEXT_SIZE];
        char due[AC_CLOCK_TEXT_SIZE];

        if (!claim->answer.is_kept || claim->persist_until == 0
            || claim->persist_until > needed)
            continue;
        told++;
        ac_issue_warn(issue,
                      "the record of %s at %s ends on %s (persistUntil), and the "
                      "certificate is due again on %s; a run after that end adds "
                      "another record",
                      claim->authorization.identifier.value,
                      ac_answer_challenge(&claim->answer)->record_name,
                      ac_clock_format(claim->persist_until, until),
                      ac_clock_format(renew_at, due));
    }
}
