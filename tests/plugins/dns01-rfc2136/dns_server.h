/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A name server for tests, in a thread, on one loopback port for UDP and TCP. It does
 * what a script says: the first step answers the first request, and so on; the last one
 * answers all others. It allocates nothing.
 */
#ifndef TESTS_RFC2136_DNS_SERVER_H
#define TESTS_RFC2136_DNS_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <nettle/hmac.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tsig.h"

#define DNS_CLIENTS_MAX  8
#define DNS_REQUESTS_MAX 64
#define DNS_KEPT_MAX     512 /* bytes of each request that are kept */
#define DNS_MAC_SIZE     32
#define DNS_SECRET       "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define DNS_KEY_FILE                                                                   \
    "key \"acme-key\" { algorithm hmac-sha256; secret \"" DNS_SECRET "\"; };"

enum dns_act {
    DNS_ANSWER,
    DNS_SILENCE,
    DNS_CLOSE,   /* TCP: without an answer */
    DNS_CUT,     /* TCP: half of the answer, then close */
    DNS_DRIP,    /* TCP: byte by byte */
    DNS_GARBAGE, /* no DNS message */
    DNS_OTHER_ID,
    DNS_OTHER_QUESTION,
    DNS_ECHO /* the request itself */
};

enum dns_signature {
    DNS_SIGNED,
    DNS_UNSIGNED,
    DNS_FORGED,
    DNS_STALE,    /* rightly signed, an hour ago */
    DNS_BAD_TIME, /* rightly signed, with TSIG error BADTIME, an hour ahead */
    DNS_BARE      /* a TSIG without MAC, with tsig_error */
};

/* A record of an answer; `target` is a name (NS, CNAME) or a text (TXT). */
struct dns_record {
    size_t section_at; /* 6: answer, 8: authority */
    const char *owner;
    uint16_t type;
    const char *target;
};

#define DNS_IN_ANSWER    6
#define DNS_IN_AUTHORITY 8

struct dns_step {
    enum dns_act act;
    enum dns_signature signature;
    uint8_t rcode;
    bool is_cut;               /* TC, by UDP only */
    bool is_cut_by_tcp;        /* TC, where it makes no sense */
    bool is_not_authoritative; /* no AA */
    bool is_from_refusing;     /* REFUSED when the name `refused` is in it */
    uint16_t tsig_error;
    const struct dns_record *records; /* ends with one that has no owner */
};

struct dns_kept {
    bool is_udp;
    size_t size;
    uint8_t bytes[DNS_KEPT_MAX];
};

struct dns_server {
    const struct dns_step *steps;
    size_t step_count;
    const char *refused; /* a label; see is_from_refusing */
    struct tsig_key key; /* acme-key, hmac-sha256, octets 0 to 31 */

    uint16_t port;
    char text[32]; /* "127.0.0.1:port" */
    int udp_fd, tcp_fd, stop_fds[2];
    int clients[DNS_CLIENTS_MAX];
    pthread_t thread;

    /* For the test, after dns_stop(). */
    size_t request_count;
    size_t connection_count;
    struct dns_kept requests[DNS_REQUESTS_MAX];
};

static inline struct tsig_key dns_key(void)
{
    struct tsig_key key = { 0 };

    (void)tsig_key_make((struct span){ "acme-key", 8 },
                        (struct span){ "hmac-sha256", 11 },
                        (struct span){ DNS_SECRET, strlen(DNS_SECRET) }, &key);
    return key;
}

