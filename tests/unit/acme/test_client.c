/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "conversation.h"

#define MANY 100

/* What the engine does for one order of `count` names, with one poll each. */
struct flow {
    struct ac_client *client;
    struct ac_post *posts[MANY];
    size_t count;
};

static bool do_one(struct ac_client *client, const char *url, bool is_order)
{
    AC_AUTO(ac_post) *post = NULL;
    struct ac_error err = { 0 };
    const struct ac_post_request request = {
        .url = url,
        .payload = "{}",
        .what = "step",
        .is_order = is_order,
        .is_repeatable = true,
    };

    return ac_client_post(client, &request, &post, &err) == AC_OK
           && talk_until(client, post) && ac_post_result(post, &err) == AC_OK;
}

static bool do_many(struct flow *flow, const char *kind)
{
    struct ac_error err = { 0 };
    bool is_good = true;
    char url[64];

    for (size_t i = 0; i < flow->count; i++) {
        (void)snprintf(url, sizeof(url), "https://ca.test/%s/%zu", kind, i);
        is_good = talk_read(flow->client, url, true, &flow->posts[i], &err) == AC_OK
                  && is_good;
    }
    for (size_t i = 0; is_good && i < flow->count; i++) {
        is_good = talk_until(flow->client, flow->posts[i])
                  && ac_post_result(flow->posts[i], &err) == AC_OK;
    }
    for (size_t i = 0; i < flow->count; i++)
        ac_post_free(AC_TAKE(flow->posts[i]));
    return is_good;
}

/* Directory to certificate: true when each step was answered. */
static bool obtain(size_t count)
{
    AC_AUTO(ac_client) *client = NULL;
    struct ac_error err = { 0 };

    if (talk_begin(FAKE_KID, &client, &err) != AC_OK)
        return false;
    struct flow flow = { .client = client, .count = count };
    ac_client_expect(client, count);
    return do_one(client, FAKE_ORDER_URL, true) && do_many(&flow, "authorization")
           && do_many(&flow, "challenge")
           && do_one(client, "https://ca.test/order", false)
           && do_one(client, "https://ca.test/finalize", false)
           && do_one(client, "https://ca.test/order", false)
           && do_one(client, "https://ca.test/certificate", false);
}

AC_TEST(one_name_takes_nine_requests_and_round_trips)
{
    AC_REQUIRE(obtain(1) || ac_check_is_torture());

    CU_ASSERT_EQUAL(fake_ca.request_count, 9);
    CU_ASSERT_EQUAL(fake_ca.rounds, 9);
    CU_ASSERT_EQUAL(fake_ca_left_over(), 0);
}

AC_TEST(hundred_names_take_at_most_six_round_trips_more)
{
    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE(obtain(100));

    CU_ASSERT(fake_ca.rounds <= 15);
    CU_ASSERT(fake_ca.request_count <= 312);
    CU_ASSERT(fake_ca.heads <= 64);
}

AC_TEST(requests_stay_below_three_a_name_and_twelve)
{
    AC_REQUIRE(!ac_check_is_torture());
    for (size_t count = 1; count <= 70; count += 3) {
        AC_REQUIRE(obtain(count));
        CU_ASSERT(fake_ca.request_count <= 3 * count + 12);
    }
}

AC_TEST(post_is_due_until_an_answer_comes)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));
    CU_ASSERT_EQUAL(ac_client_wake_at_ms(client), AC_CLOCK_NEVER);

    AC_REQUIRE_OK(talk_read(client, "https://ca.test/x", true, &post, &err));

    CU_ASSERT(ac_client_wake_at_ms(client) <= fake_ca.now_ms);
    AC_REQUIRE(talk_until(client, post));
    AC_REQUIRE_OK(ac_post_result(post, &err));
    ac_client_step(client);
    CU_ASSERT_EQUAL(ac_client_wake_at_ms(client), AC_CLOCK_NEVER);
}

AC_TEST(post_without_account_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    AC_REQUIRE_OK(talk_begin(NULL, &client, &err));

    AC_REQUIRE_CODE(talk_read(client, "https://ca.test/x", true, &post, &err),
                    AC_E_USAGE);

    CU_ASSERT_PTR_NULL(post);
}

AC_TEST(post_to_no_url_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));

    AC_REQUIRE_CODE(talk_read(client, "file:///etc/passwd", true, &post, &err),
                    AC_E_PROTOCOL);

    CU_ASSERT_PTR_NULL(post);
}

