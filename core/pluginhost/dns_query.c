/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_query.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define DATAGRAM_SIZE 4096
#define DATAGRAMS_MAX 16 /* looked at in one go: one may be flooded with them */
#define TCP_PREFIX    2  /* RFC 1035 4.2.2: the size comes first */
#define WAIT_MAX_MS   60000

/* One question under way. */
struct flight {
    struct ac_dns_query *query; /* NULL: free */
    int fd;
    bool is_tcp;
    bool has_edns;
    uint16_t id;
    size_t attempt; /* from 0 */
    int64_t began_ms;
    int64_t until_ms;
    unsigned char *out; /* owned; over TCP with its prefix */
    size_t out_size;
    size_t sent;
    unsigned char *in; /* owned; TCP only */
    size_t in_size;
};

struct flights {
    struct flight items[AC_DNS_FLIGHTS_MAX];
    int64_t deadline_ms;
};

/* ---- addresses and words ------------------------------------------------ */

bool ac_dns_address_of(const struct ac_dns_record *record, uint16_t port,
                       struct ac_dns_address *ret_address)
{
    struct ac_dns_address address = { 0 };

    if (record->type == AC_DNS_A && record->data_size == sizeof(struct in_addr)) {
        address.at.ipv4 =
            (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
        memcpy(&address.at.ipv4.sin_addr, record->data, record->data_size);
    } else if (record->type == AC_DNS_AAAA
               && record->data_size == sizeof(struct in6_addr)) {
        address.at.ipv6 =
            (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(port) };
        memcpy(&address.at.ipv6.sin6_addr, record->data, record->data_size);
    } else {
        return false;
    }
    *ret_address = address;
    return true;
}

char *ac_dns_address_text(const struct ac_dns_address *address,
                          char buffer[AC_DNS_ADDRESS_SIZE])
{
    char text[INET6_ADDRSTRLEN] = "?";
    bool is_ipv6 = address->at.any.sa_family == AF_INET6;
    const void *bytes = is_ipv6 ? (const void *)&address->at.ipv6.sin6_addr
                                : (const void *)&address->at.ipv4.sin_addr;
    /* The port lies at the same place in both. */
    unsigned port = ntohs(address->at.ipv4.sin_port);

    (void)inet_ntop(address->at.any.sa_family, bytes, text, sizeof text);
    if (port == AC_DNS_PORT) {
        (void)snprintf(buffer, AC_DNS_ADDRESS_SIZE, "%s", text);
    } else {
        (void)snprintf(buffer, AC_DNS_ADDRESS_SIZE, is_ipv6 ? "[%s]:%u" : "%s:%u", text,
                       port);
    }
    return buffer;
}

const char *ac_dns_outcome_text(const struct ac_dns_query *query)
{
    static const char *const texts[] = {
        [AC_DNS_UNASKED] = "not asked, for lack of time",
        [AC_DNS_SILENT] = "no answer",
        [AC_DNS_UNREACHABLE] = "not reachable",
        [AC_DNS_GARBLED] = "an answer that is no DNS",
    };

    if (query->outcome == AC_DNS_ANSWERED)
        return ac_dns_rcode_name(query->answer.rcode);
    return texts[query->outcome];
}

void ac_dns_queries_done(struct ac_dns_query *queries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ac_dns_answer_done(&queries[i].answer);
        queries[i].outcome = AC_DNS_UNASKED;
    }
}

/* ---- one attempt -------------------------------------------------------- */

static void close_flight(struct flight *flight)
{
    ac_memory_drop_fd(&flight->fd);
    flight->fd = -1;
    free(AC_TAKE(flight->out));
    free(AC_TAKE(flight->in));
    flight->out_size = flight->sent = flight->in_size = 0;
}

static struct ac_dns_wire wire_of(const struct flight *flight)
{
    return (struct ac_dns_wire){ .name = flight->query->name,
                                 .type = flight->query->type,
                                 .id = flight->id,
                                 .is_recursive = flight->query->is_recursive,
                                 .has_edns = flight->has_edns };
}

/* The packet; over TCP behind its size. */
static enum ac_code make_packet(struct flight *flight, struct ac_error *err)
{
    struct ac_dns_wire wire = wire_of(flight);
    unsigned char *bytes = NULL;
    size_t size = 0;

