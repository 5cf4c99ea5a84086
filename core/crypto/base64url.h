/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base64url without padding (RFC 7515 section 2), over nettle.
 */
#ifndef AC_CRYPTO_BASE64URL_H
#define AC_CRYPTO_BASE64URL_H

#include "base/secret.h"
#include "base/text.h"

/* Appends the encoding of size bytes to text. */
AC_MUST enum ac_code ac_base64url_add(struct ac_text *text, const void *bytes,
                                      size_t size, struct ac_error *err);
/* The encoding as a new NUL-terminated text. Free with free(). */
AC_MUST enum ac_code ac_base64url_encode(const void *bytes, size_t size,
                                         char **ret_text, struct ac_error *err);
/* Strict: any "=" or character outside the alphabet, or stray bits, is AC_E_INVALID
 * (RFC 8555 6.1: a padded value must be rejected). ret_bytes is owned by the caller. */
AC_MUST enum ac_code ac_base64url_decode(const char *text, size_t size,
                                         struct ac_text *ret_bytes,
                                         struct ac_error *err);
/*
 * A secret as people paste it: base64url or base64, padded or not, white space around
 * it (an EAB MAC key). AC_E_INVALID otherwise; the text is never repeated in the
 * detail.
 */
AC_MUST enum ac_code ac_base64_decode_secret(const char *text, size_t size,
                                             struct ac_secret *ret_secret,
                                             struct ac_error *err);

#endif
