/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/accounts/account_file.h"
#include "engine/wanted/wanted_further.h"

#define UNAVAILABLE                                                                    \
    (struct fake_rule)                                                                 \
    {                                                                                  \
        .url = "/dir", .times = 99, .status = 503, .body = "<html>"                    \
    }

static enum ac_code run_with(const struct ac_wanted *wanted, struct ac_error *err)
{
    stage.code = AC_OK;
    AC_TRY(stage_run_with(wanted, err));
    stage.store = NULL;
    if (stage.code == AC_E_NOMEM || stage.is_out_of_memory)
        return ac_fail(err, AC_E_NOMEM, "out of memory");
    return AC_OK;
}

static enum ac_code run_at_two(const char *solvers, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_TRY(stage_want(solvers, &wanted, err));
    AC_TRY(ac_words_add(&wanted.further, STAGE_OTHER_CA, err));
    return run_with(&wanted, err);
}

static bool has_warning(const char *text)
{
    return strstr(stage.warning, text) != NULL;
}

/* ---- another type */

AC_TEST(name_that_fails_by_one_type_is_proven_by_another)
{
    struct ac_error err = { 0 };

    /* What cannot be read for want of memory gives other reasons. */
    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){
        .name_count = 2, .offers_dns_too = true, .refuses_http = true });
    AC_REQUIRE_OK(stage_run("http,dns", &err));

    AC_REQUIRE_OK(stage.code);
    CU_ASSERT_EQUAL(stage.orders, 2);
    CU_ASSERT_EQUAL(stage.attempts, 1);
    CU_ASSERT_EQUAL(stage.failures, 0);
    CU_ASSERT(has_warning("a.test: connection"));
    CU_ASSERT_EQUAL(fake_solvers_did("present"), fake_solvers_did("cleanup"));
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_TEST(each_type_is_tried_once_for_each_name)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(
        &(struct stage_ca){ .name_count = 1, .bad_names = 1, .offers_dns_too = true });
    AC_REQUIRE_OK(stage_run("http,dns", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE);
    CU_ASSERT_EQUAL(stage.orders, 2);
    CU_ASSERT_EQUAL(stage.tells, 2);
    CU_ASSERT_EQUAL(stage.failures, 1);
}

AC_TEST(without_a_solver_for_it_no_other_type_is_tried)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(
        &(struct stage_ca){ .name_count = 1, .bad_names = 1, .offers_dns_too = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE);
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT_EQUAL(stage.attempts, 0);
}

AC_TEST(solver_that_cannot_be_had_is_no_other_way)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(
        &(struct stage_ca){ .name_count = 1, .bad_names = 1, .offers_dns_too = true });
    AC_REQUIRE_OK(stage_run("http,missing,closed", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

AC_TEST(what_the_ca_will_not_do_is_not_tried_by_another_type)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){
        .name_count = 1, .bad_names = 1, .offers_dns_too = true, .problem = "caa" });
    AC_REQUIRE_OK(stage_run("http,dns", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

AC_TEST(signal_between_two_attempts_ends_the_run)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){
        .name_count = 1, .offers_dns_too = true, .refuses_http = true });
    stage.cancel_in = "cleanup";
    AC_REQUIRE_OK(stage_run("sluggish,dns", &err));
    ac_clock_cancel(0);

    CU_ASSERT_EQUAL(stage.code, AC_E_CANCELLED);
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT(stage_has_file("order.json")); /* what is presented is noted still */
}

/* ---- another CA */

AC_TEST(ca_that_is_down_hands_over_to_the_next)
{
    struct ac_error err = { 0 };

    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule(UNAVAILABLE);
    AC_REQUIRE_OK(run_at_two("http", &err));

    AC_REQUIRE_OK(stage.code);
    CU_ASSERT_EQUAL(stage.version, 1);
    CU_ASSERT_EQUAL(stage.attempts, 1);
    CU_ASSERT(has_warning("asking " STAGE_OTHER_CA));
    CU_ASSERT_EQUAL(stage_requests("/other"), 1);
}

