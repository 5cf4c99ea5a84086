/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "conversation.h"

#define FOREVER 1000000

/* What the directory's fetching ends with when this is its answer. */
static enum ac_code open_with(struct ac_client **client, struct fake_rule rule,
                              struct ac_error *err)
{
    const struct ac_directory *directory = NULL;

    AC_TRY(talk_begin(FAKE_KID, client, err));
    rule.url = "/dir";
    fake_ca_rule(rule);
    if (!talk_open(*client))
        return ac_fail(err, AC_E_SYSTEM, "it never ends");
    return ac_client_directory(*client, &directory, err);
}

AC_TEST(directory_is_fetched_once_by_a_get)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    const struct ac_directory *directory = NULL;

    AC_REQUIRE_OK(open_with(&client, (struct fake_rule){ .times = 0 }, &err));
    AC_REQUIRE_OK(ac_client_directory(client, &directory, &err));

    CU_ASSERT_STRING_EQUAL(directory->new_order, FAKE_ORDER_URL);
    CU_ASSERT_EQUAL(fake_ca.gets, 1);
    CU_ASSERT_STRING_EQUAL(fake_ca.requests[0].http_headers,
                           "Accept: application/json\nAccept-Language: de\n");
}

AC_TEST(directory_is_unknown_before_it_was_fetched)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    const struct ac_directory *directory = NULL;
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));

    AC_REQUIRE_CODE(ac_client_directory(client, &directory, &err), AC_E_NOTFOUND);

    CU_ASSERT_FALSE(ac_client_is_open(client));
}

AC_TEST(broken_connection_is_tried_again)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;

    AC_REQUIRE_OK(open_with(
        &client, (struct fake_rule){ .times = 3, .failure = AC_E_NETWORK }, &err));

    CU_ASSERT_EQUAL(fake_ca.gets, 4);
}

AC_TEST(page_that_is_not_there_is_no_directory)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;

    AC_REQUIRE_CODE(
        open_with(
            &client,
            (struct fake_rule){ .times = FOREVER, .status = 404, .body = "<html>404" },
            &err),
        AC_E_PROTOCOL);

    CU_ASSERT_EQUAL(err.http_status, 404);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, FAKE_DIRECTORY));
}

AC_TEST(page_that_is_no_directory_ends_the_posts)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));
    fake_ca_rule((struct fake_rule){ .url = "/dir", .times = 1, .body = "[1]" });

    AC_REQUIRE_OK(talk_read(client, "https://ca.test/x", true, &post, &err));
    AC_REQUIRE(talk_until(client, post));

    AC_REQUIRE_CODE(ac_post_result(post, &err), AC_E_PROTOCOL);
    CU_ASSERT_EQUAL(fake_ca.request_count, 1);
}

AC_TEST(busy_ca_is_waited_for)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;

    AC_REQUIRE_OK(open_with(
        &client,
        (struct fake_rule){
            .times = 2, .status = 503, .body = "", .headers = "Retry-After: 3\n" },
        &err));

    CU_ASSERT(fake_ca.now_ms >= 1006000);
}

AC_TEST(silent_ca_is_given_up_at_the_deadline)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;

    AC_REQUIRE_CODE(open_with(&client,
                              (struct fake_rule){ .times = FOREVER, .is_silent = true },
                              &err),
                    AC_E_TIMEOUT);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "directory"));
    CU_ASSERT_EQUAL(fake_ca_left_over(), 0);
}

AC_TEST(plain_http_directory_is_a_wrong_setting)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    const struct ac_directory *directory = NULL;
    fake_ca_begin();
    const struct ac_client_settings settings = { .directory_url = "http://ca.test/dir",
                                                 .deadline_ms = AC_CLOCK_NEVER };
    AC_REQUIRE_OK(ac_client_new(&settings, &client, &err));

    AC_REQUIRE(talk_open(client));

    AC_REQUIRE_CODE(ac_client_directory(client, &directory, &err), AC_E_USAGE);
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_SUITE("acme/opening", AC_CASE(directory_is_fetched_once_by_a_get),
         AC_CASE(directory_is_unknown_before_it_was_fetched),
         AC_CASE(broken_connection_is_tried_again),
         AC_CASE(page_that_is_not_there_is_no_directory),
         AC_CASE(page_that_is_no_directory_ends_the_posts),
         AC_CASE(busy_ca_is_waited_for), AC_CASE(silent_ca_is_given_up_at_the_deadline),
         AC_CASE(plain_http_directory_is_a_wrong_setting))
