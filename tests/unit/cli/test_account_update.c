/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "account_at.h"

AC_TEST(update_replaces_clears_or_agrees)
{
    struct ac_error err = { 0 };

    have_account();
    AC_REQUIRE_OK(store_account(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "update", AT_CA, "--contact",
                                         "a@example.org", "--contact", "tel:+123")),
                    0);
    CU_ASSERT_STRING_EQUAL(fake.changed_to, "mailto:a@example.org,tel:+123");
    CU_ASSERT_FALSE(fake.change.agrees_to_terms);
    CU_ASSERT_EQUAL(
        run_program(IN_STATE("account", "update", AT_CA, "--clear-contacts")), 0);
    CU_ASSERT_STRING_EQUAL(fake.changed_to, "");
    CU_ASSERT_PTR_NOT_NULL(fake.change.contacts);
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "update", AT_CA, "--agree-tos")),
                    0);
    CU_ASSERT_PTR_NULL(fake.change.contacts);
    CU_ASSERT_TRUE(fake.change.agrees_to_terms);
}

AC_TEST(update_without_a_wish_or_with_two_is_a_mistake)
{
    struct ac_error err = { 0 };

    have_account();
    AC_REQUIRE_OK(store_account(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "update", AT_CA)), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "--clear-contacts"));
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "update", AT_CA, "--contact",
                                         "a@example.org", "--clear-contacts")),
                    2);
    CU_ASSERT_EQUAL(
        run_program(IN_STATE("account", "update", AT_CA, "--contact", "nobody at all")),
        2);
    CU_ASSERT_STRING_EQUAL(fake.changed_to, "");
}

AC_TEST(ca_that_keeps_no_contacts_is_no_error)
{
    struct ac_error err = { 0 };

    have_account();
    AC_REQUIRE_OK(store_account(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "update", AT_CA, "--contact",
                                         "a@example.org", "--json")),
                    0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "it keeps none"));
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), "updated");
    CU_ASSERT_FALSE(ac_json_bool_or(document, "as_asked", true));
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(document, "contact")), 0);
}

AC_TEST(ca_that_has_other_contacts_is_told)
{
    struct ac_error err = { 0 };

    have_account();
    AC_REQUIRE_OK(store_account(&err));
    AC_REQUIRE_OK(ac_words_add(&fake.account.contacts, "mailto:b@example.org", &err));
    int exit_code =
        run_program(IN_STATE("account", "update", AT_CA, "--contact", "a@example.org"));
    ac_words_done(&fake.account.contacts);

    CU_ASSERT_EQUAL(exit_code, 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "other contacts"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "mailto:b@example.org"));
}

AC_TEST(update_wants_an_account_and_fails_as_the_ca_does)
{
    struct ac_error err = { 0 };

    have_account();
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "update", AT_CA, "--agree-tos")),
                    2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "there is no account"));
    AC_REQUIRE_OK(store_account(&err));
    fake_fail(AC_E_PROBLEM, "so not");
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "update", AT_CA, "--agree-tos")),
                    3);
}

AC_SUITE("cli/account_update", AC_CASE(update_replaces_clears_or_agrees),
         AC_CASE(update_without_a_wish_or_with_two_is_a_mistake),
         AC_CASE(ca_that_keeps_no_contacts_is_no_error),
         AC_CASE(ca_that_has_other_contacts_is_told),
         AC_CASE(update_wants_an_account_and_fails_as_the_ca_does))
