/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "conversation.h"

#define URL     "https://ca.test/thing"
#define FOREVER 1000000

/* What each test has: a client that knows its account, and the thing it asks for. */
struct talk {
    struct ac_client *client;
    struct ac_post *post;
    struct ac_error err;
};

static void talk_drop(struct talk *talk)
{
    ac_post_free(talk->post);
    ac_client_free(talk->client);
}

#define TALK __attribute__((cleanup(talk_drop))) struct talk

static enum ac_code ask(struct talk *talk, struct fake_rule rule, bool is_repeatable)
{
    AC_TRY(talk_begin(FAKE_KID, &talk->client, &talk->err));
    rule.url = rule.url ? rule.url : "/thing";
    fake_ca_rule(rule);
    AC_TRY(talk_read(talk->client, URL, is_repeatable, &talk->post, &talk->err));
    if (!talk_until(talk->client, talk->post))
        return ac_fail(&talk->err, AC_E_SYSTEM, "it never ends");
    return ac_post_result(talk->post, &talk->err);
}

static bool are_nonces_different(void)
{
    for (size_t i = 0; i < fake_ca.request_count; i++) {
        for (size_t j = i + 1; j < fake_ca.request_count; j++) {
            if (fake_ca.requests[i].nonce[0]
                && strcmp(fake_ca.requests[i].nonce, fake_ca.requests[j].nonce) == 0)
                return false;
        }
    }
    return true;
}

static const struct fake_request *last_request(void)
{
    return &fake_ca.requests[fake_ca.request_count - 1];
}

AC_TEST(bad_nonce_is_answered_with_exactly_its_nonce)
{
    TALK talk = { 0 };

    /* It is the eighth nonce, which the CA has not given by then: refused once more. */
    AC_REQUIRE_OK(
        ask(&talk,
            (struct fake_rule){
                .times = 1, .status = 400, .body = FAKE_BAD_NONCE, .nonce = "nonce-7" },
            false));

    CU_ASSERT_STRING_EQUAL(fake_ca.requests[3].nonce, "nonce-7");
}

AC_TEST(bad_nonce_without_nonce_fetches_one)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(
        ask(&talk,
            (struct fake_rule){
                .times = 1, .status = 400, .body = FAKE_BAD_NONCE, .nonce = "" },
            false));

    CU_ASSERT_EQUAL(fake_ca.heads, 2);
    CU_ASSERT_EQUAL(fake_ca.posts, 2);
}

AC_TEST(twenty_bad_nonces_in_a_row_are_survived)
{
    TALK talk = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ask(
        &talk, (struct fake_rule){ .times = 20, .status = 400, .body = FAKE_BAD_NONCE },
        false));

    CU_ASSERT_EQUAL(fake_ca.posts, 21);
    CU_ASSERT_EQUAL(fake_ca.heads, 1);
    CU_ASSERT(are_nonces_different());
}

AC_TEST(bad_nonces_for_ever_end)
{
    TALK talk = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_CODE(ask(&talk,
                        (struct fake_rule){
                            .times = FOREVER, .status = 400, .body = FAKE_BAD_NONCE },
                        false),
                    AC_E_PROTOCOL);

    CU_ASSERT_PTR_NOT_NULL(strstr(talk.err.detail, "nonces in a row"));
    CU_ASSERT(fake_ca.posts <= AC_CLIENT_NONCE_TRIES);
    CU_ASSERT(fake_ca.posts > 50);
}

AC_TEST(answer_without_nonce_makes_the_next_post_fetch_one)
{
    TALK talk = { 0 };
    AC_AUTO(ac_post) *next = NULL;

    AC_REQUIRE_OK(ask(&talk, (struct fake_rule){ .times = 1, .nonce = "" }, true));
    AC_REQUIRE_OK(talk_read(talk.client, URL, true, &next, &talk.err));
    AC_REQUIRE(talk_until(talk.client, next));

    AC_REQUIRE_OK(ac_post_result(next, &talk.err));
    CU_ASSERT_EQUAL(fake_ca.heads, 2);
}

