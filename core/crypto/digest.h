/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 and HMAC (RFC 2104) over nettle.
 */
#ifndef AC_CRYPTO_DIGEST_H
#define AC_CRYPTO_DIGEST_H

#include "base/secret.h"

#define AC_SHA256_SIZE     32
#define AC_HMAC_SIZE_MAX   64
#define AC_SHA256_HEX_SIZE 65 /* with the NUL */

enum ac_hmac {
    AC_HMAC_SHA256,
    AC_HMAC_SHA384,
    AC_HMAC_SHA512
};

void ac_sha256(const void *bytes, size_t size, uint8_t digest[AC_SHA256_SIZE]);
/* Lower-case hexadecimal. Returns buffer. */
char *ac_sha256_hex(const void *bytes, size_t size, char buffer[AC_SHA256_HEX_SIZE]);
/* Returns how many octets of mac were written: 32, 48 or 64. */
size_t ac_hmac(enum ac_hmac algorithm, const struct ac_secret *key, const void *bytes,
               size_t size, uint8_t mac[AC_HMAC_SIZE_MAX]);

#endif
