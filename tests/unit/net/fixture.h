/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of core/net share: one client, one server, one exchange to its end. */
#ifndef AC_TESTS_UNIT_NET_FIXTURE_H
#define AC_TESTS_UNIT_NET_FIXTURE_H

#include "base/clock.h"
#include "check.h"
#include "http_server.h"
#include "net/http.h"

#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 20000 /* of exchanges that end long before it */
#define SHORT_MS    300   /* of those that end by it */

/* Scripts of one connection that is used for everything. */
#define ALWAYS(name, answer)                                                           \
    static const struct ac_serve_step name##_steps[] = {                               \
        { AC_SERVE_READ, NULL },                                                       \
        { AC_SERVE_SEND, answer },                                                     \
        { AC_SERVE_AGAIN, NULL },                                                      \
    };                                                                                 \
    static const struct ac_serve_step *const name[] = { name##_steps, NULL }

/* After one request: one more step, and the end of the connection. */
#define ONCE(name, what, text)                                                         \
    static const struct ac_serve_step name##_steps[] = {                               \
        { AC_SERVE_READ, NULL },                                                       \
        { what, text },                                                                \
        { AC_SERVE_CLOSE, NULL },                                                      \
    };                                                                                 \
    static const struct ac_serve_step *const name[] = { name##_steps, NULL }

AC_MUST static inline enum ac_code new_client(struct ac_http **ret_http,
                                              struct ac_error *err)
{
    const struct ac_http_settings settings = { .user_agent = "acmecore/0.1",
                                               .can_use_plain_http = true };

    return ac_http_new(&settings, ret_http, err);
}

AC_MUST static inline enum ac_code new_client_with_ca(const char *name,
                                                      struct ac_http **ret_http,
                                                      struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    struct ac_http_settings settings = { .user_agent = "acmecore/0.1" };

    AC_TRY(ac_memory_format(&path, err, "%s/net/%s", AC_TEST_DATA, name));
    settings.ca_path = path;
    return ac_http_new(&settings, ret_http, err);
}

static inline struct ac_http_server *start_tls_server(
    const struct ac_serve_step *const *scripts, const char *name)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/net/%s", AC_TEST_DATA, name);
    return ac_http_server_start_tls(scripts, path, AC_TEST_DATA "/net/server-key.pem");
}

/* Lets the loop turn until it is done. */
AC_MUST static inline enum ac_code finish(struct ac_http *http,
                                          const struct ac_exchange *exchange,
                                          struct ac_error *err)
{
    while (!ac_exchange_is_done(exchange))
        AC_TRY(ac_http_wait(http, NULL, 0, DEADLINE_MS, err));
    return ac_exchange_result(exchange, err);
}

/* Starts it and waits; the exchange is there when it started. */
AC_MUST static inline enum ac_code carry(struct ac_http *http,
                                         const struct ac_http_request *request,
                                         struct ac_exchange **ret_exchange,
                                         struct ac_error *err)
{
    struct ac_http_request copy = *request;

    if (copy.deadline_ms == 0)
        copy.deadline_ms = ac_clock_after_ms(DEADLINE_MS);
    AC_TRY(ac_http_start(http, &copy, ret_exchange, err));
    return finish(http, *ret_exchange, err);
}

AC_MUST static inline enum ac_code get(struct ac_http *http, const char *url,
                                       struct ac_exchange **ret_exchange,
                                       struct ac_error *err)
{
    const struct ac_http_request request = { .method = AC_HTTP_GET, .url = url };

    return carry(http, &request, ret_exchange, err);
}

AC_MUST static inline enum ac_code post(struct ac_http *http, const char *url,
                                        const char *body,
                                        struct ac_exchange **ret_exchange,
                                        struct ac_error *err)
{
    const char *const headers[] = { "Content-Type: application/jose+json", NULL };
    const struct ac_http_request request = { .method = AC_HTTP_POST,
                                             .url = url,
                                             .headers = headers,
                                             .body = body,
                                             .body_size = strlen(body) };

    return carry(http, &request, ret_exchange, err);
}

static inline bool has_text(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

#endif