AC_TEST(nonce_of_an_error_is_used)
{
    TALK talk = { 0 };
    AC_AUTO(ac_post) *next = NULL;

    AC_REQUIRE_CODE(ask(&talk, (struct fake_rule){ .times = 1, .status = 404 }, true),
                    AC_E_PROBLEM);
    AC_REQUIRE_OK(talk_read(talk.client, URL, true, &next, &talk.err));
    AC_REQUIRE(talk_until(talk.client, next));

    AC_REQUIRE_OK(ac_post_result(next, &talk.err));
    CU_ASSERT_EQUAL(fake_ca.heads, 1);
}

AC_TEST(nonce_with_bad_characters_is_ignored)
{
    TALK talk = { 0 };
    AC_AUTO(ac_post) *next = NULL;

    AC_REQUIRE_OK(
        ask(&talk, (struct fake_rule){ .times = 1, .nonce = "no nonce!" }, true));
    AC_REQUIRE_OK(talk_read(talk.client, URL, true, &next, &talk.err));
    AC_REQUIRE(talk_until(talk.client, next));

    AC_REQUIRE_OK(ac_post_result(next, &talk.err));
    CU_ASSERT_EQUAL(fake_ca.heads, 2);
}

AC_TEST(unavailable_is_waited_for_as_long_as_the_ca_says)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(ask(&talk,
                      (struct fake_rule){ .times = 1,
                                          .status = 503,
                                          .headers = "Retry-After: 7\n",
                                          .body = "<html>busy</html>" },
                      false));

    CU_ASSERT_EQUAL(fake_ca.posts, 2);
    CU_ASSERT(fake_ca.now_ms >= 1007000);
    CU_ASSERT(fake_ca.now_ms < 1009000);
}

AC_TEST(unavailable_for_ever_ends)
{
    TALK talk = { 0 };

    AC_REQUIRE_CODE(
        ask(&talk, (struct fake_rule){ .times = FOREVER, .status = 503, .body = "" },
            false),
        AC_E_NETWORK);

    CU_ASSERT_EQUAL(fake_ca.posts, AC_CLIENT_SERVER_TRIES);
    CU_ASSERT_EQUAL(talk.err.http_status, 503);
}

AC_TEST(long_retry_after_is_returned_at_once)
{
    TALK talk = { 0 };

    AC_REQUIRE_CODE(ask(&talk,
                        (struct fake_rule){ .times = FOREVER,
                                            .status = 503,
                                            .body = "",
                                            .headers = "Retry-After: 3600\n" },
                        true),
                    AC_E_NETWORK);

    CU_ASSERT_EQUAL(talk.err.retry_after, 3600);
    CU_ASSERT_EQUAL(fake_ca.posts, 1);
    CU_ASSERT_EQUAL(ac_post_retry_after(talk.post), 3600);
}

AC_TEST(server_error_to_a_post_that_must_not_be_repeated_is_returned)
{
    TALK talk = { 0 };

    AC_REQUIRE_CODE(
        ask(&talk,
            (struct fake_rule){ .times = FOREVER, .status = 500, .body = "oops" },
            false),
        AC_E_NETWORK);

    CU_ASSERT_EQUAL(fake_ca.posts, 1);
    CU_ASSERT(ac_post_is_ambiguous(talk.post));
    CU_ASSERT_EQUAL(ac_post_status(talk.post), 500);
}

AC_TEST(server_error_to_a_reading_is_repeated)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(
        ask(&talk, (struct fake_rule){ .times = 2, .status = 502, .body = "" }, true));

    CU_ASSERT_EQUAL(fake_ca.posts, 3);
}

AC_TEST(rate_limit_with_a_short_time_is_waited_for_three_times)
{
    TALK talk = { 0 };

    AC_REQUIRE_CODE(
        ask(&talk,
            (struct fake_rule){ .times = FOREVER,
                                .status = 429,
                                .headers = "Retry-After: 2\n",
                                .body = "{\"type\":\"urn:ietf:params:acme:error:"
                                        "rateLimited\",\"detail\":\"slow down\"}" },
            false),
        AC_E_RATE_LIMITED);

    CU_ASSERT_EQUAL(fake_ca.posts, 4);
    CU_ASSERT_EQUAL(talk.err.retry_after, 2);
}

