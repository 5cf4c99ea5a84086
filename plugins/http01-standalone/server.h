/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP server over one listening socket; the only user of libmicrohttpd. It has
 * no thread: it works when it is told to.
 */
#ifndef STANDALONE_SERVER_H
#define STANDALONE_SERVER_H

#include <acmecore/plugin.h>

#include "answers.h"

struct server;

/*
 * Starts to serve `answers`, which must outlive the server.
 *
 * listen_fd   taken over on success
 * room        connections at once, above which the oldest are dropped
 */
int server_start(const struct acmecore_host *host, const struct answers *answers,
                 int listen_fd, unsigned room, struct server **ret_server);

/* Readable when there is work for server_run(). */
int server_fd(const struct server *server);

/* Does what can be done without waiting; to be called once a second at least. */
void server_run(struct server *server);

void server_free(struct server *server);

#endif
