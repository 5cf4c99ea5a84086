/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/orders.h"
#include "check.h"
#include "conversation.h"

#include <string.h>

#define LIST  "https://ca.test/orders/1"
#define PAGE  "https://ca.test/orders/page-"
#define ORDER "https://ca.test/order/"
#define ORDER_BODY                                                                     \
    "{\"status\":\"ready\",\"identifiers\":[{\"type\":\"dns\",\"value\":\"a.test\"}]," \
    "\"authorizations\":[],\"finalize\":\"https://ca.test/finalize/1\"}"
#define NEXT(url) "Link: <https://ca.test/dir>;rel=\"index\", <" url ">;rel=\"next\"\n"

static char bodies[2][65536];

struct talk {
    struct ac_client *client;
    struct ac_order_list list;
    struct ac_error err;
};

static void talk_drop(struct talk *talk)
{
    ac_order_list_done(&talk->list);
    ac_client_free(talk->client);
}

#define TALK __attribute__((cleanup(talk_drop))) struct talk

static void page(const char *url, const char *headers, const char *body)
{
    fake_ca_rule(
        (struct fake_rule){ .url = url, .times = 1, .headers = headers, .body = body });
}

/* "{"orders":[…]}" with the orders first … last. */
static const char *urls(char *body, int first, int last)
{
    size_t size = (size_t)snprintf(body, sizeof bodies[0], "{\"orders\":[");

    for (int i = first; i <= last; i++) {
        size += (size_t)snprintf(body + size, sizeof bodies[0] - size,
                                 "%s\"" ORDER "%d\"", i > first ? "," : "", i);
    }
    (void)snprintf(body + size, sizeof bodies[0] - size, "]}");
    return body;
}

static enum ac_code read_list(struct talk *talk, const char *url, size_t limit)
{
    AC_AUTO(ac_orders) *orders = NULL;

    fake_ca_rule((struct fake_rule){ .url = ORDER, .times = 999, .body = ORDER_BODY });
    AC_TRY(ac_orders_new(talk->client, url, limit, &orders, &talk->err));
    for (int turn = 0; turn < TALK_TURNS; turn++) {
        ac_client_step(talk->client);
        ac_orders_step(orders);
        if (ac_orders_is_done(orders))
            return ac_orders_take(orders, &talk->list, &talk->err);
        ac_client_step(talk->client);
        talk_turn(talk->client);
    }
    return ac_fail(&talk->err, AC_E_SYSTEM, "it never ends");
}

AC_TEST(list_is_read_page_by_page)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(talk_begin(FAKE_KID, &talk.client, &talk.err));
    page(LIST, NEXT(PAGE "2"), "{\"orders\":[\"" ORDER "1\",\"" ORDER "2\"]}");
    page(PAGE "2", NULL, "{\"orders\":[\"" ORDER "2\",\"" ORDER "3\"]}");
    AC_REQUIRE_OK(read_list(&talk, LIST, 10));

    AC_REQUIRE(talk.list.count == 3);
    CU_ASSERT_STRING_EQUAL(talk.list.items[0].url, ORDER "1");
    CU_ASSERT_STRING_EQUAL(talk.list.items[2].order.url, ORDER "3");
    CU_ASSERT_EQUAL(talk.list.items[2].order.status, AC_ORDER_READY);
    CU_ASSERT_FALSE(talk.list.is_cut);
    CU_ASSERT_EQUAL(fake_ca.posts, 5);
}

AC_TEST(account_says_where_its_list_is)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(talk_begin(FAKE_KID, &talk.client, &talk.err));
    page("/account/1", NULL, "{\"status\":\"valid\",\"orders\":\"" LIST "\"}");
    page(LIST, NULL, "[\"" ORDER "1\"]"); /* step-ca: the bare array */
    AC_REQUIRE_OK(read_list(&talk, NULL, 10));

    CU_ASSERT_EQUAL(talk.list.count, 1);
}

AC_TEST(account_without_a_list_is_not_found)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(talk_begin(FAKE_KID, &talk.client, &talk.err));
    page("/account/1", NULL, "{\"status\":\"valid\"}");
    AC_REQUIRE_CODE(read_list(&talk, NULL, 10), AC_E_NOTFOUND);

    CU_ASSERT_EQUAL(fake_ca.posts, 1);
}

AC_TEST(empty_list_has_no_orders)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(talk_begin(FAKE_KID, &talk.client, &talk.err));
    page(LIST, NULL, "{\"orders\":null}");
    AC_REQUIRE_OK(read_list(&talk, LIST, 10));

    CU_ASSERT_EQUAL(talk.list.count, 0);
    CU_ASSERT_FALSE(talk.list.is_cut);
}

/* AC-11 */
AC_TEST(pages_that_lead_in_a_circle_are_read_once)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(talk_begin(FAKE_KID, &talk.client, &talk.err));
    page(LIST, NEXT(PAGE "2"), "{\"orders\":[\"" ORDER "1\"]}");
    page(PAGE "2", NEXT(LIST), "{\"orders\":[\"" ORDER "2\"]}");
    AC_REQUIRE_OK(read_list(&talk, LIST, 10));

    CU_ASSERT_EQUAL(talk.list.count, 2);
    CU_ASSERT(talk.list.is_cut);
    CU_ASSERT_EQUAL(fake_ca.posts, 4);
}

static bool next_forever(const struct fake_request *request, struct fake_rule *answer)
{
    static char headers[8][128];
    static size_t turn;
    char *header = headers[turn++ % 8];

    (void)request;
    (void)snprintf(header, sizeof headers[0], "Link: <" PAGE "x%zu>;rel=next\n", turn);
    answer->headers = header;
    answer->body = "{\"orders\":[]}";
    return true;
}

