/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URLs from outside, checked before libcurl sees them: libcurl mends what it can, and a
 * URL that was mended is no longer the one that the server signed for.
 */
#ifndef AC_NET_HTTP_URL_H
#define AC_NET_HTTP_URL_H

#include "base/curl.h"
#include "base/memory.h"

#include <stdbool.h>

#define AC_URL_MAX 8192u /* bytes of one URL */

struct ac_url {
    bool is_plain;   /* http:// */
    char *authority; /* as written, for Host: "ca.example", "[::1]:14000" */
    char *host;      /* "ca.example", "[::1]" */
    char *place;     /* host and port, always both: "ca.example:443" */
};

/*
 * AC_E_INVALID: not http(s), credentials, a space, a control or a non-ASCII character,
 * or no URL at all; the detail has the URL.
 */
AC_MUST enum ac_code ac_url_parse(const struct ac_curl *curl, const char *text,
                                  struct ac_url *ret_url, struct ac_error *err);
void ac_url_done(struct ac_url *url);
AC_DEFINE_DROP_VALUE(ac_url, ac_url_done)

/*
 * RFC 3986 5.2. An absolute target is returned byte for byte, whatever its scheme.
 * AC_E_INVALID: neither is a URL.
 */
AC_MUST enum ac_code ac_url_resolve(const struct ac_curl *curl, const char *base,
                                    const char *target, char **ret_text,
                                    struct ac_error *err);

#endif
