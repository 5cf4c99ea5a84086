/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signs one request: flattened JWS (RFC 7515 7.2.2) as RFC 8555 6.2 narrows it.
 */
#ifndef AC_ACME_JWS_H
#define AC_ACME_JWS_H

#include "crypto/digest.h"
#include "crypto/key.h"

struct ac_jws_header {
    const char *nonce; /* NULL: no nonce member (inner JWS of 7.3.4 and 7.3.5) */
    const char *url;
    const char *kid; /* the account URL; NULL: the public key goes in as "jwk" */
};

/* payload NULL is POST-as-GET: the empty string (6.3). */
AC_MUST enum ac_code ac_jws_sign(const struct ac_key *key,
                                 const struct ac_jws_header *header,
                                 const char *payload, struct ac_text *ret_body,
                                 struct ac_error *err);
struct ac_jws_binding {
    const char *kid; /* the CA's name for the MAC key */
    const char *url; /* of newAccount */
    enum ac_hmac algorithm;
    const struct ac_secret *mac_key;
};

/* The externalAccountBinding value (7.3.4): protected {alg, kid, url}, payload the
 * account key's JWK, MAC by `mac_key`. AC_E_USAGE: a MAC key under 16 octets. */
AC_MUST enum ac_code ac_jws_bind(const struct ac_key *account_key,
                                 const struct ac_jws_binding *binding,
                                 struct ac_text *ret_body, struct ac_error *err);

struct ac_jws_change {
    const char *url;     /* of keyChange */
    const char *account; /* its URL */
    const struct ac_key *old_key;
};

/* The inner JWS of keyChange (7.3.5), signed by the new key, which is its "jwk": no
 * nonce; payload {account, oldKey}. */
AC_MUST enum ac_code ac_jws_change_key(const struct ac_key *new_key,
                                       const struct ac_jws_change *change,
                                       struct ac_text *ret_body, struct ac_error *err);

#endif
