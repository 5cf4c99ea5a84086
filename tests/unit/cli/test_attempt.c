/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/attempt.h"

#include "command_line.h"
#include "fake_run.h"

#define WITH_HOOKS                                                                     \
    "issue", "--name", "www", "--force", "--pre-hook", "/bin/false", "--post-hook",    \
        "/bin/true", "--failure-hook", "/bin/cat"

static enum ac_code begin(struct ac_error *err)
{
    fake_reset();
    return hold_certificate("www", "a.example", err);
}

AC_TEST(hooks_are_run_around_the_attempt)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE(WITH_HOOKS)), 0);

    CU_ASSERT_EQUAL(fake.issued, 1);
    CU_ASSERT_STRING_EQUAL(fake.commands, "pre-hook /bin/false|post-hook /bin/true|");
}

AC_TEST(failing_pre_hook_prevents_the_attempt)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&err));
    fake.commanding = AC_E_PLUGIN;
    CU_ASSERT_EQUAL(run_program(IN_STATE(WITH_HOOKS)), 6);

    CU_ASSERT_EQUAL(fake.issued, 0);
    CU_ASSERT_STRING_EQUAL(
        fake.commands,
        "pre-hook /bin/false|post-hook /bin/true|failure-hook /bin/cat|");
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "not tried: the command fails"));
}

AC_TEST(failing_post_hook_ends_with_6_though_it_is_issued)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *document = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&err));
    fake.commanding = AC_E_PLUGIN;
    CU_ASSERT_EQUAL(run_program(IN_STATE("issue", "--name", "www", "--force",
                                         "--post-hook", "/bin/true", "--json")),
                    6);
    document = printed();

    CU_ASSERT_EQUAL(fake.issued, 1);
    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), "issued");
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_get(document, "error"), "message"),
                           "the command fails");
}

AC_TEST(failed_attempt_runs_the_failure_hook)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&err));
    fake_fail(AC_E_CHALLENGE, "no answer");
    CU_ASSERT_EQUAL(run_program(IN_STATE(WITH_HOOKS)), 4);

    CU_ASSERT_STRING_EQUAL(
        fake.commands,
        "pre-hook /bin/false|post-hook /bin/true|failure-hook /bin/cat|");
    CU_ASSERT_PTR_NOT_NULL(strstr(fake.command_input, "\"result\":\"failed\""));
}

AC_TEST(nothing_is_run_where_nothing_is_due)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew")), 0);
    CU_ASSERT_EQUAL(
        run_program(IN_STATE("issue", "--name", "www", "--pre-hook", "/bin/false")), 0);

    CU_ASSERT_STRING_EQUAL(fake.commands, "");
}

AC_SUITE("cli/attempt", AC_CASE(hooks_are_run_around_the_attempt),
         AC_CASE(failing_pre_hook_prevents_the_attempt),
         AC_CASE(failing_post_hook_ends_with_6_though_it_is_issued),
         AC_CASE(failed_attempt_runs_the_failure_hook),
         AC_CASE(nothing_is_run_where_nothing_is_due))
