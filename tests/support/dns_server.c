/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_server.h"

#include "dns_packet.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define RULES_MAX   64
#define HEADER_SIZE 12
#define NAME_SIZE   300
#define SEEN_MAX    16384
#define BIND_TRIES  50
#define READ_MS     1000

struct seen {
    int server;
    int type;
    char name[NAME_SIZE];
};

static struct {
    const struct ac_dns_rule *rules;
    size_t rule_count;
    size_t hits[RULES_MAX];
    int udp[AC_DNS_SERVERS], tcp[AC_DNS_SERVERS];
    int stop_fd;
    uint16_t port;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    struct seen seen[SEEN_MAX];
    size_t seen_count;
} the = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- questions ---------------------------------------------------------- */

struct question {
    int server;
    int type;
    char name[NAME_SIZE];
    bool has_edns;
    const unsigned char *bytes;
    size_t end; /* of the question section */
};

static bool read_question(const unsigned char *bytes, size_t size,
                          struct question *question)
{
    size_t at = HEADER_SIZE;
    size_t used = 0;

    if (size < HEADER_SIZE + 5)
        return false;
    while (at < size && bytes[at] != 0) {
        size_t label = bytes[at++];
        if (label > 63 || at + label >= size || used + label + 2 > NAME_SIZE)
            return false;
        if (used > 0)
            question->name[used++] = '.';
        memcpy(question->name + used, bytes + at, label);
        used += label;
        at += label;
    }
    if (at + 5 > size)
        return false;
    question->name[used] = '\0';
    question->type = bytes[at + 1] << 8 | bytes[at + 2];
    question->bytes = bytes;
    question->end = at + 5;
    question->has_edns = bytes[11] != 0;
    return true;
}

static void remember(const struct question *question)
{
    (void)pthread_mutex_lock(&the.lock);
    if (the.seen_count < SEEN_MAX) {
        struct seen *seen = &the.seen[the.seen_count++];
        seen->server = question->server;
        seen->type = question->type;
        memcpy(seen->name, question->name, sizeof seen->name);
    }
    (void)pthread_mutex_unlock(&the.lock);
}

static const struct ac_dns_rule *find_rule(const struct question *question)
{
    for (size_t i = 0; i < the.rule_count; i++) {
        const struct ac_dns_rule *rule = &the.rules[i];
        if ((rule->server != AC_DNS_ANY && rule->server != question->server)
            || (rule->name && strcasecmp(rule->name, question->name) != 0)
            || (rule->type && ac_dns_type_number(rule->type) != question->type)
            || (rule->times > 0 && the.hits[i] >= rule->times))
            continue;
        the.hits[i]++;
        return rule;
    }
    return NULL;
}

static void make_answer(const struct question *question, const struct ac_dns_rule *rule,
                        bool is_tcp, struct packet *packet)
{
    unsigned flags = rule ? rule->flags : 0;
    int rcode = rule ? rule->rcode : 5;
    bool is_cut = flags & AC_DNS_TC && (!is_tcp || flags & AC_DNS_TC_EVER);
    bool is_old = flags & AC_DNS_OLD && question->has_edns;

    packet->size = 0;
    ac_dns_packet_put(packet, question->bytes, question->end);
    packet->bytes[2] =
        (unsigned char)(0x80 | (question->bytes[2] & 1) | (flags & AC_DNS_AA ? 4 : 0)
                        | (is_cut ? 2 : 0));
    packet->bytes[3] = (unsigned char)(is_old ? 1 : rcode);
    memset(packet->bytes + 6, 0, 6);
    if (is_cut || is_old || !rule)
        return;
    packet->bytes[7] = (unsigned char)ac_dns_packet_lines(packet, rule->answer);
    packet->bytes[9] = (unsigned char)ac_dns_packet_lines(packet, rule->authority);
    if (flags & AC_DNS_WRONG_QUESTION)
        packet->bytes[HEADER_SIZE + 1] ^= 1;
    if (flags & AC_DNS_GARBAGE)
        packet->size = HEADER_SIZE + 3;
}

/* ---- sockets ------------------------------------------------------------ */

static struct packet in_packet, out_packet;

static void serve_udp(int server)
{
    struct sockaddr_storage from;
    socklen_t from_size = sizeof from;
    struct question question = { .server = server };
    ssize_t got = recvfrom(the.udp[server], in_packet.bytes, sizeof in_packet.bytes, 0,
                           (struct sockaddr *)&from, &from_size);

    if (got <= 0 || !read_question(in_packet.bytes, (size_t)got, &question))
        return;
    remember(&question);
    const struct ac_dns_rule *rule = find_rule(&question);
    if (rule && rule->flags & AC_DNS_DROP)
        return;
    make_answer(&question, rule, false, &out_packet);
    if (rule && rule->flags & AC_DNS_WRONG_ID) {
        out_packet.bytes[0] ^= 1;
        (void)sendto(the.udp[server], out_packet.bytes, out_packet.size, 0,
                     (struct sockaddr *)&from, from_size);
        out_packet.bytes[0] ^= 1;
    }
    (void)sendto(the.udp[server], out_packet.bytes, out_packet.size, 0,
                 (struct sockaddr *)&from, from_size);
}

