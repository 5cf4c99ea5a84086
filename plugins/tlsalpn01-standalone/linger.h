/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of connections that still carry something when the run ends: a process
 * of their own sees them through. It has nothing else: no socket that listens, no key.
 */
#ifndef TLSALPN01_LINGER_H
#define TLSALPN01_LINGER_H

#include "server.h"

/*
 * Leaves the server's connections to a new process. They are still to be freed here.
 *
 * limit_ms  after so long they are cut
 * then      what it becomes after that (an argv), or NULL
 */
void linger(struct server *server, int64_t limit_ms, char *const *then);

#endif
