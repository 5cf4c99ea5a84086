/* SPDX-License-Identifier: Apache-2.0 */
#include "check_stage.h"

AC_TEST(a_good_plugin_passes)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("good", NULL, NULL, &check, &err));

    CU_ASSERT_EQUAL(ac_plugin_check_count(&check, AC_VERDICT_FAILED), 0);
    CU_ASSERT(is_verdict(&check, "load", AC_VERDICT_PASSED, NULL));
    CU_ASSERT(is_verdict(&check, "leaks", AC_VERDICT_PASSED, NULL));
    CU_ASSERT(is_verdict(&check, "record", AC_VERDICT_SKIPPED, NULL));
}

AC_TEST(what_is_no_plugin_fails_and_the_rest_is_skipped)
{
    static const char *const names[] = { "not-elf", "truncated", "no-symbol", "major",
                                         "misnamed" };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(names); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_plugin_check) check = { 0 };

        AC_REQUIRE_OK(check_plugin(names[i], NULL, NULL, &check, &err));
        CU_ASSERT(is_verdict(&check, "load", AC_VERDICT_FAILED, ""));
        CU_ASSERT(is_verdict(&check, "many", AC_VERDICT_SKIPPED, ""));
    }
}

AC_TEST(a_setting_that_is_missing_is_no_fault_of_the_plugin)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("good", "no-such-option", "1", &check, &err));

    CU_ASSERT(is_verdict(&check, "open", AC_VERDICT_SKIPPED, "no-such-option"));
    CU_ASSERT(is_verdict(&check, "one", AC_VERDICT_SKIPPED, "does not open"));
}

AC_TEST(an_open_that_fails_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("open-and-exit", NULL, NULL, &check, &err));

    CU_ASSERT(is_verdict(&check, "open", AC_VERDICT_FAILED, "exit"));
}

AC_TEST(a_plugin_that_is_not_there_is_an_error)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE_CODE(check_plugin("no-such-plugin", NULL, NULL, &check, &err),
                    AC_E_USAGE);
}

AC_SUITE("engine/check/plugin_check", AC_CASE(a_good_plugin_passes),
         AC_CASE(what_is_no_plugin_fails_and_the_rest_is_skipped),
         AC_CASE(a_setting_that_is_missing_is_no_fault_of_the_plugin),
         AC_CASE(an_open_that_fails_is_told),
         AC_CASE(a_plugin_that_is_not_there_is_an_error))
