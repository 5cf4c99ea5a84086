/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns-persist-01 (draft-ietf-acme-dns-persist): a TXT record that stays, and says which
 * CA may issue to which account. There is no token: the record is a CAA issue-value.
 */
#ifndef AC_ACME_PERSIST_H
#define AC_ACME_PERSIST_H

#include "acme/authorization.h"

#define AC_PERSIST_TYPE        "dns-persist-01"
#define AC_PERSIST_ISSUERS_MAX 10 /* of the draft */
#define AC_PERSIST_DAYS_MAX    3650
#define AC_PERSIST_ACCOUNT_MAX 700 /* octets of an account's URI in a record */

/*
 * Reads issuer-domain-names and accounturi of a challenge object. *ret_is_usable false:
 * none or too many issuers, or text that cannot be in a record; the challenge is to be
 * passed over.
 */
AC_MUST enum ac_code ac_persist_read(const struct ac_json *json,
                                     struct ac_challenge *challenge,
                                     bool *ret_is_usable, struct ac_error *err);
/* The issuer to write: one that the CA's directory names too, else its first. Lent. */
const char *ac_persist_issuer(const struct ac_challenge *challenge,
                              const struct ac_words *identities);

struct ac_persist_record {
    const char *issuer;
    const char *account_uri;
    bool is_wildcard; /* "*." may be issued, too */
    int64_t until;    /* persistUntil [s, UTC]; 0: without end */
};
/* "_validation-persist." and the name, a wildcard by its base. Free with free(). */
AC_MUST enum ac_code ac_persist_name(const struct ac_identifier *identifier,
                                     char **ret_name, struct ac_error *err);
/* The TXT value. AC_E_INVALID: the URI cannot be in one. Free with free(). */
AC_MUST enum ac_code ac_persist_value(const struct ac_persist_record *record,
                                      char **ret_value, struct ac_error *err);

/* What a record must say so that the CA takes it for one name. All lent. */
struct ac_persist_need {
    const struct ac_words *issuers; /* of the challenge: any of them will do */
    const char *account_uri;
    bool is_wildcard;
    int64_t utc; /* now */
};

enum ac_persist_verdict {
    AC_PERSIST_GOOD,
    AC_PERSIST_FOREIGN,   /* nothing of this kind: other TXT records lie there, too */
    AC_PERSIST_MALFORMED, /* for one of these CAs, which must refuse it */
    AC_PERSIST_OTHER_ISSUER,  /* for another CA */
    AC_PERSIST_OTHER_ACCOUNT, /* for this CA, and somebody else */
    AC_PERSIST_NO_WILDCARD,   /* ours, but a wildcard needs policy=wildcard */
    AC_PERSIST_EXPIRED        /* ours, and persistUntil is past */
};
/*
 * What a TXT value that was found means for this need. Pure.
 *
 * ret_until  persistUntil when it is GOOD or EXPIRED, else unchanged; 0: without end
 */
enum ac_persist_verdict ac_persist_judge(const char *value,
                                         const struct ac_persist_need *need,
                                         int64_t *ret_until);

#endif