/* Signs an answer to a request with this MAC (RFC 8945 §5.3), as a server does. */
static inline void dns_sign(const struct tsig_key *key, struct message *answer,
                            const uint8_t *request_mac, uint64_t time_s, uint16_t error,
                            const uint8_t *other, uint16_t other_size)
{
    static const uint8_t algorithm[] = "\013hmac-sha256";
    static const uint8_t any[] = { 0, 255, 0, 0, 0, 0 };
    uint8_t head[] = { (uint8_t)(time_s >> 40),
                       (uint8_t)(time_s >> 32),
                       (uint8_t)(time_s >> 24),
                       (uint8_t)(time_s >> 16),
                       (uint8_t)(time_s >> 8),
                       (uint8_t)time_s,
                       300 >> 8,
                       300 & 255 };
    uint8_t tail[] = { (uint8_t)(error >> 8), (uint8_t)error,
                       (uint8_t)(other_size >> 8), (uint8_t)other_size };
    uint8_t prefix[] = { 0, DNS_MAC_SIZE };
    uint8_t mac[DNS_MAC_SIZE];
    struct hmac_sha256_ctx hmac;

    hmac_sha256_set_key(&hmac, key->secret_size, key->secret);
    hmac_sha256_update(&hmac, sizeof prefix, prefix);
    hmac_sha256_update(&hmac, DNS_MAC_SIZE, request_mac);
    hmac_sha256_update(&hmac, answer->size, answer->bytes);
    hmac_sha256_update(&hmac, key->name_size, key->name);
    hmac_sha256_update(&hmac, sizeof any, any);
    hmac_sha256_update(&hmac, sizeof algorithm, algorithm);
    hmac_sha256_update(&hmac, sizeof head, head);
    hmac_sha256_update(&hmac, sizeof tail, tail);
    hmac_sha256_update(&hmac, other_size, other);
    hmac_sha256_digest(&hmac, sizeof mac, mac);

    message_put(answer, key->name, key->name_size);
    message_put_u16(answer, LDNS_RR_TYPE_TSIG);
    message_put(answer, "\0\377\0\0\0\0", 6);
    message_put_u16(answer, (uint16_t)(sizeof algorithm + sizeof head + 2 + sizeof mac
                                       + 2 + sizeof tail + other_size));
    message_put(answer, algorithm, sizeof algorithm);
    message_put(answer, head, sizeof head);
    message_put_u16(answer, sizeof mac);
    message_put(answer, mac, sizeof mac);
    message_put(answer, answer->bytes, 2);
    message_put(answer, tail, sizeof tail);
    message_put(answer, other, other_size);
    message_count(answer, MESSAGE_AT_ADDITIONAL);
}

/* A TSIG with an error and nothing else, as for a key that the server does not know. */
static inline void dns_sign_bare(const struct tsig_key *key, struct message *answer,
                                 uint16_t error)
{
    static const uint8_t rdata[] = "\013hmac-sha256\0\0\0\0\0\0\0\001\054\0";

    message_put(answer, key->name, key->name_size);
    message_put_u16(answer, LDNS_RR_TYPE_TSIG);
    message_put(answer, "\0\377\0\0\0\0", 6);
    message_put_u16(answer, sizeof rdata + 6);
    message_put(answer, rdata, sizeof rdata);
    message_put(answer, answer->bytes, 2);
    message_put_u16(answer, error);
    message_put_u16(answer, 0);
    message_count(answer, MESSAGE_AT_ADDITIONAL);
}

/* "a.b" without the help of a library; the bytes of it. */
static inline size_t dns_name(const char *text, uint8_t *room)
{
    size_t used = 0;

    while (*text) {
        size_t size = strcspn(text, ".");

        room[used++] = (uint8_t)size;
        memcpy(room + used, text, size);
        used += size;
        text += size + (text[size] == '.');
    }
    room[used++] = 0;
    return used;
}

static inline void dns_put_record(struct message *answer,
                                  const struct dns_record *record)
{
    uint8_t name[256], data[512];
    size_t size = dns_name(record->owner, name), data_size = 0;

    if (record->type == LDNS_RR_TYPE_TXT) {
        data[0] = (uint8_t)strlen(record->target);
        memcpy(data + 1, record->target, data[0]);
        data_size = 1 + (size_t)data[0];
    } else {
        data_size = dns_name(record->target, data);
    }
    if (record->type == LDNS_RR_TYPE_SOA) {
        data[data_size++] = 0; /* the mailbox; then five numbers */
        memset(data + data_size, 0, 20);
        data_size += 20;
    }
    message_put(answer, name, size);
    message_put_u16(answer, record->type);
    message_put(answer, "\0\001\0\0\0\074", 6);
    message_put_u16(answer, (uint16_t)data_size);
    message_put(answer, data, data_size);
    message_count(answer, record->section_at);
}

static inline size_t dns_question_end(const uint8_t *bytes, size_t size)
{
    size_t at = MESSAGE_HEADER_SIZE;

    while (at < size && bytes[at] != 0)
        at += 1 + (size_t)bytes[at];
    return at + 5;
}

static inline void dns_put_signature(const struct dns_server *server,
                                     const struct dns_step *step,
                                     const struct message *request,
                                     struct message *answer)
{
    const uint8_t *mac = request->bytes + request->size - 6 - DNS_MAC_SIZE;
    uint64_t now_s = (uint64_t)time(NULL);
    uint64_t ahead_s = now_s + 3600;
    uint8_t other[] = { 0,
                        0,
                        (uint8_t)(ahead_s >> 24),
                        (uint8_t)(ahead_s >> 16),
                        (uint8_t)(ahead_s >> 8),
                        (uint8_t)ahead_s };

