/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

ALWAYS(hello, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
ALWAYS(forever, "HTTP/1.1 302 Found\r\nLocation: /on\r\nContent-Length: 0\r\n\r\n");
ALWAYS(seeing, "HTTP/1.1 303 See Other\r\nLocation: /on\r\nContent-Length: 0\r\n\r\n");
ALWAYS(nowhere, "HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n");
ALWAYS(to_file, "HTTP/1.1 301 Moved\r\nLocation: file:///etc/passwd\r\n"
                "Content-Length: 0\r\n\r\n");
ALWAYS(to_user, "HTTP/1.1 301 Moved\r\nLocation: http://user@127.0.0.1:$PORT/\r\n"
                "Content-Length: 0\r\n\r\n");
ALWAYS(to_plain, "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:$PORT/\r\n"
                 "Content-Length: 0\r\n\r\n");
static const struct ac_serve_step to_tls_steps[] = {
    { AC_SERVE_READ, NULL },
    { AC_SERVE_SEND, "HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1:$PORT/\r\n"
                     "Content-Length: 0\r\n\r\n" },
    { AC_SERVE_AGAIN, NULL },
};
ONCE(closing, AC_SERVE_CLOSE, NULL);

static const struct ac_serve_step twice_steps[] = {
    { AC_SERVE_READ, NULL },
    { AC_SERVE_SEND, "HTTP/1.1 307 Temporary\r\nLocation: a?b=%2f\r\n"
                     "Content-Length: 0\r\n\r\n" },
    { AC_SERVE_READ, NULL },
    { AC_SERVE_SEND, "HTTP/1.1 308 Permanent\r\nConnection: close\r\n"
                     "Location: http://127.0.0.1:$PORT/%7e/../end\r\n\r\n" },
    { AC_SERVE_CLOSE, NULL },
};
static const struct ac_serve_step *const twice[] = { twice_steps, hello_steps, NULL };

/* A GET that follows redirects, to the code that is wanted. */
static enum ac_code follow(struct ac_http *http, struct ac_http_server *server,
                           struct ac_exchange **ret_exchange, struct ac_error *err)
{
    struct ac_http_request request = { .method = AC_HTTP_GET,
                                       .follows_redirects = true };

    request.url = ac_http_server_url(server, "/x/y");
    return carry(http, &request, ret_exchange, err);
}

AC_TEST(redirects_are_followed_byte_for_byte)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(twice);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(follow(http, server, &exchange, &err));

    CU_ASSERT_EQUAL(ac_exchange_status(exchange), 200);
    CU_ASSERT_EQUAL(ac_http_server_count(server, "GET /x/a?b=%2f "), 1);
    CU_ASSERT_EQUAL(ac_http_server_count(server, "GET /%7e/../end "), 1);
    CU_ASSERT_STRING_EQUAL(ac_exchange_url(exchange),
                           ac_http_server_url(server, "/%7e/../end"));
    CU_ASSERT_EQUAL(ac_http_counters(http).requests, 3);
    CU_ASSERT_EQUAL(ac_http_counters(http).round_trips, 3);
}

AC_TEST(redirects_without_end_are_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(forever);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(follow(http, server, &exchange, &err), AC_E_PROTOCOL);

    CU_ASSERT_TRUE(has_text(err.detail, "more than 10 times"));
    CU_ASSERT_EQUAL(ac_http_server_count(server, "GET "), 1 + AC_HTTP_REDIRECTS);
    CU_ASSERT_EQUAL(err.http_status, 302);
}

AC_TEST(post_and_head_follow_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(seeing);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *posted = NULL;
    AC_AUTO(ac_exchange) *headed = NULL;
    struct ac_http_request request = {
        .method = AC_HTTP_POST, .body = "x", .body_size = 1, .follows_redirects = true
    };

    request.url = ac_http_server_url(server, "/");
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(carry(http, &request, &posted, &err));
    request.method = AC_HTTP_HEAD;
    AC_REQUIRE_OK(carry(http, &request, &headed, &err));

    CU_ASSERT_EQUAL(ac_exchange_status(posted), 303);
    CU_ASSERT_EQUAL(ac_exchange_status(headed), 303);
    CU_ASSERT_EQUAL(ac_http_server_count(server, " /on "), 0);
}

AC_TEST(redirect_without_location_is_an_answer)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(nowhere);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(follow(http, server, &exchange, &err));

    CU_ASSERT_EQUAL(ac_exchange_status(exchange), 301);
}

