/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#define MANY_POLLS 100000
#define NOT_READY                                                                      \
    "{\"type\":\"" STAGE_ACME "orderNotReady\",\"detail\":\"wait\",\"status\":403}"

/* test_issue.c has the run with each allocation failing; these are about decisions. */

AC_TEST(polling_follows_retry_after)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .validation_reads = 1 });
    fake_ca_rule((struct fake_rule){
        .url = "/order/", .times = 1, .headers = "Retry-After: 7\n" });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage_elapsed_ms() >= 7000);
    CU_ASSERT(stage_elapsed_ms() < 10000);
    CU_ASSERT_EQUAL(stage_requests("/order/"), 2);
}

AC_TEST(polling_without_retry_after_backs_off)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .issue_reads = 20 });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage_elapsed_ms() > 60000); /* 20 polls, most of them 5 s apart */
    CU_ASSERT(stage_elapsed_ms() < 120000);
}

AC_TEST(retry_after_past_the_deadline_is_not_slept)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .issue_reads = MANY_POLLS });
    fake_ca_rule((struct fake_rule){
        .url = "/finalize/", .times = 1, .headers = "Retry-After: 1000000000\n" });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "1000000000 s"));
    CU_ASSERT(stage_elapsed_ms() < 5000);
    CU_ASSERT(stage_has_file("order.json"));
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
}

static int64_t moves_at_ms;

/* The CA's validation takes its time, however often it is asked. */
static void validate_then(const char *phase)
{
    (void)phase;
    if (moves_at_ms > 0 && fake_ca.now_ms >= moves_at_ms) {
        stage.ca.validation_reads = 0;
        stage.ca.never_ready = false;
        moves_at_ms = 0;
    }
}

/* ZeroSSL asks for up to a day. */
AC_TEST(pending_order_is_read_while_there_is_time_whatever_the_ca_asks_for)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .validation_reads = MANY_POLLS });
    stage.hook = validate_then;
    moves_at_ms = fake_ca.now_ms + 10000;
    fake_ca_rule((struct fake_rule){
        .url = "/order/", .times = 99, .headers = "Retry-After: 86400\n" });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage_elapsed_ms() < 100000);
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
}

AC_TEST(pending_order_that_is_to_be_read_tomorrow_ends_with_the_time)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .validation_reads = MANY_POLLS });
    fake_ca_rule((struct fake_rule){
        .url = "/order/", .times = 99, .headers = "Retry-After: 86400\n" });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "86400 s"));
    CU_ASSERT(stage_elapsed_ms() > (int64_t)(STAGE_SECONDS - 30) * 1000);
    CU_ASSERT(stage_elapsed_ms() < (int64_t)STAGE_SECONDS * 1000);
    CU_ASSERT(stage_requests("/order/") < 20);
    CU_ASSERT(stage_has_file("order.json"));
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
}

/* Its authorizations are valid long before: that it can be finalized is a guess. */
AC_TEST(order_that_takes_long_to_become_ready_is_waited_for)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .never_ready = true });
    stage.hook = validate_then;
    moves_at_ms = fake_ca.now_ms + 40000;
    fake_ca_rule((struct fake_rule){
        .url = "/finalize/", .times = 3, .status = 403, .body = NOT_READY });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage_elapsed_ms() > 40000);
    CU_ASSERT(stage_requests("/finalize/") <= 4);
}

AC_TEST(guesses_become_rare_and_end_with_the_time)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .never_ready = true });
    fake_ca_rule((struct fake_rule){
        .url = "/finalize/", .times = 99, .status = 403, .body = NOT_READY });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
    CU_ASSERT(stage_requests("/finalize/") >= 5);
    CU_ASSERT(stage_requests("/finalize/") <= 8);
    CU_ASSERT(stage_has_file("order-key.pem"));
}

AC_SUITE("engine/issue_poll", AC_CASE(polling_follows_retry_after),
         AC_CASE(polling_without_retry_after_backs_off),
         AC_CASE(retry_after_past_the_deadline_is_not_slept),
         AC_CASE(pending_order_is_read_while_there_is_time_whatever_the_ca_asks_for),
         AC_CASE(pending_order_that_is_to_be_read_tomorrow_ends_with_the_time),
         AC_CASE(order_that_takes_long_to_become_ready_is_waited_for),
         AC_CASE(guesses_become_rare_and_end_with_the_time))
