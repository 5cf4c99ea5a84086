/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal/journal.h"

#include "check.h"

#define URL(number) "https://ca.example/order/" #number

static enum ac_code note(struct ac_store *store, const char *name, const char *document,
                         struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_parse(document, strlen(document), &json, err));
    return ac_store_save(store, AC_STORE_CERTIFICATES, name, "order.json", json, err);
}

AC_TEST(orders_of_all_certificates_are_known)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_words) urls = { 0 };

    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(note(store, "a", "{\"order\":{\"url\":\"" URL(1) "\"}}", &err));
    AC_REQUIRE_OK(note(store, "b", "{\"presented\":[]}", &err));
    AC_REQUIRE_OK(note(store, "c", "{\"order\":{\"url\":\"" URL(2) "\"}}", &err));
    AC_REQUIRE_OK(ac_journal_orders(store, &urls, &err));

    CU_ASSERT_EQUAL(urls.count, 2);
    CU_ASSERT(ac_words_has(&urls, URL(1)));
    CU_ASSERT(ac_words_has(&urls, URL(2)));
}

AC_TEST(store_that_is_not_there_knows_none)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_words) urls = { 0 };

    AC_REQUIRE_OK(ac_store_open(ac_test_path("none"), &store, &err));
    AC_REQUIRE_OK(ac_journal_orders(store, &urls, &err));

    CU_ASSERT_EQUAL(urls.count, 0);
}

AC_TEST(damaged_journal_may_have_any)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_words) urls = { 0 };

    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(note(store, "a", "{\"order\":{\"url\":\"" URL(1) "\"}}", &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/certs/a/order.json"), "{", 1));
    AC_REQUIRE_CODE(ac_journal_orders(store, &urls, &err), AC_E_STORE);
}

AC_SUITE("engine/journal_orders", AC_CASE(orders_of_all_certificates_are_known),
         AC_CASE(store_that_is_not_there_knows_none),
         AC_CASE(damaged_journal_may_have_any))
