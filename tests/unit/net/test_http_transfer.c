/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define BODY_MAX 64

ALWAYS(hello, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
ALWAYS(head,
       "HTTP/1.1 200 OK\r\nReplay-Nonce: abc\r\nContent-Length: 99999999\r\n\r\n");
ALWAYS(announced, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
ALWAYS(fitting, "HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n"
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
ALWAYS(chunked, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
ALWAYS(packed, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n"
               "\x1f\x8bxyz");

#define FLOODING(name, start, flood)                                                   \
    static const struct ac_serve_step name##_steps[] = {                               \
        { AC_SERVE_READ, NULL },                                                       \
        { AC_SERVE_SEND, start },                                                      \
        { AC_SERVE_FLOOD, flood },                                                     \
    };                                                                                 \
    static const struct ac_serve_step *const name[] = { name##_steps, NULL }
FLOODING(endless, "HTTP/1.1 200 OK\r\n\r\n", "0123456789abcdef0123456789abcdef");
FLOODING(endless_chunks, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
         "10\r\n0123456789abcdef\r\n");
FLOODING(endless_headers, "HTTP/1.1 200 OK\r\n", "X-Some-Header: 0123456789abcdef\r\n");
FLOODING(endless_header, "HTTP/1.1 200 OK\r\nX-Some-Header: ", "0123456789abcdef");
FLOODING(endless_interim, "", "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n");

AC_TEST(url_is_sent_byte_for_byte)
{
    static const char path[] = "/a/../b/./%7E%7e/%2f//C;x?Q=%20+&r=|[]";
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, path), &exchange, &err));

    CU_ASSERT_EQUAL(
        ac_http_server_count(server,
                             "GET /a/../b/./%7E%7e/%2f//C;x?Q=%20+&r=|[] HTTP/1.1\r\n"),
        1);
    CU_ASSERT_STRING_EQUAL(ac_exchange_url(exchange), ac_http_server_url(server, path));
}

AC_TEST(host_is_sent_as_written)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    AC_AUTO_TEXT char *place = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET,
                                       .url = "http://CA.Example:80/dir" };

    AC_REQUIRE_OK(
        ac_memory_format(&place, &err, "127.0.0.1:%d", ac_http_server_port(server)));
    request.connect_to = place;
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(carry(http, &request, &exchange, &err));

    CU_ASSERT_EQUAL(ac_http_server_count(server, "\r\nHost: CA.Example:80\r\n"), 1);
    CU_ASSERT_EQUAL(ac_http_server_count(server, "GET /dir HTTP/1.1\r\n"), 1);
}

AC_TEST(post_sends_exactly_its_headers_and_body)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(
        post(http, ac_http_server_url(server, "/x"), "{\"a\":1}", &exchange, &err));

    CU_ASSERT_EQUAL(ac_http_server_count(server, "POST /x HTTP/1.1\r\n"), 1);
    CU_ASSERT_EQUAL(
        ac_http_server_count(server, "\r\nContent-Type: application/jose+json\r\n"), 1);
    CU_ASSERT_EQUAL(ac_http_server_count(server, "Content-Type:"), 1);
    CU_ASSERT_EQUAL(ac_http_server_count(server, "\r\nContent-Length: 7\r\n"), 1);
    CU_ASSERT_EQUAL(ac_http_server_count(server, "\r\n\r\n{\"a\":1}"), 1);
}

AC_TEST(nothing_is_sent_that_was_not_asked_for)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(post(http, ac_http_server_url(server, "/"), "x", &exchange, &err));

    CU_ASSERT_EQUAL(ac_http_server_count(server, "Accept-Encoding"), 0);
    CU_ASSERT_EQUAL(ac_http_server_count(server, "Expect"), 0);
    CU_ASSERT_EQUAL(ac_http_server_count(server, "Cookie"), 0);
    CU_ASSERT_EQUAL(ac_http_server_count(server, "Authorization"), 0);
}

AC_TEST(post_without_a_body_is_sent)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(post(http, ac_http_server_url(server, "/"), "", &exchange, &err));

    CU_ASSERT_EQUAL(ac_http_server_count(server, "\r\nContent-Length: 0\r\n"), 1);
    CU_ASSERT_EQUAL(ac_exchange_status(exchange), 200);
}

