/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/renewal.h"
#include "check.h"
#include "conversation.h"

#include <string.h>

#define BASE "https://ca.test/renewal-info"
#define ID   "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"
#define DIRECTORY                                                                      \
    "{\"newNonce\":\"" FAKE_NONCE_URL                                                  \
    "\",\"newAccount\":\"https://ca.test/new-account\",\"newOrder\":\"" FAKE_ORDER_URL \
    "\",\"renewalInfo\":\"" BASE "\"}"
#define WINDOW(start, end)                                                             \
    "{\"suggestedWindow\":{\"start\":\"" start "\",\"end\":\"" end "\"}}"
#define GOOD                                                                           \
    "{\"suggestedWindow\":{\"start\":\"2025-01-02T04:00:00Z\","                        \
    "\"end\":\"2025-01-03T04:00:00Z\"},"                                               \
    "\"explanationURL\":\"https://acme.example.com/docs/ari\"}"

static enum ac_code parse(const char *text, struct ac_renewal *ret_renewal,
                          struct ac_error *err)
{
    return ac_renewal_parse(text, strlen(text), ret_renewal, err);
}

static bool query_until_done(struct ac_client *client, struct ac_renewal_query *query)
{
    for (int turn = 0; turn < TALK_TURNS; turn++) {
        ac_client_step(client);
        ac_renewal_query_step(query);
        if (ac_renewal_query_is_done(query))
            return true;
        int64_t wake_at_ms = ac_renewal_query_wake_at_ms(query);
        if (fake_ca.under_way > 0 && wake_at_ms > fake_ca.now_ms + FAKE_TURN_MS)
            fake_ca_turn();
        else
            fake_ca.now_ms = wake_at_ms;
    }
    return false;
}

/* Asks a CA whose renewalInfo is at `base` and answers by these rules. */
static enum ac_code ask(const char *directory, const struct fake_rule *rules,
                        struct ac_client **ret_client,
                        struct ac_renewal_query **ret_query, struct ac_error *err)
{
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_renewal_query) *query = NULL;

    AC_TRY(talk_begin(FAKE_KID, &client, err));
    fake_ca_rule(
        (struct fake_rule){ .url = FAKE_DIRECTORY, .times = 1, .body = directory });
    for (; rules->times > 0; rules++)
        fake_ca_rule(*rules);
    if (!talk_open(client))
        return ac_fail(err, AC_E_SYSTEM, "no directory");
    AC_TRY(ac_renewal_ask(client, ID, &query, err));
    if (!query_until_done(client, query))
        return ac_fail(err, AC_E_SYSTEM, "it never ends");
    *ret_query = AC_TAKE(query);
    *ret_client = AC_TAKE(client);
    return AC_OK;
}

/* The code that a query ends with, and what it says of the next. */
static enum ac_code ask_for(struct fake_rule rule, int64_t *ret_after_s,
                            struct ac_error *err)
{
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_renewal_query) *query = NULL;
    const struct fake_rule rules[] = { rule, { 0 } };
    const struct ac_renewal *renewal = NULL;

    AC_TRY(ask(DIRECTORY, rules, &client, &query, err));
    *ret_after_s = ac_renewal_query_check_after_s(query);
    return ac_renewal_query_result(query, &renewal, err);
}

AC_TEST(window_of_the_rfc_is_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_renewal) renewal = { 0 };

    AC_REQUIRE_OK(parse(GOOD, &renewal, &err));

    CU_ASSERT_EQUAL(renewal.start, 1735790400);
    CU_ASSERT_EQUAL(renewal.end, 1735876800);
    AC_REQUIRE(renewal.explanation_url != NULL);
    CU_ASSERT_STRING_EQUAL(renewal.explanation_url,
                           "https://acme.example.com/docs/ari");
}

AC_TEST(fractions_offsets_and_unknown_members_are_taken)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_renewal) renewal = { 0 };

    AC_REQUIRE_OK(parse("{\"x\":[1],\"suggestedWindow\":{\"y\":{},"
                        "\"start\":\"2025-01-02T05:00:00.123456789+01:00\","
                        "\"end\":\"2025-01-03T04:00:00.9Z\"}}",
                        &renewal, &err));

    CU_ASSERT_EQUAL(renewal.start, 1735790400);
    CU_ASSERT_EQUAL(renewal.end, 1735876800);
    CU_ASSERT_PTR_NULL(renewal.explanation_url);
}

