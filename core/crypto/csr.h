/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PKCS#10 requests (RFC 2986) for a list of identifiers, as RFC 8555 7.4 wants them.
 */
#ifndef AC_CRYPTO_CSR_H
#define AC_CRYPTO_CSR_H

#include "base/identifier.h"
#include "crypto/key.h"

#include <stdbool.h>

/*
 * DER of a request: version 1, empty subject, SubjectAltName with exactly these
 * identifiers (critical because the subject is empty, RFC 5280 4.2.1.6), SHA-256 or the
 * curve's own digest, and the TLS feature extension when must_staple (RFC 7633).
 */
AC_MUST enum ac_code ac_csr_new(const struct ac_key *key,
                                const struct ac_identifiers *identifiers,
                                bool must_staple, struct ac_text *ret_der,
                                struct ac_error *err);

#define AC_CSR_BYTES_MAX (64u * 1024u) /* 1000 names take less */

/* A request that somebody else made. */
struct ac_csr {
    struct ac_text der; /* as it was given */
    struct ac_identifiers identifiers;
    struct ac_key *key; /* the public half */
    bool must_staple;   /* RFC 7633 */
};

void ac_csr_done(struct ac_csr *csr);
AC_DEFINE_DROP_VALUE(ac_csr, ac_csr_done)

/*
 * Reads one request in PEM or DER. AC_E_INVALID: it is none, not in DER, its signature
 * is wrong or weak, its key is none of ours or too weak, or what it names is not made
 * of DNS names and addresses (SubjectAltName and common name together, RFC 8555 7.4).
 * Other extensions are not looked at.
 */
AC_MUST enum ac_code ac_csr_parse(const void *bytes, size_t size,
                                  struct ac_csr *ret_csr, struct ac_error *err);
/* The PEM of a request's DER. */
AC_MUST enum ac_code ac_csr_pem(const struct ac_text *der, struct ac_text *ret_pem,
                                struct ac_error *err);

#endif