AC_TEST(account_url_is_sent_byte_for_byte)
{
    struct ac_error err = { 0 };
    const char *text = NULL;
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    AC_REQUIRE_OK(talk_begin("https://CA.test:443/Acct/%41?b=1", &client, &err));

    AC_REQUIRE_OK(talk_read(client, "https://ca.test/x", true, &post, &err));
    AC_REQUIRE(talk_until(client, post));
    AC_REQUIRE_OK(ac_post_result(post, &err));

    size_t size =
        fake_member(fake_ca.requests[fake_ca.request_count - 1].header, "kid", &text);
    CU_ASSERT_EQUAL(size, strlen("https://CA.test:443/Acct/%41?b=1"));
    CU_ASSERT_EQUAL(strncmp(text, ac_client_kid(client), size), 0);
}

AC_TEST(bad_account_url_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));

    AC_REQUIRE_CODE(ac_client_set_kid(client, "javascript:x", &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(ac_client_kid(client), FAKE_KID);
}

AC_TEST(deadline_ends_a_post_that_nobody_answers)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));
    fake_ca_rule((struct fake_rule){ .url = "/slow", .times = 99, .is_silent = true });

    AC_REQUIRE_OK(talk_read(client, "https://ca.test/slow", false, &post, &err));
    AC_REQUIRE(talk_until(client, post));

    AC_REQUIRE_CODE(ac_post_result(post, &err), AC_E_TIMEOUT);
    CU_ASSERT(ac_post_is_ambiguous(post));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "https://ca.test/slow"));
    CU_ASSERT_EQUAL(fake_ca_left_over(), 0);
}

AC_TEST(order_limit_holds_orders_back_and_nothing_else)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_post) *first = NULL;
    AC_AUTO(ac_post) *second = NULL;
    AC_AUTO(ac_post) *other = NULL;
    const struct ac_post_request order = {
        .url = FAKE_ORDER_URL, .what = "newOrder", .payload = "{}", .is_order = true
    };
    fake_ca_begin();
    struct ac_client_settings settings = { .directory_url = FAKE_DIRECTORY,
                                           .deadline_ms = fake_ca.now_ms + 100000 };
    ac_rate_init(&settings.order_rate, 1, 1);
    AC_REQUIRE_OK(ac_client_new(&settings, &client, &err));
    AC_REQUIRE_OK(ac_keys_of_jwk(AC_KEYS_EC, &key, &err));
    ac_client_set_key(client, &key);
    AC_REQUIRE_OK(ac_client_set_kid(client, FAKE_KID, &err));
    AC_REQUIRE_OK(ac_client_post(client, &order, &first, &err));
    AC_REQUIRE_OK(ac_client_post(client, &order, &second, &err));
    AC_REQUIRE_OK(talk_read(client, "https://ca.test/x", true, &other, &err));

    AC_REQUIRE(talk_until(client, first) && talk_until(client, other));
    CU_ASSERT_FALSE(ac_post_is_done(second));
    int64_t before_ms = fake_ca.now_ms;
    AC_REQUIRE(talk_until(client, second));

    AC_REQUIRE_OK(ac_post_result(second, &err));
    CU_ASSERT(fake_ca.now_ms - before_ms >= 800);
}

AC_TEST(keys_change_places)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_key) *key = NULL;

    AC_REQUIRE_OK(talk_begin(NULL, &client, &err));
    AC_REQUIRE_OK(ac_keys_of_jwk(AC_KEYS_ED, &key, &err));
    const struct ac_key *before = ac_client_key(client);
    const struct ac_key *other = key;
    ac_client_swap_key(client, &key);

    CU_ASSERT_PTR_EQUAL(ac_client_key(client), other);
    CU_ASSERT_PTR_EQUAL(key, before);
}

AC_SUITE("acme/client", AC_CASE(one_name_takes_nine_requests_and_round_trips),
         AC_CASE(hundred_names_take_at_most_six_round_trips_more),
         AC_CASE(requests_stay_below_three_a_name_and_twelve),
         AC_CASE(post_is_due_until_an_answer_comes),
         AC_CASE(post_without_account_is_refused), AC_CASE(post_to_no_url_is_refused),
         AC_CASE(account_url_is_sent_byte_for_byte),
         AC_CASE(bad_account_url_is_refused),
         AC_CASE(deadline_ends_a_post_that_nobody_answers),
         AC_CASE(order_limit_holds_orders_back_and_nothing_else),
         AC_CASE(keys_change_places))
