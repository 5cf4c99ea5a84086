/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session_served.h"

#include "base/clock.h"
#include "check.h"

#include <string.h>

static enum ac_code ask(const char *targets, struct ac_json **ret_results,
                        struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_parse(targets, strlen(targets), &json, err));
    return ac_session_served(json, ac_clock_after_ms(5000), ret_results, err);
}

AC_TEST(what_is_not_seen_has_its_reason)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *results = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ask("{\"targets\":[{\"address\":\"127.0.0.1:1\",\"name\":\"a.test\"},"
                      "{\"address\":\"[::1]:1\",\"name\":\"a.test\"}]}",
                      &results, &err));

    AC_REQUIRE(ac_json_count(results) == 2);
    CU_ASSERT_PTR_NULL(ac_json_get(ac_json_at(results, 0), "sha256"));
    CU_ASSERT_STRING_NOT_EQUAL(ac_json_text_or(ac_json_at(results, 0), "text", ""), "");
}

AC_TEST(odd_targets_are_refused)
{
    static const char *const invalid[] = {
        "{}",
        "{\"targets\":[{}]}",
        "{\"targets\":[{\"address\":\"a b\",\"name\":\"a.test\"}]}",
        "{\"targets\":[{\"address\":\"a:1\",\"name\":\"a/../b\"}]}",
    };
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *results = NULL;

    for (size_t i = 0; i < AC_COUNT(invalid); i++)
        AC_REQUIRE_CODE(ask(invalid[i], &results, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(ask("{\"targets\":[{\"address\":\"a:1\",\"name\":\"a.test\","
                        "\"starttls\":\"gopher\"}]}",
                        &results, &err),
                    AC_E_USAGE);
}

AC_SUITE("pluginhost/session_served", AC_CASE(what_is_not_seen_has_its_reason),
         AC_CASE(odd_targets_are_refused))
