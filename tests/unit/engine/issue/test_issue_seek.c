/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <sys/stat.h>

#define LIST "https://ca.test/list"

/* test_issue.c has the run with each allocation failing; these are about decisions. */

static void lose_the_answer(void)
{
    fake_ca_rule((struct fake_rule){ .url = "/new-order",
                                     .times = 1,
                                     .failure = AC_E_NETWORK,
                                     .is_ambiguous = true });
}

static void answer(const char *url, const char *body)
{
    fake_ca_rule((struct fake_rule){ .url = url, .times = 1, .body = body });
}

static void have_list(const char *orders)
{
    answer("/account/1", "{\"status\":\"valid\",\"orders\":\"" LIST "\"}");
    answer("/list", orders);
}

/* An order of the list. */
static const char *order(const char *status, const char *name, const char *more)
{
    return stage_text("{\"status\":\"%s\",\"identifiers\":[{\"type\":\"dns\",\"value\":"
                      "\"%s\"}],\"authorizations\":[\"https://ca.test/authorization/"
                      "1-0\"],\"finalize\":\"https://ca.test/finalize/1\"%s}",
                      status, name, more);
}

/* One run with a lost answer, where the list has this order. */
static enum ac_code run_with(const char *status, const char *name, const char *more,
                             struct ac_error *err)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.status = "pending";
    lose_the_answer();
    have_list("{\"orders\":[\"https://ca.test/order/9\"]}");
    answer("/order/9", order(status, name, more));
    return stage_run("http", err);
}

AC_TEST(order_of_the_list_is_taken_over)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_with("pending", "a.test", "", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/new-order"), 1);
    CU_ASSERT_EQUAL(stage_requests("/finalize/1"), 1);
    CU_ASSERT_FALSE(stage.is_resumed);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "it is taken from there"));
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_TEST(order_that_is_not_as_asked_is_left_alone)
{
    const struct {
        const char *status, *name, *more;
    } others[] = {
        { "processing", "a.test", "" },
        { "invalid", "a.test", "" },
        { "pending", "b.test", "" },
        { "pending", "*.a.test", "" },
        { "pending", "a.test", ",\"notAfter\":\"2033-01-01T00:00:00Z\"" },
        { "pending", "a.test", ",\"notBefore\":\"2023-01-01T00:00:00Z\"" },
        { "pending", "a.test", ",\"expires\":\"2001-01-01T00:00:00Z\"" },
        { "odd", "a.test", "" },
    };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(others); i++) {
        struct ac_error err = { 0 };

        AC_REQUIRE_OK(run_with(others[i].status, others[i].name, others[i].more, &err));
        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage_requests("/new-order"), 2);
        CU_ASSERT_EQUAL(stage_requests("/finalize/1"), 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "ordered once more"));
    }
}

static void note_elsewhere(const char *phase)
{
    const char text[] =
        "{\"schema\":1,\"order\":{\"url\":\"https://ca.test/order/9\"}}";

    if (strcmp(phase, "account") != 0)
        return;
    (void)mkdir(ac_test_path("state/certs"), 0700);
    (void)mkdir(ac_test_path("state/certs/other"), 0700);
    (void)ac_test_write_file(ac_test_path("state/certs/other/order.json"), text,
                             sizeof text - 1);
}

AC_TEST(order_that_another_certificate_has_noted_is_left_alone)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.status = "pending";
    stage.hook = note_elsewhere;
    lose_the_answer();
    have_list("{\"orders\":[\"https://ca.test/order/9\"]}");
    answer("/order/9", order("pending", "a.test", ""));
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/new-order"), 2);
    CU_ASSERT_EQUAL(stage_requests("/finalize/1"), 0);
}

AC_TEST(list_that_is_none_costs_one_more_order)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    lose_the_answer();
    have_list("[{\"no\":1}]");
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/new-order"), 2);
}

AC_TEST(list_that_does_not_come_is_not_waited_for)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    lose_the_answer();
    answer("/account/1", "{\"status\":\"valid\",\"orders\":\"" LIST "\"}");
    fake_ca_rule((struct fake_rule){ .url = "/list", .times = 99, .is_silent = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/new-order"), 2);
    CU_ASSERT(stage_elapsed_ms() >= 15000 && stage_elapsed_ms() < 20000);
}

AC_TEST(order_that_is_lost_twice_is_looked_for_once)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    lose_the_answer();
    fake_ca_rule((struct fake_rule){ .url = "/new-order",
                                     .times = 1,
                                     .failure = AC_E_NETWORK,
                                     .is_ambiguous = true });
    have_list("{\"orders\":[]}");
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_NETWORK);
    CU_ASSERT_EQUAL(stage_requests("/new-order"), 2);
    CU_ASSERT_EQUAL(stage_requests("/list"), 1);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_SUITE("engine/issue_seek", AC_CASE(order_of_the_list_is_taken_over),
         AC_CASE(order_that_is_not_as_asked_is_left_alone),
         AC_CASE(order_that_another_certificate_has_noted_is_left_alone),
         AC_CASE(list_that_is_none_costs_one_more_order),
         AC_CASE(list_that_does_not_come_is_not_waited_for),
         AC_CASE(order_that_is_lost_twice_is_looked_for_once))