AC_TEST(rate_limit_of_46_days_is_returned_with_its_help)
{
    TALK talk = { 0 };

    AC_REQUIRE_CODE(ask(&talk,
                        (struct fake_rule){
                            .times = FOREVER,
                            .status = 429,
                            .headers = "Retry-After: 3978938\n"
                                       "Link: <https://ca.test/limits>;rel=\"help\"\n",
                            .body = "{\"type\":\"urn:ietf:params:acme:error:"
                                    "rateLimited\",\"detail\":\"too many\"}" },
                        false),
                    AC_E_RATE_LIMITED);

    CU_ASSERT_EQUAL(fake_ca.posts, 1);
    CU_ASSERT_EQUAL(talk.err.retry_after, 3978938);
    CU_ASSERT_PTR_NOT_NULL(strstr(talk.err.detail, "https://ca.test/limits"));
}

AC_TEST(rate_limit_without_a_time_is_for_a_person)
{
    TALK talk = { 0 };

    AC_REQUIRE_CODE(
        ask(&talk, (struct fake_rule){ .times = FOREVER, .status = 429 }, true),
        AC_E_RATE_LIMITED);

    CU_ASSERT_EQUAL(fake_ca.posts, 1);
    CU_ASSERT_EQUAL(talk.err.retry_after, 0);
}

AC_TEST(lost_answer_to_a_reading_is_asked_for_again_with_a_fresh_nonce)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(ask(
        &talk,
        (struct fake_rule){
            .times = 2, .failure = AC_E_NETWORK, .nonce = "", .is_ambiguous = true },
        true));

    CU_ASSERT_EQUAL(fake_ca.posts, 3);
    CU_ASSERT(are_nonces_different());
}

AC_TEST(lost_answer_to_a_post_that_must_not_be_repeated_is_returned)
{
    TALK talk = { 0 };

    AC_REQUIRE_CODE(ask(&talk,
                        (struct fake_rule){ .times = FOREVER,
                                            .failure = AC_E_NETWORK,
                                            .nonce = "",
                                            .is_ambiguous = true },
                        false),
                    AC_E_NETWORK);

    CU_ASSERT_EQUAL(fake_ca.posts, 1);
    CU_ASSERT(ac_post_is_ambiguous(talk.post));
    CU_ASSERT_EQUAL(strncmp(talk.err.detail, "thing: ", 7), 0);
}

AC_TEST(post_that_did_not_arrive_is_always_sent_again)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(ask(
        &talk, (struct fake_rule){ .times = 3, .failure = AC_E_NETWORK, .nonce = "" },
        false));

    CU_ASSERT_EQUAL(fake_ca.posts, 4);
}

AC_TEST(unreachable_ca_is_given_up)
{
    TALK talk = { 0 };

    AC_REQUIRE_CODE(ask(&talk,
                        (struct fake_rule){
                            .times = FOREVER, .failure = AC_E_NETWORK, .nonce = "" },
                        true),
                    AC_E_NETWORK);

    CU_ASSERT_EQUAL(fake_ca.posts, AC_CLIENT_NETWORK_TRIES);
    CU_ASSERT_FALSE(ac_post_is_ambiguous(talk.post));
}

AC_TEST(untrusted_ca_is_not_asked_again)
{
    TALK talk = { 0 };

    AC_REQUIRE_CODE(ask(&talk,
                        (struct fake_rule){ .url = "/dir",
                                            .times = FOREVER,
                                            .failure = AC_E_NETWORK,
                                            .is_untrusted = true },
                        true),
                    AC_E_NETWORK);

    CU_ASSERT_EQUAL(fake_ca.request_count, 1);
}

AC_TEST(answer_over_a_limit_is_returned)
{
    TALK talk = { 0 };

    AC_REQUIRE_CODE(
        ask(&talk, (struct fake_rule){ .times = FOREVER, .failure = AC_E_PROTOCOL },
            true),
        AC_E_PROTOCOL);

    CU_ASSERT_EQUAL(fake_ca.posts, 1);
}

