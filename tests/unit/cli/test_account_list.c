/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "account_at.h"

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

AC_SUITE("cli/account_list", AC_CASE(list_has_each_account_and_asks_nobody),
         AC_CASE(a_damaged_account_hides_no_other_and_is_exit_9))
