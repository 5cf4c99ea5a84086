/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the URL of a token's key says (RFC 7512 2.3), and to whom: most of it is for
 * GnuTLS, some of it for us. For crypto only.
 */
#ifndef AC_CRYPTO_TOKEN_URL_H
#define AC_CRYPTO_TOKEN_URL_H

#include "base/text.h"

struct ac_token_url {
    struct ac_text plain; /* without what follows; for GnuTLS and for messages */
    char *pin_path;       /* of pin-source, decoded; or NULL */
    char *module_path;    /* or NULL */
};

void ac_token_url_done(struct ac_token_url *url);
AC_DEFINE_DROP_VALUE(ac_token_url, ac_token_url_done)

/* AC_E_USAGE: it is malformed, or has a PIN in it, which is not repeated. */
AC_MUST enum ac_code ac_token_url_parse(const char *text, struct ac_token_url *ret_url,
                                        struct ac_error *err);

#endif
