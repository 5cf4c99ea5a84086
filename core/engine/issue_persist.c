/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue_steps.h"

#include "acme/persist.h"

#include <string.h>

/* The challenge's word counts (the drafts know accounts under other URIs than their
 * own), but a record that stays and names somebody else is worth a warning. */
static const char *account_of(struct ac_issue *issue, const struct ac_claim *claim)
{
    const char *own = ac_client_kid(issue->client);
    const char *given = claim->challenge->account_uri;

    if (given && strcmp(given, own) != 0) {
        ac_issue_warn(issue,
                      "for %s the CA wants a record of the account %s, and ours is %s; "
                      "it is written as the CA wants it",
                      claim->authorization.identifier.value, given, own);
    }
    return given ? given : own;
}

enum ac_code ac_issue_prepare_persist(struct ac_issue *issue, struct ac_claim *claim,
                                      struct ac_error *err)
{
    const struct ac_identifier *identifier = &claim->authorization.identifier;
    const struct ac_directory *directory;
    AC_AUTO_TEXT char *name = NULL;
    AC_AUTO_TEXT char *value = NULL;

    AC_TRY(ac_client_directory(issue->client, &directory, err));
    struct ac_persist_record record = {
        .issuer = ac_persist_issuer(claim->challenge, &directory->caa_identities),
        .account_uri = account_of(issue, claim),
        .is_wildcard = ac_identifier_is_wildcard(identifier),
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
