/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small purse of replay nonces of one CA (RFC 8555 6.5). Pure: knows no network.
 */
#ifndef AC_ACME_NONCE_H
#define AC_ACME_NONCE_H

#include "base/text.h"

#define AC_NONCE_PURSE_MAX 64 /* DESIGN 4: the widest window */
#define AC_NONCE_SIZE_MAX  512
#define AC_NONCE_AGE_MAX_MS                                                            \
    (5 * 60 * 1000) /* Boulder's die when its window moves on                          \
                     */

struct ac_nonces;

AC_MUST enum ac_code ac_nonces_new(struct ac_nonces **ret_nonces, struct ac_error *err);
void ac_nonces_free(struct ac_nonces *nonces);
AC_DEFINE_DROP(ac_nonces, ac_nonces_free)
/* Keeps it when it is base64url (6.5.1) and there is room; else ignores it. May be
 * NULL. */
void ac_nonces_put(struct ac_nonces *nonces, const char *nonce, int64_t now_ms);
/* The newest that is young enough, or NULL; the caller frees it. */
char *ac_nonces_take(struct ac_nonces *nonces, int64_t now_ms);
size_t ac_nonces_count(const struct ac_nonces *nonces);
/* Drops all: after a badNonce the older ones are suspect as well. */
void ac_nonces_clear(struct ac_nonces *nonces);
bool ac_nonce_is_valid(const char *nonce);

#endif