    if (step->signature == DNS_UNSIGNED || message_get_u16(request->bytes + 10) == 0)
        return;
    if (step->signature == DNS_BARE)
        dns_sign_bare(&server->key, answer, step->tsig_error);
    else if (step->signature == DNS_STALE)
        dns_sign(&server->key, answer, mac, now_s - 3600, 0, NULL, 0);
    else if (step->signature == DNS_BAD_TIME)
        dns_sign(&server->key, answer, mac, now_s, TSIG_BADTIME, other, sizeof other);
    else
        dns_sign(&server->key, answer, mac, now_s, step->tsig_error, NULL, 0);
    if (step->signature == DNS_FORGED)
        answer->bytes[answer->size - 7] ^= 1; /* the end of the MAC */
}

static inline bool dns_is_refused(const struct dns_server *server,
                                  const struct dns_step *step,
                                  const struct message *request)
{
    return step->is_from_refusing
           && memmem(request->bytes, request->size, server->refused,
                     strlen(server->refused));
}

static inline void dns_make_answer(const struct dns_server *server,
                                   const struct dns_step *step, bool is_udp,
                                   const struct message *request,
                                   struct message *answer)
{
    unsigned flags = 0x8000u | (request->bytes[2] & 0x78u) << 8 | step->rcode;

    answer->size = 0;
    answer->is_full = false;
    if (!step->is_not_authoritative)
        flags |= 0x0400u;
    if (step->is_cut_by_tcp || (step->is_cut && is_udp))
        flags |= 0x0200u;
    if (dns_is_refused(server, step, request))
        flags |= LDNS_RCODE_REFUSED;
    message_put(answer, request->bytes,
                dns_question_end(request->bytes, request->size));
    message_set_u16(answer, 2, (uint16_t)flags);
    memset(answer->bytes + 6, 0, 6);
    if (step->act == DNS_OTHER_ID)
        answer->bytes[0] ^= 0xFF;
    if (step->act == DNS_OTHER_QUESTION)
        answer->bytes[MESSAGE_HEADER_SIZE + 1] ^= 1;
    for (const struct dns_record *r = step->records; r && r->owner; r++)
        dns_put_record(answer, r);
    dns_put_signature(server, step, request, answer);
}

static inline void dns_send_tcp(int fd, const struct message *answer, enum dns_act act)
{
    uint8_t prefix[] = { (uint8_t)(answer->size >> 8), (uint8_t)answer->size };
    size_t size = act == DNS_CUT ? answer->size / 2 : answer->size;
    size_t piece = act == DNS_DRIP ? 1 : size;

    (void)!send(fd, prefix, sizeof prefix, MSG_NOSIGNAL);
    for (size_t at = 0; at < size; at += piece)
        (void)!send(fd, answer->bytes + at, piece, MSG_NOSIGNAL);
}

/* False when the connection shall be closed. */
static inline bool dns_serve(struct dns_server *server, int fd,
                             const struct sockaddr_in *from,
                             const struct message *request)
{
    static __thread struct message answer;
    size_t number = server->request_count++;
    const struct dns_step *step =
        &server->steps[number < server->step_count ? number : server->step_count - 1];

    if (number < DNS_REQUESTS_MAX) {
        struct dns_kept *kept = &server->requests[number];

        kept->is_udp = from != NULL;
        kept->size = request->size;
        memcpy(kept->bytes, request->bytes,
               request->size < DNS_KEPT_MAX ? request->size : DNS_KEPT_MAX);
    }
    if (step->act == DNS_SILENCE)
        return true;
    if (step->act == DNS_CLOSE)
        return false;
    if (step->act == DNS_ECHO) {
        answer = *request;
    } else if (step->act == DNS_GARBAGE) {
        /* The right ID, and a name that points at itself. */
        answer.size = 0;
        message_put(&answer, request->bytes, 2);
        message_put(&answer, "\250\0\0\001\0\001\0\0\0\0\300\014\300\014\0\020\0\001",
                    18);
    } else {
        dns_make_answer(server, step, from != NULL, request, &answer);
    }
    if (from)
        (void)!sendto(fd, answer.bytes, answer.size, 0, (const struct sockaddr *)from,
                      sizeof *from);
    else
        dns_send_tcp(fd, &answer, step->act);
    return step->act != DNS_CUT;
}

static inline bool dns_read(int fd, uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t count = recv(fd, bytes, size, 0);

        if (count <= 0)
            return false;
        bytes += count;
        size -= (size_t)count;
    }
    return true;
}

static inline void dns_serve_tcp(struct dns_server *server, int *client)
{
    static __thread struct message request;
    uint8_t prefix[2];

    if (dns_read(*client, prefix, sizeof prefix)) {
        request.size = message_get_u16(prefix);
        if (dns_read(*client, request.bytes, request.size)
            && dns_serve(server, *client, NULL, &request))
            return;
    }
    (void)close(*client);
    *client = -1;
}

