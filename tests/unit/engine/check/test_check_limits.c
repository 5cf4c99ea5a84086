/* SPDX-License-Identifier: Apache-2.0 */
#include "check_stage.h"

AC_TEST(what_says_that_all_is_well_although_it_is_not_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("ignore-services", NULL, NULL, &check, &err));
    CU_ASSERT(fails_alone(&check, "failing-services", "all is well although http"));
}

AC_TEST(each_service_fails_once_alone)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("trust-secret", NULL, NULL, &check, &err));
    CU_ASSERT(fails_alone(&check, "failing-services", "while secret fails"));
}

AC_TEST(one_that_does_not_look_at_the_time_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("ignore-time", NULL, NULL, &check, &err));

    CU_ASSERT(fails_alone(&check, "spent-deadline", "remaining_ms"));
}

AC_TEST(one_that_trusts_its_services_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("trust-services", NULL, NULL, &check, &err));

    CU_ASSERT(fails_alone(&check, "failing-services", "SIGSEGV"));
}

AC_SUITE("engine/check/check_limits",
         AC_CASE(what_says_that_all_is_well_although_it_is_not_is_told),
         AC_CASE(each_service_fails_once_alone),
         AC_CASE(one_that_does_not_look_at_the_time_is_told),
         AC_CASE(one_that_trusts_its_services_is_told))