AC_TEST(redirection_of_a_post_is_not_followed)
{
    TALK talk = { 0 };

    AC_REQUIRE_CODE(
        ask(&talk,
            (struct fake_rule){
                .times = 1, .status = 307, .headers = "Location: http://evil.test/\n" },
            true),
        AC_E_PROTOCOL);

    CU_ASSERT_EQUAL(fake_ca.posts, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(talk.err.detail, "307"));
    CU_ASSERT_PTR_NOT_NULL(strstr(talk.err.detail, URL));
}

AC_TEST(refusal_carries_the_problem)
{
    TALK talk = { 0 };

    AC_REQUIRE_CODE(
        ask(&talk,
            (struct fake_rule){ .times = 1,
                                .status = 403,
                                .body = "{\"type\":\"urn:ietf:params:acme:error:caa\","
                                        "\"detail\":\"CAA\\u001b[31m forbids\"}" },
            true),
        AC_E_PROBLEM);

    CU_ASSERT(ac_problem_is(ac_post_problem(talk.post), "caa"));
    CU_ASSERT_STRING_EQUAL(talk.err.problem, "caa");
    CU_ASSERT_EQUAL(talk.err.http_status, 403);
    CU_ASSERT_PTR_NULL(strchr(talk.err.detail, '\033'));
}

AC_TEST(location_with_a_path_alone_belongs_to_the_host)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(ask(&talk,
                      (struct fake_rule){ .times = 1,
                                          .status = 201,
                                          .headers = "Location: /order/5\n" },
                      true));

    CU_ASSERT_STRING_EQUAL(ac_post_location(talk.post), "https://ca.test/order/5");
}

AC_TEST(location_that_is_no_url_is_none)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(ask(&talk,
                      (struct fake_rule){ .times = 1,
                                          .status = 201,
                                          .headers = "Location: ftp://ca.test/x\n" },
                      true));

    CU_ASSERT_PTR_NULL(ac_post_location(talk.post));
}

AC_TEST(header_of_a_post_is_what_the_rfc_asks_for)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(ask(&talk, (struct fake_rule){ .times = 1 }, true));

    CU_ASSERT_STRING_EQUAL(last_request()->http_headers,
                           "Content-Type: application/jose+json\n"
                           "Accept: application/json\nAccept-Language: de\n");
    CU_ASSERT_STRING_EQUAL(last_request()->payload, "");
}

AC_SUITE("acme/retry", AC_CASE(bad_nonce_is_answered_with_exactly_its_nonce),
         AC_CASE(bad_nonce_without_nonce_fetches_one),
         AC_CASE(twenty_bad_nonces_in_a_row_are_survived),
         AC_CASE(bad_nonces_for_ever_end),
         AC_CASE(answer_without_nonce_makes_the_next_post_fetch_one),
         AC_CASE(nonce_of_an_error_is_used),
         AC_CASE(nonce_with_bad_characters_is_ignored),
         AC_CASE(unavailable_is_waited_for_as_long_as_the_ca_says),
         AC_CASE(unavailable_for_ever_ends),
         AC_CASE(long_retry_after_is_returned_at_once),
         AC_CASE(server_error_to_a_post_that_must_not_be_repeated_is_returned),
         AC_CASE(server_error_to_a_reading_is_repeated),
         AC_CASE(rate_limit_with_a_short_time_is_waited_for_three_times),
         AC_CASE(rate_limit_of_46_days_is_returned_with_its_help),
         AC_CASE(rate_limit_without_a_time_is_for_a_person),
         AC_CASE(lost_answer_to_a_reading_is_asked_for_again_with_a_fresh_nonce),
         AC_CASE(lost_answer_to_a_post_that_must_not_be_repeated_is_returned),
         AC_CASE(post_that_did_not_arrive_is_always_sent_again),
         AC_CASE(unreachable_ca_is_given_up), AC_CASE(untrusted_ca_is_not_asked_again),
         AC_CASE(answer_over_a_limit_is_returned),
         AC_CASE(redirection_of_a_post_is_not_followed),
         AC_CASE(refusal_carries_the_problem),
         AC_CASE(location_with_a_path_alone_belongs_to_the_host),
         AC_CASE(location_that_is_no_url_is_none),
         AC_CASE(header_of_a_post_is_what_the_rfc_asks_for))
