/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "account_at.h"

static void register_says(const char *line, const char *result)
{
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "register", AT_CA)), 0);
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), line);
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "register", AT_CA, "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), result);
    CU_ASSERT_STRING_EQUAL(text_of(document, "url"), URL);
    CU_ASSERT_STRING_EQUAL(text_of(document, "directory"), CA_URL);
}

AC_TEST(register_says_whether_the_account_is_new)
{
    have_account();
    fake.account.is_new = true;
    register_says("Registered the account: " URL "\n", "registered");
    fake.account.is_new = false;
    register_says("The CA knows this key already; the account: " URL "\n", "found");
    fake.is_account_held = true;
    register_says("There is an account already, and the CA confirms it: " URL "\n",
                  "held");
    fake.account.status = (char *)"deactivated";
    register_says("There is an account already, and the CA says it is deactivated: " URL
                  "\n",
                  "held");
}

AC_TEST(an_account_that_the_ca_lost_is_registered_again_and_said_so)
{
    have_account();
    fake.is_account_held = true;
    fake.is_account_lost = true;
    fake.again.url = (char *)NEW_URL;
    fake.again.is_new = true;
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "register", AT_CA)), 0);
    CU_ASSERT_STRING_EQUAL(ac_capture_out(),
                           "The CA does not know the account " URL " any more.\n"
                           "Registered the account: " NEW_URL "\n");
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "register", AT_CA, "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), "registered");
    CU_ASSERT_STRING_EQUAL(text_of(document, "url"), NEW_URL);
    CU_ASSERT_STRING_EQUAL(text_of(document, "lost"), URL);
}

AC_TEST(contacts_that_register_does_not_change_are_told)
{
    have_account();
    fake.is_account_held = true;
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "register", AT_CA, "--contact",
                                         "a@example.org")),
                    0);
    CU_ASSERT_TRUE(ac_capture_has(
        ac_capture_err(), "--contact mailto:a@example.org: the account is there "
                          "already, and register does not change its contacts; "
                          "acmecore account update does"));
    fake.is_account_held = false;
    fake.account.is_new = true;
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "register", AT_CA, "--contact",
                                         "a@example.org")),
                    0);

    CU_ASSERT_STRING_EQUAL(ac_capture_err(), "");
}

AC_TEST(register_can_be_quiet_and_can_fail)
{
    have_account();
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "register", AT_CA, "-q")), 0);
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "");
    fake_fail(AC_E_USAGE, "the CA wants your agreement");
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "register", AT_CA)), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "the CA wants your agreement"));
}

AC_SUITE("cli/account", AC_CASE(register_says_whether_the_account_is_new),
         AC_CASE(an_account_that_the_ca_lost_is_registered_again_and_said_so),
         AC_CASE(contacts_that_register_does_not_change_are_told),
         AC_CASE(register_can_be_quiet_and_can_fail))
