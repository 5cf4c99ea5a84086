/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/notices.h"

#include "command_line.h"
#include "fake_run.h"

AC_TEST(new_certificate_is_told_to_the_program_of_the_command_line)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    fake_fail(AC_E_CHALLENGE, "no answer");
    fake.failing = 1;
    CU_ASSERT_EQUAL(run_program(IN_STATE("issue", "--name", "www", "--force",
                                         "--notify", "/bin/true")),
                    4);

    CU_ASSERT_STRING_EQUAL(fake.commands, "notification command /bin/true|");
    CU_ASSERT_PTR_NOT_NULL(strstr(fake.command_input, "\"event\":\"failed\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(fake.command_input, "\"hint\":\"challenge-failed\""));
}

AC_TEST(command_that_fails_is_a_warning_and_no_more)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    fake.commanding = AC_E_PLUGIN;
    fake_fail(AC_E_CHALLENGE, "no answer");
    CU_ASSERT_EQUAL(run_program(IN_STATE("issue", "--name", "www", "--force",
                                         "--notify", "/bin/true")),
                    4);

    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "the command fails (notify /bin/true)"));
}

AC_TEST(without_one_nobody_is_told)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    fake_fail(AC_E_CHALLENGE, "no answer");
    CU_ASSERT_EQUAL(run_program(IN_STATE("issue", "--name", "www", "--force")), 4);

    CU_ASSERT_STRING_EQUAL(fake.commands, "");
}

AC_SUITE("cli/notices",
         AC_CASE(new_certificate_is_told_to_the_program_of_the_command_line),
         AC_CASE(command_that_fails_is_a_warning_and_no_more),
         AC_CASE(without_one_nobody_is_told))
