/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STRANGE_MAX    64   /* messages that answer nothing, of one exchange */
#define UDP_FIRST_MS   1000 /* then twice as long each time */
#define UDP_LONGEST_MS 4000
#define WINDOW         16 /* questions at a time: they fit into any socket's buffer */
#define MS_PER_S       1000

/* One attempt at one address. */
struct attempt {
    struct patience patience;
    int64_t wait_ms;     /* of this patience */
    struct tsig_mac mac; /* of the request */
    bool is_udp;
    bool is_garbage; /* what came was no answer */
    int error;       /* errno of the transport */
    ldns_pkt *packet;
};

/* A question that waits for its answer. */
struct question {
    size_t index;
    uint16_t id;
    struct tsig_mac mac;
    bool is_open;
};

/* A walk through many questions. */
struct survey {
    const ldns_rdf *const *names;
    session_take *take;
    void *arg;
    struct attempt attempt;
    struct question questions[WINDOW];
    size_t question_count, open_count;
};

static struct session_address *find_address(struct session *session, size_t index);
static void resolve_next(struct session *session);
static struct reply try_address(struct session *session, size_t index,
                                ldns_pkt **ret_packet);
static struct attempt attempt_at(const struct session *session, size_t index,
                                 bool is_udp);
static enum transport_status exchange_twice(struct session *session,
                                            struct attempt *attempt);
static enum transport_status exchange(struct session *session, struct attempt *attempt);
static enum transport_status connect_to_current(struct session *session,
                                                struct attempt *attempt);
static bool sign(struct session *session, struct tsig_mac *ret_mac);
static enum transport_status await_answer(struct session *session,
                                          struct attempt *attempt);
static enum transport_status read_answer(struct session *session,
                                         struct attempt *attempt, size_t *strange);
static void judge(const struct session *session, const struct attempt *attempt,
                  struct reply *reply);
static struct tsig_report verify(const struct session *session,
                                 const struct tsig_mac *mac);
static bool is_query(const struct message *request);
static void bury(struct session *session, const struct attempt *attempt,
                 enum transport_status status);
static void write_trail(const struct session *session, struct reply *reply);
static void append(char *room, size_t size, const char *text, const char *why);
static void survey_by_udp(struct session *session, struct survey *survey, size_t count);
static bool send_window(struct session *session, struct survey *survey, size_t first,
                        size_t count);
static bool receive_window(struct session *session, struct survey *survey);
static void take_answer(struct session *session, struct survey *survey,
                        struct question *question);

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
        if (reply.kind == REPLY_REFUSED)
            (void)snprintf(entry->why, sizeof entry->why, "it answered %s",
                           reply_rcode_name(reply.rcode));
    }
    if (reply_is_for_next_server(&reply) || reply.kind == REPLY_LATE)
        write_trail(session, &reply);
    return reply;
}

