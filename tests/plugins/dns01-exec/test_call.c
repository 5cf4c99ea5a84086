/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

AC_TEST(command_that_ends_well_is_good)
{
    STAGE("lego");

    exec_call_run(&stage_call, &s.job);
    AC_REQUIRE(exec_call_is_good(&stage_call));

    CU_ASSERT_EQUAL(s.runs, 1);
    CU_ASSERT_EQUAL(s.timeout_ms, 5000);
    CU_ASSERT_EQUAL(s.job.remaining_ms, 5000);
}

AC_TEST(command_gets_less_time_than_the_run_has)
{
    STAGE("lego");

    s.fake.ctx.remaining_ms = 3000;
    exec_call_run(&stage_call, &s.job);
    CU_ASSERT(s.timeout_ms == 2700 || ac_check_is_torture());
    s.fake.ctx.remaining_ms = 5100;
    exec_call_run(&stage_call, &s.job);
    CU_ASSERT(s.timeout_ms == 4600 || ac_check_is_torture());
}

AC_TEST(exit_code_is_refused_with_the_words_of_stderr)
{
    STAGE("lego");

    s.exit_code = 2;
    s.output = "progress";
    s.errors = "denied\n";
    exec_call_run(&stage_call, &s.job);
    AC_REQUIRE(stage_call.process.status == ACMECORE_OK);

    CU_ASSERT_FALSE(exec_call_is_good(&stage_call));
    CU_ASSERT_EQUAL(exec_call_explain(&stage_call, &s.job, &dns_1), ACMECORE_E_REFUSED);
    CU_ASSERT_STRING_EQUAL(s.fake.ctx.failure,
                           "/hook (dialect lego), present for example.com: it ended "
                           "with exit code 2; it said: denied");
}

AC_TEST(words_of_stdout_are_shown_when_stderr_is_silent)
{
    STAGE("lego");

    s.exit_code = 1;
    s.output = "denied";
    exec_call_run(&stage_call, &s.job);
    AC_REQUIRE(stage_call.process.status == ACMECORE_OK);
    (void)exec_call_explain(&stage_call, &s.job, &dns_1);

    CU_ASSERT_TRUE(fake_host_failed_with(&s.fake, "it said: denied"));
}

AC_TEST(reason_that_the_host_gave_is_not_given_twice)
{
    STAGE("lego");

    s.status = ACMECORE_E_SYSTEM;
    exec_call_run(&stage_call, &s.job);

    CU_ASSERT_EQUAL(exec_call_explain(&stage_call, &s.job, &dns_1), ACMECORE_E_SYSTEM);
    CU_ASSERT(s.fake.ctx.failure_count == 0 || ac_check_is_torture());
}

AC_TEST(time_out_has_a_reason_of_ours)
{
    STAGE("lego");

    s.status = ACMECORE_E_TIMEOUT;
    s.errors = "connecting";
    exec_call_run(&stage_call, &s.job);
    AC_REQUIRE(exec_call_explain(&stage_call, &s.job, &dns_1) == ACMECORE_E_TIMEOUT);

    CU_ASSERT_TRUE(fake_host_failed_with(
        &s.fake, "it did not end within 5 s (option timeout) and was killed; it said: "
                 "connecting"));
}

AC_TEST(words_that_cannot_be_passed_are_told)
{
    STAGE("lego");
    struct acmecore_challenge challenge = dns_1;
    const struct acmecore_challenge *one = &challenge;

    challenge.record_value = "a\nb";
    s.job.challenges = &one;
    exec_call_run(&stage_call, &s.job);

    CU_ASSERT_EQUAL(s.runs, 0);
    CU_ASSERT(exec_call_explain(&stage_call, &s.job, one) == ACMECORE_E_INVALID
              || ac_check_is_torture());
    CU_ASSERT(fake_host_failed_with(&s.fake, "not started: a value has a line break")
              || ac_check_is_torture());
}

AC_TEST(skipped_call_is_good)
{
    STAGE("lego");

    s.exit_code = 1;
    exec_call_run(&stage_call, &s.job);
    exec_call_skip(&stage_call);

    CU_ASSERT_TRUE(exec_call_is_good(&stage_call));
}

AC_SUITE("dns01-exec/call", AC_CASE(command_that_ends_well_is_good),
         AC_CASE(command_gets_less_time_than_the_run_has),
         AC_CASE(exit_code_is_refused_with_the_words_of_stderr),
         AC_CASE(words_of_stdout_are_shown_when_stderr_is_silent),
         AC_CASE(reason_that_the_host_gave_is_not_given_twice),
         AC_CASE(time_out_has_a_reason_of_ours),
         AC_CASE(words_that_cannot_be_passed_are_told), AC_CASE(skipped_call_is_good))