    AC_TRY(ac_dns_message_write(&wire, &bytes, &size, err));
    if (!flight->is_tcp) {
        flight->out = bytes;
        flight->out_size = size;
        return AC_OK;
    }
    enum ac_code code = ac_memory_new(TCP_PREFIX + size, 1, &flight->out, err);
    if (code == AC_OK) {
        flight->out[0] = (unsigned char)(size >> 8);
        flight->out[1] = (unsigned char)size;
        memcpy(flight->out + TCP_PREFIX, bytes, size);
        flight->out_size = TCP_PREFIX + size;
    }
    free(bytes);
    return code;
}

/* Connected, so that only this server's answers arrive; true when it is under way. */
static bool connect_flight(struct flight *flight)
{
    const struct ac_dns_address *server =
        &flight->query->servers[flight->query->server];
    bool is_ipv6 = server->at.any.sa_family == AF_INET6;
    socklen_t size = is_ipv6 ? sizeof server->at.ipv6 : sizeof server->at.ipv4;
    int type =
        (flight->is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;

    flight->fd = socket(server->at.any.sa_family, type, 0);
    if (flight->fd < 0)
        return false;
    return connect(flight->fd, &server->at.any, size) == 0 || errno == EINPROGRESS;
}

static void send_rest(struct flight *flight, bool *ret_is_broken)
{
    while (flight->sent < flight->out_size) {
        ssize_t sent = send(flight->fd, flight->out + flight->sent,
                            flight->out_size - flight->sent, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN))
            return;
        if (sent < 0) {
            *ret_is_broken = true;
            return;
        }
        flight->sent += (size_t)sent;
    }
}

static int64_t attempt_span_ms(size_t attempt)
{
    int64_t span_ms = AC_DNS_FIRST_MS;

    for (size_t i = 0; i < attempt && span_ms < AC_DNS_ATTEMPT_MAX_MS; i++)
        span_ms *= 2;
    return span_ms;
}

static void pick_id(struct flight *flight)
{
    /* At most 256 bytes never block once the system has started, and never fail. */
    if (getrandom(&flight->id, sizeof flight->id, 0) != (ssize_t)sizeof flight->id)
        flight->id = (uint16_t)ac_clock_jitter(UINT16_MAX);
}

static enum ac_code begin_attempt(struct flight *flight, bool *ret_is_broken,
                                  struct ac_error *err)
{
    struct ac_dns_query *query = flight->query;

    close_flight(flight);
    query->server = flight->attempt % query->server_count;
    /* TCP takes two more ways there and back. */
    flight->until_ms =
        ac_clock_after_ms(attempt_span_ms(flight->attempt) << (flight->is_tcp ? 1 : 0));
    pick_id(flight);
    AC_TRY(make_packet(flight, err));
    if (connect_flight(flight)) {
        send_rest(flight, ret_is_broken);
    } else {
        *ret_is_broken = true;
    }
    return AC_OK;
}

/* ---- what comes of it --------------------------------------------------- */

static void land(struct flight *flight)
{
    close_flight(flight);
    flight->query = NULL;
}

static bool may_try_again(const struct flight *flight, enum ac_dns_outcome outcome)
{
    const struct ac_dns_query *query = flight->query;
    size_t tries = query->is_recursive ? AC_DNS_TRIES_RESOLVER : AC_DNS_TRIES_SERVER;
    size_t next = flight->attempt + 1;

    /* Who said no, or is not there, says so again; who was silent may speak. */
    if (outcome != AC_DNS_SILENT)
        return next < query->server_count;
    return next < tries || next < query->server_count;
}

/* The attempt came to nothing: the next, until there is none. */
static enum ac_code fail_attempt(struct flight *flight, enum ac_dns_outcome outcome,
                                 struct ac_error *err)
{
    bool is_broken = true;

    while (is_broken) {
        if (flight->query->outcome != AC_DNS_ANSWERED
            && flight->query->outcome != AC_DNS_GARBLED)
            flight->query->outcome = outcome;
        if (!may_try_again(flight, outcome)) {
            land(flight);
            return AC_OK;
        }
        flight->attempt++;
        flight->is_tcp = false;
        is_broken = false;
        outcome = AC_DNS_UNREACHABLE;
        AC_TRY(begin_attempt(flight, &is_broken, err));
    }
    return AC_OK;
}

/* The same question to the same server in another way. */
static enum ac_code ask_again(struct flight *flight, bool is_tcp, bool has_edns,
                              struct ac_error *err)
{
    bool is_broken = false;

    flight->is_tcp = is_tcp;
    flight->has_edns = has_edns;
    AC_TRY(begin_attempt(flight, &is_broken, err));
    return is_broken ? fail_attempt(flight, AC_DNS_UNREACHABLE, err) : AC_OK;
}

