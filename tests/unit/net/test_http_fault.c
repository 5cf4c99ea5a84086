/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

ALWAYS(hello, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
ONCE(closing, AC_SERVE_CLOSE, NULL);
ONCE(resetting, AC_SERVE_RESET, NULL);
ONCE(silent, AC_SERVE_HOLD, NULL);
ONCE(short_body, AC_SERVE_SEND, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
ONCE(short_chunks, AC_SERVE_SEND,
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
ONCE(no_http, AC_SERVE_SEND, "220 mail.example ESMTP\r\n");
ONCE(no_chunks, AC_SERVE_SEND,
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
ALWAYS(rude, "HTTP/1.1 301 x\r\nLocation: h\x1b[2Jttp://\xff\r\n"
             "Content-Length: 0\r\n\r\n");

static const struct ac_serve_step dripping_steps[] = {
    { AC_SERVE_READ, NULL },
    { AC_SERVE_SEND, "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" },
    { AC_SERVE_DRIP, "x" },
};
static const struct ac_serve_step *const dripping[] = { dripping_steps, NULL };

static const struct ac_serve_step dripping_header_steps[] = {
    { AC_SERVE_READ, NULL },
    { AC_SERVE_SEND, "HTTP/1.1 200 OK\r\n" },
    { AC_SERVE_DRIP, "X: y\r\n" },
};
static const struct ac_serve_step *const dripping_header[] = { dripping_header_steps,
                                                               NULL };

/* The exchange fails with a sentence that has "127.0.0.1:<port>" and then `form`. */
static void expect(const struct ac_serve_step *const *script, int64_t deadline_ms,
                   enum ac_code want, const char *form)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(script);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    AC_AUTO_TEXT char *sentence = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET };

    request.url = ac_http_server_url(server, "/");
    request.deadline_ms = ac_clock_after_ms(deadline_ms);
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(carry(http, &request, &exchange, &err), want);
    struct ac_error failure = err;
    AC_REQUIRE_OK(ac_memory_format(&sentence, &err, "127.0.0.1:%d%s",
                                   ac_http_server_port(server), form));

    CU_ASSERT_TRUE(has_text(failure.detail, sentence));
}

static void expect_with_tls(const char *certificate, const char *form)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = start_tls_server(hello, certificate);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE(server != NULL);
    AC_REQUIRE_OK(new_client_with_ca("ca.pem", &http, &err));
    AC_REQUIRE_CODE(get(http, ac_http_server_url(server, "/"), &exchange, &err),
                    AC_E_NETWORK);

    CU_ASSERT_TRUE(has_text(err.detail, "the certificate of 127.0.0.1:"));
    CU_ASSERT_TRUE(has_text(err.detail, form));
}

AC_TEST(closed_connection_is_named)
{
    expect(closing, DEADLINE_MS, AC_E_NETWORK,
           " closed the connection before answering");
    expect(resetting, DEADLINE_MS, AC_E_NETWORK,
           " closed the connection before answering");
}

AC_TEST(answer_cut_short_is_a_transport_error)
{
    expect(short_body, DEADLINE_MS, AC_E_NETWORK, " was cut short");
    expect(short_chunks, DEADLINE_MS, AC_E_NETWORK, " was cut short");
}

AC_TEST(silence_ends_by_the_deadline)
{
    expect(silent, SHORT_MS, AC_E_NETWORK, " within ");
}

AC_TEST(slow_bytes_do_not_move_the_deadline)
{
    expect(dripping, SHORT_MS, AC_E_NETWORK, " did not end within ");
    expect(dripping_header, SHORT_MS, AC_E_NETWORK, " did not end within ");
}

AC_TEST(answer_that_is_not_http_breaks_the_protocol)
{
    expect(no_http, DEADLINE_MS, AC_E_PROTOCOL, " is not HTTP");
}

AC_TEST(broken_chunks_are_an_answer_cut_short)
{
    expect(no_chunks, DEADLINE_MS, AC_E_NETWORK, " was cut short");
}

AC_TEST(refused_connection_is_named)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    AC_AUTO_TEXT char *url = NULL;
    AC_AUTO_TEXT char *sentence = NULL;
    int port = ac_http_server_unused_port();

    AC_REQUIRE_OK(ac_memory_format(&url, &err, "https://127.0.0.1:%d/dir", port));
    AC_REQUIRE_OK(ac_memory_format(
        &sentence, &err, "cannot connect to 127.0.0.1:%d: Connection refused", port));
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(get(http, url, &exchange, &err), AC_E_NETWORK);

    CU_ASSERT_STRING_EQUAL(err.detail, sentence);
}

