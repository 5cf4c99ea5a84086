/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/issue/issue_steps.h"

#define HOUR_MS INT64_C(3600000)
#define PROBLEM                                                                        \
    "{\"type\":\"" STAGE_ACME "serverInternal\",\"detail\":\"so not\",\"status\":500}"

/* What issue_judge.c makes of it. */

AC_TEST(order_that_is_processing_for_ever_is_given_up_after_a_day)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_finalize_in_vain(&err));
    for (unsigned run = 1; run <= AC_ISSUE_RUNS_MAX; run++) {
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
        CU_ASSERT(stage_has_file("order-key.pem"));
    }
    fake_ca.now_ms += STAGE_DAY_MS;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
    CU_ASSERT_FALSE(stage_has_file("order-key.pem"));

    stage.ca.issue_reads = 0;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 2);
}

/* Nothing says when it ends: a CA need not tell, or tells of years. */
AC_TEST(order_that_is_pending_for_ever_is_given_up_after_a_day)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(
        &(struct stage_ca){ .name_count = 1, .validation_reads = STAGE_MANY_READS });
    for (unsigned run = 1; run <= AC_ISSUE_RUNS_MAX; run++) {
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
        CU_ASSERT(stage_has_file("order.json"));
    }
    fake_ca.now_ms += STAGE_DAY_MS;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT_FALSE(stage_has_file("order.json"));

    stage.ca.validation_reads = 0;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 2);
}

/* So are those of whose parts a CA knows nothing any more. */
AC_TEST(order_whose_authorizations_a_ca_fails_to_read_is_given_up_after_a_day)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule((struct fake_rule){
        .url = "/authorization/1", .times = 999, .status = 500, .body = PROBLEM });
    for (unsigned run = 1; run <= AC_ISSUE_RUNS_MAX; run++) {
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    }
    fake_ca.now_ms += STAGE_DAY_MS;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.orders, 1);
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 2);
}

AC_TEST(silence_of_a_day_is_not_enough_to_give_up_a_finalized_order)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_finalize_in_vain(&err));
    fake_ca.now_ms += 2 * STAGE_DAY_MS;
    fake_ca_rule(
        (struct fake_rule){ .url = "/order/", .times = 999, .failure = AC_E_NETWORK });
    for (unsigned run = 1; run < AC_ISSUE_RUNS_MAX; run++) {
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_NETWORK);
    }
    stage_mend();
    stage.ca.issue_reads = 0;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

/* What is held has ninety days, and so much is left of them while the CA thinks. */
static enum ac_code finalize_before_end(int64_t left_ms, struct ac_error *err)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_TRY(stage_run("http", err));
    fake_ca.now_ms += 90 * STAGE_DAY_MS - left_ms;
    stage.ca.issue_reads = STAGE_MANY_READS;
    return stage_interrupted("issue", err);
}

AC_TEST(order_that_never_moves_is_given_up_sooner_when_what_is_held_ends)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(finalize_before_end(8 * HOUR_MS, &err));
    for (unsigned run = 1; run <= AC_ISSUE_RUNS_MAX; run++) {
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
        CU_ASSERT(stage_has_file("order-key.pem"));
    }
    fake_ca.now_ms += 3 * HOUR_MS;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_FALSE(stage_has_file("order-key.pem"));

    stage.ca.issue_reads = 0;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 2);
}

AC_TEST(order_keeps_its_time_while_there_is_much_more_left)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(finalize_before_end(5 * STAGE_DAY_MS, &err));
    fake_ca.now_ms += 12 * HOUR_MS;
    for (unsigned run = 1; run <= AC_ISSUE_RUNS_MAX; run++) {
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
    }

    CU_ASSERT(stage_has_file("order-key.pem"));
}

AC_SUITE("engine/issue_overdue",
         AC_CASE(order_that_is_processing_for_ever_is_given_up_after_a_day),
         AC_CASE(order_that_is_pending_for_ever_is_given_up_after_a_day),
         AC_CASE(order_whose_authorizations_a_ca_fails_to_read_is_given_up_after_a_day),
         AC_CASE(silence_of_a_day_is_not_enough_to_give_up_a_finalized_order),
         AC_CASE(order_that_never_moves_is_given_up_sooner_when_what_is_held_ends),
         AC_CASE(order_keeps_its_time_while_there_is_much_more_left))
