/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include "handshake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define RELAYS_MAX   ((rlim_t)8000)
#define RELAYS_MIN   8    /* however tight the limit of open files is */
#define YOUNG_MAX    1000 /* that have not said yet who they are */
#define RESERVED_FDS 64   /* for the host, the libraries and us */
#define EVENTS_MAX   256
#define RUN_MS       50 /* then the host has its turn */
#define EXPIRE_MS    1000
#define ACCEPTS_MAX  64 /* of one socket in a row */

TAILQ_HEAD(connections, connection);

struct server {
    struct service service;
    struct listeners listeners;
    bool is_paused;           /* nothing is accepted: there were no descriptors left */
    struct connections young; /* they have not said who they are, or are answered */
    struct connections old;   /* they are passed through */
    struct connections gone;  /* to be freed when nothing points at them any more */
    size_t young_count;
    int64_t expire_at_ms;
};

static int start(struct server *server);
static size_t make_room(void);
static void listen_again(struct server *server);
static void run_events(struct server *server, const struct epoll_event *events,
                       int count, int64_t now_ms);
static void accept_all(struct server *server, int64_t now_ms);
static void accept_some(struct server *server, int fd, int64_t now_ms);
static void add(struct server *server, int client_fd, int64_t now_ms);
static void pause_listening(struct server *server);
static bool is_young(const struct connection *connection);
static void sort(struct server *server, struct connection *connection);
static void bury(struct server *server);
static void expire(struct server *server, int64_t now_ms);
static void expire_each(struct server *server, const struct connections *connections,
                        int64_t now_ms);
static void free_all(struct connections *connections);
static int64_t read_clock_ms(void);

int server_start(const struct acmecore_host *host, const struct proofs *proofs,
                 const struct backend *backend, struct listeners *listeners,
                 struct server **ret_server)
{
    struct server *server = calloc(1, sizeof *server);
    int code = 0;

    if (!server)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
    server->service = (struct service){
        .host = host,
        .proofs = proofs,
        .backend = *backend,
        .epoll_fd = epoll_create1(EPOLL_CLOEXEC),
        .relays_max = make_room(),
    };
    TAILQ_INIT(&server->young);
    TAILQ_INIT(&server->old);
    TAILQ_INIT(&server->gone);
    server->listeners = *listeners;
    code = start(server);
    if (code != ACMECORE_OK) {
        server->listeners.count = 0; /* they are the caller's still */
        server_free(server);
        return code;
    }
    listeners->count = 0;
    *ret_server = server;
    return ACMECORE_OK;
}

int server_fd(const struct server *server)
{
    return server->service.epoll_fd;
}

void server_run(struct server *server)
{
    struct epoll_event events[EVENTS_MAX];
    int64_t now_ms = read_clock_ms();
    int64_t end_ms = now_ms + RUN_MS;
    int count = EVENTS_MAX;

    for (; count == EVENTS_MAX && now_ms < end_ms; now_ms = read_clock_ms()) {
        count = epoll_wait(server->service.epoll_fd, events, EVENTS_MAX, 0);
        run_events(server, events, count, now_ms);
    }
    if (now_ms >= server->expire_at_ms)
        expire(server, now_ms);
}

size_t server_relays(const struct server *server)
{
    return server->service.relays;
}

void server_free(struct server *server)
{
    if (!server)
        return;
    free_all(&server->young);
    free_all(&server->old);
    listeners_close(&server->listeners);
    if (server->service.priorities)
        gnutls_priority_deinit(server->service.priorities);
    if (server->service.epoll_fd >= 0)
        (void)close(server->service.epoll_fd);
    free(server);
}

const struct acmecore_host *server_host(const struct server *server)
{
    return server->service.host;
}

bool server_leave(struct server *server)
{
    struct connection *here = TAILQ_FIRST(&server->old);

    free_all(&server->young);
    TAILQ_INIT(&server->young);
    server->young_count = 0;
    listeners_close(&server->listeners);
    /* The old one is shared with the process that this one came from. */
    (void)close(server->service.epoll_fd);
    server->service.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (server->service.epoll_fd < 0)
        return false;
    for (; here; here = TAILQ_NEXT(here, link))
        connection_hear_again(here);
    return true;
}

void server_mark(const struct server *server, bool *is_kept, int max)
{
    const struct connection *here = TAILQ_FIRST(&server->old);

    if (server->service.epoll_fd < max)
        is_kept[server->service.epoll_fd] = true;
    for (; here; here = TAILQ_NEXT(here, link)) {
        if (here->client.fd < max)
            is_kept[here->client.fd] = true;
        if (here->backend.fd < max)
            is_kept[here->backend.fd] = true;
    }
}

static int start(struct server *server)
{
    const struct acmecore_host *host = server->service.host;
    int code = 0;

    if (server->service.epoll_fd < 0) {
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "cannot make an epoll: %s",
                          strerror(errno));
    }
    code = handshake_settings(&server->service.priorities);
    if (code != 0) {
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "cannot set up TLS: %s",
                          gnutls_strerror(code));
    }
    server->is_paused = true;
    listen_again(server);
    if (server->is_paused) {
        return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                          "cannot wait for connections: %s", strerror(errno));
    }
    return ACMECORE_OK;
}

