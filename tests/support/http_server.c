/* SPDX-License-Identifier: Apache-2.0 */
#include "http_server.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http_server_tls.h"

#define CONNECTIONS_MAX 64
#define RECEIVED_MAX    (256 * 1024)
#define REQUEST_MAX     (64 * 1024)
#define TEXT_MAX        4096
#define DRIP_MS         10

struct connection {
    struct ac_http_server *server;
    pthread_t thread;
    int fd;
    void *tls; /* or NULL */
    size_t number;
    char request[REQUEST_MAX];
};

struct ac_http_server {
    const struct ac_serve_step *const *scripts;
    pthread_t thread;
    int fd;
    int stop_fd; /* readable when all must end */
    int port;
    bool has_tls;
    atomic_size_t accepted;
    pthread_mutex_t lock; /* of what follows */
    char received[RECEIVED_MAX];
    size_t received_size;
    struct connection connections[CONNECTIONS_MAX];
};

static struct ac_http_server the_server;

/* Waits for the events; false when the server stops. -1: only sleeps. */
static bool waits(const struct ac_http_server *server, int fd, short events, int ms)
{
    struct pollfd fds[] = { { .fd = server->stop_fd, .events = POLLIN },
                            { .fd = fd, .events = events } };

    (void)poll(fds, 2, ms);
    return fds[0].revents == 0;
}

static void remember(struct ac_http_server *server, const char *bytes, size_t size)
{
    (void)pthread_mutex_lock(&server->lock);
    if (size < RECEIVED_MAX - server->received_size) {
        memcpy(server->received + server->received_size, bytes, size);
        server->received_size += size;
    }
    (void)pthread_mutex_unlock(&server->lock);
}

/* Size of a whole request at the start of `text`, or 0. */
static size_t request_size(const char *text, size_t size)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strcasestr(text, "\r\ncontent-length:");
    size_t whole;

    if (end == NULL)
        return 0;
    whole = (size_t)(end - text) + 4;
    if (length != NULL && length < end)
        whole += strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
    return whole <= size ? whole : 0;
}

static ssize_t receive(const struct connection *connection, char *bytes, size_t size)
{
    if (connection->tls != NULL)
        return ac_tls_receive(connection->tls, bytes, size);
    if (!waits(connection->server, connection->fd, POLLIN, -1))
        return -1;
    return recv(connection->fd, bytes, size, 0);
}

static bool read_request(struct connection *connection)
{
    size_t size = 0;

    for (;;) {
        ssize_t got;

        connection->request[size] = '\0';
        if (request_size(connection->request, size) > 0) {
            remember(connection->server, connection->request, size);
            return true;
        }
        got = receive(connection, connection->request + size, REQUEST_MAX - 1 - size);
        if (got <= 0)
            return false;
        size += (size_t)got;
    }
}

