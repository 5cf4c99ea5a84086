/* SPDX-License-Identifier: Apache-2.0 */
#include "context.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#define SPAN_MS 20000

/* A server in a child: answers one connection with this text. Gives its port. */
static int serve_once(const char *answer, pid_t *ret_pid)
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
        _exit(0);
    }
    (void)close(fd);
    return ntohs(address.sin_port);
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

AC_TEST(nothing_but_a_plain_get_goes_over_http)
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
        requests[i].url = "http://127.0.0.1:1/";
        CU_ASSERT_EQUAL(ac_service_http(&c.services, &requests[i], NULL, NULL, NULL),
                        ACMECORE_E_INVALID);
    }
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

AC_SUITE("pluginhost/services_http", AC_CASE(answer_over_plain_http_can_be_looked_at),
         AC_CASE(longer_answer_is_refused),
         AC_CASE(shorter_answer_than_announced_is_no_answer),
         AC_CASE(nothing_but_a_plain_get_goes_over_http),
         AC_CASE(odd_requests_are_refused), AC_CASE(other_schemes_are_refused),
         AC_CASE(nothing_is_asked_without_time))
