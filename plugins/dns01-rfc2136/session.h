/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A conversation with the configured servers, for one operation of the plugin: signs
 * and sends requests, believes answers only when they prove themselves, and goes on to
 * the next server when that may help (RFC 2136 §4). Keeps a TCP connection open between
 * requests.
 */
#ifndef RFC2136_SESSION_H
#define RFC2136_SESSION_H

#include "reply.h"
#include "settings.h"
#include "transport.h"

#define SESSION_ADDRESSES_MAX (SERVERS_MAX * SERVER_ADDRESSES_MAX)
#define SESSION_ATTEMPT_MS    15000 /* for one address, at most */
#define SESSION_WHY_MAX       96

/* One address, and why it is of no use. */
struct session_address {
    struct server_address address;
    bool is_dead;              /* not asked again in this session */
    char why[SESSION_WHY_MAX]; /* "" while nothing is wrong */
};

struct session {
    const struct acmecore_host *host;
    const struct settings *settings;
    struct tsig_key key; /* algorithm NULL: requests are not signed */
    struct session_address addresses[SESSION_ADDRESSES_MAX];
    size_t address_count;
    size_t resolved_count;            /* of the servers in the settings */
    char unresolved[REPLY_TRAIL_MAX]; /* why some have no address */
    size_t current;                   /* the address that was asked last */
    struct transport transport;       /* to it */
    struct message request, answer;
};

/* With the key read. NULL: *ret_status says why, and so does the host. */
struct session *session_new(const struct acmecore_host *host,
                            const struct settings *settings, int *ret_status);

/* Wipes the key. NULL is allowed. */
void session_free(struct session *session);

/*
 * Sends session->request, which is not signed yet, until a server answers it.
 *
 * ret_packet   set when the kind is REPLY_DONE
 */
struct reply session_ask(struct session *session, ldns_pkt **ret_packet);

#endif