AC_TEST(next_ca_is_asked_with_what_is_said_of_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) own = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *folder = NULL;

    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule(UNAVAILABLE);
    AC_REQUIRE_OK(stage_want("http", &wanted, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("elsewhere", &wanted.required_profile, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("ops", &own.account, &err));
    AC_REQUIRE_OK(ac_wanted_add_further(&wanted, STAGE_OTHER_CA, &own, &err));
    AC_REQUIRE_OK(run_with(&wanted, &err));

    AC_REQUIRE_OK(stage.code);
    CU_ASSERT_EQUAL(stage.version, 1);
    AC_REQUIRE_OK(ac_account_file_folder(STAGE_OTHER_CA, "ops", &folder, &err));
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    CU_ASSERT(ac_account_file_has(store, folder, AC_ACCOUNT_DOCUMENT));
}

AC_TEST(refusals_and_limits_hand_over_too)
{
    static const char *const problems[] = { "rejectedIdentifier", "serverInternal",
                                            "unauthorized", "rateLimited" };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(problems); i++) {
        stage_begin(&(struct stage_ca){ .name_count = 1 });
        fake_ca_rule((struct fake_rule){ .url = "/new-order",
                                         .times = 1,
                                         .status = 403,
                                         .body = stage_text("{\"type\":\"" STAGE_ACME
                                                            "%s\",\"detail\":\"no\"}",
                                                            problems[i]) });
        AC_REQUIRE_OK(run_at_two("http", &err));

        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage.attempts, 1);
    }
}

AC_TEST(silent_ca_gets_its_share_of_the_time)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule((struct fake_rule){ .url = "/dir", .times = 99, .is_silent = true });
    AC_REQUIRE_OK(run_at_two("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage_elapsed_ms() < (int64_t)STAGE_SECONDS * 1000 * 6 / 10);
}

AC_TEST(names_that_do_not_validate_are_no_reason_to_ask_another)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .bad_names = 1 });
    AC_REQUIRE_OK(run_at_two("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE);
    CU_ASSERT_EQUAL(stage_requests("/other"), 0);
}

AC_TEST(ca_that_may_not_issue_is_a_reason)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(
        &(struct stage_ca){ .name_count = 1, .bad_names = 1, .problem = "caa" });
    AC_REQUIRE_OK(run_at_two("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE); /* here both are the same CA */
    CU_ASSERT_EQUAL(stage.attempts, 1);
    CU_ASSERT_EQUAL(stage_requests("/other"), 1);
}

AC_TEST(own_faults_are_no_reason)
{
    static const char *const solvers[] = { "refuses", "closed", "missing" };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(solvers); i++) {
        stage_begin(&(struct stage_ca){ .name_count = 1 });
        AC_REQUIRE_OK(run_at_two(solvers[i], &err));

        CU_ASSERT_NOT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage.attempts, 0);
        CU_ASSERT_EQUAL(stage_requests("/other"), 0);
    }
}

AC_TEST(order_that_may_become_a_certificate_is_not_left_behind)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .issue_reads = 1 });
    fake_ca_rule((struct fake_rule){
        .url = "/certificate/", .times = 99, .failure = AC_E_NETWORK });
    AC_REQUIRE_OK(run_at_two("http", &err));
    size_t asked_others = stage_requests("/other");
    stage_mend();
    AC_REQUIRE_OK(run_at_two("http", &err));

    CU_ASSERT_EQUAL(asked_others, 0);
    CU_ASSERT_EQUAL(stage.code, AC_OK);
}

