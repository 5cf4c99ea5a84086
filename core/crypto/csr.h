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

#endif
