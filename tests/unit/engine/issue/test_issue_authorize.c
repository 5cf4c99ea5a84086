/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#define MANY_POLLS 100000

/* The two that come by all the code that the others do are run with every allocation
 * failing, too. */

AC_TEST(valid_authorizations_are_passed_over)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 3, .valid_names = 2 });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.tells, 1);
    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "present c.test\ncleanup c.test\n");
}

AC_TEST(offers_that_no_solver_answers_are_named)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .offers_dns_only = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "for a.test the CA offers dns-"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "dns-01"));
    CU_ASSERT_EQUAL(stage.tells, 0);
}

/* The second plugin is loaded only now, when it turns out that it is needed. */
AC_TEST(next_solver_answers_what_the_first_cannot)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2, .offers_dns_only = true });
    AC_REQUIRE_OK(stage_run("http,dns", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(fake_solvers.started, 2);
    CU_ASSERT_EQUAL(fake_solvers_did("present"), 1);
    CU_ASSERT(stage_elapsed_ms() < 2000);
}

AC_TEST(name_that_nobody_asked_for_is_not_proven)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .names_others = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "victim.test"));
    CU_ASSERT_EQUAL(stage.tells, 0);
    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "");
}

/* OR-07. */
AC_TEST(order_that_never_says_ready_is_finalized)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2, .never_ready = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.finalizes, 1);
    CU_ASSERT(stage_elapsed_ms() < 10000);
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
}

AC_TEST(order_whose_names_are_all_valid_already_is_finalized)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(
        &(struct stage_ca){ .name_count = 2, .valid_names = 2, .never_ready = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.tells, 0);
}

/* SERVERS: step-ca's challenge is invalid, its authorization and order are not. */
AC_TEST(challenge_that_fails_alone_ends_the_order_at_once)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2,
                                    .bad_names = 1,
                                    .is_silent = true,
                                    .validation_reads = MANY_POLLS });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "Connection refused"));
    CU_ASSERT(stage_elapsed_ms() < 3000);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
}

/* SERVERS: step-ca notes an error, stays pending, and tries again when told again. */
AC_TEST(challenge_with_a_noted_error_is_told_again)
{
    struct ac_error err = { 0 };

    stage_begin(&(struct stage_ca){ .name_count = 1, .errors = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.tells, 2);
    CU_ASSERT_EQUAL(fake_solvers_did("present"), 1);
}

AC_TEST(challenge_is_told_a_bounded_number_of_times)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .errors = MANY_POLLS });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE);
    CU_ASSERT_EQUAL(stage.tells, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "Connection refused"));
    CU_ASSERT(stage_elapsed_ms() < 120000);
}

AC_TEST(authorization_that_cannot_be_read_keeps_the_order)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2 });
    fake_ca_rule((struct fake_rule){
        .url = "/authorization/1-1", .times = 99, .failure = AC_E_NETWORK });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_NETWORK);
    CU_ASSERT(stage_has_file("order.json"));
    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "");
}

/* CH-07: what is no token is never written anywhere. */
AC_TEST(bad_token_is_the_fault_of_the_ca)
{
    static char longest[130];
    const char *const tokens[] = { "../../x", "a b", "", longest };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    memset(longest, 'a', sizeof longest - 1);
    for (size_t i = 0; i < AC_COUNT(tokens); i++) {
        stage_begin(&(struct stage_ca){ .name_count = 1, .token = tokens[i] });
        AC_REQUIRE_OK(stage_run("http", &err));

        CU_ASSERT_EQUAL(stage.code, AC_E_PROTOCOL);
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "a.test has a token"));
        CU_ASSERT_EQUAL(fake_solvers_did("present"), 0);
        CU_ASSERT_FALSE(stage_has_file("order.json"));
    }
}

AC_TEST(authorizations_without_end_are_not_read)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .extra_authorizations = 12 });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "13 authorizations for 1 names"));
    CU_ASSERT_EQUAL(stage_requests("/authorization/"), 0);
}

AC_SUITE("engine/issue_authorize", AC_CASE(bad_token_is_the_fault_of_the_ca),
         AC_CASE(authorizations_without_end_are_not_read),
         AC_CASE(valid_authorizations_are_passed_over),
         AC_CASE(offers_that_no_solver_answers_are_named),
         AC_CASE(next_solver_answers_what_the_first_cannot),
         AC_CASE(name_that_nobody_asked_for_is_not_proven),
         AC_CASE(order_that_never_says_ready_is_finalized),
         AC_CASE(order_whose_names_are_all_valid_already_is_finalized),
         AC_CASE(challenge_that_fails_alone_ends_the_order_at_once),
         AC_CASE(challenge_with_a_noted_error_is_told_again),
         AC_CASE(challenge_is_told_a_bounded_number_of_times),
         AC_CASE(authorization_that_cannot_be_read_keeps_the_order))
