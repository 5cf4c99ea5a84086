/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/issue/answer.h"

#define PROBLEM(type, status)                                                          \
    "{\"type\":\"" STAGE_ACME type "\",\"detail\":\"so not\",\"status\":" #status "}"
#define NOT_SENT 1 /* a status that keeps the request from the CA */

/* test_issue.c has the run with each allocation failing; these are about decisions. */

static void challenge_rule(struct fake_rule rule)
{
    rule.url = "/challenge/";
    fake_ca_rule(rule);
}

static bool was_noted;

static void look_into_journal(enum ac_solver_op op)
{
    char text[8192];

    if (op != AC_SOLVER_PRESENT
        || ac_test_read_file(ac_test_path("state/certs/" STAGE_CERT "/order.json"),
                             text, sizeof text)
               <= 0)
        return;
    was_noted = strstr(text, "\"presented\"") && strstr(text, "a.test")
                && strstr(text, STAGE_TOKEN);
}

AC_TEST(challenges_are_noted_before_they_are_presented)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    was_noted = false;
    fake_solvers.on_begin = look_into_journal;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT(was_noted);
    CU_ASSERT_EQUAL(stage.code, AC_OK);
}

AC_TEST(solver_that_refuses_is_cleaned_up_and_named)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2 });
    AC_REQUIRE_OK(stage_run("refuses", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "refuses"));
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
    CU_ASSERT_EQUAL(stage.tells, 0);
    CU_ASSERT(stage_has_file("order.json"));
}

AC_TEST(solver_that_dies_is_cleaned_up_and_named)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("dies", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "SIGSEGV"));
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
    CU_ASSERT_EQUAL(stage.warnings, 0);
}

AC_TEST(solver_that_hangs_costs_its_own_time_only)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("hangs", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PLUGIN);
    CU_ASSERT(stage_elapsed_ms() >= AC_ANSWER_PRESENT_MS);
    CU_ASSERT(stage_elapsed_ms() < AC_ANSWER_PRESENT_MS + 5000);
}

AC_TEST(lost_answer_of_a_response_that_arrived_is_no_failure)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    challenge_rule((struct fake_rule){
        .times = 1, .failure = AC_E_NETWORK, .is_ambiguous = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.tells, 1); /* CH-17: not told twice */
    CU_ASSERT_EQUAL(stage_requests("/challenge/"), 1);
}

AC_TEST(response_that_was_lost_is_sent_again)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    challenge_rule((struct fake_rule){ .times = 1,
                                       .status = NOT_SENT,
                                       .failure = AC_E_NETWORK,
                                       .is_ambiguous = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.tells, 1);
    CU_ASSERT_EQUAL(stage_requests("/challenge/"), 2);
    CU_ASSERT(stage_elapsed_ms() < 3000);
}

AC_TEST(response_that_is_always_lost_ends_the_run)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    challenge_rule((struct fake_rule){ .times = 99,
                                       .status = NOT_SENT,
                                       .failure = AC_E_NETWORK,
                                       .is_ambiguous = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_NETWORK);
    CU_ASSERT_EQUAL(stage_requests("/challenge/"), 3);
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
    CU_ASSERT(stage_has_file("order.json"));
}

/* CH-10. */
AC_TEST(refused_response_ends_the_run_with_the_cas_reason)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2 });
    challenge_rule((struct fake_rule){
        .times = 9, .status = 403, .body = PROBLEM("unauthorized", 403) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "so not"));
    CU_ASSERT_STRING_EQUAL(stage.problem, "unauthorized");
    CU_ASSERT(stage_elapsed_ms() < 3000);
    CU_ASSERT_EQUAL(stage_requests("/challenge/"), 2);
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
}

static void decide(const char *phase)
{
    if (strcmp(phase, "respond") == 0)
        stage.names[0].challenge = STAGE_PROCESSING;
}

