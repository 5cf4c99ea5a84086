/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/request_rules.h"

#include "base/memory.h"
#include "check.h"

static const char *const secret_headers[] = { "Authorization: x", NULL };

static enum ac_request_way way_of(const char *method, const char *url,
                                  const char *const *headers)
{
    struct acmecore_request request = {
        .struct_size = sizeof request, .method = method, .url = url, .headers = headers
    };

    return ac_request_way_of(&request);
}

static int64_t wait_after(const char *method, struct ac_request_outcome outcome,
                          unsigned tries)
{
    struct acmecore_request request = { .struct_size = sizeof request,
                                        .method = method };

    return ac_request_wait_ms(&request, &outcome, tries);
}

AC_TEST(a_secret_goes_over_tls_or_stays_on_this_machine)
{
    static const char *const here[] = { "http://localhost/",  "http://localhost:8081/a",
                                        "http://127.0.0.1:1", "http://127.8.9.1/?q",
                                        "http://[::1]:8081/", "http://[::1]" };
    static const char *const elsewhere[] = {
        "http://127.0.0.1.example/",
        "http://localhost.example/",
        "http://localhost@192.0.2.1",
        "http://a:b@127.0.0.1/",
        "http://192.0.2.1#127.0.0.1",
        "http://[::2]/",
        "http://[::1].example/",
        "http://0127.0.0.1/",
        "http://",
        "http://localhost\\@192.0.2.1/",
        "ftp://localhost/",
        "/etc/passwd",
    };

    CU_ASSERT_EQUAL(way_of("GET", "https://api.example/", secret_headers),
                    AC_REQUEST_TLS);
    for (size_t i = 0; i < AC_COUNT(here); i++)
        CU_ASSERT_EQUAL(way_of("GET", here[i], secret_headers), AC_REQUEST_LOCAL);
    for (size_t i = 0; i < AC_COUNT(elsewhere); i++)
        CU_ASSERT_EQUAL(way_of("GET", elsewhere[i], secret_headers), AC_REQUEST_NEVER);
}

AC_TEST(what_changes_nothing_is_harmless)
{
    const struct acmecore_request harmless[] = {
        { .method = "GET" },
        { .method = "HEAD" },
        { .method = "POST", .flags = ACMECORE_HARMLESS },
    };
    const struct acmecore_request change = { .method = "POST" };

    for (size_t i = 0; i < AC_COUNT(harmless); i++)
        CU_ASSERT_TRUE(ac_request_is_harmless(&harmless[i]));
    CU_ASSERT_FALSE(ac_request_is_harmless(&change));
}

AC_TEST(an_empty_get_may_look_anywhere)
{
    CU_ASSERT_EQUAL(way_of("GET", "http://a.example/", NULL), AC_REQUEST_LOOK);
    CU_ASSERT_EQUAL(way_of("POST", "http://a.example/", NULL), AC_REQUEST_NEVER);
}

AC_TEST(what_was_not_done_is_asked_for_again)
{
    struct ac_request_outcome busy = { .is_answered = true, .http_status = 503 };
    struct ac_request_outcome unreached = { .was_unreached = true };

    CU_ASSERT_EQUAL(wait_after("POST", busy, 1), 1000);
    CU_ASSERT_EQUAL(wait_after("POST", busy, 2), 2000);
    CU_ASSERT_EQUAL(wait_after("POST", busy, AC_REQUEST_TRIES_MAX), -1);
    CU_ASSERT_EQUAL(wait_after("POST", unreached, 1), 1000);
    busy.retry_after_s = 7;
    CU_ASSERT_EQUAL(wait_after("POST", busy, 1), 7000);
    busy.retry_after_s = 1000000000;
    CU_ASSERT_EQUAL(wait_after("POST", busy, 1), -1);
}

AC_TEST(what_may_have_been_done_is_repeated_where_that_is_harmless)
{
    struct ac_request_outcome gateway = { .is_answered = true, .http_status = 502 };
    struct ac_request_outcome broken = { .was_broken = true };

    CU_ASSERT_EQUAL(wait_after("PUT", gateway, 1), 1000);
    CU_ASSERT_EQUAL(wait_after("DELETE", broken, 1), 1000);
    CU_ASSERT_EQUAL(wait_after("POST", gateway, 1), -1);
    CU_ASSERT_EQUAL(wait_after("PATCH", broken, 1), -1);
}

AC_TEST(an_answer_is_an_answer)
{
    static const long statuses[] = { 200, 400, 401, 404, 409, 422, 500 };

    for (size_t i = 0; i < AC_COUNT(statuses); i++) {
        struct ac_request_outcome outcome = { .is_answered = true,
                                              .http_status = statuses[i] };
        CU_ASSERT_EQUAL(wait_after("GET", outcome, 1), -1);
    }
}

AC_TEST(a_request_is_checked_for_shape)
{
    static const char *const two_lines[] = { "A: b\r\nC: d", NULL };
    struct acmecore_request good = { .struct_size = sizeof good,
                                     .method = "GET",
                                     .url = "https://a.example/",
                                     .ca_path = "/etc/ca.pem" };
    struct acmecore_request bad[] = { good, good, good, good, good };
    bad[0].ca_path = "ca.pem";
    bad[1].headers = two_lines;
    bad[2].body_size = 1;
    bad[3].method = "get";
    bad[4].url = NULL;

    CU_ASSERT(ac_request_is_well_formed(&good));
    for (size_t i = 0; i < AC_COUNT(bad); i++)
        CU_ASSERT_FALSE(ac_request_is_well_formed(&bad[i]));
}

AC_SUITE("pluginhost/request_rules",
         AC_CASE(a_secret_goes_over_tls_or_stays_on_this_machine),
         AC_CASE(what_changes_nothing_is_harmless),
         AC_CASE(an_empty_get_may_look_anywhere),
         AC_CASE(what_was_not_done_is_asked_for_again),
         AC_CASE(what_may_have_been_done_is_repeated_where_that_is_harmless),
         AC_CASE(an_answer_is_an_answer), AC_CASE(a_request_is_checked_for_shape))
