/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/issue/issue_steps.h"

#define PROBLEM(type, status)                                                          \
    "{\"type\":\"" STAGE_ACME type "\",\"detail\":\"so not\",\"status\":" #status "}"

/* test_issue.c has the run with each allocation failing; these are about decisions. */

AC_TEST(order_that_the_ca_refuses_for_good_is_not_continued)
{
    static const struct fake_rule refusals[] = {
        { .url = "/authorization/", .status = 404, .body = "" },
        { .url = "/challenge/", .status = 404, .body = "" },
        { .url = "/finalize/", .status = 404, .body = "" },
        { .url = "/finalize/", .status = 400, .body = PROBLEM("badCSR", 400) },
        { .url = "/finalize/", .status = 400, .body = PROBLEM("badPublicKey", 400) },
        { .url = "/certificate/", .status = 404, .body = "" },
    };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(refusals); i++) {
        struct fake_rule rule = refusals[i];

        rule.times = 99;
        stage_begin(&(struct stage_ca){ .name_count = 1 });
        fake_ca_rule(rule);
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
        CU_ASSERT_FALSE(stage_has_file("order.json"));
        CU_ASSERT_FALSE(stage_has_file("order-key.pem"));

        stage_mend();
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage.orders, 2);
        CU_ASSERT_FALSE(stage.is_resumed);
    }
}

AC_TEST(order_whose_objects_break_the_protocol_is_not_continued)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .names_others = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROTOCOL);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_TEST(refusal_that_is_not_about_the_order_keeps_it)
{
    static const struct fake_rule refusals[] = {
        { .url = "/authorization/",
          .status = 403,
          .body = PROBLEM("userActionRequired", 403) },
        { .url = "/authorization/",
          .status = 429,
          .body = PROBLEM("rateLimited", 429) },
        { .url = "/authorization/",
          .status = 500,
          .body = PROBLEM("serverInternal", 500) },
        { .url = "/authorization/", .failure = AC_E_NETWORK },
    };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(refusals); i++) {
        struct fake_rule rule = refusals[i];

        rule.times = 99;
        stage_begin(&(struct stage_ca){ .name_count = 1 });
        fake_ca_rule(rule);
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_NOT_EQUAL(stage.code, AC_OK);
        CU_ASSERT(stage_has_file("order.json"));

        stage_mend();
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage.orders, 1);
    }
}

/* The key may be that of a certificate which was issued: it is not given up at once. */
AC_TEST(finalized_order_that_comes_to_nothing_is_given_up_after_some_runs)
{
    static const struct fake_rule ills[] = {
        { .url = "/finalize/", .status = 403, .body = PROBLEM("orderNotReady", 403) },
        { .url = "/finalize/",
          .body = "<html>",
          .headers = "Content-Type: text/html\n" },
        { .url = "/certificate/",
          .body = "<html>",
          .headers = "Content-Type: text/html\n" },
    };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(ills); i++) {
        struct fake_rule rule = ills[i];

        rule.times = 999;
        stage_begin(&(struct stage_ca){ .name_count = 1 });
        fake_ca_rule(rule);
        for (unsigned run = 1; run <= AC_ISSUE_RUNS_MAX; run++) {
            AC_REQUIRE_OK(stage_run("http", &err));
            CU_ASSERT_NOT_EQUAL(stage.code, AC_OK);
            CU_ASSERT_EQUAL(stage.orders, 1);
            CU_ASSERT_EQUAL(stage_has_file("order-key.pem"), run < AC_ISSUE_RUNS_MAX);
        }
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "begins another"));
        stage_mend();
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage.orders, 2);
    }
}

AC_TEST(noted_order_that_cannot_be_read_is_given_up_after_some_runs)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    fake_ca_rule((struct fake_rule){ .url = "/order/", .times = 999, .body = "[]" });
    for (unsigned run = 1; run <= AC_ISSUE_RUNS_MAX; run++) {
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_PROTOCOL);
        CU_ASSERT_EQUAL(stage.orders, 1);
    }
    stage_mend();
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 2);
}

AC_TEST(force_begins_another_order)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    stage.begins_anew = true;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 2);
    CU_ASSERT_FALSE(stage.is_resumed);
}

AC_SUITE("engine/issue_judge",
         AC_CASE(noted_order_that_cannot_be_read_is_given_up_after_some_runs),
         AC_CASE(order_that_the_ca_refuses_for_good_is_not_continued),
         AC_CASE(order_whose_objects_break_the_protocol_is_not_continued),
         AC_CASE(refusal_that_is_not_about_the_order_keeps_it),
         AC_CASE(finalized_order_that_comes_to_nothing_is_given_up_after_some_runs),
         AC_CASE(force_begins_another_order))
