/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "command_line.h"
#include "fake_run.h"

AC_TEST(verdicts_are_lines_with_a_count_at_the_end)
{
    fake_reset();

    CU_ASSERT_EQUAL(run_program(WORDS("plugin", "check", "dns01-x")), 0);

    CU_ASSERT(ac_capture_has(ac_capture_out(), "passed   it works\n"));
    CU_ASSERT(ac_capture_has(ac_capture_out(), "dns01-x, none, nowhere\n"));
    CU_ASSERT(
        ac_capture_has(ac_capture_out(), "dns01-x: 1 passed, 0 failed, 0 skipped\n"));
}

AC_TEST(a_breach_ends_with_the_code_of_a_plugin)
{
    fake_reset();

    CU_ASSERT_EQUAL(run_program(WORDS("plugin", "check", "./dns01-x.so", "--set",
                                      "dns01-x.url=y", "-d", "example.org")),
                    6);

    CU_ASSERT(ac_capture_has(ac_capture_out(), "FAILED   it works\n"));
    CU_ASSERT(ac_capture_has(ac_capture_out(), "dns01-x, url, example.org\n"));
    CU_ASSERT(
        ac_capture_has(ac_capture_err(), "breaks its contract: 1 of 1 checks failed"));
}

AC_TEST(json_has_each_verdict_and_no_second_document)
{
    fake_reset();

    CU_ASSERT_EQUAL(
        run_program(WORDS("plugin", "check", "dns01-x", "--set", "url=y", "--json")),
        6);

    CU_ASSERT(ac_capture_has(ac_capture_out(), "\"verdict\": \"failed\""));
    CU_ASSERT_EQUAL(ac_capture_count(ac_capture_out(), "\"schema\""), 1);
}

AC_TEST(what_cannot_be_tried_is_refused)
{
    fake_reset();

    CU_ASSERT_EQUAL(
        run_program(WORDS("plugin", "check", "dns01-x", "-d", "*.example.org")), 2);
    CU_ASSERT_EQUAL(run_program(WORDS("plugin", "check", "dns01-x", "-d", "192.0.2.1")),
                    2);
    CU_ASSERT_EQUAL(run_program(WORDS("plugin", "check", "dns01-x", "--set", "url")),
                    2);
}

AC_SUITE("cli/plugin_check", AC_CASE(verdicts_are_lines_with_a_count_at_the_end),
         AC_CASE(a_breach_ends_with_the_code_of_a_plugin),
         AC_CASE(json_has_each_verdict_and_no_second_document),
         AC_CASE(what_cannot_be_tried_is_refused))