static bool read_fully(int fd, unsigned char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        struct pollfd end = { .fd = fd, .events = POLLIN };
        if (poll(&end, 1, READ_MS) <= 0)
            return false;
        ssize_t got = recv(fd, bytes + at, size - at, 0);
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

static void send_tcp(int fd, bool is_in_pieces)
{
    unsigned char prefix[2] = { (unsigned char)(out_packet.size >> 8),
                                (unsigned char)out_packet.size };
    size_t step = is_in_pieces ? 1 : out_packet.size;

    (void)send(fd, prefix, 1, MSG_NOSIGNAL);
    (void)send(fd, prefix + 1, 1, MSG_NOSIGNAL);
    for (size_t at = 0; at < out_packet.size; at += step)
        (void)send(fd, out_packet.bytes + at, step, MSG_NOSIGNAL);
}

static void serve_tcp(int server)
{
    struct question question = { .server = server };
    unsigned char prefix[2];
    int fd = accept(the.tcp[server], NULL, NULL);

    if (fd < 0)
        return;
    if (read_fully(fd, prefix, sizeof prefix)) {
        size_t size = (size_t)prefix[0] << 8 | prefix[1];
        if (read_fully(fd, in_packet.bytes, size)
            && read_question(in_packet.bytes, size, &question)) {
            remember(&question);
            const struct ac_dns_rule *rule = find_rule(&question);
            make_answer(&question, rule, true, &out_packet);
            if (!rule || !(rule->flags & AC_DNS_HANG_UP))
                send_tcp(fd, rule && rule->flags & AC_DNS_PIECES);
        }
    }
    (void)close(fd);
}

static void *serve(void *arg)
{
    struct pollfd fds[2 * AC_DNS_SERVERS + 1];

    (void)arg;
    for (;;) {
        for (int i = 0; i < AC_DNS_SERVERS; i++) {
            fds[i] = (struct pollfd){ .fd = the.udp[i], .events = POLLIN };
            fds[AC_DNS_SERVERS + i] =
                (struct pollfd){ .fd = the.tcp[i], .events = POLLIN };
        }
        fds[2 * AC_DNS_SERVERS] =
            (struct pollfd){ .fd = the.stop_fd, .events = POLLIN };
        (void)poll(fds, 2 * AC_DNS_SERVERS + 1, -1);
        if (fds[2 * AC_DNS_SERVERS].revents)
            return NULL;
        for (int i = 0; i < AC_DNS_SERVERS; i++) {
            if (fds[i].revents)
                serve_udp(i);
            if (fds[AC_DNS_SERVERS + i].revents)
                serve_tcp(i);
        }
    }
}

/* ---- start and stop ----------------------------------------------------- */

static void close_all(void)
{
    for (int i = 0; i < AC_DNS_SERVERS; i++) {
        if (the.udp[i] >= 0)
            (void)close(the.udp[i]);
        if (the.tcp[i] >= 0)
            (void)close(the.tcp[i]);
        the.udp[i] = the.tcp[i] = -1;
    }
}

static int bind_one(int server, int type, uint16_t *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(*port) };
    socklen_t size = sizeof address;
    char text[32];
    int one = 1;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    (void)snprintf(text, sizeof text, AC_DNS_SERVER_PREFIX "%d", server + 1);
    if (fd < 0 || inet_pton(AF_INET, text, &address.sin_addr) != 1
        || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0
        || bind(fd, (struct sockaddr *)&address, sizeof address) != 0
        || (type == SOCK_STREAM && listen(fd, 64) != 0)
        || getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        if (fd >= 0)
            (void)close(fd);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

/* All at one port, which is whatever the first one got. */
static bool bind_all(void)
{
    bool is_bound = true;

    the.port = 0;
    for (int i = 0; i < AC_DNS_SERVERS; i++) {
        the.udp[i] = bind_one(i, SOCK_DGRAM, &the.port);
        the.tcp[i] = bind_one(i, SOCK_STREAM, &the.port);
        is_bound = is_bound && the.udp[i] >= 0 && the.tcp[i] >= 0;
    }
    if (!is_bound)
        close_all();
    return is_bound;
}

bool ac_dns_server_start(const struct ac_dns_rule *rules, size_t count)
{
    bool is_bound = false;

    the.rules = rules;
    the.rule_count = count;
    memset(the.hits, 0, sizeof the.hits);
    the.seen_count = 0;
    for (int i = 0; i < BIND_TRIES && !is_bound; i++)
        is_bound = bind_all();
    the.stop_fd = eventfd(0, EFD_CLOEXEC);
    return is_bound && count <= RULES_MAX && the.stop_fd >= 0
           && pthread_create(&the.thread, NULL, serve, NULL) == 0;
}

void ac_dns_server_stop(void)
{
    uint64_t one = 1;

    if (write(the.stop_fd, &one, sizeof one) == (ssize_t)sizeof one)
        (void)pthread_join(the.thread, NULL);
    close_all();
    (void)close(the.stop_fd);
}

uint16_t ac_dns_server_port(void)
{
    return the.port;
}

const char *ac_dns_server_address(size_t server)
{
    static char buffers[4][48];
    static size_t next;
    char *buffer = buffers[next++ % 4];

    (void)snprintf(buffer, sizeof buffers[0], AC_DNS_SERVER_PREFIX "%zu:%u", server + 1,
                   (unsigned)the.port);
    return buffer;
}

size_t ac_dns_server_count(int server, const char *name, const char *type)
{
    size_t count = 0;

    (void)pthread_mutex_lock(&the.lock);
    for (size_t i = 0; i < the.seen_count; i++) {
        const struct seen *seen = &the.seen[i];
        count += (server == AC_DNS_ANY || seen->server == server)
                 && (!name || !strcasecmp(seen->name, name))
                 && (!type || seen->type == ac_dns_type_number(type));
    }
    (void)pthread_mutex_unlock(&the.lock);
    return count;
}
