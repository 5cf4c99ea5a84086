/* SPDX-License-Identifier: Apache-2.0 */
#include "check_stage.h"

AC_TEST(a_crash_is_told_with_its_signal)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("crash-present", NULL, NULL, &check, &err));

    CU_ASSERT(is_verdict(&check, "one", AC_VERDICT_FAILED, "SIGSEGV"));
    CU_ASSERT(is_verdict(&check, "many", AC_VERDICT_SKIPPED, NULL));
}

AC_TEST(a_result_that_is_none_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("invent", NULL, NULL, &check, &err));

    CU_ASSERT(is_verdict(&check, "one", AC_VERDICT_FAILED, "which is no result"));
}

AC_TEST(an_honest_refusal_is_no_fault)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("refuse", NULL, NULL, &check, &err));

    CU_ASSERT(is_verdict(&check, "one", AC_VERDICT_SKIPPED, "present fails"));
    CU_ASSERT(is_verdict(&check, "cleanup-twice", AC_VERDICT_SKIPPED, "present fails"));
}

AC_TEST(a_cleanup_that_crashes_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("crash-cleanup", NULL, NULL, &check, &err));

    CU_ASSERT(is_verdict(&check, "one", AC_VERDICT_FAILED, "cleanup"));
}

AC_TEST(small_batches_of_a_plugin_are_respected)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("small-batches", NULL, NULL, &check, &err));

    CU_ASSERT_EQUAL(ac_plugin_check_count(&check, AC_VERDICT_FAILED), 0);
}

AC_TEST(a_crash_in_probe_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("crash-probe", NULL, NULL, &check, &err));

    CU_ASSERT(fails_alone(&check, "probe", "crashed in probe (SIGSEGV)"));
}

AC_SUITE("engine/check/check_batches", AC_CASE(a_crash_is_told_with_its_signal),
         AC_CASE(a_result_that_is_none_is_told), AC_CASE(an_honest_refusal_is_no_fault),
         AC_CASE(a_cleanup_that_crashes_is_told),
         AC_CASE(small_batches_of_a_plugin_are_respected),
         AC_CASE(a_crash_in_probe_is_told))