AC_TEST(explanation_that_is_no_web_url_is_left_out)
{
    static const char *const urls[] = { "javascript:alert(1)", "data:,x", "/docs", "" };

    for (size_t i = 0; i < AC_COUNT(urls); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_renewal) renewal = { 0 };
        char text[512];

        (void)snprintf(text, sizeof text,
                       "{\"suggestedWindow\":{\"start\":\"2025-01-02T04:00:00Z\","
                       "\"end\":\"2025-01-03T04:00:00Z\"},\"explanationURL\":\"%s\"}",
                       urls[i]);
        AC_REQUIRE_OK(parse(text, &renewal, &err));
        CU_ASSERT_PTR_NULL(renewal.explanation_url);
    }
}

AC_TEST(what_is_no_renewal_information_is_refused)
{
    static const char *const texts[] = {
        "",
        "not json",
        "[]",
        "7",
        "{}",
        "{\"suggestedWindow\":null}",
        "{\"suggestedWindow\":[\"2025-01-02T04:00:00Z\",\"2025-01-03T04:00:00Z\"]}",
        "{\"suggestedWindow\":{\"start\":\"2025-01-02T04:00:00Z\"}}",
        "{\"suggestedWindow\":{\"end\":\"2025-01-02T04:00:00Z\"}}",
        "{\"suggestedWindow\":{\"start\":1735790400,\"end\":1735876800}}",
        WINDOW("2025-01-03T04:00:00Z", "2025-01-02T04:00:00Z"),
        WINDOW("2025-01-03T04:00:00Z", "2025-01-03T04:00:00Z"),
        WINDOW("0001-01-01T00:00:00Z", "2025-01-03T04:00:00Z"),
        WINDOW("soon", "later"),
        "{\"suggestedWindow\":{\"start\":\"a\",\"start\":\"b\",\"end\":\"c\"}}",
    };

    for (size_t i = 0; i < AC_COUNT(texts); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_renewal) renewal = { 0 };
        AC_REQUIRE_CODE(parse(texts[i], &renewal, &err), AC_E_PROTOCOL);
        CU_ASSERT_EQUAL(renewal.end, 0);
    }
}

AC_TEST(query_is_a_get_of_base_and_id)
{
    static const char *const directories[] = {
        DIRECTORY,
        "{\"newNonce\":\"" FAKE_NONCE_URL "\",\"newAccount\":\"https://ca.test/a\","
        "\"newOrder\":\"" FAKE_ORDER_URL "\",\"renewalInfo\":\"" BASE "/\"}",
    };

    for (size_t i = 0; i < AC_COUNT(directories); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_client) *client = NULL;
        AC_AUTO(ac_renewal_query) *query = NULL;
        const struct ac_renewal *renewal = NULL;
        const struct fake_rule rules[] = { { .url = BASE, .times = 1, .body = GOOD },
                                           { 0 } };

        AC_REQUIRE_OK(ask(directories[i], rules, &client, &query, &err));
        AC_REQUIRE_OK(ac_renewal_query_result(query, &renewal, &err));

        const struct fake_request *sent = &fake_ca.requests[fake_ca.request_count - 1];
        CU_ASSERT_EQUAL(renewal->end, 1735876800);
        CU_ASSERT_STRING_EQUAL(sent->url, BASE "/" ID);
        CU_ASSERT_EQUAL(sent->method, AC_HTTP_GET);
        CU_ASSERT_PTR_NOT_NULL(strstr(sent->http_headers, "Accept: application/json"));
        CU_ASSERT_EQUAL(fake_ca.posts, 0);
    }
}

AC_TEST(ca_without_renewal_information_is_not_asked)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_renewal_query) *query = NULL;

    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));
    AC_REQUIRE(talk_open(client));

    AC_REQUIRE_CODE(ac_renewal_ask(client, ID, &query, &err), AC_E_NOTFOUND);
    CU_ASSERT_EQUAL(fake_ca.request_count, 1);
}

AC_TEST(retry_after_is_obeyed_within_a_minute_and_a_day)
{
    static const struct {
        const char *headers;
        int64_t after_s;
    } cases[] = {
        { "Retry-After: 21600\n", 21600 },
        { "Retry-After: 0\n", AC_RENEWAL_CHECK_MIN_S },
        { "Retry-After: 1\n", AC_RENEWAL_CHECK_MIN_S },
        { "Retry-After: 1000000000\n", AC_RENEWAL_CHECK_MAX_S },
        { "Retry-After: -5\n", AC_RENEWAL_CHECK_S },
        { "Retry-After: soon\n", AC_RENEWAL_CHECK_S },
        { "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\n", AC_RENEWAL_CHECK_MAX_S },
        { NULL, AC_RENEWAL_CHECK_S },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        int64_t after_s = 0;
        struct fake_rule rule = {
            .url = BASE, .times = 1, .body = GOOD, .headers = cases[i].headers
        };

        AC_REQUIRE_OK(ask_for(rule, &after_s, &err));
        CU_ASSERT_EQUAL(after_s, cases[i].after_s);
    }
}

