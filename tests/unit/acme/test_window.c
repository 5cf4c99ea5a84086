/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "conversation.h"

#define URL     "https://ca.test/thing"
#define FOREVER 1000000
#define MANY    40

struct crowd {
    struct ac_client *client;
    struct ac_post *posts[MANY];
    struct ac_error err;
};

static void crowd_drop(struct crowd *crowd)
{
    for (size_t i = 0; i < MANY; i++)
        ac_post_free(crowd->posts[i]);
    ac_client_free(crowd->client);
}

#define CROWD __attribute__((cleanup(crowd_drop))) struct crowd

/* The code of the last of `count` posts that are made at once. */
static enum ac_code ask(struct crowd *crowd, size_t count)
{
    for (size_t i = 0; i < count; i++)
        AC_TRY(talk_read(crowd->client, URL, true, &crowd->posts[i], &crowd->err));
    for (size_t i = 0; i < count; i++) {
        if (!talk_until(crowd->client, crowd->posts[i]))
            return ac_fail(&crowd->err, AC_E_SYSTEM, "it never ends");
    }
    return ac_post_result(crowd->posts[count - 1], &crowd->err);
}

AC_TEST(head_answered_with_204_is_fine)
{
    CROWD crowd = { 0 };
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &crowd.client, &crowd.err));
    fake_ca_rule((struct fake_rule){ .url = "/nonce", .times = 1, .status = 204 });

    AC_REQUIRE_OK(ask(&crowd, 1));

    CU_ASSERT_EQUAL(fake_ca.heads, 1);
}

/* The CA has newNonce, but for GET alone. */
static enum ac_code begin_without_head(struct crowd *crowd)
{
    AC_TRY(talk_begin(FAKE_KID, &crowd->client, &crowd->err));
    fake_ca_rule((struct fake_rule){ .url = "/nonce",
                                     .times = FOREVER,
                                     .status = 405,
                                     .nonce = "",
                                     .body = "",
                                     .is_for_head = true });
    return AC_OK;
}

AC_TEST(get_takes_the_place_of_a_head_that_is_refused)
{
    CROWD crowd = { 0 };
    AC_REQUIRE_OK(begin_without_head(&crowd));

    AC_REQUIRE_OK(ask(&crowd, 1));

    CU_ASSERT_EQUAL(fake_ca.heads, 1);
    CU_ASSERT_EQUAL(fake_ca.gets, 2); /* the directory and the nonce */
}

/* As over HTTP/2: the whole wave is answered before any of it is taken in. */
AC_TEST(heads_that_are_refused_together_cost_no_post)
{
    CROWD crowd = { 0 };
    AC_REQUIRE_OK(begin_without_head(&crowd));

    AC_REQUIRE_OK(ask(&crowd, 3));

    CU_ASSERT_EQUAL(fake_ca.heads, 3);
    CU_ASSERT_EQUAL(fake_ca.gets, 4); /* the directory and the nonces */
}

AC_TEST(window_starts_at_ten)
{
    CROWD crowd = { 0 };
    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &crowd.client, &crowd.err));

    for (size_t i = 0; i < MANY; i++)
        AC_REQUIRE_OK(talk_read(crowd.client, URL, true, &crowd.posts[i], &crowd.err));
    AC_REQUIRE(talk_open(crowd.client));

    CU_ASSERT_EQUAL(fake_ca.most_heads, AC_CLIENT_WINDOW_START);
}

AC_TEST(window_doubles_each_round_trip)
{
    CROWD crowd = { 0 };
    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &crowd.client, &crowd.err));

    AC_REQUIRE_OK(ask(&crowd, MANY));

    /* directory, 10 nonces, 10 posts and 20 nonces, 30 posts: that is all 40 */
    CU_ASSERT_EQUAL(fake_ca.rounds, 4);
    CU_ASSERT_EQUAL(fake_ca.heads, 30);
}

AC_TEST(refused_heads_narrow_the_window_and_nothing_is_lost)
{
    CROWD crowd = { 0 };
    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &crowd.client, &crowd.err));
    fake_ca_rule((struct fake_rule){ .url = "/nonce",
                                     .times = 5,
                                     .status = 429,
                                     .nonce = "",
                                     .headers = "Retry-After: 1\n" });

    AC_REQUIRE_OK(ask(&crowd, MANY));

    CU_ASSERT(fake_ca.heads <= MANY);
}

