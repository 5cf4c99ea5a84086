/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "account_at.h"

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
    CU_ASSERT_STRING_EQUAL(ac_capture_out(),
                           URL "\n"
                               "  status   valid\n"
                               "  CA       " CA_URL "\n"
                               "  contact  mailto:a@example.org"
                               "\\x1B[m\n"
                               "  key      ecdsa-p256, thumbprint " THUMBPRINT "\n");
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
    CU_ASSERT_STRING_EQUAL(text_of(document, "key_type"), "ecdsa-p256");
    CU_ASSERT_STRING_EQUAL(text_of(document, "thumbprint"), THUMBPRINT);
}

AC_TEST(show_of_one_that_was_deactivated_says_what_to_do)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *ca = NULL;
    AC_AUTO_TEXT char *retired = NULL;
    struct ac_error err = { 0 };

    have_account();
    AC_REQUIRE_OK(store_account(&err));
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_store_ca_name(CA_URL, &ca, &err));
    AC_REQUIRE_OK(ac_account_file_retire(store, ca, &retired, &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "show", AT_CA)), 2);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "was deactivated"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "acmecore account register"));
}

AC_TEST(show_without_an_account_makes_none)
{
    have_account();
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "show", AT_CA)), 2);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "there is no account for " CA_URL));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "acmecore account register"));
    CU_ASSERT_PTR_NULL(fake.settings.store);
}

#define ORDER "https://ca.example/order/"

static struct ac_identifier names[] = { { .value = "a.example" },
                                        { .value = "*.a.example" } };
static struct ac_listed_order listed[] = {
    { .url = (char *)ORDER "1",
      .order = { .url = (char *)ORDER "1",
                 .status = AC_ORDER_VALID,
                 .expires = 1800000000,
                 .identifiers = { .items = names, .count = 2 } } },
    { .url = (char *)ORDER "2",
      .error = { .code = AC_E_PROBLEM, .detail = "it is gone" } },
};

static void have_orders(void)
{
    have_account();
    fake.account.orders_url = (char *)"https://ca.example/orders";
    fake.orders = listed;
    fake.order_count = AC_COUNT(listed);
}

AC_TEST(show_lists_orders_when_it_is_asked_to)
{
    struct ac_error err = { 0 };

    have_orders();
    AC_REQUIRE_OK(store_account(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "show", AT_CA, "--orders")), 0);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(),
                                  "  orders   2, the last of a longer list\n"
                                  "\n" ORDER "1\n"
                                  "  status   valid\n"
                                  "  expires  2027-01-15T08:00:00Z\n"
                                  "  names    a.example, *.a.example\n"
                                  "\n" ORDER "2\n"
                                  "  cannot be read: it is gone\n"));
}

AC_TEST(show_does_not_ask_for_orders_on_its_own)
{
    struct ac_error err = { 0 };

    have_orders();
    AC_REQUIRE_OK(store_account(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "show", AT_CA)), 0);

    CU_ASSERT_EQUAL(fake.lists, 0);
    CU_ASSERT_FALSE(ac_capture_has(ac_capture_out(), "orders"));
}

AC_TEST(show_of_orders_says_that_a_ca_has_no_list)
{
    struct ac_error err = { 0 };

    have_account();
    AC_REQUIRE_OK(store_account(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("account", "show", AT_CA, "--orders")), 0);

    CU_ASSERT_EQUAL(fake.lists, 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "gives no list"));
}

AC_TEST(show_as_json_has_the_orders_as_a_list)
{
    struct ac_error err = { 0 };

    have_orders();
    AC_REQUIRE_OK(store_account(&err));
    CU_ASSERT_EQUAL(
        run_program(IN_STATE("account", "show", AT_CA, "--orders", "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    const struct ac_json *list = ac_json_get(document, "order_list");

    AC_REQUIRE(ac_json_count(list) == 2);
    CU_ASSERT_TRUE(ac_json_bool_or(document, "order_list_is_cut", false));
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_at(list, 0), "status"), "valid");
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(ac_json_at(list, 0), "identifiers")), 2);
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_at(list, 1), "problem"), "it is gone");
}

AC_SUITE("cli/account_show", AC_CASE(show_says_what_the_ca_says),
         AC_CASE(show_as_json_has_the_contacts_as_a_list),
         AC_CASE(show_of_one_that_was_deactivated_says_what_to_do),
         AC_CASE(show_without_an_account_makes_none),
         AC_CASE(show_lists_orders_when_it_is_asked_to),
         AC_CASE(show_does_not_ask_for_orders_on_its_own),
         AC_CASE(show_of_orders_says_that_a_ca_has_no_list),
         AC_CASE(show_as_json_has_the_orders_as_a_list))
