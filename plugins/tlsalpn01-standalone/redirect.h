/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes new connections to a port that a running server holds, for as long as there is
 * something to be answered: a redirection in the kernel (nftables).
 *
 * It is a lease that ends by itself when nobody renews it, so that the server gets its
 * visitors back whatever happens to us.
 */
#ifndef TLSALPN01_REDIRECT_H
#define TLSALPN01_REDIRECT_H

#include <acmecore/plugin.h>

#include <stdbool.h>
#include <stdint.h>

#define REDIRECT_LEASE_S  30
#define REDIRECT_RENEW_MS 10000

struct redirect {
    const struct acmecore_host *host;
    uint16_t from, to; /* ports; from 0: there is nothing to be redirected */
    bool is_on;
    int64_t renew_at_ms; /* monotonic */
};

/*
 * Reads the option `redirect`, and takes away what an earlier run left.
 *
 * to                 the port that we listen on
 * ACMECORE_E_CONFIG  the option is wrong, or we may not redirect
 */
int redirect_open(const struct acmecore_host *host, uint16_t to,
                  struct redirect *ret_redirect);

int redirect_begin(struct redirect *redirect, int64_t now_ms);
/* To be called once a second at least; a failure is logged. */
void redirect_keep(struct redirect *redirect, int64_t now_ms);
/* New connections go to the server again; those that we have, stay. */
int redirect_end(struct redirect *redirect);

/*
 * What goes on after us. The kernel rewrites the packets of connections that were
 * redirected only while it rewrites for somebody, so an empty table has to stay as long
 * as they do: the command that takes it away, NULL-terminated, or NULL for none.
 * Static.
 */
char *const *redirect_hold(struct redirect *redirect);

#endif