static enum ac_code fail_garbled(struct flight *flight, struct ac_error *err)
{
    if (flight->query->outcome != AC_DNS_ANSWERED)
        flight->query->outcome = AC_DNS_GARBLED;
    return fail_attempt(flight, AC_DNS_GARBLED, err);
}

static bool is_no_help(int rcode)
{
    return rcode == AC_DNS_SERVFAIL || rcode == AC_DNS_REFUSED || rcode == AC_DNS_NOTIMP
           || rcode == AC_DNS_FORMERR;
}

static enum ac_code take_answer(struct flight *flight, struct ac_dns_answer *answer,
                                struct ac_error *err)
{
    struct ac_dns_query *query = flight->query;

    if (answer->is_truncated && !flight->is_tcp)
        return ask_again(flight, true, flight->has_edns, err);
    /* What is cut where there is room for all of it says nothing. */
    if (answer->is_truncated)
        return fail_garbled(flight, err);
    /* RFC 6891 section 7: servers from before EDNS say so or NOTIMP. */
    if ((answer->rcode == AC_DNS_FORMERR || answer->rcode == AC_DNS_NOTIMP)
        && flight->has_edns)
        return ask_again(flight, flight->is_tcp, false, err);
    ac_dns_answer_done(&query->answer);
    query->answer = *answer;
    query->outcome = AC_DNS_ANSWERED;
    *answer = (struct ac_dns_answer){ 0 };
    if (is_no_help(query->answer.rcode))
        return fail_attempt(flight, AC_DNS_UNREACHABLE, err);
    land(flight);
    return AC_OK;
}

/* AC_E_INVALID: not for us; somebody may be guessing, so the true one may yet come. */
static enum ac_code read_answer(struct flight *flight, const unsigned char *bytes,
                                size_t size, struct ac_error *err)
{
    AC_AUTO(ac_dns_answer) answer = { 0 };
    struct ac_dns_wire wire = wire_of(flight);
    enum ac_code code = ac_dns_message_read(&wire, bytes, size, &answer, err);

    if (code == AC_E_INVALID && flight->query->outcome != AC_DNS_ANSWERED)
        flight->query->outcome = AC_DNS_GARBLED;
    AC_TRY(code);
    return take_answer(flight, &answer, err);
}

static enum ac_code receive_udp(struct flight *flight, struct ac_error *err)
{
    unsigned char bytes[DATAGRAM_SIZE];

    for (int i = 0; i < DATAGRAMS_MAX; i++) {
        ssize_t got = recv(flight->fd, bytes, sizeof bytes, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return AC_OK;
        if (got < 0)
            return fail_attempt(flight, AC_DNS_UNREACHABLE, err);
        enum ac_code code = read_answer(flight, bytes, (size_t)got, err);
        if (code != AC_E_INVALID)
            return code;
    }
    return AC_OK;
}

/* Size and packet, in as many pieces as it likes. */
static size_t wanted_size(const struct flight *flight)
{
    if (flight->in_size < TCP_PREFIX)
        return TCP_PREFIX;
    return TCP_PREFIX + ((size_t)flight->in[0] << 8 | flight->in[1]);
}

static enum ac_code receive_tcp(struct flight *flight, struct ac_error *err)
{
    if (!flight->in)
        AC_TRY(ac_memory_new(TCP_PREFIX + AC_DNS_WIRE_MAX, 1, &flight->in, err));
    while (flight->in_size < wanted_size(flight)) {
        ssize_t got = recv(flight->fd, flight->in + flight->in_size,
                           wanted_size(flight) - flight->in_size, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN))
            return AC_OK;
        if (got <= 0)
            return fail_attempt(flight, AC_DNS_UNREACHABLE, err);
        flight->in_size += (size_t)got;
    }
    enum ac_code code =
        read_answer(flight, flight->in + TCP_PREFIX, flight->in_size - TCP_PREFIX, err);
    return code == AC_E_INVALID ? fail_attempt(flight, AC_DNS_GARBLED, err) : code;
}

/* ---- all of them -------------------------------------------------------- */

static enum ac_code step_flight(struct flight *flight, short revents,
                                struct ac_error *err)
{
    bool is_broken = false;

    if (revents & POLLOUT)
        send_rest(flight, &is_broken);
    if (is_broken || (revents & (POLLERR | POLLNVAL) && flight->is_tcp))
        return fail_attempt(flight, AC_DNS_UNREACHABLE, err);
    if (revents & (POLLIN | POLLERR | POLLHUP)) {
        AC_TRY(flight->is_tcp ? receive_tcp(flight, err) : receive_udp(flight, err));
    }
    if (flight->query && ac_clock_now_ms() >= flight->until_ms)
        return fail_attempt(flight, AC_DNS_SILENT, err);
    return AC_OK;
}

