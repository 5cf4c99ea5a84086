/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scripted HTTP server on a loopback port: raw bytes in and out, and it does exactly
 * what the script of a connection says.
 *
 *     static const struct ac_serve_step answers[] = {
 *         { AC_SERVE_READ, NULL },
 *         { AC_SERVE_SEND, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" },
 *         { AC_SERVE_AGAIN, NULL },
 *     };
 *     static const struct ac_serve_step *const scripts[] = { answers, NULL };
 *     struct ac_http_server *server = ac_http_server_start(scripts);
 *     ...
 *     ac_http_server_stop(server);
 *
 * The first connection gets the first script and so on; the last one is for all that
 * follow. "$PORT" in a text becomes the server's port. It allocates nothing, so the
 * torture mode counts only what is tested.
 */
#ifndef AC_TESTS_SUPPORT_HTTP_SERVER_H
#define AC_TESTS_SUPPORT_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

enum ac_serve {
    AC_SERVE_CLOSE, /* an orderly end; also what a zeroed step says */
    AC_SERVE_RESET, /* an end with RST */
    AC_SERVE_HOLD,  /* says nothing more until the client goes away */
    AC_SERVE_READ,  /* one request with its body; ends the connection at EOF */
    AC_SERVE_SEND,  /* these bytes */
    AC_SERVE_DRIP,  /* these bytes slowly, one after the other, over and over */
    AC_SERVE_FLOOD, /* these bytes as fast as can be, over and over */
    AC_SERVE_AGAIN  /* from the first step on */
};

struct ac_serve_step {
    enum ac_serve what;
    const char *text;
};

struct ac_http_server;

/* One at a time. NULL when it cannot be started. Proxies in the environment are unset.
 */
struct ac_http_server *ac_http_server_start(const struct ac_serve_step *const *scripts);
/* The same over TLS 1.2 or 1.3, HTTP/1.1; both files are PEM. */
struct ac_http_server *ac_http_server_start_tls(
    const struct ac_serve_step *const *scripts, const char *certificate_path,
    const char *key_path);
void ac_http_server_stop(struct ac_http_server *server);
static inline void ac_http_server_drop(struct ac_http_server **held)
{
    ac_http_server_stop(*held);
}

int ac_http_server_port(const struct ac_http_server *server);
/* "http(s)://127.0.0.1:<port><path>"; one of four buffers that are used in turn. */
const char *ac_http_server_url(const struct ac_http_server *server, const char *path);
/* How many connections were accepted. */
size_t ac_http_server_connections(struct ac_http_server *server);
/* How often `text` stands in what was received so far, on all connections. */
size_t ac_http_server_count(struct ac_http_server *server, const char *text);

/* A loopback port on which nobody listens; 0 when there is none. */
int ac_http_server_unused_port(void);

#endif
