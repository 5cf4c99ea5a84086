/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authorizations (RFC 8555 7.1.4, 7.5) and the challenges they offer.
 */
#ifndef AC_ACME_AUTHORIZATION_H
#define AC_ACME_AUTHORIZATION_H

#include "acme/client.h"
#include "base/identifier.h"

#define AC_AUTHORIZATION_CHALLENGES_MAX 32

enum ac_authorization_status {
    AC_AUTHORIZATION_PENDING,
    AC_AUTHORIZATION_VALID,
    AC_AUTHORIZATION_INVALID,
    AC_AUTHORIZATION_DEACTIVATED,
    AC_AUTHORIZATION_EXPIRED,
    AC_AUTHORIZATION_REVOKED,
    AC_AUTHORIZATION_STATUS_COUNT
};

enum ac_challenge_status {
    AC_CHALLENGE_PENDING,
    AC_CHALLENGE_PROCESSING,
    AC_CHALLENGE_VALID,
    AC_CHALLENGE_INVALID,
    AC_CHALLENGE_STATUS_COUNT
};

struct ac_challenge {
    char *type;
    char *url;
    char *token; /* checked: base64url (8.3); NULL when the type has none */
    enum ac_challenge_status status;
    struct ac_problem *error; /* or NULL */
    /* dns-persist-01 only (acme/persist): */
    struct ac_words issuers; /* at least one */
    char *account_uri;       /* or NULL: that of the account */
};

struct ac_authorization {
    char *url;
    enum ac_authorization_status status;
    struct ac_identifier identifier; /* with "*." when wildcard (7.1.4) */
    int64_t expires;                 /* UTC seconds; 0: not said */
    struct ac_challenge *challenges;
    size_t challenge_count;
    bool has_bad_token;     /* a challenge was left out for its token (CH-07) */
    bool allows_subdomains; /* it is for the names below, too (RFC 9444 4) */
};

const char *ac_authorization_status_name(enum ac_authorization_status status);

/*
 * Reads an authorization object. Unknown challenge types and challenges without a token
 * are kept or passed over quietly (CH-04); a token that is not base64url makes the
 * challenge unusable (CH-07: it is left out); AC_E_PROTOCOL: no object, unknown status,
 * no identifier.
 */
AC_MUST enum ac_code ac_authorization_parse(const struct ac_json *json, const char *url,
                                            struct ac_authorization *ret_authorization,
                                            struct ac_error *err);
void ac_authorization_done(struct ac_authorization *authorization);
AC_DEFINE_DROP_VALUE(ac_authorization, ac_authorization_done)

/* The challenge of this type, or NULL; lent. */
const struct ac_challenge *ac_authorization_find(
    const struct ac_authorization *authorization, const char *type);
/* "http-01, dns-01": the types offered, for messages. */
AC_MUST enum ac_code ac_authorization_types(
    const struct ac_authorization *authorization, struct ac_text *ret_text,
    struct ac_error *err);
/* The error of the challenge that failed, or NULL; lent. */
const struct ac_problem *ac_authorization_error(
    const struct ac_authorization *authorization);

/* Asks for one before there is an order (7.4.1); not for wildcards. With
 * `allows_subdomains` for all names below it, too (RFC 9444). AC_E_USAGE: the CA has no
 * newAuthz. */
AC_MUST enum ac_code ac_authorization_create(struct ac_client *client,
                                             const struct ac_identifier *identifier,
                                             bool allows_subdomains,
                                             struct ac_post **ret_post,
                                             struct ac_error *err);
/* AC_E_PROTOCOL: no Location, or no authorization. */
AC_MUST enum ac_code ac_authorization_created(
    struct ac_post *post, struct ac_authorization *ret_authorization,
    struct ac_error *err);
AC_MUST enum ac_code ac_authorization_read(struct ac_client *client, const char *url,
                                           struct ac_post **ret_post,
                                           struct ac_error *err);
AC_MUST enum ac_code ac_authorization_update(struct ac_authorization *authorization,
                                             struct ac_post *post,
                                             struct ac_error *err);
/* 7.5.2; used on abort for pending ones (CH-16). */
AC_MUST enum ac_code ac_authorization_deactivate(struct ac_client *client,
                                                 const char *url,
                                                 struct ac_post **ret_post,
                                                 struct ac_error *err);

/* ---- challenges (section 8) */

/* token "." thumbprint (8.1). Free with free(). */
AC_MUST enum ac_code ac_challenge_key_authorization(const char *token,
                                                    const struct ac_key *account_key,
                                                    char **ret_text,
                                                    struct ac_error *err);
/* base64url(SHA-256(key authorization)): the dns-01 TXT value (8.4). Free with free().
 */
AC_MUST enum ac_code ac_challenge_txt_value(const char *key_authorization,
                                            char **ret_text, struct ac_error *err);
/* The name of the TXT record of dns-01, or of dns-account-01 for this account URL
 * (draft-ietf-acme-dns-account-label); wildcards by their base. Free with free(). */
AC_MUST enum ac_code ac_challenge_record_name(const char *type,
                                              const struct ac_identifier *identifier,
                                              const char *account_url, char **ret_text,
                                              struct ac_error *err);
/* Tells the CA that the answer is there: payload {} (7.5.1). Not repeatable. */
AC_MUST enum ac_code ac_challenge_respond(struct ac_client *client,
                                          const struct ac_challenge *challenge,
                                          struct ac_post **ret_post,
                                          struct ac_error *err);
/* Takes in the answer; the status in it may be final already (step-ca). */
AC_MUST enum ac_code ac_challenge_update(struct ac_challenge *challenge,
                                         struct ac_post *post, struct ac_error *err);

#endif
