/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include "address.h"
#include "connections.h"
#include "reply.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REQUEST_SIZE_MAX ((size_t)8192) /* memory of a connection, both directions */
#define IDLE_MAX_S       10u
#define SPARE_ROOM       16u /* for those who are shut down and not closed yet */
#define TURNS_MAX        64  /* of the library within one server_run() */

struct server {
    const struct acmecore_host *host;
    const struct answers *answers;
    struct MHD_Daemon *daemon;
    int epoll_fd;
    struct connections connections;
};

static struct MHD_Daemon *start_daemon(struct server *server, int listen_fd,
                                       unsigned room);
static void take_log(void *arg, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
static size_t keep_escapes(void *arg, struct MHD_Connection *connection, char *text);
static void take_notice(void *arg, struct MHD_Connection *connection,
                        void **socket_context,
                        enum MHD_ConnectionNotificationCode notice);
static int64_t now_ms(void);
static enum MHD_Result answer(void *arg, struct MHD_Connection *connection,
                              const char *target, const char *method,
                              const char *version, const char *upload,
                              size_t *upload_size, void **request_context);
static enum MHD_Result send_reply(struct MHD_Connection *connection,
                                  const struct reply *reply);
static bool add_headers(struct MHD_Response *response, const struct reply *reply);
static void tell(const struct server *server, struct MHD_Connection *connection,
                 const struct reply *reply);

int server_start(const struct acmecore_host *host, const struct answers *answers,
                 int listen_fd, unsigned room, struct server **ret_server)
{
    struct server *server = calloc(1, sizeof *server);
    const union MHD_DaemonInfo *info = NULL;

    if (!server)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
    server->host = host;
    server->answers = answers;
    server->connections.room = room;
    server->daemon = start_daemon(server, listen_fd, room);
    if (server->daemon)
        info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!info) {
        int error = errno;

        server_free(server);
        return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                          "cannot start the HTTP server: %s", strerror(error));
    }
    server->epoll_fd = info->epoll_fd;
    *ret_server = server;
    return ACMECORE_OK;
}

int server_fd(const struct server *server)
{
    return server->epoll_fd;
}

void server_run(struct server *server)
{
    MHD_UNSIGNED_LONG_LONG wait_ms = 0;

    connections_expire(&server->connections, now_ms());
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        (void)MHD_run(server->daemon);
        /* The library may know of work that its descriptor does not show. */
        if (MHD_get_timeout(server->daemon, &wait_ms) != MHD_YES || wait_ms > 0)
            return;
    }
}

void server_free(struct server *server)
{
    if (!server)
        return;
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    free(server);
}

static struct MHD_Daemon *start_daemon(struct server *server, int listen_fd,
                                       unsigned room)
{
    /* clang-format off */
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, answer, server,
        MHD_OPTION_EXTERNAL_LOGGER, take_log, server, /* first: the others may speak */
        MHD_OPTION_LISTEN_SOCKET, listen_fd,
        MHD_OPTION_CONNECTION_LIMIT, room + SPARE_ROOM,
        MHD_OPTION_CONNECTION_TIMEOUT, IDLE_MAX_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, REQUEST_SIZE_MAX,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, take_notice, server,
        MHD_OPTION_END);
    /* clang-format on */
}

static void take_log(void *arg, const char *format, va_list arguments)
{
    const struct server *server = arg;
    char line[256];

    (void)vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = '\0';
    server->host->log(server->host->ctx, ACMECORE_DEBUG, "microhttpd: %s", line);
}

/* Only the exact path is ours; "%2e%2e" stays what it is. */
static size_t keep_escapes(void *arg, struct MHD_Connection *connection, char *text)
{
    (void)arg;
    (void)connection;
    return strlen(text);
}

static void take_notice(void *arg, struct MHD_Connection *connection,
                        void **socket_context,
                        enum MHD_ConnectionNotificationCode notice)
{
    struct server *server = arg;
    const union MHD_ConnectionInfo *info = NULL;

    if (notice == MHD_CONNECTION_NOTIFY_STARTED) {
        info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *socket_context =
            connections_add(&server->connections, info->connect_fd, now_ms());
    } else if (*socket_context) {
        connections_remove(&server->connections, *socket_context);
        *socket_context = NULL;
    }
}

static int64_t now_ms(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Called when the header is complete; nobody waits for a request's body. */
/* NOLINTNEXTLINE(readability-function-size): the library wants eight arguments */
static enum MHD_Result answer(void *arg, struct MHD_Connection *connection,
                              const char *target, const char *method,
                              const char *version, const char *upload,
                              size_t *upload_size, void **request_context)
{
    const struct server *server = arg;
    struct reply reply = reply_to(server->answers, method, target);

    (void)version;
    (void)upload;
    (void)upload_size;
    (void)request_context;
    tell(server, connection, &reply);
    return send_reply(connection, &reply);
}

static enum MHD_Result send_reply(struct MHD_Connection *connection,
                                  const struct reply *reply)
{
    /* A copy: the token may be cleaned up while a slow client still reads. */
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(reply->body), reply->body, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_NO;

    if (!response)
        return MHD_NO;
    if (add_headers(response, reply))
        result = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static bool add_headers(struct MHD_Response *response, const struct reply *reply)
{
    /* A validator comes once; a connection that stays only takes room. */
    return MHD_add_response_header(response, "Content-Type", reply->type) == MHD_YES
           && MHD_add_response_header(response, "Connection", "close") == MHD_YES
           && (!reply->allow
               || MHD_add_response_header(response, "Allow", reply->allow) == MHD_YES);
}

/* Only our own words: a request may contain anything. */
static void tell(const struct server *server, struct MHD_Connection *connection,
                 const struct reply *reply)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct address_text client = { "unknown" };

    if (info && info->client_addr)
        client = address_format(info->client_addr);
    server->host->log(server->host->ctx, ACMECORE_DEBUG,
                      "standalone.request status=%u client=%s token=%s", reply->status,
                      client.text, reply->token ? reply->token : "none");
}
