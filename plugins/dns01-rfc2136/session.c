/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS_PER_S 1000

static struct session_address *find_address(struct session *session, size_t index);
static void resolve_next(struct session *session);
static struct reply try_address(struct session *session, size_t index,
                                ldns_pkt **ret_packet);
static void bury(struct session *session, const struct attempt *attempt,
                 enum transport_status status);
static void write_trail(const struct session *session, struct reply *reply);
static void append(char *room, size_t size, const char *text, const char *why);

struct session *session_new(const struct acmecore_host *host,
                            const struct settings *settings, int *ret_status)
{
    struct session *session = calloc(1, sizeof *session);

    if (!session) {
        *ret_status = host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
        return NULL;
    }
    session->host = host;
    session->settings = settings;
    session->transport.fd = -1;
    *ret_status = settings_load_key(host, &session->key);
    if (*ret_status == ACMECORE_OK)
        return session;
    session_free(session);
    return NULL;
}

void session_free(struct session *session)
{
    if (!session)
        return;
    transport_close(&session->transport);
    tsig_key_wipe(&session->key);
    free(session);
}

struct reply session_ask(struct session *session, ldns_pkt **ret_packet)
{
    struct reply reply = { .kind = REPLY_UNUSABLE };

    for (size_t i = 0; find_address(session, i); i++) {
        struct session_address *entry = &session->addresses[i];

        if (entry->is_dead)
            continue;
        entry->why[0] = '\0';
        reply = try_address(session, i, ret_packet);
        if (!reply_is_for_next_server(&reply))
            break;
        if (reply.kind == REPLY_REFUSED) {
            (void)snprintf(entry->why, sizeof entry->why, "it answered %s",
                           reply_rcode_name(reply.rcode));
        }
    }
    if (reply_is_for_next_server(&reply) || reply.kind == REPLY_LATE)
        write_trail(session, &reply);
    return reply;
}

static struct session_address *find_address(struct session *session, size_t index)
{
    while (index >= session->address_count
           && session->resolved_count < session->settings->server_count)
        resolve_next(session);
    return index < session->address_count ? &session->addresses[index] : NULL;
}

/* Only now: a name that takes long matters only when the servers before it failed. */
static void resolve_next(struct session *session)
{
    const struct settings *settings = session->settings;
    const struct server *server = &settings->servers[session->resolved_count++];
    struct server_address found[SERVER_ADDRESSES_MAX];
    const char *why = NULL;
    size_t count =
        server_resolve(session->host, server, SESSION_ATTEMPT_MS, found, &why);

    if (count == 0)
        append(session->unresolved, sizeof session->unresolved, server->host, why);
    for (size_t i = 0; i < count; i++) {
        struct session_address *entry = &session->addresses[session->address_count++];

        *entry = (struct session_address){ .address = found[i] };
    }
}

static struct reply try_address(struct session *session, size_t index,
                                ldns_pkt **ret_packet)
{
    const struct acmecore_host *host = session->host;
    bool is_udp = session->settings->is_udp
                  && session->request.size + TSIG_ROOM <= TRANSPORT_UDP_MAX;
    struct attempt attempt = attempt_at(session, index, is_udp);
    struct reply reply = { .kind = REPLY_UNUSABLE };
    enum transport_status status = TRANSPORT_OK;

    if (session->current != index)
        transport_close(&session->transport);
    session->current = index;
    (void)snprintf(reply.server, sizeof reply.server, "%s",
                   session->addresses[index].address.text);
    status = exchange(session, &attempt);
    if (session->request.is_full) {
        reply.kind = REPLY_NO_MEMORY;
    } else if (status == TRANSPORT_OK) {
        exchange_judge(session, &attempt, &reply);
    } else {
        bury(session, &attempt, status);
        if (host->remaining_ms(host->ctx) <= 0)
            reply.kind = REPLY_LATE;
    }
    if (reply.kind == REPLY_DONE) {
        *ret_packet = attempt.packet;
        attempt.packet = NULL;
    }
    packet_drop(&attempt.packet);
    return reply;
}

/* What failed once is not waited for again in this session. */
static void bury(struct session *session, const struct attempt *attempt,
                 enum transport_status status)
{
    struct session_address *entry = &session->addresses[session->current];

    entry->is_dead = true;
    if (attempt->is_garbage) {
        (void)snprintf(entry->why, sizeof entry->why, "what it sends is no answer");
    } else if (status == TRANSPORT_TIMEOUT) {
        (void)snprintf(entry->why, sizeof entry->why, "no answer within %lld s",
                       (long long)((attempt->wait_ms + MS_PER_S - 1) / MS_PER_S));
    } else if (status == TRANSPORT_CLOSED) {
        (void)snprintf(entry->why, sizeof entry->why,
                       "it closes the connection without an answer");
    } else {
        (void)snprintf(entry->why, sizeof entry->why, "%s", strerror(attempt->error));
    }
}

/* One reason stays what it is; several become a list. */
static void write_trail(const struct session *session, struct reply *reply)
{
    size_t count = session->unresolved[0] != '\0';

    reply->trail[0] = '\0';
    for (size_t i = 0; i < session->address_count; i++) {
        const struct session_address *entry = &session->addresses[i];

        if (entry->why[0] == '\0')
            continue;
        append(reply->trail, sizeof reply->trail, entry->address.text, entry->why);
        count++;
    }
    if (session->unresolved[0] != '\0')
        append(reply->trail, sizeof reply->trail, session->unresolved, NULL);
    if (count > 1 && reply->kind == REPLY_REFUSED)
        reply->kind = REPLY_UNUSABLE;
}

/* What does not fit is left out. */
static void append(char *room, size_t size, const char *text, const char *why)
{
    size_t used = strlen(room);

    (void)snprintf(room + used, size - used, "%s%s%s%s", used > 0 ? "; " : "", text,
                   why ? ": " : "", why ? why : "");
}