AC_TEST(refusing_proxy_is_named)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    AC_AUTO_TEXT char *proxy = NULL;
    AC_AUTO_TEXT char *sentence = NULL;
    int port = ac_http_server_unused_port();

    AC_REQUIRE_OK(ac_memory_format(&proxy, &err, "127.0.0.1:%d", port));
    AC_REQUIRE_OK(ac_memory_format(&sentence, &err,
                                   "cannot connect to ca.invalid:443 by way of "
                                   "127.0.0.1 port %d: Connection refused",
                                   port));
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE(setenv("https_proxy", proxy, 1) == 0);
    enum ac_code code = get(http, "https://ca.invalid/dir", &exchange, &err);
    (void)unsetenv("https_proxy");
    AC_REQUIRE_CODE(code, AC_E_NETWORK);

    CU_ASSERT_STRING_EQUAL(err.detail, sentence);
    CU_ASSERT_FALSE(ac_exchange_is_untrusted(exchange));
}

AC_TEST(unknown_name_is_named)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    /* RFC 6761 6.4: never leaves the machine's resolver with an address. */
    AC_REQUIRE_CODE(get(http, "https://ca.invalid/dir", &exchange, &err), AC_E_NETWORK);

    CU_ASSERT_TRUE(has_text(err.detail, "cannot resolve ca.invalid"));
}

AC_TEST(server_without_tls_is_told_from_an_untrusted_one)
{
    static const struct ac_serve_step plain_steps[] = {
        { AC_SERVE_SEND, "HTTP/1.1 400 Bad Request\r\n\r\n" },
        { AC_SERVE_HOLD, NULL },
    };
    static const struct ac_serve_step *const plain[] = { plain_steps, NULL };
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(plain);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    AC_AUTO_TEXT char *url = NULL;

    AC_REQUIRE_OK(ac_memory_format(&url, &err, "https://127.0.0.1:%d/",
                                   ac_http_server_port(server)));
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(get(http, url, &exchange, &err), AC_E_NETWORK);

    CU_ASSERT_TRUE(has_text(err.detail, "no TLS with 127.0.0.1:"));
}

AC_TEST(untrusted_issuer_is_named)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = start_tls_server(hello, "server.pem");
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE(server != NULL);
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(get(http, ac_http_server_url(server, "/"), &exchange, &err),
                    AC_E_NETWORK);

    CU_ASSERT_TRUE(has_text(err.detail, "its issuer (CN=Test root) is not known here"));
    CU_ASSERT_TRUE(has_text(err.detail, "give its root with --ca-file"));
}

AC_TEST(expired_certificate_is_not_a_missing_root)
{
    expect_with_tls("expired.pem", "is not trusted: it expired on 2001-01-01");
    expect_with_tls("early.pem",
                    "is not valid before 2198-01-01, and this machine's clock says ");
}

AC_TEST(certificate_for_another_name_is_told)
{
    expect_with_tls("other.pem", "is for another name");
}

AC_TEST(words_of_the_server_come_clean)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(rude);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET,
                                       .follows_redirects = true };

    request.url = ac_http_server_url(server, "/");
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(carry(http, &request, &exchange, &err), AC_E_PROTOCOL);

    CU_ASSERT_PTR_NULL(strchr(err.detail, '\x1b'));
    CU_ASSERT_PTR_NULL(strchr(err.detail, '\xff'));
}

AC_SUITE("net/http_fault", AC_CASE(closed_connection_is_named),
         AC_CASE(answer_cut_short_is_a_transport_error),
         AC_CASE(silence_ends_by_the_deadline),
         AC_CASE(slow_bytes_do_not_move_the_deadline),
         AC_CASE(answer_that_is_not_http_breaks_the_protocol),
         AC_CASE(broken_chunks_are_an_answer_cut_short),
         AC_CASE(refused_connection_is_named), AC_CASE(refusing_proxy_is_named),
         AC_CASE(unknown_name_is_named),
         AC_CASE(server_without_tls_is_told_from_an_untrusted_one),
         AC_CASE(untrusted_issuer_is_named),
         AC_CASE(expired_certificate_is_not_a_missing_root),
         AC_CASE(certificate_for_another_name_is_told),
         AC_CASE(words_of_the_server_come_clean))
