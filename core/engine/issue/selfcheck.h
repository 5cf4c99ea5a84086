/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetches an http-01 answer as the CA would (RFC 8555 8.3), before the CA is asked.
 *
 * The view from here may differ from the CA's: what it finds is a warning unless the
 * user wants it to count. Redirects are followed as Boulder's validator does: to the
 * ports 80 and 443, and not to this machine or a private network by address, unless
 * that is where the answer is expected.
 */
#ifndef AC_ENGINE_SELFCHECK_H
#define AC_ENGINE_SELFCHECK_H

#include "net/http.h"

#define AC_SELFCHECK_BODY_MAX 4096
#define AC_SELFCHECK_MS       5000

enum ac_selfcheck_mode {
    AC_SELFCHECK_WARN,    /* --self-check=warn, the default */
    AC_SELFCHECK_REQUIRE, /* --self-check=require */
    AC_SELFCHECK_OFF
};

/* AC_E_USAGE names what is allowed. */
AC_MUST enum ac_code ac_selfcheck_parse(const char *word,
                                        enum ac_selfcheck_mode *ret_mode,
                                        struct ac_error *err);

/* Starts it. connect_to: "host:port" to ask instead of the name's port 80, or NULL. The
 * identifier is canonical text; an IPv6 address gets its brackets here. */
AC_MUST enum ac_code ac_selfcheck_begin(struct ac_http *http, const char *identifier,
                                        const char *token, const char *connect_to,
                                        struct ac_exchange **ret_exchange,
                                        struct ac_error *err);
/* AC_OK: the answer is the key authorization. AC_E_CHALLENGE: what was seen instead. */
AC_MUST enum ac_code ac_selfcheck_finish(const struct ac_exchange *exchange,
                                         const char *key_authorization,
                                         struct ac_error *err);

#endif
