/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "account_at.h"

static void have_ending(bool was_refused)
{
    have_account();
    fake.ended.url = (char *)URL;
    fake.ended.folder = (char *)"ca.retired-1";
    fake.ended.was_refused = was_refused;
    (void)ac_fail(&fake.ended.said, AC_E_PROBLEM, "no such luck");
}

AC_TEST(without_a_terminal_yes_must_be_said)
{
    struct ac_error err = { 0 };

    have_ending(false);
    AC_REQUIRE_OK(store_account(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "deactivate", AT_CA)), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "--yes"));
    CU_ASSERT_EQUAL(fake.deactivations, 0);
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "deactivate", AT_CA, "--yes")), 0);

    CU_ASSERT_EQUAL(fake.deactivations, 1);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "Deactivated the account: " URL));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "accounts/ca.retired-1"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "acmecore account register"));
}

AC_TEST(account_that_had_ended_already_is_told_so)
{
    struct ac_error err = { 0 };

    have_ending(true);
    AC_REQUIRE_OK(store_account(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "deactivate", AT_CA, "--yes")), 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "lets the account in no more"));
    CU_ASSERT_EQUAL(
        run_program(IN_STATE("account", "deactivate", AT_CA, "--yes", "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), "refused");
    CU_ASSERT_STRING_EQUAL(text_of(document, "said"), "no such luck");
    CU_ASSERT_TRUE(strstr(text_of(document, "kept"), "ca.retired-1") != NULL);
}

AC_TEST(no_account_and_a_ca_that_refuses)
{
    struct ac_error err = { 0 };

    have_ending(false);
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "deactivate", AT_CA, "--yes")), 2);
    AC_REQUIRE_OK(store_account(&err));
    fake_fail(AC_E_PROBLEM, "so not");
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "deactivate", AT_CA, "--yes")), 3);
}

AC_SUITE("cli/account_deactivate", AC_CASE(without_a_terminal_yes_must_be_said),
         AC_CASE(account_that_had_ended_already_is_told_so),
         AC_CASE(no_account_and_a_ca_that_refuses))