/* 4.3.3. */
AC_TEST(lasting_trouble_is_asked_about_again_in_six_hours)
{
    static const struct {
        struct fake_rule rule;
        enum ac_code code;
    } cases[] = {
        { { .url = BASE, .times = 1, .status = 404, .body = "" }, AC_E_PROBLEM },
        { { .url = BASE, .times = 1, .status = 400, .body = "{}" }, AC_E_PROBLEM },
        { { .url = BASE, .times = 1, .status = 302, .body = "" }, AC_E_PROTOCOL },
        { { .url = BASE, .times = 1, .body = "<html>" }, AC_E_PROTOCOL },
        { { .url = BASE,
            .times = 1,
            .body = WINDOW("2025-01-03T04:00:00Z", "2025-01-02T04:00:00Z"),
            .headers = "Retry-After: 60\n" },
          AC_E_PROTOCOL },
        { { .url = BASE, .times = 1, .failure = AC_E_PROTOCOL }, AC_E_PROTOCOL },
        { { .url = BASE, .times = 99, .status = 500, .body = "" }, AC_E_NETWORK },
        { { .url = BASE, .times = 99, .failure = AC_E_NETWORK }, AC_E_NETWORK },
        { { .url = BASE, .times = 1, .is_silent = true }, AC_E_TIMEOUT },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        int64_t after_s = 0;

        AC_REQUIRE_CODE(ask_for(cases[i].rule, &after_s, &err), cases[i].code);
        CU_ASSERT_EQUAL(after_s, AC_RENEWAL_CHECK_S);
        CU_ASSERT(fake_ca.gets <= 1 + AC_CLIENT_NETWORK_TRIES);
        CU_ASSERT(fake_ca.now_ms < 1000000 + 2 * AC_RENEWAL_QUERY_MS);
    }
}

AC_TEST(trouble_that_passes_is_asked_about_again_at_once)
{
    static const struct fake_rule passing[] = {
        { .url = BASE, .times = 2, .status = 503, .body = "<html>" },
        { .url = BASE, .times = 2, .failure = AC_E_NETWORK },
    };

    for (size_t i = 0; i < AC_COUNT(passing); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_client) *client = NULL;
        AC_AUTO(ac_renewal_query) *query = NULL;
        const struct ac_renewal *renewal = NULL;
        const struct fake_rule rules[] = { passing[i],
                                           { .url = BASE, .times = 1, .body = GOOD },
                                           { 0 } };

        AC_REQUIRE_OK(ask(DIRECTORY, rules, &client, &query, &err));
        AC_REQUIRE_OK(ac_renewal_query_result(query, &renewal, &err));
        CU_ASSERT_EQUAL(renewal->start, 1735790400);
    }
}

AC_TEST(refusal_says_when_to_come_back)
{
    struct ac_error err = { 0 };
    int64_t after_s = 0;

    AC_REQUIRE_CODE(ask_for((struct fake_rule){ .url = BASE,
                                                .times = 1,
                                                .status = 429,
                                                .body = "",
                                                .headers = "Retry-After: 7200\n" },
                            &after_s, &err),
                    AC_E_RATE_LIMITED);

    CU_ASSERT_EQUAL(after_s, 7200);
}

AC_TEST(query_that_is_given_up_leaves_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_renewal_query) *query = NULL;

    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));
    fake_ca_rule(
        (struct fake_rule){ .url = FAKE_DIRECTORY, .times = 1, .body = DIRECTORY });
    AC_REQUIRE(talk_open(client));
    AC_REQUIRE_OK(ac_renewal_ask(client, ID, &query, &err));
    ac_renewal_query_step(query);
    CU_ASSERT_EQUAL(fake_ca.under_way, 1);

    ac_renewal_query_free(AC_TAKE(query));

    CU_ASSERT_EQUAL(fake_ca.under_way, 0);
    CU_ASSERT_EQUAL(fake_ca_left_over(), 0);
}

AC_SUITE("acme/renewal", AC_CASE(window_of_the_rfc_is_read),
         AC_CASE(fractions_offsets_and_unknown_members_are_taken),
         AC_CASE(explanation_that_is_no_web_url_is_left_out),
         AC_CASE(what_is_no_renewal_information_is_refused),
         AC_CASE(query_is_a_get_of_base_and_id),
         AC_CASE(ca_without_renewal_information_is_not_asked),
         AC_CASE(retry_after_is_obeyed_within_a_minute_and_a_day),
         AC_CASE(lasting_trouble_is_asked_about_again_in_six_hours),
         AC_CASE(trouble_that_passes_is_asked_about_again_at_once),
         AC_CASE(refusal_says_when_to_come_back),
         AC_CASE(query_that_is_given_up_leaves_nothing))
