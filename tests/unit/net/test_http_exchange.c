/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

ALWAYS(linked, "HTTP/1.1 200 OK\r\n"
               "LINK: </dir>;rel=\"index\"\r\n"
               "replay-NONCE:  \t abc \t\r\n"
               "link: <up>;rel=up, <https://CA.example/%7e>; rel=\"alternate up\"\r\n"
               "Link: <//[>;rel=up\r\n"
               "Link: <data:text/plain,terms>;rel=\"terms-of-service\"\r\n"
               "Folded: a\r\n b\r\n"
               "Empty:\r\n"
               "Content-Length: 0\r\n\r\n");
ALWAYS(binary, "HTTP/1.1 200 OK\r\nContent-Length: 0003\r\n\r\n\xff\x01z");
ALWAYS(interim, "HTTP/1.1 103 Early Hints\r\nLink: </early>;rel=up\r\n\r\n"
                "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
ALWAYS(moved, "HTTP/1.1 301 Moved\r\nLocation: /new\r\nX-Old: 1\r\n"
              "Content-Length: 3\r\n\r\nold");

static const struct ac_serve_step redirecting_steps[] = {
    { AC_SERVE_READ, NULL },
    { AC_SERVE_SEND, "HTTP/1.1 301 Moved\r\nLocation: /new\r\nX-Old: 1\r\n"
                     "Content-Length: 3\r\n\r\nold" },
    { AC_SERVE_READ, NULL },
    { AC_SERVE_SEND, "HTTP/1.1 200 OK\r\nLink: <x>;rel=next\r\n"
                     "Content-Length: 0\r\n\r\n" },
    { AC_SERVE_AGAIN, NULL },
};
static const struct ac_serve_step *const redirecting[] = { redirecting_steps, NULL };

AC_TEST(header_names_have_no_case)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(linked);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/"), &exchange, &err));

    AC_REQUIRE(ac_exchange_header(exchange, "Replay-Nonce", 0) != NULL);
    CU_ASSERT_STRING_EQUAL(ac_exchange_header(exchange, "Replay-Nonce", 0), "abc");
    CU_ASSERT_PTR_NULL(ac_exchange_header(exchange, "Replay-Nonce", 1));
    CU_ASSERT_PTR_NULL(ac_exchange_header(exchange, "Replay", 0));
}

AC_TEST(repeated_headers_are_found_by_index)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(linked);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/"), &exchange, &err));

    AC_REQUIRE(ac_exchange_header(exchange, "Link", 2) != NULL);
    CU_ASSERT_STRING_EQUAL(ac_exchange_header(exchange, "Link", 0),
                           "</dir>;rel=\"index\"");
    CU_ASSERT_STRING_EQUAL(ac_exchange_header(exchange, "Link", 2), "<//[>;rel=up");
    CU_ASSERT_PTR_NULL(ac_exchange_header(exchange, "Link", 4));
    CU_ASSERT_STRING_EQUAL(ac_exchange_header(exchange, "Folded", 0), "a b");
    CU_ASSERT_STRING_EQUAL(ac_exchange_header(exchange, "Empty", 0), "");
}

AC_TEST(links_of_all_headers_are_resolved)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(linked);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    AC_AUTO(ac_words) urls = { 0 };

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/a/b"), &exchange, &err));
    AC_REQUIRE_OK(ac_exchange_links(exchange, "up", &urls, &err));

    AC_REQUIRE(urls.count == 2);
    CU_ASSERT_STRING_EQUAL(urls.items[0], ac_http_server_url(server, "/a/up"));
    CU_ASSERT_STRING_EQUAL(urls.items[1], "https://CA.example/%7e");
}

AC_TEST(link_of_another_scheme_is_shown_as_it_is)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(linked);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    AC_AUTO(ac_words) urls = { 0 };

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/"), &exchange, &err));
    AC_REQUIRE_OK(ac_exchange_links(exchange, "terms-of-service", &urls, &err));

    AC_REQUIRE(urls.count == 1);
    CU_ASSERT_STRING_EQUAL(urls.items[0], "data:text/plain,terms");
}

AC_TEST(links_are_resolved_against_where_a_redirect_led)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(redirecting);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    AC_AUTO(ac_words) urls = { 0 };
    struct ac_http_request request = { .method = AC_HTTP_GET,
                                       .follows_redirects = true };

    request.url = ac_http_server_url(server, "/a/b");
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(carry(http, &request, &exchange, &err));
    AC_REQUIRE_OK(ac_exchange_links(exchange, "next", &urls, &err));

    AC_REQUIRE(urls.count == 1);
    CU_ASSERT_STRING_EQUAL(urls.items[0], ac_http_server_url(server, "/x"));
}

AC_TEST(nothing_of_an_answer_before_a_redirect_is_left)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(redirecting);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET,
                                       .follows_redirects = true };
    size_t size = 1;

    request.url = ac_http_server_url(server, "/old");
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(carry(http, &request, &exchange, &err));

    CU_ASSERT_EQUAL(ac_exchange_status(exchange), 200);
    CU_ASSERT_STRING_EQUAL(ac_exchange_url(exchange),
                           ac_http_server_url(server, "/new"));
    CU_ASSERT_PTR_NULL(ac_exchange_header(exchange, "X-Old", 0));
    CU_ASSERT_STRING_EQUAL(ac_exchange_body(exchange, &size), "");
    CU_ASSERT_EQUAL(size, 0);
}

AC_TEST(body_is_bytes_with_a_nul_behind_them)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(binary);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    size_t size = 0;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/"), &exchange, &err));

    CU_ASSERT_EQUAL(memcmp(ac_exchange_body(exchange, &size), "\xff\x01z", 4), 0);
    CU_ASSERT_EQUAL(size, 3);
}

AC_TEST(headers_of_an_interim_answer_do_not_count)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(interim);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/"), &exchange, &err));

    CU_ASSERT_EQUAL(ac_exchange_status(exchange), 404);
    CU_ASSERT_PTR_NULL(ac_exchange_header(exchange, "Link", 0));
}

AC_TEST(redirect_that_is_not_followed_is_an_answer)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(moved);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    size_t size = 0;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/old"), &exchange, &err));

    CU_ASSERT_EQUAL(ac_exchange_status(exchange), 301);
    CU_ASSERT_STRING_EQUAL(ac_exchange_body(exchange, &size), "old");
    CU_ASSERT_STRING_EQUAL(ac_exchange_url(exchange),
                           ac_http_server_url(server, "/old"));
}

AC_SUITE("net/http_exchange", AC_CASE(header_names_have_no_case),
         AC_CASE(repeated_headers_are_found_by_index),
         AC_CASE(links_of_all_headers_are_resolved),
         AC_CASE(link_of_another_scheme_is_shown_as_it_is),
         AC_CASE(links_are_resolved_against_where_a_redirect_led),
         AC_CASE(nothing_of_an_answer_before_a_redirect_is_left),
         AC_CASE(body_is_bytes_with_a_nul_behind_them),
         AC_CASE(headers_of_an_interim_answer_do_not_count),
         AC_CASE(redirect_that_is_not_followed_is_an_answer))
