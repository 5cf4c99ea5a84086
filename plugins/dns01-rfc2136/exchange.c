/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include <time.h>

#define UDP_FIRST_MS   1000 /* then twice as long each time */
#define UDP_LONGEST_MS 4000

static enum transport_status exchange_once(struct session *session,
                                           struct attempt *attempt);
static enum transport_status await_answer(struct session *session,
                                          struct attempt *attempt);
static enum transport_status read_answer(struct session *session,
                                         struct attempt *attempt, size_t *strange);
static struct tsig_report verify(const struct session *session,
                                 const struct tsig_mac *mac);
static bool is_query(const struct message *request);

/* The time that is left is shared with the addresses that may have to be asked yet. */
struct attempt attempt_at(const struct session *session, size_t index, bool is_udp)
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
enum transport_status exchange(struct session *session, struct attempt *attempt)
{
    enum transport_status status = exchange_once(session, attempt);

    if (status == TRANSPORT_CLOSED && !attempt->is_garbage)
        status = exchange_once(session, attempt);
    if (status == TRANSPORT_OK && attempt->is_udp && ldns_pkt_tc(attempt->packet)) {
        packet_drop(&attempt->packet);
        attempt->is_udp = false;
        status = exchange_once(session, attempt);
    }
    if (status == TRANSPORT_OK && ldns_pkt_tc(attempt->packet)) {
        packet_drop(&attempt->packet); /* by TCP nothing is cut */
        transport_close(&session->transport);
        attempt->is_garbage = true;
        status = TRANSPORT_CLOSED;
    }
    return status;
}

enum transport_status exchange_connect(struct session *session, struct attempt *attempt)
{
    struct transport *transport = &session->transport;

    if (transport->fd >= 0 && transport->is_udp == attempt->is_udp)
        return TRANSPORT_OK;
    transport_close(transport);
    return transport_open(transport, &session->addresses[session->current].address,
                          attempt->is_udp, &attempt->patience, &attempt->error);
}

bool exchange_sign(struct session *session, struct tsig_mac *ret_mac)
{
    if (session->key.algorithm)
        tsig_sign(&session->key, (int64_t)time(NULL), &session->request, ret_mac);
    return !session->request.is_full;
}

void exchange_judge(const struct session *session, const struct attempt *attempt,
                    struct reply *reply)
{
    bool has_key = session->key.algorithm != NULL;

    reply->rcode = (unsigned)ldns_pkt_get_rcode(attempt->packet);
    if (has_key)
        reply->tsig = verify(session, &attempt->mac);
    reply->kind = reply_classify(reply->rcode, has_key ? &reply->tsig : NULL);
    /* That a name does not exist answers a question as well. */
    if (is_query(&session->request) && reply->rcode == LDNS_RCODE_NXDOMAIN
        && reply->kind == REPLY_REFUSED
        && (!has_key || reply->tsig.verdict == TSIG_GOOD))
        reply->kind = REPLY_DONE;
}

static enum transport_status exchange_once(struct session *session,
                                           struct attempt *attempt)
{
    size_t plain_size = session->request.size;
    enum transport_status status = exchange_connect(session, attempt);

    if (status != TRANSPORT_OK)
        return status;
    if (!exchange_sign(session, &attempt->mac))
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

static enum transport_status await_answer(struct session *session,
                                          struct attempt *attempt)
{
    enum transport_status status = TRANSPORT_AGAIN;
    int64_t wait_ms = UDP_FIRST_MS;
    size_t strange = 0;

    for (;;) {
        status = transport_receive(&session->transport, &attempt->patience, wait_ms,
                                   &session->answer, &attempt->error);
        if (status == TRANSPORT_OK) {
            status = read_answer(session, attempt, &strange);
        } else if (status == TRANSPORT_AGAIN) {
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
    if ((match == MESSAGE_GARBAGE && !attempt->is_udp)
        || ++*strange > EXCHANGE_STRANGE_MAX) {
        attempt->is_garbage = true;
        return TRANSPORT_CLOSED;
    }
    return TRANSPORT_AGAIN;
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
