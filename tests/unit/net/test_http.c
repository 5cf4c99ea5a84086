/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <sys/eventfd.h>
#include <unistd.h>

#define MANY 50

ALWAYS(hello, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
ONCE(silent, AC_SERVE_HOLD, NULL);

AC_TEST(answer_comes_with_status_and_body)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    size_t size = 0;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/dir"), &exchange, &err));

    CU_ASSERT_EQUAL(ac_exchange_status(exchange), 200);
    CU_ASSERT_STRING_EQUAL(ac_exchange_body(exchange, &size), "hello");
    CU_ASSERT_EQUAL(size, 5);
    CU_ASSERT_FALSE(ac_exchange_is_ambiguous(exchange));
    CU_ASSERT_TRUE(ac_exchange_elapsed_ms(exchange) >= 0);
}

AC_TEST(user_agent_names_program_and_library)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(get(http, ac_http_server_url(server, "/"), &exchange, &err));

    CU_ASSERT_EQUAL(
        ac_http_server_count(server, "\r\nUser-Agent: acmecore/0.1 libcurl/"), 1);
}

AC_TEST(ca_file_that_is_missing_is_a_wrong_setting)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http) *http = NULL;

    AC_REQUIRE_CODE(new_client_with_ca("none.pem", &http, &err), AC_E_USAGE);

    CU_ASSERT_TRUE(has_text(err.detail, "none.pem"));
    CU_ASSERT_PTR_NULL(http);
}

AC_TEST(ca_file_without_certificate_is_a_wrong_setting)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http) *http = NULL;

    AC_REQUIRE_CODE(new_client_with_ca("server-key.pem", &http, &err), AC_E_USAGE);

    CU_ASSERT_TRUE(has_text(err.detail, "server-key.pem"));
}

AC_TEST(plain_http_is_refused_unless_allowed)
{
    const struct ac_http_settings settings = { .user_agent = "acmecore/0.1" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_REQUIRE_OK(ac_http_new(&settings, &http, &err));
    AC_REQUIRE_CODE(get(http, "http://127.0.0.1/dir", &exchange, &err), AC_E_INVALID);

    CU_ASSERT_TRUE(has_text(err.detail, "http://127.0.0.1/dir"));
    CU_ASSERT_TRUE(has_text(err.detail, "not https"));
    CU_ASSERT_PTR_NULL(exchange);
}

AC_TEST(plain_http_is_right_for_a_self_check)
{
    const struct ac_http_settings settings = { .user_agent = "acmecore/0.1" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET,
                                       .is_plain = true,
                                       .is_foreign = true };

    request.url = ac_http_server_url(server, "/");
    AC_REQUIRE_OK(ac_http_new(&settings, &http, &err));
    AC_REQUIRE_OK(carry(http, &request, &exchange, &err));

    CU_ASSERT_EQUAL(ac_exchange_status(exchange), 200);
    CU_ASSERT_EQUAL(ac_http_counters(http).requests, 0);
    CU_ASSERT_EQUAL(ac_http_counters(http).round_trips, 0);
    CU_ASSERT_EQUAL(ac_http_counters(http).bytes_received, 0);
}

AC_TEST(header_with_a_line_break_is_refused)
{
    static const char *const headers[] = { "X: y\r\nHost: evil.example", NULL };
    struct ac_error err = { 0 };
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    const struct ac_http_request request = { .method = AC_HTTP_GET,
                                             .url = "http://127.0.0.1/",
                                             .headers = headers };

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(carry(http, &request, &exchange, &err), AC_E_INVALID);

    CU_ASSERT_TRUE(has_text(err.detail, "line break"));
}

/* Starts `count` of them at once. */
static enum ac_code start_all(struct ac_http *http, struct ac_http_request request,
                              struct ac_exchange **exchanges, size_t count,
                              struct ac_error *err)
{
    for (size_t i = 0; i < count; i++)
        AC_TRY(ac_http_start(http, &request, &exchanges[i], err));
    return AC_OK;
}

static enum ac_code finish_all(struct ac_http *http, struct ac_exchange **exchanges,
                               size_t count, size_t *ret_good, struct ac_error *err)
{
    size_t good = 0;

    for (size_t i = 0; i < count; i++) {
        enum ac_code code = finish(http, exchanges[i], err);

        if (code == AC_E_NOMEM)
            return code;
        good += code == AC_OK ? 1 : 0;
    }
    *ret_good = good;
    return AC_OK;
}

static void free_all(struct ac_exchange **exchanges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ac_exchange_free(exchanges[i]);
}

static enum ac_code carry_all(struct ac_http *http, struct ac_http_request request,
                              size_t count, size_t *ret_good, struct ac_error *err)
{
    struct ac_exchange *exchanges[MANY] = { NULL };
    enum ac_code code = start_all(http, request, exchanges, count, err);

    if (code == AC_OK)
        code = finish_all(http, exchanges, count, ret_good, err);
    free_all(exchanges, count);
    return code;
}

AC_TEST(many_exchanges_share_a_few_connections)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET };
    size_t count = ac_check_is_torture() ? 3 : MANY;
    size_t good = 0;

    request.url = ac_http_server_url(server, "/");
    request.deadline_ms = ac_clock_after_ms(DEADLINE_MS);
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(carry_all(http, request, count, &good, &err));

    CU_ASSERT_EQUAL(good, count);
    CU_ASSERT_EQUAL(ac_http_server_count(server, "GET / HTTP/1.1\r\n"), count);
    CU_ASSERT_TRUE(ac_http_server_connections(server) <= 6);
    CU_ASSERT_EQUAL(ac_http_counters(http).requests, count);
    CU_ASSERT_EQUAL(ac_http_counters(http).round_trips, 1);
}

