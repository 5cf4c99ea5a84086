/* SPDX-License-Identifier: Apache-2.0 */
#include "context.h"
#include "http_server.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#define SPAN_MS 20000

/* A server in a child: answers one connection with this text. Gives its port. */
static int serve_one(const char *answer, bool is_staying, pid_t *ret_pid)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char request[4096];

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 1) != 0
        || getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return -1;
    *ret_pid = fork();
    if (*ret_pid == 0) {
        int peer = accept(fd, NULL, NULL);
        if (read(peer, request, sizeof request) > 0)
            (void)!write(peer, answer, strlen(answer));
        if (is_staying)
            (void)pause();
        _exit(0);
    }
    (void)close(fd);
    return ntohs(address.sin_port);
}

static int serve_once(const char *answer, pid_t *ret_pid)
{
    return serve_one(answer, false, ret_pid);
}

/* The connection stays, until the child is killed. */
static int serve_silently(const char *answer, pid_t *ret_pid)
{
    return serve_one(answer, true, ret_pid);
}

static int get(struct context *context, const char *url, uint32_t max_body,
               long *ret_code)
{
    struct acmecore_request request = {
        .struct_size = sizeof request, .max_body = max_body, .method = "GET", .url = url
    };

    return ac_service_http(&context->services, &request, ret_code, take, context);
}

/* One GET of what the server answers. */
static int get_answer(struct context *context, const char *answer, uint32_t max_body,
                      long *ret_code)
{
    char url[64];
    pid_t pid = -1;
    int port = serve_once(answer, &pid);

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/x", port);
    int status = get(context, url, max_body, ret_code);
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
    return status;
}

AC_TEST(answer_over_plain_http_can_be_looked_at)
{
    CONTEXT(c);
    long code = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    int status =
        get_answer(&c, "HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nbody", 0, &code);

    CU_ASSERT_EQUAL(status, ACMECORE_OK);
    CU_ASSERT_EQUAL(code, 404);
    CU_ASSERT_STRING_EQUAL(c.got, "body");
}