static enum ac_code launch(struct flight *flight, struct ac_dns_query *query,
                           struct ac_error *err)
{
    bool is_broken = false;

    *flight = (struct flight){
        .query = query, .fd = -1, .has_edns = true, .began_ms = ac_clock_now_ms()
    };
    if (query->server_count == 0) {
        query->outcome = AC_DNS_UNREACHABLE;
        land(flight);
        return AC_OK;
    }
    enum ac_code code = begin_attempt(flight, &is_broken, err);
    if (code == AC_E_INVALID) {
        query->outcome = AC_DNS_GARBLED; /* nobody can be asked for this name */
        land(flight);
        return AC_OK;
    }
    AC_TRY(code);
    return is_broken ? fail_attempt(flight, AC_DNS_UNREACHABLE, err) : AC_OK;
}

/* Fills free places with the next queries. */
static enum ac_code launch_next(struct flights *flights, struct ac_dns_query *queries,
                                size_t count, size_t *next, struct ac_error *err)
{
    for (size_t i = 0; i < AC_DNS_FLIGHTS_MAX && *next < count; i++) {
        while (!flights->items[i].query && *next < count)
            AC_TRY(launch(&flights->items[i], &queries[(*next)++], err));
    }
    return AC_OK;
}

static int64_t gather(const struct flights *flights,
                      struct pollfd fds[AC_DNS_FLIGHTS_MAX], size_t *ret_flying)
{
    int64_t wake_at_ms = flights->deadline_ms;

    *ret_flying = 0;
    for (size_t i = 0; i < AC_DNS_FLIGHTS_MAX; i++) {
        const struct flight *flight = &flights->items[i];
        fds[i] = (struct pollfd){ .fd = flight->query ? flight->fd : -1,
                                  .events = flight->sent < flight->out_size
                                                ? POLLIN | POLLOUT
                                                : POLLIN };
        *ret_flying += flight->query != NULL;
        if (flight->query && flight->until_ms < wake_at_ms)
            wake_at_ms = flight->until_ms;
    }
    return wake_at_ms;
}

/* Waits for something to come and takes it. */
static enum ac_code step_all(struct flights *flights, size_t *ret_flying,
                             struct ac_error *err)
{
    struct pollfd fds[AC_DNS_FLIGHTS_MAX];
    int left_ms = ac_clock_left_ms(gather(flights, fds, ret_flying));

    if (*ret_flying == 0)
        return AC_OK;
    if (poll(fds, AC_DNS_FLIGHTS_MAX, left_ms < WAIT_MAX_MS ? left_ms : WAIT_MAX_MS)
        < 0)
        return AC_OK; /* a signal, or no memory: the deadlines hold */
    for (size_t i = 0; i < AC_DNS_FLIGHTS_MAX; i++) {
        if (flights->items[i].query)
            AC_TRY(step_flight(&flights->items[i], fds[i].revents, err));
    }
    return AC_OK;
}

static enum ac_code fly(struct flights *flights, struct ac_dns_query *queries,
                        size_t count, struct ac_error *err)
{
    size_t next = 0;
    size_t flying = 1;

    while (flying > 0 && ac_clock_now_ms() < flights->deadline_ms) {
        AC_TRY(launch_next(flights, queries, count, &next, err));
        AC_TRY(step_all(flights, &flying, err));
    }
    return AC_OK;
}

/* Who had no time to answer before the deadline cannot be called silent. */
static void end_flights(struct flights *flights)
{
    int64_t now_ms = ac_clock_now_ms();

    for (size_t i = 0; i < AC_DNS_FLIGHTS_MAX; i++) {
        struct flight *flight = &flights->items[i];
        if (flight->query && flight->query->outcome == AC_DNS_UNASKED
            && now_ms - flight->began_ms >= AC_DNS_PATIENCE_MS)
            flight->query->outcome = AC_DNS_SILENT;
        land(flight);
    }
}

enum ac_code ac_dns_ask(struct ac_dns_query *queries, size_t count, int64_t deadline_ms,
                        struct ac_error *err)
{
    struct flights *flights = NULL;

    AC_TRY(ac_memory_new(1, sizeof *flights, &flights, err));
    for (size_t i = 0; i < AC_DNS_FLIGHTS_MAX; i++)
        flights->items[i].fd = -1;
    flights->deadline_ms = deadline_ms;
    enum ac_code code = fly(flights, queries, count, err);
    end_flights(flights);
    free(flights);
    return code;
}
