/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What extensions say, where certificates and requests have the same ones. For crypto
 * only.
 */
#ifndef AC_CRYPTO_EXTENSION_H
#define AC_CRYPTO_EXTENSION_H

#include "base/identifier.h"
#include "crypto/handle.h"

#define AC_OID_SUBJECT_ALT_NAME "2.5.29.17"
#define AC_OID_TLS_FEATURE      "1.3.6.1.5.5.7.1.24"

/*
 * Adds the names in SubjectAltName (RFC 5280 4.2.1.6). AC_E_INVALID: it cannot be read,
 * or has a name that is neither a DNS name nor an address, or too many; the detail
 * begins with the subject, "the certificate".
 */
AC_MUST enum ac_code ac_extension_names(const struct ac_datum *extension,
                                        const char *subject,
                                        struct ac_identifiers *identifiers,
                                        struct ac_error *err);
/* Does a TLS feature extension ask for a stapled OCSP response (RFC 7633)? */
bool ac_extension_must_staple(const struct ac_datum *extension);

#endif
