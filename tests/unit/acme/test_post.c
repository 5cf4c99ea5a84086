/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "conversation.h"

#define URL "https://ca.test/thing"

/* The post that had this answer. */
static enum ac_code ask(struct ac_client **client, struct ac_post **post,
                        struct fake_rule rule, struct ac_error *err)
{
    AC_TRY(talk_begin(FAKE_KID, client, err));
    rule.url = "/thing";
    rule.times = 1;
    fake_ca_rule(rule);
    AC_TRY(talk_read(*client, URL, true, post, err));
    if (!talk_until(*client, *post))
        return ac_fail(err, AC_E_SYSTEM, "it never ends");
    return ac_post_result(*post, err);
}

AC_TEST(json_of_the_answer_is_lent)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    const struct ac_json *json = NULL;
    const struct ac_json *again = NULL;
    AC_REQUIRE_OK(ask(&client, &post, (struct fake_rule){ .body = "{\"a\":7}" }, &err));

    AC_REQUIRE_OK(ac_post_json(post, &json, &err));
    AC_REQUIRE_OK(ac_post_json(post, &again, &err));

    CU_ASSERT_EQUAL(ac_json_number_or(json, "a", 0), 7);
    CU_ASSERT_PTR_EQUAL(json, again);
}

AC_TEST(page_in_place_of_json_is_named)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    const struct ac_json *json = NULL;
    AC_REQUIRE_OK(ask(&client, &post, (struct fake_rule){ .body = "<html>" }, &err));

    AC_REQUIRE_CODE(ac_post_json(post, &json, &err), AC_E_PROTOCOL);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, URL));
}

AC_TEST(array_is_no_object)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    const struct ac_json *json = NULL;
    AC_REQUIRE_OK(ask(&client, &post, (struct fake_rule){ .body = "[]" }, &err));

    AC_REQUIRE_CODE(ac_post_json(post, &json, &err), AC_E_PROTOCOL);

    CU_ASSERT_PTR_NULL(json);
}

AC_TEST(headers_of_the_answer_are_lent)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    AC_AUTO(ac_words) urls = { 0 };
    size_t size = 0;
    AC_REQUIRE_OK(ask(&client, &post,
                      (struct fake_rule){
                          .status = 201,
                          .body = "hello",
                          .headers = "Location: https://ca.test/o/1\nRetry-After: 5\n"
                                     "Content-Type: text/plain\n"
                                     "Link: <https://ca.test/2>;rel=\"alternate\"\n" },
                      &err));

    AC_REQUIRE_OK(ac_post_links(post, "alternate", &urls, &err));

    CU_ASSERT_EQUAL(ac_post_status(post), 201);
    CU_ASSERT_EQUAL(ac_post_retry_after(post), 5);
    CU_ASSERT_STRING_EQUAL(ac_post_location(post), "https://ca.test/o/1");
    CU_ASSERT_STRING_EQUAL(ac_post_header(post, "content-type"), "text/plain");
    CU_ASSERT_STRING_EQUAL(ac_post_url(post), URL);
    CU_ASSERT_STRING_EQUAL(ac_post_body(post, &size), "hello");
    CU_ASSERT_EQUAL(size, 5);
    AC_REQUIRE(urls.count == 1);
    CU_ASSERT_STRING_EQUAL(urls.items[0], "https://ca.test/2");
}

AC_TEST(post_that_is_freed_under_way_is_cancelled)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *other = NULL;
    struct ac_post *post = NULL;
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));
    AC_REQUIRE_OK(talk_read(client, URL, true, &post, &err));
    bool is_open = talk_open(client);
    fake_ca_turn();
    ac_client_step(client);

    ac_post_free(post);

    CU_ASSERT(is_open);
    CU_ASSERT_EQUAL(fake_ca_left_over(), 0);
    AC_REQUIRE_OK(talk_read(client, URL, true, &other, &err));
    AC_REQUIRE(talk_until(client, other));
    AC_REQUIRE_OK(ac_post_result(other, &err));
}

AC_TEST(posts_may_be_freed_in_any_order)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *a = NULL;
    AC_AUTO(ac_post) *b = NULL;
    AC_AUTO(ac_post) *c = NULL;
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));
    AC_REQUIRE_OK(talk_read(client, URL, true, &a, &err));
    AC_REQUIRE_OK(talk_read(client, URL, true, &b, &err));
    AC_REQUIRE_OK(talk_read(client, URL, true, &c, &err));

    ac_post_free(AC_TAKE(b));
    ac_post_free(AC_TAKE(a));

    AC_REQUIRE(talk_until(client, c));
    AC_REQUIRE_OK(ac_post_result(c, &err));
    CU_ASSERT_EQUAL(fake_ca.posts, 1);
}

AC_TEST(url_that_may_not_be_asked_is_the_cas_fault)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));

    AC_REQUIRE_OK(talk_read(client, "http://ca.test/plain", true, &post, &err));
    AC_REQUIRE(talk_until(client, post));

    AC_REQUIRE_CODE(ac_post_result(post, &err), AC_E_PROTOCOL);
    CU_ASSERT_EQUAL(fake_ca.posts, 0);
}

AC_TEST(keyed_post_carries_the_public_key_and_no_kid)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    const struct ac_post_request request = {
        .url = URL, .payload = "{}", .what = "newAccount", .is_keyed = true
    };
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));

    AC_REQUIRE_OK(ac_client_post(client, &request, &post, &err));
    AC_REQUIRE(talk_until(client, post));
    AC_REQUIRE_OK(ac_post_result(post, &err));

    const char *header = fake_ca.requests[fake_ca.request_count - 1].header;
    CU_ASSERT_PTR_NOT_NULL(strstr(header, "\"jwk\":" AC_KEYS_EC_PUBLIC));
    CU_ASSERT_PTR_NULL(strstr(header, "\"kid\""));
}

AC_SUITE("acme/post", AC_CASE(json_of_the_answer_is_lent),
         AC_CASE(page_in_place_of_json_is_named), AC_CASE(array_is_no_object),
         AC_CASE(headers_of_the_answer_are_lent),
         AC_CASE(post_that_is_freed_under_way_is_cancelled),
         AC_CASE(posts_may_be_freed_in_any_order),
         AC_CASE(url_that_may_not_be_asked_is_the_cas_fault),
         AC_CASE(keyed_post_carries_the_public_key_and_no_kid))