AC_TEST(pages_without_end_are_left)
{
    TALK talk = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &talk.client, &talk.err));
    page("/dir", NULL, FAKE_DIRECTORY_BODY);
    (void)talk_open(talk.client);
    fake_ca.script = next_forever;
    AC_REQUIRE_OK(read_list(&talk, LIST, 10));

    CU_ASSERT_EQUAL(fake_ca.posts, AC_ORDERS_PAGES_MAX);
    CU_ASSERT(talk.list.is_cut);
}

AC_TEST(list_does_not_lead_to_another_host)
{
    static const char *const foreign[] = { NEXT("https://other.test/orders"),
                                           NEXT("https://ca.test.evil/orders"),
                                           NEXT("https://ca.test:444/orders"),
                                           NEXT("http://ca.test/orders"),
                                           NEXT("ftp://ca.test/orders") };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(foreign); i++) {
        TALK talk = { 0 };

        AC_REQUIRE_OK(talk_begin(FAKE_KID, &talk.client, &talk.err));
        page(LIST, foreign[i], "{\"orders\":[\"" ORDER "1\"]}");
        AC_REQUIRE_OK(read_list(&talk, LIST, 10));

        CU_ASSERT_EQUAL(talk.list.count, 1);
        CU_ASSERT(talk.list.is_cut);
        CU_ASSERT_EQUAL(fake_ca.posts, 2);
    }
}

AC_TEST(what_is_no_list_of_urls_is_refused)
{
    static const char *const garbage[] = {
        "",
        "nothing",
        "7",
        "\"x\"",
        "{\"orders\":7}",
        "{\"orders\":[7]}",
        "[null]",
        "{\"orders\":[[]]}",
        "{\"orders\":[\"gopher://x\"]}",
        "[\"http:\"]",
        "{\"orders\":{}}",
    };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(garbage); i++) {
        TALK talk = { 0 };

        AC_REQUIRE_OK(talk_begin(FAKE_KID, &talk.client, &talk.err));
        page(LIST, NULL, garbage[i]);
        CU_ASSERT_EQUAL(read_list(&talk, LIST, 10), AC_E_PROTOCOL);
        CU_ASSERT_EQUAL(fake_ca.posts, 1);
    }
}

AC_TEST(last_of_a_long_list_are_kept)
{
    TALK talk = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &talk.client, &talk.err));
    page(LIST, NEXT(PAGE "2"), urls(bodies[0], 1, 900));
    page(PAGE "2", NULL, urls(bodies[1], 901, 950));
    AC_REQUIRE_OK(read_list(&talk, LIST, AC_ORDERS_MAX));

    AC_REQUIRE(talk.list.count == AC_ORDERS_MAX);
    CU_ASSERT(talk.list.is_cut);
    CU_ASSERT_STRING_EQUAL(talk.list.items[0].url, ORDER "851");
    CU_ASSERT_STRING_EQUAL(talk.list.items[99].order.url, ORDER "950");
    CU_ASSERT_EQUAL(fake_ca.posts, 2 + AC_ORDERS_MAX);
    CU_ASSERT(fake_ca.heads <= 2 * AC_ORDERS_AT_ONCE_MAX);
}

AC_TEST(order_that_cannot_be_read_hides_no_other)
{
    TALK talk = { 0 };

    AC_REQUIRE_OK(talk_begin(FAKE_KID, &talk.client, &talk.err));
    page(LIST, NULL, "{\"orders\":[\"" ORDER "1\",\"" ORDER "2\",\"" ORDER "3\"]}");
    page(ORDER "1", NULL, "{}");
    fake_ca_rule((struct fake_rule){
        .url = ORDER "2",
        .times = 1,
        .status = 404,
        .body = "{\"type\":\"urn:ietf:params:acme:error:malformed\"}" });
    AC_REQUIRE_OK(read_list(&talk, LIST, 10));

    AC_REQUIRE(talk.list.count == 3);
    CU_ASSERT_PTR_NULL(talk.list.items[0].order.url);
    CU_ASSERT_EQUAL(talk.list.items[0].error.code, AC_E_PROTOCOL);
    CU_ASSERT_EQUAL(talk.list.items[1].error.code, AC_E_PROBLEM);
    CU_ASSERT_STRING_EQUAL(talk.list.items[2].order.url, ORDER "3");
}

AC_TEST(reading_that_is_given_up_leaves_nothing_under_way)
{
    TALK talk = { 0 };
    AC_AUTO(ac_orders) *orders = NULL;

    AC_REQUIRE_OK(talk_begin(FAKE_KID, &talk.client, &talk.err));
    AC_REQUIRE_OK(ac_orders_new(talk.client, LIST, 10, &orders, &talk.err));
    (void)talk_open(talk.client);
    ac_orders_free(AC_TAKE(orders));
    ac_client_free(AC_TAKE(talk.client));

    CU_ASSERT_EQUAL(fake_ca_left_over(), 0);
}

AC_SUITE("acme/orders", AC_CASE(list_is_read_page_by_page),
         AC_CASE(account_says_where_its_list_is),
         AC_CASE(account_without_a_list_is_not_found),
         AC_CASE(empty_list_has_no_orders),
         AC_CASE(pages_that_lead_in_a_circle_are_read_once),
         AC_CASE(pages_without_end_are_left),
         AC_CASE(list_does_not_lead_to_another_host),
         AC_CASE(what_is_no_list_of_urls_is_refused),
         AC_CASE(last_of_a_long_list_are_kept),
         AC_CASE(order_that_cannot_be_read_hides_no_other),
         AC_CASE(reading_that_is_given_up_leaves_nothing_under_way))
