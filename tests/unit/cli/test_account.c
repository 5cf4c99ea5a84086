/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "command_line.h"
#include "fake_run.h"

#define URL     "https://ca.example/account/1"
#define NEW_URL "https://ca.example/account/2"
#define AT_CA   "--server", CA_URL

static void have_account(void)
{
    fake_reset();
    fake.account.url = (char *)URL;
    fake.account.status = (char *)"valid";
}

/* An account in the store of IN_STATE, for the CA of AT_CA. */
static enum ac_code store_account(struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO_TEXT char *ca = NULL;

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    AC_TRY(ac_store_ca_name(CA_URL, &ca, err));
    AC_TRY(ac_json_new(&document, err, "{s:s, s:s, s:s}", "directory", CA_URL, "url",
                       URL, "key_type", "ecdsa-p256"));
    return ac_store_save(store, AC_STORE_ACCOUNTS, ca, "account.json", document, err);
}

/* ---- register */

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
                          "already, and register does not change its contacts"));
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

/* ---- show */

AC_TEST(show_says_what_the_ca_says)
{
    struct ac_error err = { 0 };

    have_account();
    AC_REQUIRE_OK(store_account(&err));
    AC_REQUIRE_OK(
        ac_words_add(&fake.account.contacts, "mailto:a@example.org\x1B[m", &err));
    int exit_code = run_program(IN_STATE("account", "show", AT_CA));
    ac_words_done(&fake.account.contacts);

    CU_ASSERT_EQUAL(exit_code, 0);
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), URL "\n"
                                                 "  status   valid\n"
                                                 "  CA       " CA_URL "\n"
                                                 "  contact  mailto:a@example.org"
                                                 "\\x1B[m\n");
}

AC_TEST(show_as_json_has_the_contacts_as_a_list)
{
    struct ac_error err = { 0 };

    have_account();
    AC_REQUIRE_OK(store_account(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "show", AT_CA, "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_STRING_EQUAL(text_of(document, "status"), "valid");
    CU_ASSERT_TRUE(ac_json_is_array(ac_json_get(document, "contact")));
}

AC_TEST(show_without_an_account_makes_none)
{
    have_account();
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "show", AT_CA)), 2);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "there is no account for " CA_URL));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "acmecore account register"));
    CU_ASSERT_PTR_NULL(fake.settings.store);
}

/* ---- list */

AC_TEST(list_has_each_account_and_asks_nobody)
{
    struct ac_error err = { 0 };

    have_account();
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "list")), 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "No accounts are held in /"));
    AC_REQUIRE_OK(store_account(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "list")), 0);
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), URL "\n  CA  " CA_URL "\n");
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "list", "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_STRING_EQUAL(
        text_of(ac_json_at(ac_json_get(document, "accounts"), 0), "key_type"),
        "ecdsa-p256");
    CU_ASSERT_PTR_NULL(fake.settings.store);
}

AC_TEST(a_damaged_account_hides_no_other_and_is_exit_9)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_json) *empty = NULL;

    AC_REQUIRE_OK(store_account(&err));
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_json_new(&empty, &err, "{}"));
    AC_REQUIRE_OK(
        ac_store_save(store, AC_STORE_ACCOUNTS, "bad", "account.json", empty, &err));
    AC_REQUIRE(
        ac_test_write_file(ac_test_path("state/accounts/bad/account.json"), "{", 1));
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "list", "--json")), 9);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    const struct ac_json *accounts = ac_json_get(document, "accounts");

    CU_ASSERT_EQUAL(ac_json_count(accounts), 2);
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_at(accounts, 0), "code"), "store");
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_at(accounts, 1), "url"), URL);
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_get(document, "error"), "code"), "store");
}

AC_SUITE("cli/account", AC_CASE(register_says_whether_the_account_is_new),
         AC_CASE(an_account_that_the_ca_lost_is_registered_again_and_said_so),
         AC_CASE(contacts_that_register_does_not_change_are_told),
         AC_CASE(register_can_be_quiet_and_can_fail),
         AC_CASE(show_says_what_the_ca_says),
         AC_CASE(show_as_json_has_the_contacts_as_a_list),
         AC_CASE(show_without_an_account_makes_none),
         AC_CASE(list_has_each_account_and_asks_nobody),
         AC_CASE(a_damaged_account_hides_no_other_and_is_exit_9))