static bool send_all(const struct connection *connection, const char *bytes,
                     size_t size)
{
    while (size > 0) {
        ssize_t sent;

        if (!waits(connection->server, connection->fd, POLLOUT, -1))
            return false;
        if (connection->tls != NULL) {
            sent = ac_tls_send(connection->tls, bytes, size);
        } else {
            sent = send(connection->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* With the port in it; too long a text is cut, and the test fails. */
static bool send_text(const struct connection *connection, const char *text)
{
    const char *mark = strstr(text, "$PORT");
    char filled[TEXT_MAX];

    if (mark == NULL)
        return send_all(connection, text, strlen(text));
    (void)snprintf(filled, sizeof filled, "%.*s%d%s", (int)(mark - text), text,
                   connection->server->port, mark + strlen("$PORT"));
    return send_all(connection, filled, strlen(filled));
}

static bool drip(const struct connection *connection, const char *text)
{
    for (size_t i = 0;; i = text[i + 1] == '\0' ? 0 : i + 1) {
        if (!send_all(connection, text + i, 1)
            || !waits(connection->server, -1, 0, DRIP_MS))
            return false;
    }
}

static bool flood(const struct connection *connection, const char *text)
{
    while (send_all(connection, text, strlen(text)))
        ;
    return false;
}

static bool hold(const struct connection *connection)
{
    char ignored[256];

    while (receive(connection, ignored, sizeof ignored) > 0)
        ;
    return false;
}

static bool reset(const struct connection *connection)
{
    const struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    (void)setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    return false;
}

/* False: the connection ends. */
static bool take_step(struct connection *connection, const struct ac_serve_step *step)
{
    switch (step->what) {
    case AC_SERVE_READ:
        return read_request(connection);
    case AC_SERVE_SEND:
        return send_text(connection, step->text);
    case AC_SERVE_DRIP:
        return drip(connection, step->text);
    case AC_SERVE_FLOOD:
        return flood(connection, step->text);
    case AC_SERVE_HOLD:
        return hold(connection);
    case AC_SERVE_RESET:
        return reset(connection);
    case AC_SERVE_AGAIN:
    case AC_SERVE_CLOSE:
        break;
    }
    return false;
}

static void run_script(struct connection *connection)
{
    const struct ac_serve_step *const *script = connection->server->scripts;
    const struct ac_serve_step *step;

    for (size_t i = 0; i < connection->number && script[1] != NULL; i++)
        script++;
    for (step = *script; step->what == AC_SERVE_AGAIN || take_step(connection, step);)
        step = step->what == AC_SERVE_AGAIN ? *script : step + 1;
}

static void *serve(void *arg)
{
    struct connection *connection = arg;

    connection->tls =
        connection->server->has_tls ? ac_tls_accept(connection->fd) : NULL;
    if (connection->tls != NULL || !connection->server->has_tls)
        run_script(connection);
    if (connection->tls != NULL)
        ac_tls_end(connection->tls);
    (void)close(connection->fd);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct ac_http_server *server = arg;

    while (server->accepted < CONNECTIONS_MAX
           && waits(server, server->fd, POLLIN, -1)) {
        struct connection *connection = &server->connections[server->accepted];

        connection->server = server;
        connection->number = server->accepted;
        connection->fd = accept(server->fd, NULL, NULL);
        if (connection->fd < 0)
            continue;
        server->accepted++; /* before anybody can have its answer */
        if (pthread_create(&connection->thread, NULL, serve, connection) != 0)
            abort();
    }
    return NULL;
}

/* A socket bound to a free loopback port. */
static int bind_anywhere(int *ret_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (bind(fd, (struct sockaddr *)&address, size) != 0
        || getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        (void)close(fd);
        return -1;
    }
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static void unset_proxies(void)
{
    (void)unsetenv("http_proxy");
    (void)unsetenv("https_proxy");
    (void)unsetenv("HTTPS_PROXY");
    (void)unsetenv("all_proxy");
    (void)unsetenv("ALL_PROXY");
}

static struct ac_http_server *start(const struct ac_serve_step *const *scripts,
                                    bool has_tls)
{
    struct ac_http_server *server = &the_server;

    unset_proxies();
    server->scripts = scripts;
    server->has_tls = has_tls;
    server->accepted = 0;
    server->received_size = 0;
    (void)pthread_mutex_init(&server->lock, NULL);
    server->stop_fd = eventfd(0, EFD_CLOEXEC);
    server->fd = bind_anywhere(&server->port);
    if (server->fd < 0 || server->stop_fd < 0
        || listen(server->fd, CONNECTIONS_MAX) != 0
        || pthread_create(&server->thread, NULL, accept_all, server) != 0)
        return NULL;
    return server;
}

struct ac_http_server *ac_http_server_start(const struct ac_serve_step *const *scripts)
{
    return start(scripts, false);
}

struct ac_http_server *ac_http_server_start_tls(
    const struct ac_serve_step *const *scripts, const char *certificate_path,
    const char *key_path)
{
    if (!ac_tls_open(certificate_path, key_path))
        return NULL;
    return start(scripts, true);
}

void ac_http_server_stop(struct ac_http_server *server)
{
    if (server == NULL)
        return;
    if (eventfd_write(server->stop_fd, 1) != 0)
        abort();
    (void)pthread_join(server->thread, NULL);
    for (size_t i = 0; i < server->accepted; i++)
        (void)pthread_join(server->connections[i].thread, NULL);
    (void)close(server->fd);
    (void)close(server->stop_fd);
    (void)pthread_mutex_destroy(&server->lock);
    if (server->has_tls)
        ac_tls_close();
}

int ac_http_server_port(const struct ac_http_server *server)
{
    return server->port;
}

const char *ac_http_server_url(const struct ac_http_server *server, const char *path)
{
    static char buffers[4][512];
    static size_t turn;
    char *buffer = buffers[turn++ % 4];

    (void)snprintf(buffer, sizeof buffers[0], "%s://127.0.0.1:%d%s",
                   server->has_tls ? "https" : "http", server->port, path);
    return buffer;
}

size_t ac_http_server_connections(struct ac_http_server *server)
{
    return server->accepted;
}

size_t ac_http_server_count(struct ac_http_server *server, const char *text)
{
    const char *at;
    size_t count = 0;

    (void)pthread_mutex_lock(&server->lock);
    server->received[server->received_size] = '\0';
    for (at = strstr(server->received, text); at != NULL;
         at = strstr(at + strlen(text), text))
        count++;
    (void)pthread_mutex_unlock(&server->lock);
    return count;
}

int ac_http_server_unused_port(void)
{
    int port = 0;
    int fd = bind_anywhere(&port);

    if (fd >= 0)
        (void)close(fd);
    return port;
}
