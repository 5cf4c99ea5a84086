/* SPDX-License-Identifier: Apache-2.0 */
#include "connection.h"

#include "handshake.h"
#include "hello.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void read_hello(struct connection *connection);
static void decide(struct connection *connection, const uint8_t *data, size_t size);
static void pass_on(struct connection *connection);
static void complain(struct service *service, const char *why);
static void reach(struct connection *connection);
static bool start_flows(struct connection *connection);
static void relay(struct connection *connection);
static void answer(struct connection *connection);
static void part(struct connection *connection);
static void hear(struct connection *connection, struct ear *ear, uint32_t events);
static void wait_for_bytes(const struct connection *connection, int bytes);

struct connection *connection_new(struct service *service, int client_fd,
                                  int64_t now_ms)
{
    struct connection *connection = calloc(1, sizeof *connection);

    if (!connection) {
        (void)close(client_fd);
        return NULL;
    }
    connection->service = service;
    connection->accepted_ms = now_ms;
    connection->client.fd = client_fd;
    connection->backend.fd = -1;
    hear(connection, &connection->client, EPOLLIN);
    return connection;
}

void connection_step(struct connection *connection)
{
    static void (*const steps[CONNECTION_STAGE_COUNT])(struct connection *) = {
        [CONNECTION_HELLO] = read_hello, [CONNECTION_ANSWERING] = answer,
        [CONNECTION_PARTING] = part,     [CONNECTION_REACHING] = reach,
        [CONNECTION_RELAYING] = relay,
    };

    if (steps[connection->stage])
        steps[connection->stage](connection);
}

void connection_expire(struct connection *connection, int64_t now_ms)
{
    int64_t age_ms = now_ms - connection->accepted_ms;

    if (connection->stage == CONNECTION_HELLO && age_ms > CONNECTION_HELLO_MS) {
        pass_on(connection);
    } else if (connection->stage != CONNECTION_RELAYING
               && age_ms > CONNECTION_YOUNG_MS) {
        connection->stage = CONNECTION_GONE;
    }
}

void connection_hurry(struct connection *connection)
{
    if (connection->stage == CONNECTION_HELLO) {
        pass_on(connection);
    } else {
        connection->stage = CONNECTION_GONE;
    }
}

void connection_hear_again(struct connection *connection)
{
    uint32_t client = connection->client.events;
    uint32_t backend = connection->backend.events;

    connection->client.events = connection->backend.events = 0;
    hear(connection, &connection->client, client);
    hear(connection, &connection->backend, backend);
}

void connection_free(struct connection *connection)
{
    if (connection->backend.fd >= 0) {
        (void)close(connection->backend.fd);
        connection->service->relays--;
    }
    if (connection->session)
        gnutls_deinit(connection->session);
    proof_release(connection->proof);
    flow_drop(&connection->up);
    flow_drop(&connection->down);
    (void)close(connection->client.fd);
    free(connection);
}

static void read_hello(struct connection *connection)
{
    uint8_t data[HELLO_BYTES_MAX];
    ssize_t size =
        recv(connection->client.fd, data, sizeof data, MSG_PEEK | MSG_DONTWAIT);

    if (size < 0 && errno != EAGAIN && errno != EINTR)
        connection->stage = CONNECTION_GONE;
    if (size < 0)
        return;
    /* Woken without anything new: there will be nothing new. */
    if ((size_t)size == connection->seen) {
        pass_on(connection);
        return;
    }
    connection->seen = (size_t)size;
    decide(connection, data, (size_t)size);
}

static void decide(struct connection *connection, const uint8_t *data, size_t size)
{
    struct hello hello = { "" };
    struct proof *proof = NULL;

    switch (hello_read(data, size, &hello)) {
    case HELLO_UNDECIDED:
        /* Or epoll would tell of the bytes that were seen, again and again. */
        wait_for_bytes(connection, (int)size + 1);
        return;
    case HELLO_OTHER:
        break;
    case HELLO_VALIDATION:
        proof = proofs_find(connection->service->proofs, hello.server_name);
        break;
    }
    if (!proof) {
        pass_on(connection);
        return;
    }
    wait_for_bytes(connection, 1);
    connection->proof = proof_use(proof);
    connection->session =
        handshake_new(connection->service->priorities, proof, connection->client.fd);
    connection->stage = connection->session ? CONNECTION_ANSWERING : CONNECTION_GONE;
    connection_step(connection);
}