static inline void dns_serve_udp(struct dns_server *server)
{
    static __thread struct message request;
    struct sockaddr_in from;
    socklen_t from_size = sizeof from;
    ssize_t size = recvfrom(server->udp_fd, request.bytes, sizeof request.bytes, 0,
                            (struct sockaddr *)&from, &from_size);

    if (size < MESSAGE_HEADER_SIZE)
        return;
    request.size = (size_t)size;
    (void)dns_serve(server, server->udp_fd, &from, &request);
}

static inline void dns_accept(struct dns_server *server)
{
    for (size_t i = 0; i < DNS_CLIENTS_MAX; i++) {
        if (server->clients[i] < 0) {
            server->clients[i] = accept(server->tcp_fd, NULL, NULL);
            server->connection_count++;
            return;
        }
    }
}

static inline void *dns_run(void *arg)
{
    struct dns_server *server = arg;

    for (;;) {
        struct pollfd fds[3 + DNS_CLIENTS_MAX] = { { server->stop_fds[0], POLLIN, 0 },
                                                   { server->udp_fd, POLLIN, 0 },
                                                   { server->tcp_fd, POLLIN, 0 } };

        for (size_t i = 0; i < DNS_CLIENTS_MAX; i++)
            fds[3 + i] = (struct pollfd){ server->clients[i], POLLIN, 0 };
        (void)poll(fds, 3 + DNS_CLIENTS_MAX, -1);
        if (fds[0].revents)
            return NULL;
        if (fds[1].revents)
            dns_serve_udp(server);
        for (size_t i = 0; i < DNS_CLIENTS_MAX; i++) {
            if (fds[3 + i].revents)
                dns_serve_tcp(server, &server->clients[i]);
        }
        if (fds[2].revents)
            dns_accept(server);
    }
}

static inline int dns_bind(int type, uint16_t port)
{
    struct sockaddr_in in = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    if (fd >= 0 && bind(fd, (const struct sockaddr *)&in, sizeof in) == 0
        && (type == SOCK_DGRAM || listen(fd, 8) == 0))
        return fd;
    (void)close(fd);
    return -1;
}

static inline uint16_t dns_port_of(int fd)
{
    struct sockaddr_in in = { 0 };
    socklen_t size = sizeof in;

    (void)getsockname(fd, (struct sockaddr *)&in, &size);
    return ntohs(in.sin_port);
}

/* False when there is no port. The steps must live as long as the server. */
static inline bool dns_start(struct dns_server *server, const struct dns_step *steps,
                             size_t step_count)
{
    memset(server, 0, sizeof *server);
    server->steps = steps;
    server->step_count = step_count;
    server->refused = "bad";
    server->key = dns_key();
    memset(server->clients, -1, sizeof server->clients);
    /* Another test may have the UDP port of this number. */
    for (int i = 0; i < 20; i++) {
        server->tcp_fd = dns_bind(SOCK_STREAM, 0);
        server->port = dns_port_of(server->tcp_fd);
        server->udp_fd = dns_bind(SOCK_DGRAM, server->port);
        if (server->udp_fd >= 0)
            break;
        (void)close(server->tcp_fd);
    }
    (void)snprintf(server->text, sizeof server->text, "127.0.0.1:%u",
                   (unsigned)server->port);
    return server->udp_fd >= 0 && pipe(server->stop_fds) == 0
           && pthread_create(&server->thread, NULL, dns_run, server) == 0;
}

static inline void dns_stop(struct dns_server *server)
{
    (void)!write(server->stop_fds[1], "", 1);
    (void)pthread_join(server->thread, NULL);
    for (size_t i = 0; i < DNS_CLIENTS_MAX; i++) {
        if (server->clients[i] >= 0)
            (void)close(server->clients[i]);
    }
    (void)close(server->udp_fd);
    (void)close(server->tcp_fd);
    (void)close(server->stop_fds[0]);
    (void)close(server->stop_fds[1]);
}

/* The opcode of a request that was kept: 0 QUERY, 5 UPDATE. */
static inline unsigned dns_opcode(const struct dns_server *server, size_t number)
{
    return server->requests[number].bytes[2] >> 3 & 0xFu;
}

static inline size_t dns_update_count(const struct dns_server *server)
{
    size_t count = 0;

    for (size_t i = 0; i < server->request_count && i < DNS_REQUESTS_MAX; i++)
        count += dns_opcode(server, i) == 5;
    return count;
}

#endif