static void expect_no_way(const struct ac_serve_step *const *script, const char *why)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(script);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(follow(http, server, &exchange, &err), AC_E_PROTOCOL);

    CU_ASSERT_TRUE(has_text(err.detail, "redirects to where we do not go"));
    CU_ASSERT_TRUE(has_text(err.detail, why));
    CU_ASSERT_EQUAL(ac_http_server_count(server, "GET "), 1);
}

AC_TEST(redirect_to_another_scheme_is_refused)
{
    expect_no_way(to_file, "file:///etc/passwd");
}

AC_TEST(redirect_with_credentials_is_refused)
{
    expect_no_way(to_user, "credentials");
}

static const struct ac_serve_step home_steps[] = {
    { AC_SERVE_READ, NULL },
    { AC_SERVE_SEND, "HTTP/1.1 302 Found\r\nConnection: close\r\n"
                     "Location: http://127.0.0.2:80/secret\r\n\r\n" },
    { AC_SERVE_CLOSE, NULL },
};
static const struct ac_serve_step *const home[] = { home_steps, NULL };

AC_TEST(redirect_that_stays_public_goes_to_the_web_and_not_home)
{
    static const struct {
        const struct ac_serve_step *const *script;
        const char *says;
    } cases[] = {
        { twice, "neither port 80 nor port 443" },
        { home, "127.0.0.2 is no public address" },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_http_server) *server = ac_http_server_start(cases[i].script);
        AC_AUTO(ac_http) *http = NULL;
        AC_AUTO(ac_exchange) *exchange = NULL;
        struct ac_http_request request = { .method = AC_HTTP_GET,
                                           .follows_redirects = true,
                                           .stays_public = true };

        AC_REQUIRE_OK(new_client(&http, &err));
        request.url = ac_http_server_url(server, "/x/y");
        AC_REQUIRE_CODE(carry(http, &request, &exchange, &err), AC_E_PROTOCOL);
        CU_ASSERT_TRUE(has_text(err.detail, cases[i].says));
        CU_ASSERT_EQUAL(ac_http_server_count(server, "GET "), 1);
    }
}

/* By its name it might be anybody. */
AC_TEST(who_is_asked_in_public_only_is_not_asked_at_home)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET,
                                       .is_foreign = true,
                                       .is_plain = true,
                                       .is_public_only = true };

    AC_REQUIRE_OK(new_client(&http, &err));
    request.url = ac_http_server_url(server, "/x/y");
    AC_REQUIRE_CODE(carry(http, &request, &exchange, &err), AC_E_PROTOCOL);

    CU_ASSERT_TRUE(has_text(err.detail, "127.0.0.1, which is no public address"));
    CU_ASSERT_EQUAL(ac_http_server_count(server, "GET "), 0);
}

AC_TEST(redirect_from_https_to_http_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = start_tls_server(to_plain, "server.pem");
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE(server != NULL);
    AC_REQUIRE_OK(new_client_with_ca("ca.pem", &http, &err));
    AC_REQUIRE_CODE(follow(http, server, &exchange, &err), AC_E_PROTOCOL);

    CU_ASSERT_TRUE(has_text(err.detail, "is not https"));
    CU_ASSERT_EQUAL(ac_http_server_connections(server), 1);
}

AC_TEST(self_check_verifies_nobody)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = start_tls_server(hello, "expired.pem");
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET,
                                       .is_plain = true,
                                       .is_foreign = true };

    AC_REQUIRE(server != NULL);
    request.url = ac_http_server_url(server, "/");
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(carry(http, &request, &exchange, &err));

    CU_ASSERT_EQUAL(ac_exchange_status(exchange), 200);
}

/* The port speaks no TLS: that it is asked to is what is shown. */
AC_TEST(redirect_from_http_to_https_is_followed)
{
    static const struct ac_serve_step no_tls_steps[] = {
        { AC_SERVE_SEND, "220 mail.example ESMTP\r\n" },
        { AC_SERVE_HOLD, NULL },
    };
    static const struct ac_serve_step *const then_tls[] = { to_tls_steps, no_tls_steps,
                                                            NULL };
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(then_tls);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET,
                                       .is_plain = true,
                                       .is_foreign = true,
                                       .follows_redirects = true };

    request.url = ac_http_server_url(server, "/");
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(carry(http, &request, &exchange, &err), AC_E_NETWORK);

    CU_ASSERT_EQUAL(strncmp(ac_exchange_url(exchange), "https://", 8), 0);
    CU_ASSERT_EQUAL(ac_http_server_connections(server), 2);
}

