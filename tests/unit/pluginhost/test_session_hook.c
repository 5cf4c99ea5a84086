/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session_hook.h"

#include "base/clock.h"
#include "check.h"

#include <string.h>

#define LIMIT_MS 20000

static enum ac_code run(const char *script, struct ac_json **ret_result,
                        struct ac_error *err)
{
    struct ac_session session = { .channel = NULL };
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:[sss], s:[s], s:s}", "command", "/bin/sh", "-c",
                       script, "variables", "A=b", "input", "in"));
    return ac_session_hook(&session, json, ac_clock_after_ms(LIMIT_MS), ret_result,
                           err);
}

AC_TEST(exit_code_and_both_streams_come_back)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *result = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run("cat; echo $A >&2; exit 3", &result, &err));

    CU_ASSERT_EQUAL(ac_json_number_or(result, "exit", -1), 3);
    const char *output = ac_json_text_or(result, "output", "");
    CU_ASSERT_PTR_NOT_NULL(strstr(output, "in"));
    CU_ASSERT_PTR_NOT_NULL(strstr(output, "b\n"));
}

AC_TEST(of_a_flood_the_last_bytes_come_back_clean)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *result = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(
        run("yes abc | head -c 100000; printf '\\nlast\\001'", &result, &err));

    const char *output = ac_json_text_or(result, "output", "");
    CU_ASSERT_TRUE(strlen(output) < 2100);
    CU_ASSERT_PTR_NOT_NULL(strstr(output, "\nlast\\x01\n"));
}

AC_TEST(what_is_no_command_is_refused)
{
    struct ac_error err = { 0 };
    struct ac_session session = { .channel = NULL };
    struct ac_session loaded = { .is_loaded = true };
    AC_AUTO(ac_json) *relative = NULL;
    AC_AUTO(ac_json) *result = NULL;

    AC_REQUIRE_OK(ac_json_new(&relative, &err, "{s:[s]}", "command", "sh"));
    int64_t until_ms = ac_clock_after_ms(LIMIT_MS);

    AC_REQUIRE_CODE(ac_session_hook(&session, relative, until_ms, &result, &err),
                    AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "absolute path"));
    AC_REQUIRE_CODE(ac_session_hook(&loaded, relative, until_ms, &result, &err),
                    AC_E_PROTOCOL);
}

AC_SUITE("pluginhost/session_hook", AC_CASE(exit_code_and_both_streams_come_back),
         AC_CASE(of_a_flood_the_last_bytes_come_back_clean),
         AC_CASE(what_is_no_command_is_refused))