AC_TEST(deadline_holds_also_while_waiting_for_a_connection)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(silent);
    AC_AUTO(ac_http) *http = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET };
    size_t count = ac_check_is_torture() ? 2 : MANY;
    size_t good = 1;

    request.url = ac_http_server_url(server, "/");
    request.deadline_ms = ac_clock_after_ms(SHORT_MS);
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(carry_all(http, request, count, &good, &err));

    /* Those that had none ended too, before one became free for them. */
    CU_ASSERT_EQUAL(good, 0);
    CU_ASSERT_TRUE(ac_http_server_connections(server) <= 6);
    CU_ASSERT_TRUE(ac_http_server_count(server, "GET ") <= 6);
    CU_ASSERT_TRUE(has_text(err.detail, "no answer from 127.0.0.1:"));
}

AC_TEST(deadline_that_has_passed_ends_at_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(silent);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *exchange = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET };

    request.url = ac_http_server_url(server, "/");
    request.deadline_ms = ac_clock_now_ms() - 1;
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_CODE(carry(http, &request, &exchange, &err), AC_E_NETWORK);

    CU_ASSERT_TRUE(has_text(err.detail, "no answer from 127.0.0.1:"));
}

AC_TEST(exchange_under_way_can_be_cancelled)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(silent);
    AC_AUTO(ac_http) *http = NULL;
    struct ac_exchange *exchange = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET };

    request.url = ac_http_server_url(server, "/");
    request.deadline_ms = ac_clock_after_ms(DEADLINE_MS);
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(ac_http_start(http, &request, &exchange, &err));
    CU_ASSERT_FALSE(ac_exchange_is_done(exchange));
    enum ac_code code = ac_http_wait(http, NULL, 0, 10, &err);
    ac_exchange_free(exchange);
    AC_REQUIRE_OK(code);
    AC_REQUIRE_OK(ac_http_wait(http, NULL, 0, 0, &err));

    CU_ASSERT_TRUE(ac_http_counters(http).requests <= 1);
}

AC_TEST(cancelled_one_among_others_harms_none)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_exchange) *first = NULL;
    AC_AUTO(ac_exchange) *last = NULL;
    struct ac_exchange *middle = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET };

    request.url = ac_http_server_url(server, "/");
    request.deadline_ms = ac_clock_after_ms(DEADLINE_MS);
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(ac_http_start(http, &request, &first, &err));
    AC_REQUIRE_OK(ac_http_start(http, &request, &middle, &err));
    enum ac_code code = ac_http_start(http, &request, &last, &err);
    ac_exchange_free(middle);
    AC_REQUIRE_OK(code);
    AC_REQUIRE_OK(finish(http, first, &err));
    AC_REQUIRE_OK(finish(http, last, &err));

    CU_ASSERT_EQUAL(ac_exchange_status(first), 200);
    CU_ASSERT_EQUAL(ac_exchange_status(last), 200);
}

