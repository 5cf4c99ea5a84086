/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <stdlib.h>

#include "check.h"

AC_TEST(moment_that_is_not_known_is_left_out)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(ac_json_new(&json, &err, "{}"));
    AC_REQUIRE_OK(ac_json_set_time(json, "at", 1735689600, &err));
    AC_REQUIRE_OK(ac_json_set_time(json, "unknown", 0, &err));
    AC_REQUIRE_OK(ac_json_set_time(json, "never", INT64_MAX, &err));
    AC_REQUIRE_OK(ac_json_write(json, &text, &err));

    CU_ASSERT_STRING_EQUAL(text, "{\"at\":\"2025-01-01T00:00:00Z\"}");
}

AC_SUITE("base/json_time", AC_CASE(moment_that_is_not_known_is_left_out))
