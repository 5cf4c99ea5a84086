/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection that was accepted: looked at, and then answered or passed through.
 *
 * Its first bytes are looked at and stay in the socket, so that whoever gets the
 * connection reads them as they came.
 */
#ifndef TLSALPN01_CONNECTION_H
#define TLSALPN01_CONNECTION_H

#include <acmecore/plugin.h>

#include "backend.h"
#include "flow.h"
#include "proofs.h"

#include <stdint.h>
#include <sys/queue.h>

#define CONNECTION_HELLO_MS 10000 /* to say who it is; then it is passed through */
#define CONNECTION_YOUNG_MS 20000 /* to be answered, or to reach the backend */

/* What all connections of a server work with; all of it is borrowed. */
struct service {
    const struct acmecore_host *host;
    const struct proofs *proofs;
    struct backend backend;
    gnutls_priority_t priorities;
    int epoll_fd;        /* data.ptr of its events: the connection */
    size_t relays;       /* that pass bytes or try to */
    size_t relays_max;   /* further ones are closed */
    bool has_complained; /* of the backend, or of relays_max */
};

enum connection_stage {
    CONNECTION_HELLO,     /* says who it is */
    CONNECTION_ANSWERING, /* a validator: the handshake goes on */
    CONNECTION_PARTING,   /* it has seen the proof */
    CONNECTION_REACHING,  /* the backend */
    CONNECTION_RELAYING,  /* nothing of it is looked at any more */
    CONNECTION_GONE,      /* to be freed */
    CONNECTION_STAGE_COUNT
};

/* A socket, and what the service's epoll tells of it; 0: nothing at all. */
struct ear {
    int fd;
    uint32_t events;
};

struct connection {
    TAILQ_ENTRY(connection) link; /* this and the next two are the server's */
    bool is_young, is_buried;
    struct service *service;
    enum connection_stage stage;
    int64_t accepted_ms; /* monotonic */
    struct ear client, backend;
    size_t seen; /* bytes of the client that were looked at */
    gnutls_session_t session;
    struct proof *proof;
    struct flow up, down;
};

/* client_fd is taken over; NULL without memory, and then it is closed. */
struct connection *connection_new(struct service *service, int client_fd,
                                  int64_t now_ms);

/* Does what can be done now. */
void connection_step(struct connection *connection);

/* What is due without an event. */
void connection_expire(struct connection *connection, int64_t now_ms);

/* Whoever takes this long is not waited for: a place is needed. */
void connection_hurry(struct connection *connection);

/* With another epoll than before. */
void connection_hear_again(struct connection *connection);

void connection_free(struct connection *connection);

#endif