/* Two descriptors for each that is passed through; the young ones have room of their
 * own, so that a validator gets in however many others there are. */
static size_t make_room(void)
{
    struct rlimit limit = { 0 };
    rlim_t wanted = 2 * RELAYS_MAX + YOUNG_MAX + RESERVED_FDS;
    rlim_t relays = 0;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return RELAYS_MIN;
    if (limit.rlim_cur < wanted) {
        struct rlimit raised = { .rlim_max = limit.rlim_max };

        raised.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            limit = raised;
    }
    if (limit.rlim_cur > YOUNG_MAX + RESERVED_FDS)
        relays = (limit.rlim_cur - YOUNG_MAX - RESERVED_FDS) / 2;
    if (relays < RELAYS_MIN)
        return RELAYS_MIN;
    return (size_t)(relays < RELAYS_MAX ? relays : RELAYS_MAX);
}

static void listen_again(struct server *server)
{
    struct epoll_event event = { .events = EPOLLIN }; /* data.ptr NULL: not one's own */

    for (size_t i = 0; server->is_paused && i < server->listeners.count; i++) {
        int fd = server->listeners.fds[i];

        if (epoll_ctl(server->service.epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0
            && errno != EEXIST)
            return;
    }
    server->is_paused = false;
}

static void run_events(struct server *server, const struct epoll_event *events,
                       int count, int64_t now_ms)
{
    bool has_visitors = false;

    for (int i = 0; i < count; i++) {
        struct connection *connection = events[i].data.ptr;

        has_visitors |= !connection;
        if (!connection)
            continue;
        connection_step(connection);
        sort(server, connection);
    }
    if (has_visitors)
        accept_all(server, now_ms);
    bury(server);
}

static void accept_all(struct server *server, int64_t now_ms)
{
    for (size_t i = 0; i < server->listeners.count && !server->is_paused; i++)
        accept_some(server, server->listeners.fds[i], now_ms);
}

static void accept_some(struct server *server, int fd, int64_t now_ms)
{
    for (int i = 0; i < ACCEPTS_MAX; i++) {
        int client_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (client_fd >= 0) {
            add(server, client_fd, now_ms);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS
                   || errno == ENOMEM) {
            pause_listening(server);
            return;
        } else if (errno != ECONNABORTED && errno != EINTR) {
            return;
        }
    }
}

static void add(struct server *server, int client_fd, int64_t now_ms)
{
    struct connection *connection = connection_new(&server->service, client_fd, now_ms);

    if (!connection)
        return;
    TAILQ_INSERT_TAIL(&server->young, connection, link);
    connection->is_young = true;
    server->young_count++;
    sort(server, connection);
    if (server->young_count > YOUNG_MAX) {
        connection = TAILQ_FIRST(&server->young);
        connection_hurry(connection);
        sort(server, connection);
    }
}

/* Until the next expire(): a socket that cannot be accepted from stays readable. */
static void pause_listening(struct server *server)
{
    for (size_t i = 0; i < server->listeners.count; i++) {
        (void)epoll_ctl(server->service.epoll_fd, EPOLL_CTL_DEL,
                        server->listeners.fds[i], NULL);
    }
    server->is_paused = true;
}

static bool is_young(const struct connection *connection)
{
    return connection->stage == CONNECTION_HELLO
           || connection->stage == CONNECTION_ANSWERING
           || connection->stage == CONNECTION_PARTING;
}

/* Puts it into the list where it belongs. */
static void sort(struct server *server, struct connection *connection)
{
    bool was_young = connection->is_young;

    if (is_young(connection) || connection->is_buried)
        return;
    if (connection->stage != CONNECTION_GONE && !was_young)
        return;
    TAILQ_REMOVE(was_young ? &server->young : &server->old, connection, link);
    server->young_count -= was_young;
    connection->is_young = false;
    connection->is_buried = connection->stage == CONNECTION_GONE;
    if (connection->is_buried) {
        TAILQ_INSERT_TAIL(&server->gone, connection, link);
    } else {
        TAILQ_INSERT_TAIL(&server->old, connection, link);
    }
}

/* Not before all events are seen: there may be two of one connection. */
static void bury(struct server *server)
{
    free_all(&server->gone);
    TAILQ_INIT(&server->gone);
}

static void expire(struct server *server, int64_t now_ms)
{
    expire_each(server, &server->young, now_ms);
    expire_each(server, &server->old, now_ms);
    bury(server);
    listen_again(server);
    server->expire_at_ms = now_ms + EXPIRE_MS;
}

static void expire_each(struct server *server, const struct connections *connections,
                        int64_t now_ms)
{
    struct connection *next = NULL;

    for (struct connection *here = TAILQ_FIRST(connections); here; here = next) {
        next = TAILQ_NEXT(here, link);
        connection_expire(here, now_ms);
        sort(server, here);
    }
}

static void free_all(struct connections *connections)
{
    struct connection *next = NULL;

    for (struct connection *here = TAILQ_FIRST(connections); here; here = next) {
        next = TAILQ_NEXT(here, link);
        connection_free(here);
    }
}

static int64_t read_clock_ms(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
