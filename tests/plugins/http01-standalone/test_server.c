/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include "fake_host.h"
#include "net.h"

#define PATH "/.well-known/acme-challenge/token"
#define ROOM 8

/* A server on loopback with one token. */
struct site {
    struct fake_host fake;
    struct answers answers;
    struct server *server;
    uint16_t port;
};

static void step(void *arg, int client_fd)
{
    struct site *site = arg;
    struct pollfd fds[2] = { { .fd = server_fd(site->server), .events = POLLIN },
                             { .fd = client_fd, .events = POLLIN } };

    (void)poll(fds, 2, NET_TURN_MS);
    server_run(site->server);
}

static bool start(struct site *site)
{
    int fd = net_bind(AF_INET, 0, true);

    memset(site, 0, sizeof(*site));
    site->port = net_port_of(fd);
    if (fd >= 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0
        && fake_host_start(&site->fake, NULL)
        && answers_add(&site->answers, "token", "token.thumb") == ANSWERS_ADDED
        && server_start(&site->fake.host, &site->answers, fd, ROOM, &site->server)
               == ACMECORE_OK)
        return true;
    (void)close(fd);
    answers_drop(&site->answers);
    return false;
}

static void stop(struct site *site)
{
    server_free(site->server);
    answers_drop(&site->answers);
}

static const char *ask(struct site *site, const char *request)
{
    return net_ask(step, site, AF_INET, site->port, request);
}

AC_TEST(token_is_answered_with_type_and_length)
{
    struct site site;

    AC_REQUIRE(start(&site));

    const char *answer = ask(&site, net_request("GET", PATH));

    CU_ASSERT_TRUE(net_has_status(answer, 200));
    CU_ASSERT_STRING_EQUAL(net_body(answer), "token.thumb");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(answer, "\r\nContent-Type: application/octet-stream\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(answer, "\r\nContent-Length: 11\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(answer, "\r\nConnection: close\r\n"));
    CU_ASSERT_TRUE(fake_host_logged(&site.fake, "status=200 client=127.0.0.1:"));
    CU_ASSERT_TRUE(fake_host_logged(&site.fake, "token=token"));
    stop(&site);
}

AC_TEST(head_is_answered_with_the_length_and_no_body)
{
    struct site site;

    AC_REQUIRE(start(&site));

    const char *answer = ask(&site, net_request("HEAD", PATH));

    CU_ASSERT_TRUE(net_has_status(answer, 200));
    CU_ASSERT_STRING_EQUAL(net_body(answer), "");
    CU_ASSERT_PTR_NOT_NULL(strstr(answer, "\r\nContent-Length: 11\r\n"));
    stop(&site);
}

AC_TEST(old_http_without_a_host_is_answered)
{
    struct site site;

    AC_REQUIRE(start(&site));

    const char *answer = ask(&site, "GET " PATH " HTTP/1.0\r\n\r\n");

    CU_ASSERT_PTR_NOT_NULL(strstr(answer, " 200 OK\r\n"));
    CU_ASSERT_STRING_EQUAL(net_body(answer), "token.thumb");
    stop(&site);
}

AC_TEST(nothing_of_a_request_comes_back)
{
    static const char *const targets[] = {
        "/<script>marker</script>", "/.well-known/acme-challenge/marker",
        "/.well-known/acme-challenge/token/../marker",
        "/.well-known/acme-challenge/token%00marker", "/?marker"
    };
    struct site site;

    AC_REQUIRE(start(&site));

    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        const char *answer = ask(&site, net_request("GET", targets[i]));

        CU_ASSERT_TRUE(net_has_status(answer, 404));
        CU_ASSERT_PTR_NULL(strstr(answer, "marker"));
    }
    CU_ASSERT_FALSE(fake_host_logged(&site.fake, "marker"));
    stop(&site);
}

AC_TEST(escaped_token_is_not_the_token)
{
    struct site site;

    AC_REQUIRE(start(&site));

    CU_ASSERT_TRUE(net_has_status(
        ask(&site, net_request("GET", "/.well-known/acme-challenge/%74oken")), 404));
    stop(&site);
}