AC_TEST(published_rate_of_new_nonce_is_kept)
{
    CROWD crowd = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_REQUIRE(!ac_check_is_torture());
    fake_ca_begin();
    struct ac_client_settings settings = { .directory_url = FAKE_DIRECTORY,
                                           .deadline_ms = fake_ca.now_ms + 60000 };
    ac_rate_init(&settings.nonce_rate, 20, 2);
    AC_REQUIRE_OK(ac_client_new(&settings, &crowd.client, &crowd.err));
    AC_REQUIRE_OK(ac_keys_of_jwk(AC_KEYS_EC, &key, &crowd.err));
    ac_client_set_key(crowd.client, &key);
    AC_REQUIRE_OK(ac_client_set_kid(crowd.client, FAKE_KID, &crowd.err));

    AC_REQUIRE_OK(ask(&crowd, MANY));

    CU_ASSERT(fake_ca.heads <= 2 + 20 * (size_t)(fake_ca.now_ms - 1000000) / 1000);
}

AC_TEST(new_nonce_that_fails_for_ever_ends_the_posts)
{
    CROWD crowd = { 0 };
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &crowd.client, &crowd.err));
    fake_ca_rule((struct fake_rule){
        .url = "/nonce", .times = FOREVER, .status = 500, .nonce = "", .body = "" });

    AC_REQUIRE_CODE(ask(&crowd, 3), AC_E_NETWORK);

    CU_ASSERT_EQUAL(fake_ca.posts, 0);
    CU_ASSERT(fake_ca.heads <= 3 * AC_CLIENT_SERVER_TRIES);
    CU_ASSERT_PTR_NOT_NULL(strstr(crowd.err.detail, "newNonce"));
}

AC_TEST(new_nonce_that_is_refused_is_no_refusal_of_the_posts)
{
    CROWD crowd = { 0 };
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &crowd.client, &crowd.err));
    fake_ca_rule((struct fake_rule){ .url = "/nonce",
                                     .times = FOREVER,
                                     .status = 403,
                                     .nonce = "",
                                     .body = "<html>" });

    AC_REQUIRE_CODE(ask(&crowd, 2), AC_E_NETWORK);

    CU_ASSERT_EQUAL(crowd.err.http_status, 403);
    CU_ASSERT_PTR_NOT_NULL(strstr(crowd.err.detail, "newNonce"));
    CU_ASSERT_PTR_NULL(ac_post_problem(crowd.posts[0]));
    CU_ASSERT_EQUAL(fake_ca.posts, 0);
}

AC_TEST(new_nonce_that_is_slow_for_an_hour_is_not_waited_for)
{
    CROWD crowd = { 0 };
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &crowd.client, &crowd.err));
    fake_ca_rule((struct fake_rule){ .url = "/nonce",
                                     .times = FOREVER,
                                     .status = 503,
                                     .nonce = "",
                                     .headers = "Retry-After: 3600\n" });

    AC_REQUIRE_CODE(ask(&crowd, 1), AC_E_NETWORK);

    CU_ASSERT_EQUAL(crowd.err.retry_after, 3600);
    CU_ASSERT_EQUAL(fake_ca.heads, 1);
}

AC_TEST(new_nonce_without_nonce_breaks_the_protocol)
{
    CROWD crowd = { 0 };
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &crowd.client, &crowd.err));
    fake_ca_rule(
        (struct fake_rule){ .url = "/nonce", .times = FOREVER, .nonce = "../../x" });

    AC_REQUIRE_CODE(ask(&crowd, 1), AC_E_PROTOCOL);

    CU_ASSERT_EQUAL(fake_ca.heads, AC_CLIENT_SERVER_TRIES);
}

AC_TEST(slow_post_is_not_waited_for)
{
    CROWD crowd = { 0 };
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &crowd.client, &crowd.err));
    fake_ca_rule(
        (struct fake_rule){ .url = "/slow", .times = FOREVER, .is_silent = true });
    AC_REQUIRE_OK(talk_read(crowd.client, "https://ca.test/slow", true, &crowd.posts[1],
                            &crowd.err));
    AC_REQUIRE(talk_open(crowd.client));
    fake_ca_turn();
    ac_client_step(crowd.client);

    AC_REQUIRE_OK(ask(&crowd, 1));

    CU_ASSERT_FALSE(ac_post_is_done(crowd.posts[1]));
    CU_ASSERT(fake_ca.now_ms < 1001000);
}

AC_SUITE("acme/window", AC_CASE(head_answered_with_204_is_fine),
         AC_CASE(get_takes_the_place_of_a_head_that_is_refused),
         AC_CASE(heads_that_are_refused_together_cost_no_post),
         AC_CASE(new_nonce_that_is_refused_is_no_refusal_of_the_posts),
         AC_CASE(window_starts_at_ten), AC_CASE(window_doubles_each_round_trip),
         AC_CASE(refused_heads_narrow_the_window_and_nothing_is_lost),
         AC_CASE(published_rate_of_new_nonce_is_kept),
         AC_CASE(new_nonce_that_fails_for_ever_ends_the_posts),
         AC_CASE(new_nonce_that_is_slow_for_an_hour_is_not_waited_for),
         AC_CASE(new_nonce_without_nonce_breaks_the_protocol),
         AC_CASE(slow_post_is_not_waited_for))
