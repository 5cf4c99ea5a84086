/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/renew.h"

#include "command_line.h"
#include "fake_run.h"
#include "installed.h"

AC_TEST(what_is_due_would_be_deployed_after_it)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_with_installer(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--dry-run", "--force")), 0);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "www: would be renewed (forced)\n"
                                                    "www: would be deployed by web\n"));
    CU_ASSERT_EQUAL(fake.loaded + fake.deployed, 0);
}

AC_TEST(what_is_pending_would_be_deployed_as_it_is)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_with_installer(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--dry-run")), 0);
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_out(), "www: version 1 would be deployed by web\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "0 due, 1 to be deployed"));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--dry-run", "--json")), 0);
    AC_AUTO(ac_json) *json = printed();
    const struct ac_json *first = ac_json_at(ac_json_get(json, "deployments"), 0);

    CU_ASSERT_STRING_EQUAL(text_of(first, "result"), "planned");
    CU_ASSERT_EQUAL(ac_json_number_or(first, "version", 0), 1);
    CU_ASSERT_EQUAL(fake.deployed, 0);
}

AC_SUITE("cli/renew_plan", AC_CASE(what_is_due_would_be_deployed_after_it),
         AC_CASE(what_is_pending_would_be_deployed_as_it_is))
