/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check/check_parts.h"

#include "check.h"

#include <string.h>

AC_TEST(a_challenge_has_the_forms_that_a_ca_gives)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_plugin_check_settings settings = { .domain = "example.org" };
    struct ac_check_work work = { .settings = &settings, .type = "dns-01" };

    AC_REQUIRE_OK(ac_check_add(&work, 3, 1, &batch, &err));

    CU_ASSERT_STRING_EQUAL(batch.items[0].identifier, "check3.example.org");
    CU_ASSERT_STRING_EQUAL(batch.items[0].record_name,
                           "_acme-challenge.check3.example.org");
    CU_ASSERT_EQUAL(strlen(batch.items[0].token), 43);
    CU_ASSERT_EQUAL(strlen(batch.items[0].record_value), 43);
}

AC_TEST(without_a_domain_nobodys_zone_is_meant)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_plugin_check_settings settings = { .domain = NULL };
    struct ac_check_work work = { .settings = &settings, .type = "http-01" };

    AC_REQUIRE_OK(ac_check_add(&work, 1, 1, &batch, &err));

    CU_ASSERT_STRING_EQUAL(batch.items[0].identifier, "check1.acmecore-check.invalid");
    CU_ASSERT_PTR_NULL(batch.items[0].record_name);
}

AC_TEST(an_outcome_is_judged_by_what_must_be)
{
    struct ac_check_work work = { .verdict = AC_VERDICT_PASSED };
    struct ac_check_outcome dead = { .detail = "plugin x crashed" };
    struct ac_check_outcome lawless = { .is_answered = true, .status = -1 };
    struct ac_check_outcome refused = { .is_answered = true,
                                        .is_lawful = true,
                                        .status = ACMECORE_E_REFUSED };

    CU_ASSERT_TRUE(ac_check_judge(&work, "present", &refused, false));
    CU_ASSERT_EQUAL(work.verdict, AC_VERDICT_PASSED);
    CU_ASSERT_FALSE(ac_check_judge(&work, "present", &refused, true));
    CU_ASSERT_FALSE(ac_check_judge(&work, "present", &lawless, false));
    CU_ASSERT_FALSE(ac_check_judge(&work, "present", &dead, false));
    CU_ASSERT_EQUAL(work.verdict, AC_VERDICT_FAILED);
    CU_ASSERT_STRING_EQUAL(work.reason, "present: plugin x crashed");
}

AC_SUITE("engine/check/check_work", AC_CASE(a_challenge_has_the_forms_that_a_ca_gives),
         AC_CASE(without_a_domain_nobodys_zone_is_meant),
         AC_CASE(an_outcome_is_judged_by_what_must_be))