static void pass_on(struct connection *connection)
{
    struct service *service = connection->service;

    connection->stage = CONNECTION_GONE;
    if (!service->backend.is_set)
        return;
    if (service->relays >= service->relays_max) {
        complain(service, "more connections than the limit of open files allows");
        return;
    }
    connection->backend.fd = backend_connect(&service->backend);
    if (connection->backend.fd < 0) {
        complain(service, strerror(errno));
        return;
    }
    service->relays++;
    connection->stage = CONNECTION_REACHING;
    wait_for_bytes(connection, 1);
    hear(connection, &connection->client, 0);
    hear(connection, &connection->backend, EPOLLOUT);
}

/* Once: a server that is away has many visitors. */
static void complain(struct service *service, const char *why)
{
    const struct acmecore_host *host = service->host;
    const struct sockaddr *address = address_socket(&service->backend.address);

    host->log(host->ctx, service->has_complained ? ACMECORE_DEBUG : ACMECORE_WARN,
              "a connection could not be passed on to %s and was closed: %s",
              address_format(address).text, why);
    service->has_complained = true;
}

static void reach(struct connection *connection)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (getsockopt(connection->backend.fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error != 0) {
        complain(connection->service, strerror(error));
        connection->stage = CONNECTION_GONE;
        return;
    }
    connection->stage = start_flows(connection) ? CONNECTION_RELAYING : CONNECTION_GONE;
    connection_step(connection);
}

static bool start_flows(struct connection *connection)
{
    const int on = 1;
    char header[BACKEND_HEADER_MAX];
    int client = connection->client.fd, backend = connection->backend.fd;

    connection->up = (struct flow){ .from = client, .to = backend };
    connection->down = (struct flow){ .from = backend, .to = client };
    /* Pieces go on as they come: both ends have put them together already. */
    (void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(backend, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!connection->service->backend.wants_header)
        return true;
    return flow_queue(&connection->up, header, backend_header(client, header));
}

static void relay(struct connection *connection)
{
    struct flow *up = &connection->up, *down = &connection->down;
    enum flow_state up_state = flow_move(up);
    enum flow_state down_state = flow_move(down);
    uint32_t client = 0, backend = 0;

    if (up_state == FLOW_BROKEN || down_state == FLOW_BROKEN
        || (up_state == FLOW_DONE && down_state == FLOW_DONE)) {
        connection->stage = CONNECTION_GONE;
        return;
    }
    client |= flow_wants_input(up) ? EPOLLIN : 0U;
    client |= flow_wants_output(down) ? EPOLLOUT : 0U;
    backend |= flow_wants_input(down) ? EPOLLIN : 0U;
    backend |= flow_wants_output(up) ? EPOLLOUT : 0U;
    hear(connection, &connection->client, client);
    hear(connection, &connection->backend, backend);
}

static void answer(struct connection *connection)
{
    const struct acmecore_host *host = connection->service->host;
    const char *name = connection->proof->subject.server_name;
    int code = handshake_step(connection->session);

    if (code == GNUTLS_E_AGAIN) {
        bool is_output = gnutls_record_get_direction(connection->session) != 0;

        hear(connection, &connection->client, is_output ? EPOLLOUT : EPOLLIN);
        return;
    }
    host->log(host->ctx, ACMECORE_DEBUG, "tlsalpn01.answer name=%s result=%s", name,
              code == 0 ? "shown" : gnutls_strerror(code));
    connection->stage = code == 0 ? CONNECTION_PARTING : CONNECTION_GONE;
    if (code == 0)
        (void)shutdown(connection->client.fd, SHUT_WR);
    hear(connection, &connection->client, EPOLLIN);
}

/* RFC 8737 §3: nothing is said after the handshake. What is said all the same is read,
 * so that closing does not take our own last words away from the validator. */
static void part(struct connection *connection)
{
    uint8_t ignored[4096];
    ssize_t size = recv(connection->client.fd, ignored, sizeof ignored, MSG_DONTWAIT);

    if (size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    connection->stage = CONNECTION_GONE;
}

/* What is not waited for is taken out, or its end would be told again and again. */
static void hear(struct connection *connection, struct ear *ear, uint32_t events)
{
    struct epoll_event event = { .events = events, .data = { .ptr = connection } };
    int operation = EPOLL_CTL_MOD;

    if (ear->events == events)
        return;
    if (ear->events == 0)
        operation = EPOLL_CTL_ADD;
    if (events == 0)
        operation = EPOLL_CTL_DEL;
    if (epoll_ctl(connection->service->epoll_fd, operation, ear->fd, &event) != 0)
        connection->stage = CONNECTION_GONE;
    ear->events = events;
}

static void wait_for_bytes(const struct connection *connection, int bytes)
{
    (void)setsockopt(connection->client.fd, SOL_SOCKET, SO_RCVLOWAT, &bytes,
                     sizeof bytes);
}