AC_TEST(ca_file_makes_a_server_trusted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = start_tls_server(hello, "server.pem");
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *first = NULL;
    AC_AUTO(ac_exchange) *second = NULL;

    AC_REQUIRE(server != NULL);
    AC_REQUIRE_OK(new_client_with_ca("ca.pem", &http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/"), &first, &err));
    AC_REQUIRE_OK(post(http, ac_http_server_url(server, "/"), "x", &second, &err));

    CU_ASSERT_EQUAL(ac_exchange_status(second), 200);
    CU_ASSERT_EQUAL(ac_http_server_connections(server), 1);
}

AC_TEST(untrusted_server_gets_no_request)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = start_tls_server(hello, "server.pem");
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE(server != NULL);
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(post(http, ac_http_server_url(server, "/"), "x", &exchange, &err),
                    AC_E_NETWORK);

    CU_ASSERT_EQUAL(ac_http_server_count(server, "POST"), 0);
    CU_ASSERT_FALSE(ac_exchange_is_ambiguous(exchange));
    CU_ASSERT_EQUAL(ac_http_counters(http).requests, 0);
}

/* The file is trust beside the system's, so the system's is asked after it. */
AC_TEST(system_store_is_asked_after_the_ca_file)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = start_tls_server(hello, "server.pem");
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE(server != NULL);
    AC_REQUIRE_OK(new_client_with_ca("other.pem", &http, &err));
    AC_REQUIRE_CODE(get(http, ac_http_server_url(server, "/"), &exchange, &err),
                    AC_E_NETWORK);

    CU_ASSERT_TRUE(has_text(err.detail, "give its root with --ca-file"));
    CU_ASSERT_TRUE(ac_http_server_connections(server) >= 2);
    CU_ASSERT_TRUE(ac_http_server_connections(server) <= 3);
}

AC_TEST(ca_file_is_no_trust_in_others)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = start_tls_server(hello, "server.pem");
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *ours = NULL;
    AC_AUTO(ac_exchange) *foreign = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET, .is_foreign = true };

    AC_REQUIRE(server != NULL);
    request.url = ac_http_server_url(server, "/");
    AC_REQUIRE_OK(new_client_with_ca("ca.pem", &http, &err));
    AC_REQUIRE_OK(get(http, request.url, &ours, &err));
    AC_REQUIRE_CODE(carry(http, &request, &foreign, &err), AC_E_NETWORK);

    CU_ASSERT_TRUE(has_text(err.detail, "is not trusted"));
}

AC_TEST(request_without_answer_is_ambiguous)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(closing);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(post(http, ac_http_server_url(server, "/"), "x", &exchange, &err),
                    AC_E_NETWORK);

    CU_ASSERT_TRUE(ac_exchange_is_ambiguous(exchange));
    CU_ASSERT_EQUAL(ac_exchange_status(exchange), 0);
    CU_ASSERT_EQUAL(err.http_status, 0);
}

AC_TEST(request_that_never_went_out_is_not_ambiguous)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    AC_AUTO_TEXT char *url = NULL;

    AC_REQUIRE_OK(ac_memory_format(&url, &err, "http://127.0.0.1:%d/",
                                   ac_http_server_unused_port()));
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(post(http, url, "x", &exchange, &err), AC_E_NETWORK);

    CU_ASSERT_FALSE(ac_exchange_is_ambiguous(exchange));
}

AC_SUITE("net/http_outcome",
         AC_CASE(redirect_that_stays_public_goes_to_the_web_and_not_home),
         AC_CASE(who_is_asked_in_public_only_is_not_asked_at_home),
         AC_CASE(redirects_are_followed_byte_for_byte),
         AC_CASE(redirects_without_end_are_refused),
         AC_CASE(post_and_head_follow_nothing),
         AC_CASE(redirect_without_location_is_an_answer),
         AC_CASE(redirect_to_another_scheme_is_refused),
         AC_CASE(redirect_with_credentials_is_refused),
         AC_CASE(redirect_from_https_to_http_is_refused),
         AC_CASE(self_check_verifies_nobody),
         AC_CASE(redirect_from_http_to_https_is_followed),
         AC_CASE(ca_file_makes_a_server_trusted),
         AC_CASE(untrusted_server_gets_no_request),
         AC_CASE(system_store_is_asked_after_the_ca_file),
         AC_CASE(ca_file_is_no_trust_in_others),
         AC_CASE(request_without_answer_is_ambiguous),
         AC_CASE(request_that_never_went_out_is_not_ambiguous))
