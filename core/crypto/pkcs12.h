/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key and chain in one file, for servers that want that (PKCS#12, RFC 7292).
 */
#ifndef AC_CRYPTO_PKCS12_H
#define AC_CRYPTO_PKCS12_H

#include "crypto/chain.h"

/*
 * DER of the leaf, its key and the rest of the chain: AES-256 with PBKDF2, a SHA-256
 * MAC. AC_E_INVALID: the key is not here to be written.
 *
 * name      what people see of it
 * password  not empty; UTF-8, without a NUL
 */
AC_MUST enum ac_code ac_pkcs12_new(const struct ac_chain *chain,
                                   const struct ac_key *key, const char *name,
                                   const struct ac_secret *password,
                                   struct ac_secret *ret_der, struct ac_error *err);

#endif
