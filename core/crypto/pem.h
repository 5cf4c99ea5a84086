/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strict reader of certificates in PEM (RFC 7468), one block after the other.
 *
 * Between blocks there is white space and nothing else: what RFC 7468 calls explanatory
 * text has no place in application/pem-certificate-chain (RFC 8555 9.1).
 */
#ifndef AC_CRYPTO_PEM_H
#define AC_CRYPTO_PEM_H

#include "base/text.h"

struct ac_pem {
    const char *at; /* borrowed; what is not read yet */
    const char *end;
};

/*
 * The DER of the next certificate. AC_E_NOTFOUND: there is none, only white space.
 * AC_E_INVALID: another kind of block (RFC 8555 11.4), text outside, bad base64. The
 * detail shows labels only, never contents.
 */
AC_MUST enum ac_code ac_pem_next(struct ac_pem *pem, struct ac_text *ret_der,
                                 struct ac_error *err);
/* Appends a block: lines of 64 characters, LF, a newline at the end. */
AC_MUST enum ac_code ac_pem_add(struct ac_text *text, const void *der, size_t size,
                                struct ac_error *err);

#endif
