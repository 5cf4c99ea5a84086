/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets that validators connect to: handed over by systemd, or bound here.
 */
#ifndef STANDALONE_LISTEN_H
#define STANDALONE_LISTEN_H

#include <acmecore/plugin.h>

#define LISTENERS_MAX 16

struct listeners {
    int fds[LISTENERS_MAX]; /* nonblocking, close-on-exec, listening */
    size_t count;
};

/*
 * Opens what the options `port` and `address` ask for. Without `address`: all IPv4 and
 * all IPv6 addresses, as far as the kernel has them.
 *
 * ACMECORE_E_CONFIG  an option is wrong, or the port is taken or forbidden
 */
int listeners_open(const struct acmecore_host *host, struct listeners *ret_listeners);

void listeners_close(struct listeners *listeners);

#endif