AC_TEST(long_body_is_sent_whole)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    AC_AUTO(ac_text) body = { 0 };

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(ac_text_addf(&body, &err, "begin%050000dend", 0));
    AC_REQUIRE_OK(post(http, ac_http_server_url(server, "/"), ac_text_get(&body),
                       &exchange, &err));

    CU_ASSERT_EQUAL(ac_http_server_count(server, ac_text_get(&body)), 1);
    CU_ASSERT_TRUE(ac_http_counters(http).bytes_sent > body.size);
}

AC_TEST(head_has_headers_and_no_body)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(head);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    struct ac_http_request request = { .method = AC_HTTP_HEAD };
    size_t size = 1;

    request.url = ac_http_server_url(server, "/nonce");
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(carry(http, &request, &exchange, &err));

    CU_ASSERT_STRING_EQUAL(ac_exchange_header(exchange, "Replay-Nonce", 0), "abc");
    CU_ASSERT_STRING_EQUAL(ac_exchange_body(exchange, &size), "");
    CU_ASSERT_EQUAL(ac_http_server_count(server, "HEAD /nonce HTTP/1.1\r\n"), 1);
}

AC_TEST(connection_is_kept_for_the_next_exchange)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *first = NULL;
    AC_AUTO(ac_exchange) *second = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/1"), &first, &err));
    AC_REQUIRE_OK(post(http, ac_http_server_url(server, "/2"), "x", &second, &err));

    CU_ASSERT_EQUAL(ac_http_server_connections(server), 1);
    CU_ASSERT_EQUAL(ac_http_counters(http).round_trips, 2);
}

AC_TEST(foreign_exchange_shares_no_connection)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *first = NULL;
    AC_AUTO(ac_exchange) *second = NULL;
    AC_AUTO(ac_exchange) *third = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET, .is_foreign = true };

    request.url = ac_http_server_url(server, "/");
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, request.url, &first, &err));
    AC_REQUIRE_OK(carry(http, &request, &second, &err));
    AC_REQUIRE_OK(carry(http, &request, &third, &err));

    CU_ASSERT_EQUAL(ac_http_server_connections(server), 3);
    CU_ASSERT_EQUAL(ac_http_counters(http).requests, 1);
}

AC_TEST(only_the_ca_is_asked_through_a_proxy)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *ours = NULL;
    AC_AUTO(ac_exchange) *foreign = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET, .is_foreign = true };

    request.url = ac_http_server_url(server, "/");
    AC_REQUIRE(setenv("http_proxy", ac_http_server_url(server, ""), 1) == 0);
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, "http://ca.invalid/", &ours, &err));
    AC_REQUIRE_OK(carry(http, &request, &foreign, &err));
    (void)unsetenv("http_proxy");

    CU_ASSERT_EQUAL(ac_http_server_count(server, "GET http://ca.invalid/ HTTP/1.1"), 1);
    CU_ASSERT_EQUAL(ac_http_server_count(server, "GET / HTTP/1.1"), 1);
}

AC_TEST(chunked_body_is_put_together)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(chunked);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    size_t size = 0;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/"), &exchange, &err));

    CU_ASSERT_STRING_EQUAL(ac_exchange_body(exchange, &size), "hello");
}

AC_TEST(packed_body_is_not_unpacked)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(packed);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    size_t size = 0;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/"), &exchange, &err));

    CU_ASSERT_STRING_EQUAL(ac_exchange_body(exchange, &size), "\x1f\x8bxyz");
}

/* Fetches with a limit of BODY_MAX; the answer is refused with this sentence. */
static void expect_refusal(const struct ac_serve_step *const *script,
                           const char *sentence)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(script);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET, .body_max = BODY_MAX };
    size_t size = 0;

    request.url = ac_http_server_url(server, "/");
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(carry(http, &request, &exchange, &err), AC_E_PROTOCOL);

    CU_ASSERT_TRUE(has_text(err.detail, sentence));
    CU_ASSERT_TRUE(has_text(err.detail, "of 127.0.0.1:"));
    (void)ac_exchange_body(exchange, &size);
    CU_ASSERT_TRUE(size <= BODY_MAX);
    CU_ASSERT_TRUE(ac_exchange_is_ambiguous(exchange));
    CU_ASSERT_TRUE(ac_http_counters(http).bytes_received < 2 * AC_HTTP_HEADERS_MAX);
}