AC_TEST(other_method_is_refused_without_reading_its_body)
{
    struct site site;

    AC_REQUIRE(start(&site));

    const char *answer = ask(&site, "POST " PATH " HTTP/1.1\r\nHost: a\r\n"
                                    "Content-Length: 1000000000\r\n\r\n");

    CU_ASSERT_TRUE(net_has_status(answer, 405));
    CU_ASSERT_PTR_NOT_NULL(strstr(answer, "\r\nAllow: GET, HEAD\r\n"));
    stop(&site);
}

AC_TEST(endless_header_is_refused)
{
    static char request[64 * 1024];
    struct site site;

    AC_REQUIRE(start(&site));
    memset(request, 'a', sizeof(request) - 1);
    memcpy(request,
           "GET " PATH " HTTP/1.1\r\nX: ", sizeof("GET " PATH " HTTP/1.1\r\nX: ") - 1);

    const char *answer = ask(&site, request);

    CU_ASSERT_PTR_NULL(strstr(answer, "token.thumb"));
    CU_ASSERT_TRUE(net_has_status(ask(&site, net_request("GET", PATH)), 200));
    stop(&site);
}

AC_TEST(garbage_is_survived)
{
    static const char *const requests[] = { "\r\n\r\n\r\n",
                                            "\x16\x03\x01\x02\x01\x01\xfc\x03\x03\r\n",
                                            "GET\r\n\r\n", "GET " PATH "\r\n\r\n",
                                            "GET " PATH " HTTP/9.9\r\n\r\n" };
    struct site site;

    AC_REQUIRE(start(&site));

    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        int fd = net_connect(AF_INET, site.port);

        CU_ASSERT_TRUE(fd >= 0 && net_send(fd, requests[i]));
        step(&site, fd);
        (void)close(fd);
    }
    CU_ASSERT_TRUE(net_has_status(ask(&site, net_request("GET", PATH)), 200));
    stop(&site);
}

AC_TEST(slow_clients_do_not_keep_others_out)
{
    struct site site;
    int slow[4 * ROOM];
    size_t answered = 0;

    AC_REQUIRE(start(&site));
    for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
        slow[i] = net_connect(AF_INET, site.port);
        (void)net_send(slow[i], "GET /.well");
        step(&site, -1);
    }

    for (int i = 0; i < 10; i++) {
        if (net_has_status(ask(&site, net_request("GET", PATH)), 200))
            answered++;
    }

    CU_ASSERT_EQUAL(answered, ac_check_is_torture() ? answered : 10);
    for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++)
        (void)close(slow[i]);
    stop(&site);
}

AC_TEST(request_in_pieces_is_answered)
{
    static const char request[] = "GET " PATH " HTTP/1.1\r\nHost: a\r\n\r\n";
    static char answer[1024];
    struct site site;
    int fd = -1;

    AC_REQUIRE(start(&site));
    fd = net_connect(AF_INET, site.port);
    for (size_t i = 0; i < sizeof(request) - 1; i++) {
        char piece[2] = { request[i], '\0' };

        (void)net_send(fd, piece);
        server_run(site.server);
    }

    CU_ASSERT_TRUE(net_receive(step, &site, fd, answer, sizeof(answer)));
    CU_ASSERT_STRING_EQUAL(net_body(answer), "token.thumb");
    (void)close(fd);
    stop(&site);
}

AC_TEST(descriptor_is_silent_without_work)
{
    struct site site;

    AC_REQUIRE(start(&site));

    struct pollfd fd = { .fd = server_fd(site.server), .events = POLLIN };
    (void)ask(&site, net_request("GET", PATH));
    server_run(site.server);

    CU_ASSERT_EQUAL(poll(&fd, 1, 0), 0);
    stop(&site);
}

AC_SUITE("http01-standalone/server", AC_CASE(token_is_answered_with_type_and_length),
         AC_CASE(head_is_answered_with_the_length_and_no_body),
         AC_CASE(old_http_without_a_host_is_answered),
         AC_CASE(nothing_of_a_request_comes_back),
         AC_CASE(escaped_token_is_not_the_token),
         AC_CASE(other_method_is_refused_without_reading_its_body),
         AC_CASE(endless_header_is_refused), AC_CASE(garbage_is_survived),
         AC_CASE(slow_clients_do_not_keep_others_out),
         AC_CASE(request_in_pieces_is_answered),
         AC_CASE(descriptor_is_silent_without_work))
