/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "account_at.h"

AC_TEST(rollover_says_which_key_there_is)
{
    struct ac_error err = { 0 };

    have_account();
    AC_REQUIRE_OK(store_account(&err));
    fake.rollover = AC_ROLLOVER_CHANGED;
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "rollover", AT_CA)), 0);
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_out(), "Changed the key of the account " URL));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), THUMBPRINT));
    CU_ASSERT_PTR_NULL(fake.key_type);
    fake.rollover = AC_ROLLOVER_FINISHED;
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "rollover", AT_CA, "--key-type",
                                         "ecdsa-p256", "--json")),
                    0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_PTR_NOT_NULL(fake.key_type);
    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), "finished");
    CU_ASSERT_STRING_EQUAL(text_of(document, "thumbprint"), THUMBPRINT);
    CU_ASSERT_STRING_EQUAL(text_of(document, "url"), URL);
}

AC_TEST(rollover_wants_an_account_and_fails_as_the_ca_does)
{
    struct ac_error err = { 0 };

    have_account();
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "rollover", AT_CA)), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "there is no account"));
    AC_REQUIRE_OK(store_account(&err));
    fake_fail(AC_E_LOCKED, "other runs use it");
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "rollover", AT_CA)), 8);
}

AC_SUITE("cli/account_rollover", AC_CASE(rollover_says_which_key_there_is),
         AC_CASE(rollover_wants_an_account_and_fails_as_the_ca_does))
