/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All connections of the listening sockets. It has no thread: it works when it is told
 * to, and what it waits for is one descriptor.
 */
#ifndef TLSALPN01_SERVER_H
#define TLSALPN01_SERVER_H

#include "connection.h"
#include "listen.h"

struct server;

/*
 * host, proofs   borrowed; they must outlive the server
 * listeners      taken over and emptied on success
 */
int server_start(const struct acmecore_host *host, const struct proofs *proofs,
                 const struct backend *backend, struct listeners *listeners,
                 struct server **ret_server);

/* Readable when there is work for server_run(). */
int server_fd(const struct server *server);

/* Does what can be done without waiting; to be called once a second at least. */
void server_run(struct server *server);

/* Connections that are being passed through. */
size_t server_relays(const struct server *server);

void server_free(struct server *server);

/* ---- for a new process that goes on with the connections (linger.c) */

const struct acmecore_host *server_host(const struct server *server);

/* Keeps what is being passed through and nothing else; false: the system refused. */
bool server_leave(struct server *server);

/* Sets is_kept[fd] for each descriptor below `max` that the server needs. */
void server_mark(const struct server *server, bool *is_kept, int max);

#endif
