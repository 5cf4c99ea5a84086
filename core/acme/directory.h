/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the CA keeps its doors (RFC 8555 7.1.1).
 */
#ifndef AC_ACME_DIRECTORY_H
#define AC_ACME_DIRECTORY_H

#include "base/json.h"

/* URLs exactly as the CA wrote them; NULL when absent. All owned. */
struct ac_directory {
    char *url;                                 /* its own */
    char *new_nonce, *new_account, *new_order; /* never NULL */
    char *new_authorization, *revoke_certificate, *key_change, *renewal_info;
    char *terms_of_service,
        *website; /* meta; may be data: URLs; shown, never fetched */
    struct ac_words caa_identities;
    struct ac_words profiles;             /* names */
    struct ac_words profile_descriptions; /* the same order */
    bool needs_eab;                       /* meta.externalAccountRequired */
    bool allows_subdomains;               /* meta.subdomainAuthAllowed (RFC 9444 4) */
};

/*
 * AC_E_PROTOCOL: not an object, or newNonce, newAccount or newOrder is missing. Unknown
 * members and a meta of wrong types are passed over.
 */
AC_MUST enum ac_code ac_directory_parse(const char *url, const char *body, size_t size,
                                        struct ac_directory **ret_directory,
                                        struct ac_error *err);
void ac_directory_free(struct ac_directory *directory);
AC_DEFINE_DROP(ac_directory, ac_directory_free)

#endif
