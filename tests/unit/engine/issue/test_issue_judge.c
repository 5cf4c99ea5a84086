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

static enum ac_code run_in_vain(struct ac_error *err)
{
    for (unsigned run = 1; run <= AC_ISSUE_RUNS_MAX; run++) {
        AC_TRY(stage_run("http", err));
        CU_ASSERT_NOT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage.orders, 1);
        CU_ASSERT_EQUAL(stage_has_file("order-key.pem"), run < AC_ISSUE_RUNS_MAX);
    }
    return AC_OK;
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
        { .url = "/certificate/", .status = 404, .body = "" },
    };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(ills); i++) {
        struct fake_rule rule = ills[i];

        rule.times = 999;
        stage_begin(&(struct stage_ca){ .name_count = 1 });
        fake_ca_rule(rule);
        AC_REQUIRE_OK(run_in_vain(&err));
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

/* ---- a finalized order: its certificate may be issued, and only we have its key */

AC_TEST(refusal_to_read_a_finalized_order_keeps_its_key)
{
    static const struct fake_rule refusals[] = {
        { .status = 403, .body = "<html>" },
        { .status = 408, .body = "" },
        { .status = 425, .body = "" },
        { .status = 400, .body = PROBLEM("externalAccountRequired", 400) },
        { .status = 400, .body = PROBLEM("malformed", 400) },
        { .status = 403, .body = PROBLEM("unauthorized", 403) },
    };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(refusals); i++) {
        struct fake_rule rule = refusals[i];

        rule.url = "/order/";
        rule.times = 99;
        AC_REQUIRE_OK(stage_finalize_in_vain(&err));
        fake_ca_rule(rule);
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_NOT_EQUAL(stage.code, AC_OK);
        CU_ASSERT(stage_has_file("order-key.pem"));

        stage_mend();
        stage.ca.issue_reads = 0;
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT(stage.is_resumed);
        CU_ASSERT_EQUAL(stage.orders, 1);
    }
}

static void refuse_polls(const char *phase)
{
    if (strcmp(phase, "issue") == 0) {
        fake_ca_rule((struct fake_rule){
            .url = "/order/", .times = 99, .status = 403, .body = "<html>" });
    }
}

AC_TEST(poll_that_is_refused_keeps_a_finalized_order)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .issue_reads = 2 });
    stage.hook = refuse_polls;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT(stage_has_file("order-key.pem"));

    stage.hook = NULL;
    stage_mend();
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

AC_TEST(certificate_that_is_late_is_fetched_by_the_next_run)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule((struct fake_rule){ .url = "/certificate/",
                                     .times = AC_ISSUE_DOWNLOAD_MAX + 1,
                                     .status = 404,
                                     .body = "" });
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT_EQUAL(stage.finalizes, 1);
}

static void show_an_old_order(const char *phase)
{
    if (strcmp(phase, "issue") == 0)
        stage.status = "ready";
}

/* The first arrived, its answer was lost, and what is read of the order is old. */
AC_TEST(request_that_is_refused_when_it_is_sent_again_keeps_its_key)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule((struct fake_rule){ .url = "/finalize/",
                                     .times = 1,
                                     .failure = AC_E_NETWORK,
                                     .is_ambiguous = true });
    fake_ca_rule((struct fake_rule){ .url = "/finalize/",
                                     .times = 1,
                                     .status = 400,
                                     .body = PROBLEM("malformed", 400) });
    stage.hook = show_an_old_order;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT(stage_has_file("order-key.pem"));

    stage.hook = NULL;
    stage.status = "valid";
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

/* ---- an order that never moves */

AC_TEST(order_that_a_ca_fails_to_read_is_given_up_after_some_runs)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    fake_ca_rule((struct fake_rule){ .url = "/order/",
                                     .times = 999,
                                     .status = 500,
                                     .body = PROBLEM("serverInternal", 500) });
    for (unsigned run = 1; run <= AC_ISSUE_RUNS_MAX; run++) {
        CU_ASSERT(stage_has_file("order.json"));
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
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

/* Its certificate is newer than what is held, and its key is nowhere else. */
AC_TEST(force_continues_a_finalized_order)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_finalize_in_vain(&err));
    stage.ca.issue_reads = 0;
    stage.begins_anew = true;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage.is_resumed);
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT_EQUAL(stage.finalizes, 1);
}

AC_TEST(force_leaves_a_finalized_order_when_the_ca_is_ill)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_finalize_in_vain(&err));
    stage.begins_anew = true;
    fake_ca_rule(
        (struct fake_rule){ .url = "/order/", .times = 999, .failure = AC_E_NETWORK });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_NETWORK);
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT(stage_has_file("order-key.pem"));
}

static void issue_from_now_on(const char *phase)
{
    if (strcmp(phase, "validate") == 0)
        stage.ca.issue_reads = 0;
}

AC_TEST(force_waits_no_longer_for_an_order_that_is_overdue)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_finalize_in_vain(&err));
    stage.begins_anew = true;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT_PTR_NULL(strstr(stage.error.detail, "--force"));
    fake_ca.now_ms += STAGE_DAY_MS;
    stage.hook = issue_from_now_on;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 2);
}

AC_TEST(force_that_would_begin_anew_is_said_when_the_time_is_up)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(
        &(struct stage_ca){ .name_count = 1, .validation_reads = STAGE_MANY_READS });
    stage.begins_anew = true;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "--force would begin another"));

    stage.begins_anew = false;
    stage.ca.validation_reads = 0;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

AC_SUITE("engine/issue_judge",
         AC_CASE(noted_order_that_cannot_be_read_is_given_up_after_some_runs),
         AC_CASE(order_that_the_ca_refuses_for_good_is_not_continued),
         AC_CASE(order_whose_objects_break_the_protocol_is_not_continued),
         AC_CASE(refusal_that_is_not_about_the_order_keeps_it),
         AC_CASE(finalized_order_that_comes_to_nothing_is_given_up_after_some_runs),
         AC_CASE(refusal_to_read_a_finalized_order_keeps_its_key),
         AC_CASE(poll_that_is_refused_keeps_a_finalized_order),
         AC_CASE(certificate_that_is_late_is_fetched_by_the_next_run),
         AC_CASE(request_that_is_refused_when_it_is_sent_again_keeps_its_key),
         AC_CASE(order_that_a_ca_fails_to_read_is_given_up_after_some_runs),
         AC_CASE(force_begins_another_order),
         AC_CASE(force_continues_a_finalized_order),
         AC_CASE(force_leaves_a_finalized_order_when_the_ca_is_ill),
         AC_CASE(force_waits_no_longer_for_an_order_that_is_overdue),
         AC_CASE(force_that_would_begin_anew_is_said_when_the_time_is_up))