/* CH-18: the refusal says no more than that it is too late. */
AC_TEST(refused_response_of_a_decided_challenge_is_no_failure)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.hook = decide;
    challenge_rule((struct fake_rule){
        .times = 9, .status = 400, .body = PROBLEM("malformed", 400) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/challenge/"), 1);
    CU_ASSERT_EQUAL(stage.problem[0], '\0');
}

static void decide_later(const char *phase)
{
    if (strcmp(phase, "validate") == 0 && stage.reads > 2)
        stage.names[0].challenge = STAGE_PROCESSING;
}

/* SERVERS: Boulder says 409 while it validates, and shows the challenge as pending. */
AC_TEST(conflict_means_that_it_is_being_validated)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.hook = decide_later;
    challenge_rule((struct fake_rule){
        .times = 9, .status = 409, .body = PROBLEM("malformed", 409) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/challenge/"), 1);
}

AC_TEST(ca_that_was_ill_is_told_again)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    challenge_rule((struct fake_rule){
        .times = 1, .status = 500, .body = PROBLEM("serverInternal", 500) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.tells, 1);
    CU_ASSERT_EQUAL(stage.problem[0], '\0');
    CU_ASSERT(stage_elapsed_ms() >= 1000 && stage_elapsed_ms() < 4000);
}

AC_TEST(ca_that_is_ill_says_when_it_is_told_again)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2 });
    challenge_rule((struct fake_rule){ .times = 1,
                                       .status = 500,
                                       .headers = "Retry-After: 12\n",
                                       .body = PROBLEM("serverInternal", 500) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/challenge/"), 3);
    CU_ASSERT(stage_elapsed_ms() >= 12000 && stage_elapsed_ms() < 16000);
}

AC_TEST(ca_that_is_ill_for_longer_than_the_run_is_left_alone)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    challenge_rule((struct fake_rule){ .times = 99,
                                       .status = 500,
                                       .headers = "Retry-After: 86400\n",
                                       .body = PROBLEM("serverInternal", 500) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "86400 s"));
    CU_ASSERT_EQUAL(stage_requests("/challenge/"), 1);
    CU_ASSERT(stage_elapsed_ms() < 5000);
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
}

AC_TEST(ca_that_stays_ill_ends_the_run)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    challenge_rule((struct fake_rule){
        .times = 99, .status = 500, .body = PROBLEM("serverInternal", 500) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT_EQUAL(stage_requests("/challenge/"), 3);
    CU_ASSERT(stage_elapsed_ms() >= 7000 && stage_elapsed_ms() < 12000);
}

AC_TEST(rate_limited_response_ends_the_run)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    challenge_rule((struct fake_rule){ .times = 1,
                                       .status = 429,
                                       .headers = "Retry-After: 3600\n",
                                       .body = PROBLEM("rateLimited", 429) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_RATE_LIMITED);
    CU_ASSERT_EQUAL(stage.error.retry_after, 3600);
    CU_ASSERT(stage_has_file("order.json"));
}

AC_SUITE("engine/issue_answer", AC_CASE(challenges_are_noted_before_they_are_presented),
         AC_CASE(solver_that_refuses_is_cleaned_up_and_named),
         AC_CASE(solver_that_dies_is_cleaned_up_and_named),
         AC_CASE(solver_that_hangs_costs_its_own_time_only),
         AC_CASE(lost_answer_of_a_response_that_arrived_is_no_failure),
         AC_CASE(response_that_was_lost_is_sent_again),
         AC_CASE(response_that_is_always_lost_ends_the_run),
         AC_CASE(refused_response_ends_the_run_with_the_cas_reason),
         AC_CASE(refused_response_of_a_decided_challenge_is_no_failure),
         AC_CASE(conflict_means_that_it_is_being_validated),
         AC_CASE(ca_that_was_ill_is_told_again),
         AC_CASE(ca_that_is_ill_says_when_it_is_told_again),
         AC_CASE(ca_that_is_ill_for_longer_than_the_run_is_left_alone),
         AC_CASE(ca_that_stays_ill_ends_the_run),
         AC_CASE(rate_limited_response_ends_the_run))