AC_TEST(wait_ends_when_a_descriptor_is_ready)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO_FD int ready_fd = eventfd(1, EFD_CLOEXEC);
    AC_AUTO_FD int idle_fd = eventfd(0, EFD_CLOEXEC);
    struct pollfd fds[] = { { .fd = idle_fd, .events = POLLIN },
                            { .fd = ready_fd, .events = POLLIN | POLLOUT },
                            { .fd = -1, .events = POLLIN } };
    int64_t start_ms = ac_clock_now_ms();

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(ac_http_wait(http, fds, 3, DEADLINE_MS, &err));

    CU_ASSERT_EQUAL(fds[0].revents, 0);
    CU_ASSERT_EQUAL(fds[1].revents, POLLIN | POLLOUT);
    CU_ASSERT_EQUAL(fds[2].revents, 0);
    CU_ASSERT_TRUE(ac_clock_now_ms() - start_ms < DEADLINE_MS);
}

AC_TEST(wait_tells_of_a_descriptor_that_hung_up)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http) *http = NULL;
    int ends[2] = { -1, -1 };

    AC_REQUIRE(pipe(ends) == 0);
    AC_AUTO_FD int read_fd = ends[0];
    struct pollfd fds[] = { { .fd = read_fd, .events = 0 } };
    (void)close(ends[1]);
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(ac_http_wait(http, fds, 1, DEADLINE_MS, &err));

    CU_ASSERT_EQUAL(fds[0].revents, POLLHUP);
}

AC_TEST(wait_with_nothing_to_do_lasts_as_long_as_asked)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http) *http = NULL;
    int64_t start_ms = ac_clock_now_ms();

    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(ac_http_wait(http, NULL, 0, 20, &err));

    CU_ASSERT_TRUE(ac_clock_now_ms() - start_ms >= 19);
}

AC_TEST(round_trips_are_the_longest_chain)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hello);
    AC_AUTO(ac_http) *http = NULL;
    struct ac_http_request request = { .method = AC_HTTP_GET };
    size_t good = 0;

    request.url = ac_http_server_url(server, "/");
    request.deadline_ms = ac_clock_after_ms(DEADLINE_MS);
    AC_REQUIRE_OK(new_client(&http, &err));
    AC_REQUIRE_OK(carry_all(http, request, 2, &good, &err));
    AC_REQUIRE_OK(carry_all(http, request, 3, &good, &err));

    struct ac_http_counters counters = ac_http_counters(http);
    CU_ASSERT_EQUAL(counters.requests, 5);
    CU_ASSERT_EQUAL(counters.round_trips, 2);
    CU_ASSERT_TRUE(counters.bytes_sent > counters.requests * 50);
    CU_ASSERT_EQUAL(counters.bytes_received,
                    counters.requests * strlen(hello_steps[1].text));
}

AC_SUITE("net/http", AC_CASE(answer_comes_with_status_and_body),
         AC_CASE(user_agent_names_program_and_library),
         AC_CASE(ca_file_that_is_missing_is_a_wrong_setting),
         AC_CASE(ca_file_without_certificate_is_a_wrong_setting),
         AC_CASE(plain_http_is_refused_unless_allowed),
         AC_CASE(plain_http_is_right_for_a_self_check),
         AC_CASE(header_with_a_line_break_is_refused),
         AC_CASE(many_exchanges_share_a_few_connections),
         AC_CASE(deadline_holds_also_while_waiting_for_a_connection),
         AC_CASE(deadline_that_has_passed_ends_at_once),
         AC_CASE(exchange_under_way_can_be_cancelled),
         AC_CASE(cancelled_one_among_others_harms_none),
         AC_CASE(wait_ends_when_a_descriptor_is_ready),
         AC_CASE(wait_tells_of_a_descriptor_that_hung_up),
         AC_CASE(wait_with_nothing_to_do_lasts_as_long_as_asked),
         AC_CASE(round_trips_are_the_longest_chain))