AC_TEST(order_of_an_earlier_run_is_continued_at_its_own_ca)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule(UNAVAILABLE);
    stage.cancel_in = "validate";
    AC_REQUIRE_OK(run_at_two("http", &err));
    stage.cancel_in = NULL;
    ac_clock_cancel(0);
    stage_mend();
    AC_REQUIRE_OK(run_at_two("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage.is_resumed);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

#define REFUSED_ONCE                                                                   \
    ((struct fake_rule){ .url = "/new-order",                                          \
                         .times = 1,                                                   \
                         .status = 403,                                                \
                         .body = "{\"type\":\"" STAGE_ACME                             \
                                 "rejectedIdentifier\",\"detail\":\"no\"}" })

/* Finalized at the first of two, and not issued yet. */
static enum ac_code finalize_at_first(struct ac_error *err)
{
    stage_begin(&(struct stage_ca){ .name_count = 1, .issue_reads = STAGE_MANY_READS });
    stage.cancel_in = "issue";
    enum ac_code code = run_at_two("http", err);
    stage.cancel_in = NULL;
    ac_clock_cancel(0);
    return code;
}

AC_TEST(finalized_order_outlives_its_ca_being_down)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(finalize_at_first(&err));
    fake_ca_rule(UNAVAILABLE);
    AC_REQUIRE_OK(run_at_two("http", &err));
    CU_ASSERT_NOT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/other"), 0);

    stage_mend();
    stage.ca.issue_reads = 0;
    AC_REQUIRE_OK(run_at_two("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage.is_resumed);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

AC_TEST(finalized_order_of_a_ca_that_is_gone_stays_until_another_is_made)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(finalize_at_first(&err));
    fake_ca.now_ms += 2 * STAGE_DAY_MS;
    fake_ca_rule(UNAVAILABLE);
    fake_ca_rule(REFUSED_ONCE);
    AC_REQUIRE_OK(run_at_two("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT_EQUAL(stage_requests("/other"), 1);
    CU_ASSERT(stage_has_file("order-key.pem"));

    stage.ca.issue_reads = 0;
    AC_REQUIRE_OK(run_at_two("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_FALSE(stage.is_resumed);
    CU_ASSERT_EQUAL(stage.orders, 2);
}

/* The first is gone for days; the next is asked for authorizations before the order. */
static enum ac_code ask_next_in_advance(size_t bad_names, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_TRY(finalize_at_first(err));
    fake_ca.now_ms += 2 * STAGE_DAY_MS;
    fake_ca_rule(UNAVAILABLE);
    fake_ca_rule(REFUSED_ONCE);
    stage.ca.authorizes_in_advance = true;
    stage.ca.bad_names = bad_names;
    if (bad_names > 0)
        memset(stage.names, 0, sizeof stage.names); /* nothing is proven any more */
    AC_TRY(stage_want("http", &wanted, err));
    AC_TRY(ac_words_add(&wanted.further, STAGE_OTHER_CA, err));
    wanted.preauthorizes = true;
    return run_with(&wanted, err);
}

/* What the next CA is asked for before the order is not the order. */
AC_TEST(finalized_order_outlives_authorizations_in_advance_elsewhere)
{
    static const enum ac_code codes[] = { AC_E_PROBLEM, AC_E_CHALLENGE };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t bad_names = 0; bad_names < AC_COUNT(codes); bad_names++) {
        AC_REQUIRE_OK(ask_next_in_advance(bad_names, &err));

        CU_ASSERT_EQUAL(stage.code, codes[bad_names]);
        CU_ASSERT_EQUAL(stage.advances, 1);
        CU_ASSERT(stage_has_file("order-key.pem"));
    }
}

AC_TEST(order_that_was_never_sent_a_request_binds_nobody)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.cancel_in = "validate";
    AC_REQUIRE_OK(run_at_two("http", &err));
    stage.cancel_in = NULL;
    ac_clock_cancel(0);
    fake_ca_rule((struct fake_rule){ .url = "/order/1",
                                     .times = 999,
                                     .status = 500,
                                     .body = "{\"type\":\"" STAGE_ACME
                                             "serverInternal\",\"detail\":\"no\"}" });
    AC_REQUIRE_OK(run_at_two("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.attempts, 1);
    CU_ASSERT_EQUAL(stage.orders, 2);
}

AC_TEST(order_that_is_processing_for_days_leaves_time_for_another_ca)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(finalize_at_first(&err));
    AC_REQUIRE_OK(run_at_two("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
    CU_ASSERT_EQUAL(stage_requests("/other"), 0);

    fake_ca.now_ms += 2 * STAGE_DAY_MS;
    AC_REQUIRE_OK(run_at_two("http", &err));
    CU_ASSERT_EQUAL(stage_requests("/other"), 1);
    CU_ASSERT_EQUAL(stage.orders, 2);
}

static void issue_second_at_once(const char *phase)
{
    (void)phase;
    if (stage.orders == 2)
        stage.ca.issue_reads = 0;
}

/* A CA that wants to be asked again tomorrow does not use up the time, nor is it asked
 * for another order before the other CA is (--force). */
AC_TEST(order_that_is_put_off_for_days_lets_another_ca_issue)
{
    static const bool is_forced[] = { false, true };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(is_forced); i++) {
        AC_REQUIRE_OK(finalize_at_first(&err));
        fake_ca.now_ms += 2 * STAGE_DAY_MS;
        fake_ca_rule((struct fake_rule){
            .url = "/order/1", .times = 2, .headers = "Retry-After: 86400\n" });
        stage.hook = issue_second_at_once;
        stage.begins_anew = is_forced[i];
        AC_REQUIRE_OK(run_at_two("http", &err));

        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage.attempts, 1);
        CU_ASSERT_EQUAL(stage.orders, 2);
        CU_ASSERT_EQUAL(stage_requests("/other"), 1);
    }
}

AC_TEST(ca_that_puts_off_to_the_end_of_the_run_is_left_in_time)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(finalize_at_first(&err));
    fake_ca.now_ms += 2 * STAGE_DAY_MS;
    fake_ca_rule((struct fake_rule){
        .url = "/order/1", .times = 99, .headers = "Retry-After: 500\n" });
    stage.hook = issue_second_at_once;
    AC_REQUIRE_OK(run_at_two("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 2);
    CU_ASSERT(has_warning("has not issued"));
    CU_ASSERT(stage_elapsed_ms() < (int64_t)STAGE_SECONDS * 1000 * 6 / 10);
}

AC_TEST(all_down_is_told_by_the_last_and_the_attempts)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule(UNAVAILABLE);
    fake_ca_rule(
        (struct fake_rule){ .url = "/other", .times = 99, .status = 404, .body = "" });
    AC_REQUIRE_OK(run_at_two("http", &err));

    CU_ASSERT_EQUAL(stage.error.http_status, 404);
    CU_ASSERT_EQUAL(stage.attempts, 1);
}

AC_SUITE("engine/issue_again",
         AC_CASE(name_that_fails_by_one_type_is_proven_by_another),
         AC_CASE(each_type_is_tried_once_for_each_name),
         AC_CASE(next_ca_is_asked_with_what_is_said_of_it),
         AC_CASE(without_a_solver_for_it_no_other_type_is_tried),
         AC_CASE(solver_that_cannot_be_had_is_no_other_way),
         AC_CASE(what_the_ca_will_not_do_is_not_tried_by_another_type),
         AC_CASE(signal_between_two_attempts_ends_the_run),
         AC_CASE(ca_that_is_down_hands_over_to_the_next),
         AC_CASE(refusals_and_limits_hand_over_too),
         AC_CASE(silent_ca_gets_its_share_of_the_time),
         AC_CASE(names_that_do_not_validate_are_no_reason_to_ask_another),
         AC_CASE(ca_that_may_not_issue_is_a_reason), AC_CASE(own_faults_are_no_reason),
         AC_CASE(order_that_may_become_a_certificate_is_not_left_behind),
         AC_CASE(order_of_an_earlier_run_is_continued_at_its_own_ca),
         AC_CASE(finalized_order_outlives_its_ca_being_down),
         AC_CASE(finalized_order_of_a_ca_that_is_gone_stays_until_another_is_made),
         AC_CASE(finalized_order_outlives_authorizations_in_advance_elsewhere),
         AC_CASE(order_that_was_never_sent_a_request_binds_nobody),
         AC_CASE(order_that_is_processing_for_days_leaves_time_for_another_ca),
         AC_CASE(order_that_is_put_off_for_days_lets_another_ca_issue),
         AC_CASE(ca_that_puts_off_to_the_end_of_the_run_is_left_in_time),
         AC_CASE(all_down_is_told_by_the_last_and_the_attempts))