AC_TEST(longer_answer_is_refused)
{
    CONTEXT(c);
    long code = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    int status =
        get_answer(&c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", 3, &code);

    CU_ASSERT_EQUAL(status, ACMECORE_E_REFUSED);
    CU_ASSERT_STRING_EQUAL(ac_services_reason(&c.services, 0, 1),
                           "the answer is over 3 bytes");
}

AC_TEST(shorter_answer_than_announced_is_no_answer)
{
    CONTEXT(c);
    long code = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    int status =
        get_answer(&c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody", 0, &code);

    CU_ASSERT_EQUAL(status, ACMECORE_E_NETWORK);
}

AC_TEST(nothing_but_a_plain_get_goes_over_http_to_elsewhere)
{
    static const char *const headers[] = { "Authorization: x", NULL };
    struct acmecore_request requests[3] = {
        { .method = "POST" },
        { .method = "GET", .headers = headers },
        { .method = "GET", .body = "x", .body_size = 1 }
    };
    CONTEXT(c);

    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    for (size_t i = 0; i < AC_COUNT(requests); i++) {
        requests[i].struct_size = sizeof requests[i];
        requests[i].url = "http://192.0.2.1:1/";
        CU_ASSERT_EQUAL(ac_service_http(&c.services, &requests[i], NULL, NULL, NULL),
                        ACMECORE_E_INVALID);
    }
}

#define OK_ANSWER   "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"
#define BUSY_ANSWER "HTTP/1.1 503 No\r\nRetry-After: 1\r\nContent-Length: 4\r\n\r\nbusy"
#define BAD_GATEWAY "HTTP/1.1 502 No\r\nContent-Length: 3\r\n\r\nbad"

/* A connection each. */
static const struct ac_serve_step serve_ok[] = { { AC_SERVE_READ, NULL },
                                                 { AC_SERVE_SEND, OK_ANSWER },
                                                 { AC_SERVE_CLOSE, NULL } };
static const struct ac_serve_step serve_busy[] = { { AC_SERVE_READ, NULL },
                                                   { AC_SERVE_SEND, BUSY_ANSWER },
                                                   { AC_SERVE_CLOSE, NULL } };
static const struct ac_serve_step serve_bad[] = { { AC_SERVE_READ, NULL },
                                                  { AC_SERVE_SEND, BAD_GATEWAY },
                                                  { AC_SERVE_CLOSE, NULL } };

static int post(struct context *context, const struct ac_http_server *server,
                long *ret_code)
{
    static const char *const headers[] = { "X-API-Key: secret", NULL };
    struct acmecore_request request = { .struct_size = sizeof request,
                                        .method = "POST",
                                        .url = ac_http_server_url(server, "/x"),
                                        .headers = headers,
                                        .body = "x",
                                        .body_size = 1 };

    return ac_service_http(&context->services, &request, ret_code, take, context);
}

AC_TEST(a_request_with_a_secret_goes_to_this_machine)
{
    static const struct ac_serve_step *const scripts[] = { serve_ok, NULL };
    CONTEXT(c);
    long code = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    __attribute__((cleanup(ac_http_server_drop))) struct ac_http_server *server =
        ac_http_server_start(scripts);
    AC_REQUIRE(server != NULL);

    CU_ASSERT_EQUAL(post(&c, server, &code), ACMECORE_OK);
    CU_ASSERT_EQUAL(code, 200);
    CU_ASSERT_STRING_EQUAL(c.got, "body");
}

AC_TEST(a_busy_server_is_asked_again)
{
    static const struct ac_serve_step *const scripts[] = { serve_busy, serve_ok, NULL };
    CONTEXT(c);
    long code = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    __attribute__((cleanup(ac_http_server_drop))) struct ac_http_server *server =
        ac_http_server_start(scripts);
    AC_REQUIRE(server != NULL);

    CU_ASSERT_EQUAL(post(&c, server, &code), ACMECORE_OK);
    CU_ASSERT_EQUAL(code, 200);
    CU_ASSERT_STRING_EQUAL(c.got, "body");
}

AC_TEST(what_was_not_done_twice_is_told_as_it_is)
{
    static const struct ac_serve_step *const scripts[] = { serve_bad, serve_ok, NULL };
    CONTEXT(c);
    long code = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    __attribute__((cleanup(ac_http_server_drop))) struct ac_http_server *server =
        ac_http_server_start(scripts);
    AC_REQUIRE(server != NULL);

    CU_ASSERT_EQUAL(post(&c, server, &code), ACMECORE_OK);
    CU_ASSERT_EQUAL(code, 502);
    CU_ASSERT_STRING_EQUAL(c.got, "bad");
}

/* A sink of header lines: one after the other, each with a newline. */
static int take_line(void *arg, const void *data, size_t size)
{
    int status = take(arg, data, size);

    return status == ACMECORE_OK ? take(arg, "\n", 1) : status;
}

static int get_lines(struct context *context, const struct ac_http_server *server)
{
    struct acmecore_request request = { .struct_size = sizeof request,
                                        .method = "GET",
                                        .url = ac_http_server_url(server, "/x"),
                                        .answer = take_line,
                                        .answer_arg = context };

    return ac_service_http(&context->services, &request, NULL, take, context);
}

AC_TEST(header_lines_of_the_last_answer_come_before_its_body)
{
    static const struct ac_serve_step *const scripts[] = { serve_busy, serve_ok, NULL };
    CONTEXT(c);

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    __attribute__((cleanup(ac_http_server_drop))) struct ac_http_server *server =
        ac_http_server_start(scripts);
    AC_REQUIRE(server != NULL);

    CU_ASSERT_EQUAL(get_lines(&c, server), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(c.got, "Content-Length: 4\nbody");
}

AC_TEST(header_lines_come_without_a_body_too)
{
    static const struct ac_serve_step steps[] = {
        { AC_SERVE_READ, NULL },
        { AC_SERVE_SEND, "HTTP/1.1 204 No\r\nX-Next: 2\r\n\r\n" },
        { AC_SERVE_CLOSE, NULL }
    };
    static const struct ac_serve_step *const scripts[] = { steps, NULL };
    CONTEXT(c);

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    __attribute__((cleanup(ac_http_server_drop))) struct ac_http_server *server =
        ac_http_server_start(scripts);
    AC_REQUIRE(server != NULL);

    CU_ASSERT_EQUAL(get_lines(&c, server), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(c.got, "X-Next: 2\n");
}

AC_TEST(a_plugin_that_wants_no_more_lines_ends_the_request)
{
    static const struct ac_serve_step *const scripts[] = { serve_ok, NULL };
    CONTEXT(c);

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    __attribute__((cleanup(ac_http_server_drop))) struct ac_http_server *server =
        ac_http_server_start(scripts);
    AC_REQUIRE(server != NULL);
    c.answer = ACMECORE_E_REFUSED;

    CU_ASSERT_EQUAL(get_lines(&c, server), ACMECORE_E_REFUSED);
    CU_ASSERT_STRING_EQUAL(c.got, "Content-Length: 4");
}

AC_TEST(a_request_has_a_time_of_its_own)
{
    static const struct ac_serve_step *const scripts[] = { serve_busy, serve_ok, NULL };
    CONTEXT(c);
    struct acmecore_request request = { .struct_size = sizeof request,
                                        .timeout_ms = 900,
                                        .method = "GET" };
    long code = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    __attribute__((cleanup(ac_http_server_drop))) struct ac_http_server *server =
        ac_http_server_start(scripts);
    AC_REQUIRE(server != NULL);
    request.url = ac_http_server_url(server, "/x");

    /* The server wants to be asked again after a second, which there is not. */
    CU_ASSERT_EQUAL(ac_service_http(&c.services, &request, &code, take, &c),
                    ACMECORE_OK);
    CU_ASSERT_EQUAL(code, 503);
    CU_ASSERT_STRING_EQUAL(c.got, "busy");
}

AC_TEST(a_dry_run_sends_what_is_harmless)
{
    static const struct ac_serve_step *const scripts[] = { serve_ok, NULL };
    CONTEXT(c);
    struct acmecore_request request = { .struct_size = sizeof request,
                                        .flags = ACMECORE_HARMLESS,
                                        .method = "POST" };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    __attribute__((cleanup(ac_http_server_drop))) struct ac_http_server *server =
        ac_http_server_start(scripts);
    AC_REQUIRE(server != NULL);
    request.url = ac_http_server_url(server, "/login");
    ac_services_dry(&c.services);

    CU_ASSERT_EQUAL(c.services.host.flags, ACMECORE_DRY_RUN);
    CU_ASSERT_EQUAL(ac_service_http(&c.services, &request, NULL, take, &c),
                    ACMECORE_OK);
    request.flags = 0;
    CU_ASSERT_EQUAL(ac_service_http(&c.services, &request, NULL, take, &c),
                    ACMECORE_E_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(c.got, "body");
}

AC_TEST(odd_requests_are_refused)
{
    static const char *const headers[] = { "A: b\r\nC: d", NULL };
    struct acmecore_request requests[] = {
        { .method = "get", .url = "https://127.0.0.1:1/" },
        { .method = "GET", .url = "https://127.0.0.1:1/\n" },
        { .method = "GET", .url = "https://127.0.0.1:1/", .headers = headers },
        { .method = "GET", .url = "https://127.0.0.1:1/", .body_size = 1 },
        { .method = "GET" },
        { .url = "https://127.0.0.1:1/" },
    };
    CONTEXT(c);

    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    for (size_t i = 0; i < AC_COUNT(requests); i++) {
        requests[i].struct_size = sizeof requests[i];
        CU_ASSERT_EQUAL(ac_service_http(&c.services, &requests[i], NULL, NULL, NULL),
                        ACMECORE_E_INVALID);
    }
}

AC_TEST(other_schemes_are_refused)
{
    CONTEXT(c);
    long code = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));

    CU_ASSERT_EQUAL(get(&c, "file:///etc/passwd", 0, &code), ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(get(&c, "ftp://127.0.0.1:1/", 0, &code), ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(c.size, 0);
}

AC_TEST(nothing_is_asked_without_time)
{
    CONTEXT(c);
    long code = 0;

    AC_REQUIRE_OK(context_begin(&c, 0, &err));

    CU_ASSERT_EQUAL(get(&c, "https://127.0.0.1:1/", 0, &code), ACMECORE_E_TIMEOUT);
}

/* What is logged before each repetition. */
ACMECORE_PRINTF(3, 4)
static void stop_at_log(struct acmecore_host_ctx *ctx, int level, const char *format,
                        ...)
{
    struct ac_error ignored = { 0 };
    struct context *context = (struct context *)ctx; /* its first member */

    (void)level, (void)format;
    (void)!context_stop(context, &ignored);
}

AC_TEST(stop_of_the_core_ends_the_wait_for_another_try)
{
    static const char busy[] =
        "HTTP/1.1 429 No\r\nRetry-After: 15\r\nContent-Length: 4\r\n\r\nbusy";
    CONTEXT(c);
    long code = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    c.services.host.log = stop_at_log;
    int64_t began_ms = ac_clock_now_ms();
    int status = get_answer(&c, busy, 0, &code);

    CU_ASSERT_EQUAL(status, ACMECORE_E_TIMEOUT);
    CU_ASSERT(ac_clock_now_ms() < began_ms + SPAN_MS / 2);
}

AC_TEST(stop_of_the_core_ends_an_exchange)
{
    CONTEXT(c);
    long code = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    c.services.deadline_ms = AC_CLOCK_NEVER;
    pid_t pid = -1;
    char url[64];
    int port = serve_silently("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody", &pid);
    struct acmecore_request request = { .struct_size = sizeof request,
                                        .method = "GET",
                                        .url = url };
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/x", port);
    int status = ac_service_http(&c.services, &request, &code, take_and_stop, &c);
    if (pid > 0 && kill(pid, SIGKILL) == 0)
        (void)waitpid(pid, NULL, 0);

    CU_ASSERT_EQUAL(status, ACMECORE_E_TIMEOUT);
}

AC_SUITE("pluginhost/services_http",
         AC_CASE(stop_of_the_core_ends_the_wait_for_another_try),
         AC_CASE(stop_of_the_core_ends_an_exchange),
         AC_CASE(answer_over_plain_http_can_be_looked_at),
         AC_CASE(longer_answer_is_refused),
         AC_CASE(shorter_answer_than_announced_is_no_answer),
         AC_CASE(nothing_but_a_plain_get_goes_over_http_to_elsewhere),
         AC_CASE(a_request_with_a_secret_goes_to_this_machine),
         AC_CASE(a_busy_server_is_asked_again),
         AC_CASE(what_was_not_done_twice_is_told_as_it_is),
         AC_CASE(header_lines_of_the_last_answer_come_before_its_body),
         AC_CASE(header_lines_come_without_a_body_too),
         AC_CASE(a_plugin_that_wants_no_more_lines_ends_the_request),
         AC_CASE(a_request_has_a_time_of_its_own),
         AC_CASE(a_dry_run_sends_what_is_harmless), AC_CASE(odd_requests_are_refused),
         AC_CASE(other_schemes_are_refused), AC_CASE(nothing_is_asked_without_time))
