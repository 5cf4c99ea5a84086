/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revoking a certificate (RFC 8555 7.6): the wire form, and the reasons that a
 * subscriber may give.
 */
#ifndef AC_ACME_REVOCATION_H
#define AC_ACME_REVOCATION_H

#include "acme/client.h"

#define AC_REVOCATION_KEY_COMPROMISE 1
#define AC_REVOCATION_NO_REASON      (-1)

/* A word or a number of RFC 5280 5.3.1, any case. AC_E_USAGE: none, or one that is a
 * CA's to give; the detail lists those that are allowed. */
AC_MUST enum ac_code ac_revocation_reason_parse(const char *text, int *ret_reason,
                                                struct ac_error *err);
/* "keyCompromise"; "unspecified" also when none is given. Never NULL. */
const char *ac_revocation_reason_name(int reason);

/* is_keyed: the client's key is that of the certificate, and no account is used. */
struct ac_revocation_request {
    const void *der; /* of the certificate */
    size_t der_size;
    int reason; /* or AC_REVOCATION_NO_REASON */
    bool is_keyed;
};

/* The directory must have been read. AC_E_PROTOCOL: this CA has no revokeCert. */
AC_MUST enum ac_code ac_revocation_begin(struct ac_client *client,
                                         const struct ac_revocation_request *request,
                                         struct ac_post **ret_post,
                                         struct ac_error *err);
/* AC_OK: it is revoked, *ret_was_before says whether before this request. */
AC_MUST enum ac_code ac_revocation_finish(const struct ac_post *post,
                                          bool *ret_was_before, struct ac_error *err);

#endif
