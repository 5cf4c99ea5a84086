/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes to and from one address of a name server, by TCP (RFC 7766) or UDP, and never
 * past a deadline.
 */
#ifndef RFC2136_TRANSPORT_H
#define RFC2136_TRANSPORT_H

#include "message.h"
#include "server.h"

#define TRANSPORT_UDP_MAX 1232 /* bytes of a request by UDP: never in fragments */

/* When to give up: at end_ms of our own clock, and when the host says so. */
struct patience {
    const struct acmecore_host *host;
    int64_t end_ms;
};

struct patience patience_of(const struct acmecore_host *host, int64_t wait_ms);
int64_t patience_left_ms(const struct patience *patience);
int64_t patience_now_ms(void);

enum transport_status {
    TRANSPORT_OK,
    TRANSPORT_TIMEOUT,
    TRANSPORT_CLOSED,      /* the connection ended before the answer did */
    TRANSPORT_UNREACHABLE, /* no connection; *ret_error is the errno */
    TRANSPORT_AGAIN        /* nothing yet (UDP: send it again) */
};

struct transport {
    int fd; /* -1: not open */
    bool is_udp;
};

#define TRANSPORT_CLOSED_INIT                                                          \
    {                                                                                  \
        .fd = -1                                                                       \
    }

/*
 * Opens a connection; UDP sockets are connected too, so that only this server can
 * answer.
 *
 * ret_error   errno, when UNREACHABLE
 */
enum transport_status transport_open(struct transport *transport,
                                     const struct server_address *address, bool is_udp,
                                     const struct patience *patience, int *ret_error);

void transport_close(struct transport *transport);

enum transport_status transport_send(const struct transport *transport,
                                     const struct message *message,
                                     const struct patience *patience, int *ret_error);

/*
 * Receives one message. Closes nothing.
 *
 * wait_ms      UDP: how long before it is AGAIN
 * ret_answer   its size and bytes
 */
enum transport_status transport_receive(const struct transport *transport,
                                        const struct patience *patience,
                                        int64_t wait_ms, struct message *ret_answer,
                                        int *ret_error);

#endif
