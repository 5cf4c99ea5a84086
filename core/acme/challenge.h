/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading one challenge of an authorization (RFC 8555 8). For authorization.c; what
 * others need of challenges is in acme/authorization.h.
 */
#ifndef AC_ACME_CHALLENGE_H
#define AC_ACME_CHALLENGE_H

#include "acme/authorization.h"

#define AC_CHALLENGE_TOKEN_MAX 128 /* it becomes a file name; 43 are usual */
#define AC_CHALLENGE_TYPE_MAX  64

/*
 * *ret_is_usable false: passed over quietly (no type, no URL, a token that is not
 * base64url, an unknown status), and *ret_challenge is untouched. AC_E_PROTOCOL: a URL
 * that is none.
 */
AC_MUST enum ac_code ac_challenge_parse(const struct ac_json *json,
                                        struct ac_challenge *ret_challenge,
                                        bool *ret_is_usable, struct ac_error *err);
/* Has it a token, and is that not 1 to AC_CHALLENGE_TOKEN_MAX characters of base64url?
 */
bool ac_challenge_has_bad_token(const struct ac_json *json);
void ac_challenge_done(struct ac_challenge *challenge);
AC_DEFINE_DROP_VALUE(ac_challenge, ac_challenge_done)

#endif
