/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets that systemd has opened for us (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS).
 */
#ifndef STANDALONE_HANDOVER_H
#define STANDALONE_HANDOVER_H

#include "listen.h"

/*
 * Takes copies of all handed over sockets that listen for streams; none is success.
 * They are used as they are.
 *
 * ACMECORE_E_CONFIG  `port` was set (is not terms->port) and a socket listens on
 * another
 */
int handover_take(const struct acmecore_host *host, const struct listen_terms *terms,
                  uint16_t port, struct listeners *listeners);

#endif
