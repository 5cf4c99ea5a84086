/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal/journal.h"

#include "check.h"
#include "keys.h"

#define NAME "www"
#define URL  "https://ca.example/order/7"

static enum ac_code open_both(struct ac_store **ret_store,
                              struct ac_journal **ret_journal, struct ac_error *err)
{
    AC_TRY(ac_store_open(ac_test_path("state"), ret_store, err));
    return ac_journal_open(*ret_store, NAME, ret_journal, err);
}

/* Notes an order as the CA gave it. */
static enum ac_code begin(struct ac_journal *journal, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    char url[] = URL;
    struct ac_order order = { .url = url };

    AC_TRY(ac_memory_copy_text("https://ca.example/dir", &wanted.directory_url, err));
    AC_TRY(ac_memory_copy_text("short", &wanted.profile, err));
    AC_TRY(ac_identifiers_parse("example.org", &wanted.identifiers, err));
    return ac_journal_begin(journal, &wanted, "ecdsa-p256", "https://ca.example/acct/1",
                            &order, err);
}

static enum ac_code keep(struct ac_journal *journal, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) csr = { 0 };

    AC_TRY(ac_keys_of_jwk(AC_KEYS_EC, &key, err));
    AC_TRY(ac_text_add(&csr, "csr", 3, err));
    return ac_journal_keep_key(journal, key, &csr, err);
}

AC_TEST(runs_that_came_to_nothing_are_counted_with_the_order)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_journal) *next = NULL;
    int64_t count = 0;

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_CODE(ac_journal_count_run(journal, AC_JOURNAL_FRUITLESS, &count, &err),
                    AC_E_NOTFOUND);
    AC_REQUIRE_OK(begin(journal, &err));
    AC_REQUIRE_OK(ac_journal_count_run(journal, AC_JOURNAL_FRUITLESS, &count, &err));
    CU_ASSERT_EQUAL(count, 1);
    AC_REQUIRE_OK(ac_journal_open(store, NAME, &next, &err));
    AC_REQUIRE_OK(ac_journal_count_run(next, AC_JOURNAL_FRUITLESS, &count, &err));
    CU_ASSERT_EQUAL(count, 2);
    AC_REQUIRE_OK(begin(next, &err));
    AC_REQUIRE_OK(ac_journal_count_run(next, AC_JOURNAL_FRUITLESS, &count, &err));
    CU_ASSERT_EQUAL(count, 1);
}

AC_TEST(runs_that_waited_are_counted_apart)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    int64_t count = 0;

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(begin(journal, &err));
    AC_REQUIRE_OK(ac_journal_count_run(journal, AC_JOURNAL_FRUITLESS, &count, &err));
    AC_REQUIRE_OK(ac_journal_count_run(journal, AC_JOURNAL_WAITED, &count, &err));
    CU_ASSERT_EQUAL(count, 1);
}

AC_TEST(what_is_noted_of_an_order_can_be_asked)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    struct ac_journal_order none = ac_journal_order(journal);
    AC_REQUIRE_OK(begin(journal, &err));
    struct ac_journal_order bare = ac_journal_order(journal);
    bool has_url = bare.url && strcmp(bare.url, URL) == 0;
    bool has_profile = bare.profile && strcmp(bare.profile, "short") == 0;
    AC_REQUIRE_OK(keep(journal, &err));

    CU_ASSERT_PTR_NULL(none.url);
    CU_ASSERT_FALSE(none.has_request);
    CU_ASSERT_TRUE(has_url);
    CU_ASSERT_TRUE(has_profile);
    CU_ASSERT_FALSE(bare.has_request);
    CU_ASSERT_TRUE(bare.created_at > 0);
    CU_ASSERT_TRUE(ac_journal_order(journal).has_request);
}

AC_SUITE("engine/journal_standing",
         AC_CASE(runs_that_came_to_nothing_are_counted_with_the_order),
         AC_CASE(runs_that_waited_are_counted_apart),
         AC_CASE(what_is_noted_of_an_order_can_be_asked))