void session_ask_txt(struct session *session, const ldns_rdf *const *names,
                     size_t count, session_take *take, void *arg)
{
    struct survey survey = { .names = names, .take = take, .arg = arg };

    survey.attempt = attempt_at(session, session->current, session->settings->is_udp);
    if (session->settings->is_udp) {
        survey_by_udp(session, &survey, count);
        return;
    }
    for (size_t first = 0; first < count; first += WINDOW) {
        size_t size = count - first < WINDOW ? count - first : WINDOW;

        /* A server may close after each answer; a window is worth a second try. */
        if (send_window(session, &survey, first, size)
            && receive_window(session, &survey))
            continue;
        transport_close(&session->transport);
        if (!send_window(session, &survey, first, size)
            || !receive_window(session, &survey))
            return;
    }
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
    status = exchange_twice(session, &attempt);
    if (session->request.is_full) {
        reply.kind = REPLY_NO_MEMORY;
    } else if (status == TRANSPORT_OK) {
        judge(session, &attempt, &reply);
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

/* The time that is left is shared with the addresses that may have to be asked yet. */
static struct attempt attempt_at(const struct session *session, size_t index,
                                 bool is_udp)
{
    const struct acmecore_host *host = session->host;
    size_t more = session->settings->server_count - session->resolved_count;
    int64_t wait_ms = host->remaining_ms(host->ctx);
    struct attempt attempt = { .is_udp = is_udp };

    if (index < session->address_count)
        more += session->address_count - index;
    wait_ms /= (int64_t)(more > 0 ? more : 1);
    attempt.wait_ms = wait_ms < SESSION_ATTEMPT_MS ? wait_ms : SESSION_ATTEMPT_MS;
    attempt.patience = patience_of(host, attempt.wait_ms);
    return attempt;
}

/* An update does no harm when it is done twice, so that a lost answer is asked for
 * again: after a closed connection, which may just have been idle for too long, and by
 * TCP when the answer was cut. */
static enum transport_status exchange_twice(struct session *session,
                                            struct attempt *attempt)
{
    enum transport_status status = exchange(session, attempt);
    bool is_cut = status == TRANSPORT_OK && ldns_pkt_tc(attempt->packet);

    if (status == TRANSPORT_CLOSED && !attempt->is_garbage)
        return exchange(session, attempt);
    if (!is_cut)
        return status;
    packet_drop(&attempt->packet);
    if (!attempt->is_udp) { /* by TCP nothing is cut */
        attempt->is_garbage = true;
        transport_close(&session->transport);
        return TRANSPORT_CLOSED;
    }
    attempt->is_udp = false;
    return exchange(session, attempt);
}

/* Leaves session->request unsigned, as it was; full when there was no memory. */
static enum transport_status exchange(struct session *session, struct attempt *attempt)
{
    size_t plain_size = session->request.size;
    enum transport_status status = connect_to_current(session, attempt);

    if (status != TRANSPORT_OK)
        return status;
    if (!sign(session, &attempt->mac))
        return TRANSPORT_CLOSED;
    status = transport_send(&session->transport, &session->request, &attempt->patience,
                            &attempt->error);
    if (status == TRANSPORT_OK)
        status = await_answer(session, attempt);
    tsig_unsign(&session->request, plain_size);
    if (status != TRANSPORT_OK)
        transport_close(&session->transport);
    return status;
}

static enum transport_status connect_to_current(struct session *session,
                                                struct attempt *attempt)
{
    struct transport *transport = &session->transport;

    if (transport->fd >= 0 && transport->is_udp == attempt->is_udp)
        return TRANSPORT_OK;
    transport_close(transport);
    return transport_open(transport, &session->addresses[session->current].address,
                          attempt->is_udp, &attempt->patience, &attempt->error);
}

static bool sign(struct session *session, struct tsig_mac *ret_mac)
{
    if (session->key.algorithm)
        tsig_sign(&session->key, (int64_t)time(NULL), &session->request, ret_mac);
    return !session->request.is_full;
}

static enum transport_status await_answer(struct session *session,
                                          struct attempt *attempt)
{
    enum transport_status status = TRANSPORT_AGAIN;
    int64_t wait_ms = UDP_FIRST_MS;
    size_t strange = 0;

    for (;;) {
        status = transport_receive(&session->transport, &attempt->patience, wait_ms,
                                   &session->answer, &attempt->error);
        if (status == TRANSPORT_OK)
            status = read_answer(session, attempt, &strange);
        else if (status == TRANSPORT_AGAIN) {
            wait_ms = wait_ms * 2 < UDP_LONGEST_MS ? wait_ms * 2 : UDP_LONGEST_MS;
            status = transport_send(&session->transport, &session->request,
                                    &attempt->patience, &attempt->error);
            status = status == TRANSPORT_OK ? TRANSPORT_AGAIN : status;
        }
        if (status != TRANSPORT_AGAIN)
            return status;
    }
}

/* What answers something else is ignored: by UDP anybody can send it. */
static enum transport_status read_answer(struct session *session,
                                         struct attempt *attempt, size_t *strange)
{
    enum message_match match = message_read(&session->request, session->answer.bytes,
                                            session->answer.size, &attempt->packet);

    if (match == MESSAGE_ANSWERS)
        return TRANSPORT_OK;
    if ((match == MESSAGE_GARBAGE && !attempt->is_udp) || ++*strange > STRANGE_MAX) {
        attempt->is_garbage = true;
        return TRANSPORT_CLOSED;
    }
    return TRANSPORT_AGAIN;
}

static void judge(const struct session *session, const struct attempt *attempt,
                  struct reply *reply)
{
    bool has_key = session->key.algorithm != NULL;

    reply->rcode = (unsigned)ldns_pkt_get_rcode(attempt->packet);
    if (has_key)
        reply->tsig = verify(session, &attempt->mac);
    reply->kind = reply_classify(reply->rcode, has_key, &reply->tsig);
    /* That a name does not exist answers a question as well. */
    if (is_query(&session->request) && reply->rcode == LDNS_RCODE_NXDOMAIN
        && reply->kind == REPLY_REFUSED
        && (!has_key || reply->tsig.verdict == TSIG_GOOD))
        reply->kind = REPLY_DONE;
}

static struct tsig_report verify(const struct session *session,
                                 const struct tsig_mac *mac)
{
    return tsig_verify(&session->key, mac, (int64_t)time(NULL), session->answer.bytes,
                       session->answer.size);
}

static bool is_query(const struct message *request)
{
    return (request->bytes[2] >> 3 & 0xFu) == LDNS_PACKET_QUERY;
}

/* What failed once is not waited for again in this session. */
static void bury(struct session *session, const struct attempt *attempt,
                 enum transport_status status)
{
    struct session_address *entry = &session->addresses[session->current];

    entry->is_dead = true;
    if (attempt->is_garbage)
        (void)snprintf(entry->why, sizeof entry->why, "what it sends is no answer");
    else if (status == TRANSPORT_TIMEOUT)
        (void)snprintf(entry->why, sizeof entry->why, "no answer within %lld s",
                       (long long)((attempt->wait_ms + MS_PER_S - 1) / MS_PER_S));
    else if (status == TRANSPORT_CLOSED)
        (void)snprintf(entry->why, sizeof entry->why,
                       "it closes the connection without an answer");
    else
        (void)snprintf(entry->why, sizeof entry->why, "%s", strerror(attempt->error));
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

static void survey_by_udp(struct session *session, struct survey *survey, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct attempt *attempt = &survey->attempt;
        struct reply reply = { .kind = REPLY_UNUSABLE };
        uint16_t id = 0;

        if (!message_new_id(&id))
            return;
        attempt->is_udp = true;
        message_query(&session->request, id, survey->names[i], LDNS_RR_TYPE_TXT);
        if (exchange_twice(session, attempt) != TRANSPORT_OK)
            return;
        judge(session, attempt, &reply);
        if (reply.kind == REPLY_DONE)
            survey->take(survey->arg, i, attempt->packet);
        packet_drop(&attempt->packet);
    }
}

static bool send_window(struct session *session, struct survey *survey, size_t first,
                        size_t count)
{
    struct attempt *attempt = &survey->attempt;

    survey->question_count = survey->open_count = 0;
    if (connect_to_current(session, attempt) != TRANSPORT_OK)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct question *question = &survey->questions[i];

        *question = (struct question){ .index = first + i, .is_open = true };
        if (!message_new_id(&question->id))
            return false;
        message_query(&session->request, question->id, survey->names[first + i],
                      LDNS_RR_TYPE_TXT);
        if (!sign(session, &question->mac)
            || transport_send(&session->transport, &session->request,
                              &attempt->patience, &attempt->error)
                   != TRANSPORT_OK)
            return false;
        survey->open_count = ++survey->question_count;
    }
    return true;
}

/* RFC 7766 §7: answers may come in any order. */
static bool receive_window(struct session *session, struct survey *survey)
{
    struct attempt *attempt = &survey->attempt;

    for (size_t turns = 0; survey->open_count > 0; turns++) {
        uint16_t id = 0;

        if (turns > STRANGE_MAX
            || transport_receive(&session->transport, &attempt->patience, 0,
                                 &session->answer, &attempt->error)
                   != TRANSPORT_OK
            || session->answer.size < MESSAGE_HEADER_SIZE)
            return false;
        id = message_get_u16(session->answer.bytes);
        for (size_t i = 0; i < survey->question_count; i++) {
            if (survey->questions[i].is_open && survey->questions[i].id == id) {
                take_answer(session, survey, &survey->questions[i]);
                break;
            }
        }
    }
    return true;
}

static void take_answer(struct session *session, struct survey *survey,
                        struct question *question)
{
    struct attempt *attempt = &survey->attempt;
    struct reply reply = { .kind = REPLY_UNUSABLE };

    message_query(&session->request, question->id, survey->names[question->index],
                  LDNS_RR_TYPE_TXT);
    if (message_read(&session->request, session->answer.bytes, session->answer.size,
                     &attempt->packet)
        != MESSAGE_ANSWERS)
        return;
    question->is_open = false;
    survey->open_count--;
    attempt->mac = question->mac;
    judge(session, attempt, &reply);
    if (reply.kind == REPLY_DONE)
        survey->take(survey->arg, question->index, attempt->packet);
    packet_drop(&attempt->packet);
}
