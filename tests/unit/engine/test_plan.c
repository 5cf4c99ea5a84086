/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/plan.h"

#include "check.h"

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define BEGIN  INT64_C(1800000000)

static int64_t renew_after(int64_t lifetime)
{
    return ac_plan_renew_at(BEGIN, BEGIN + lifetime) - BEGIN;
}

AC_TEST(a_long_lifetime_is_renewed_after_two_thirds)
{
    CU_ASSERT_EQUAL(renew_after(398 * DAY), 398 * DAY / 3 * 2);
    CU_ASSERT_EQUAL(renew_after(90 * DAY), 60 * DAY);
    CU_ASSERT_EQUAL(renew_after(45 * DAY), 30 * DAY);
    CU_ASSERT_EQUAL(renew_after(10 * DAY), 10 * DAY / 3 * 2);
}

AC_TEST(a_lifetime_under_ten_days_is_renewed_at_its_half)
{
    CU_ASSERT_EQUAL(renew_after(10 * DAY - 2), 5 * DAY - 1);
    CU_ASSERT_EQUAL(renew_after(160 * HOUR), 80 * HOUR);
    CU_ASSERT_EQUAL(renew_after(24 * HOUR), 12 * HOUR);
    CU_ASSERT_EQUAL(renew_after(10 * MINUTE), 5 * MINUTE);
    CU_ASSERT_EQUAL(renew_after(1), 0);
}

AC_TEST(a_lifetime_that_is_none_is_due_at_once)
{
    CU_ASSERT_EQUAL(renew_after(0), 0);
    CU_ASSERT_EQUAL(renew_after(-1), 0);
    CU_ASSERT_EQUAL(renew_after(-90 * DAY), 0);
    CU_ASSERT_TRUE(ac_plan_is_due(BEGIN, BEGIN, BEGIN));
    CU_ASSERT_TRUE(ac_plan_is_due(BEGIN, BEGIN - DAY, BEGIN));
}

AC_TEST(due_begins_with_the_very_second)
{
    int64_t end = BEGIN + 90 * DAY;

    CU_ASSERT_FALSE(ac_plan_is_due(BEGIN, end, BEGIN - HOUR));
    CU_ASSERT_FALSE(ac_plan_is_due(BEGIN, end, BEGIN + 60 * DAY - 1));
    CU_ASSERT_TRUE(ac_plan_is_due(BEGIN, end, BEGIN + 60 * DAY));
    CU_ASSERT_TRUE(ac_plan_is_due(BEGIN, end, end + DAY));
}

AC_TEST(the_renewal_is_never_after_the_end)
{
    for (int64_t lifetime = 1; lifetime < 400 * DAY; lifetime += 7919)
        CU_ASSERT_TRUE(renew_after(lifetime) < lifetime);
}

AC_SUITE("engine/plan", AC_CASE(a_long_lifetime_is_renewed_after_two_thirds),
         AC_CASE(a_lifetime_under_ten_days_is_renewed_at_its_half),
         AC_CASE(a_lifetime_that_is_none_is_due_at_once),
         AC_CASE(due_begins_with_the_very_second),
         AC_CASE(the_renewal_is_never_after_the_end))
