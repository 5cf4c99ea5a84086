/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session_results.h"

#include "check.h"

#include <string.h>

AC_TEST(return_value_speaks_for_all_where_no_item_does)
{
    int none[] = { 0, 0 };
    int one[] = { 0, ACMECORE_E_REFUSED };

    ac_results_settle(none, 2, ACMECORE_OK);
    CU_ASSERT_EQUAL(none[0], ACMECORE_OK);
    ac_results_settle(one, 2, ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(one[0], ACMECORE_OK);
    CU_ASSERT_EQUAL(one[1], ACMECORE_E_REFUSED);
    ac_results_settle(none, 2, ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(none[0], ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(none[1], ACMECORE_E_CONFIG);
}

AC_TEST(result_is_told_with_its_reason_and_nonsense_as_that)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *well = NULL;
    AC_AUTO(ac_json) *badly = NULL;
    AC_AUTO(ac_json) *odd = NULL;
    AC_AUTO(ac_json) *pending = NULL;

    AC_REQUIRE_OK(ac_result_describe(ACMECORE_OK, "x", false, &well, &err));
    AC_REQUIRE_OK(ac_result_describe(ACMECORE_E_TIMEOUT, "x", false, &badly, &err));
    AC_REQUIRE_OK(ac_result_describe(ACMECORE_PENDING, "x", false, &odd, &err));
    AC_REQUIRE_OK(ac_result_describe(ACMECORE_PENDING, "x", true, &pending, &err));

    CU_ASSERT_PTR_NULL(ac_json_get(well, "detail"));
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(badly, "detail", ""), "x");
    CU_ASSERT_EQUAL(ac_json_number_or(odd, "status", 0), ACMECORE_E_INVALID);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(odd, "detail", ""),
                           "it returned 1, which is no result");
    CU_ASSERT_EQUAL(ac_json_number_or(pending, "status", 0), ACMECORE_PENDING);
    CU_ASSERT_FALSE(ac_result_is_error(ACMECORE_OK));
    CU_ASSERT_TRUE(ac_result_is_error(ACMECORE_E_UNSUPPORTED));
    CU_ASSERT_FALSE(ac_result_is_error(ACMECORE_E_UNSUPPORTED - 1));
}

AC_SUITE("pluginhost/session_results",
         AC_CASE(return_value_speaks_for_all_where_no_item_does),
         AC_CASE(result_is_told_with_its_reason_and_nonsense_as_that))