AC_TEST(body_of_just_the_limit_is_taken)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(fitting);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET, .body_max = BODY_MAX };
    size_t size = 0;

    request.url = ac_http_server_url(server, "/");
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(carry(http, &request, &exchange, &err));

    (void)ac_exchange_body(exchange, &size);
    CU_ASSERT_EQUAL(size, BODY_MAX);
}

AC_TEST(announced_length_over_the_limit_is_refused)
{
    expect_refusal(announced, "is longer than 64 bytes");
}

AC_TEST(body_that_grows_over_the_limit_is_refused)
{
    expect_refusal(endless, "is longer than 64 bytes");
    expect_refusal(endless_chunks, "is longer than 64 bytes");
}

AC_TEST(headers_over_the_limit_are_refused)
{
    expect_refusal(endless_headers, "are longer than 65536 bytes");
    expect_refusal(endless_interim, "are longer than 65536 bytes");
}

AC_TEST(header_line_without_end_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(endless_header);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(get(http, ac_http_server_url(server, "/"), &exchange, &err),
                    AC_E_PROTOCOL);

    CU_ASSERT_TRUE(has_text(err.detail, "longer than"));
}

/* A kept connection on which the next request gets no answer. */
static const struct ac_serve_step dying_steps[] = {
    { AC_SERVE_READ, NULL },
    { AC_SERVE_SEND, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
    { AC_SERVE_READ, NULL },
    { AC_SERVE_CLOSE, NULL },
};
static const struct ac_serve_step *const dying[] = { dying_steps, hello_steps, NULL };

AC_TEST(get_is_sent_again_when_a_kept_connection_dies)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(dying);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *first = NULL;
    AC_AUTO(ac_exchange) *second = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/1"), &first, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/2"), &second, &err));

    CU_ASSERT_EQUAL(ac_http_server_count(server, "GET /2 "), 2);
}

AC_TEST(post_is_never_sent_twice)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(dying);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *first = NULL;
    AC_AUTO(ac_exchange) *second = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/1"), &first, &err));
    AC_REQUIRE_CODE(post(http, ac_http_server_url(server, "/2"), "x", &second, &err),
                    AC_E_NETWORK);

    CU_ASSERT_EQUAL(ac_http_server_count(server, "POST /2 "), 1);
    CU_ASSERT_TRUE(ac_exchange_is_ambiguous(second));
    CU_ASSERT_TRUE(has_text(err.detail, "closed the connection before answering"));
}

AC_SUITE("net/http_transfer", AC_CASE(url_is_sent_byte_for_byte),
         AC_CASE(host_is_sent_as_written),
         AC_CASE(post_sends_exactly_its_headers_and_body),
         AC_CASE(nothing_is_sent_that_was_not_asked_for),
         AC_CASE(post_without_a_body_is_sent), AC_CASE(long_body_is_sent_whole),
         AC_CASE(head_has_headers_and_no_body),
         AC_CASE(connection_is_kept_for_the_next_exchange),
         AC_CASE(foreign_exchange_shares_no_connection),
         AC_CASE(only_the_ca_is_asked_through_a_proxy),
         AC_CASE(chunked_body_is_put_together), AC_CASE(packed_body_is_not_unpacked),
         AC_CASE(body_of_just_the_limit_is_taken),
         AC_CASE(announced_length_over_the_limit_is_refused),
         AC_CASE(body_that_grows_over_the_limit_is_refused),
         AC_CASE(headers_over_the_limit_are_refused),
         AC_CASE(header_line_without_end_is_refused),
         AC_CASE(get_is_sent_again_when_a_kept_connection_dies),
         AC_CASE(post_is_never_sent_twice))
