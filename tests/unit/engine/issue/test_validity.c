/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/memory.h"
#include "engine/issue/validity.h"

#define NOW 1700000000

static int64_t parsed(const char *text)
{
    struct ac_error err = { 0 };
    int64_t at = -1;

    return ac_validity_parse(text, NOW, &at, &err) == AC_OK ? at : -1;
}

AC_TEST(spans_count_from_now)
{
    CU_ASSERT_EQUAL(parsed("+30s"), NOW + 30);
    CU_ASSERT_EQUAL(parsed("+90m"), NOW + 5400);
    CU_ASSERT_EQUAL(parsed("+12h"), NOW + 43200);
    CU_ASSERT_EQUAL(parsed("+30d"), NOW + 2592000);
    CU_ASSERT_EQUAL(parsed("+2w"), NOW + 1209600);
}

AC_TEST(dates_are_those_of_rfc_3339)
{
    CU_ASSERT_EQUAL(parsed("2023-11-14T22:13:20Z"), NOW);
    CU_ASSERT_EQUAL(parsed("2023-11-14T23:13:20+01:00"), NOW);
}

AC_TEST(what_is_neither_is_refused)
{
    static const char *const bad[] = { "",          "+",        "30d",
                                       "+30",       "+d",       "+0d",
                                       "+-1d",      "+1y",      "+1d2h",
                                       "+37000d",   "tomorrow", "+99999999999s",
                                       "2023-11-14" };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(bad); i++)
        CU_ASSERT_EQUAL(parsed(bad[i]), -1);
    AC_REQUIRE_CODE(ac_validity_check("soon", &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "\"soon\" is no moment: give 2027-"));
    AC_REQUIRE_OK(ac_validity_check("+1d", &err));
}

AC_SUITE("engine/validity", AC_CASE(spans_count_from_now),
         AC_CASE(dates_are_those_of_rfc_3339), AC_CASE(what_is_neither_is_refused))
