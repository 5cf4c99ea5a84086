/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CAs we know by name: a table of {alias, directory URL, limits}. All else is
 * discovered from the directory (PROTOCOL C.4).
 */
#ifndef AC_CONFIG_CA_H
#define AC_CONFIG_CA_H

#include "base/error.h"

#include <stdbool.h>

/* Published request limits of a CA (PROTOCOL C.2); 0 per second: none known. */
struct ac_ca_limits {
    uint32_t nonce_per_second, nonce_burst;
    uint32_t order_per_second, order_burst;
    uint32_t other_per_second, other_burst;
    /* Of an account: new orders, and failed validations of one name; 0: not known. */
    uint32_t orders, orders_window_s;
    uint32_t failures, failures_window_s;
};

struct ac_ca {
    const char *alias;         /* "letsencrypt" */
    const char *directory_url; /* as the CA publishes it */
    const char *title;         /* for people */
    bool needs_eab;
    const char *staging; /* alias of the CA to try things out with; NULL: none known */
    struct ac_ca_limits limits;
};

#define AC_CA_DEFAULT "letsencrypt"

/* By alias, or NULL. Lent, static. */
const struct ac_ca *ac_ca_find(const char *alias);
/* By directory URL, or NULL. */
const struct ac_ca *ac_ca_by_url(const char *directory_url);
/* Where things are tried out that this CA is to do later: its staging CA, or itself
 * when it is one. NULL: none is known. */
const struct ac_ca *ac_ca_staging(const char *directory_url);
/* NULL-terminated list of the aliases, for messages. */
const char *const *ac_ca_aliases(void);
/*
 * --server URL|ALIAS to a directory URL (lent, either static or `server` itself).
 * AC_E_USAGE: neither; names the nearest alias.
 */
AC_MUST enum ac_code ac_ca_resolve(const char *server, const char **ret_url,
                                   struct ac_error *err);

#endif
