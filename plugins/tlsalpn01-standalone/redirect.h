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
    uint16_t from, to;   /* ports; from 0: there is nothing to be redirected */
    bool has_table;      /* in the kernel */
    bool is_leased;      /* new connections come to us */
    int64_t renew_at_ms; /* monotonic */
};

/*
 * Reads the option `redirect`, and takes away what an earlier run left.
 *
 * to                 the port that we listen on
 * has_backend        somebody gets the visitors who are none of our business
 * ACMECORE_E_CONFIG  the option is wrong, or we may not redirect
 */
int redirect_open(const struct acmecore_host *host, uint16_t to, bool has_backend,
                  struct redirect *ret_redirect);

int redirect_begin(struct redirect *redirect, int64_t now_ms);
/* To be called once a second at least; a failure is logged. */
void redirect_keep(struct redirect *redirect, int64_t now_ms);
/* New connections go to the server again. Those that we have, stay: the kernel rewrites
 * their packets for as long as there is a table. */
int redirect_pause(struct redirect *redirect);
/* The end for those, too. */
int redirect_end(struct redirect *redirect);

/*
 * For connections that go on after us: a table that changes nothing stays, so that
 * their packets are still rewritten. The command that takes it away, NULL-terminated;
 * NULL: none is needed, or it failed. Static.
 */
char *const *redirect_hold(struct redirect *redirect);

#endif
