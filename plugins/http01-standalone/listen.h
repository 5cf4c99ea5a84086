/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets that validators connect to: handed over by systemd, or bound here.
 */
#ifndef STANDALONE_LISTEN_H
#define STANDALONE_LISTEN_H

#include <acmecore/plugin.h>

#include <stddef.h>
#include <stdint.h>

#define LISTENERS_MAX 16

/* What differs from one plugin to the next. */
struct listen_terms {
    uint16_t port;       /* validators come to it; the default of the option `port` */
    const char *instead; /* of the program that has the port: "use ... with it" */
};

struct listeners {
    int fds[LISTENERS_MAX]; /* nonblocking, close-on-exec, listening */
    size_t count;
};

/*
 * Opens what the options `port` and `address` ask for. Without `address`: all IPv4 and
 * all IPv6 addresses, as far as the kernel has them.
 *
 * ACMECORE_E_CONFIG   an option is wrong, or the port is forbidden, or taken by another
 *                     solver of the same run
 * ACMECORE_E_REFUSED  somebody else has the port
 */
int listeners_open(const struct acmecore_host *host, const struct listen_terms *terms,
                   struct listeners *ret_listeners);

void listeners_close(struct listeners *listeners);

#endif
