/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal/journal.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#define ACCOUNT "https://ca.example/acct/1"
#define URL     "https://ca.example/order/7"
#define UTC     INT64_C(1800000000)
#define FOLDER  "state/certs/www"
#define ORDER   FOLDER "/order.json"
#define KEY     FOLDER "/order-key.pem"

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

static bool is_there(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

static void assert_says(const struct ac_error *err, const char *part)
{
    CU_ASSERT_PTR_NOT_NULL(strstr(err->detail, part));
}

static enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

static enum ac_code open_both(struct ac_store **ret_store,
                              struct ac_journal **ret_journal, struct ac_error *err)
{
    AC_TRY(open_store(ret_store, err));
    return ac_journal_open(*ret_store, "www", ret_journal, err);
}

static enum ac_code make_wanted(const char *names, struct ac_wanted *wanted,
                                struct ac_error *err)
{
    AC_TRY(ac_memory_copy_text("https://ca.example/dir", &wanted->directory_url, err));
    return ac_identifiers_parse(names, &wanted->identifiers, err);
}

/* Notes an order for these names as the CA gave it. */
static enum ac_code begin(struct ac_journal *journal, const char *names,
                          int64_t expires, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    char url[] = URL;
    struct ac_order order = { .url = url, .expires = expires };

    AC_TRY(make_wanted(names, &wanted, err));
    return ac_journal_begin(journal, &wanted, "ecdsa-p256", ACCOUNT, &order, err);
}

static enum ac_code present(struct ac_journal *journal, const char *solver,
                            const char *token, struct ac_error *err)
{
    AC_AUTO(ac_solver_spec) spec = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };
    const struct acmecore_challenge challenge = {
        .struct_size = sizeof challenge,
        .type = "http-01",
        .identifier = "example.org",
        .token = token,
        .key_authorization = "token.thumbprint",
    };

    AC_TRY(ac_memory_copy_text(solver, &spec.name, err));
    AC_TRY(ac_memory_copy_text("http01-webroot", &spec.plugin, err));
    AC_TRY(ac_section_add(&spec.section, "path", "/srv/a", "--set", err));
    AC_TRY(ac_section_add(&spec.section, "path", "/srv/b", "--set", err));
    AC_TRY(ac_section_add(&spec.section, "mode", "0644", "--set", err));
    AC_TRY(ac_batch_add(&batch, &challenge, err));
    AC_TRY(ac_journal_present(journal, &spec, &batch, err));
    return ac_journal_flush(journal, err);
}

static enum ac_code clean(struct ac_journal *journal, const char *solver,
                          struct ac_error *err)
{
    AC_TRY(ac_journal_cleaned(journal, solver, err));
    return ac_journal_flush(journal, err);
}

AC_TEST(what_is_presented_comes_back_with_its_options)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_journal) *next = NULL;
    AC_AUTO(ac_solver_spec) spec = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(present(journal, "web", "token", &err));
    AC_REQUIRE_OK(ac_journal_open(store, "www", &next, &err));
    AC_REQUIRE(ac_journal_presented_count(next) == 1);
    AC_REQUIRE_OK(ac_journal_presented(next, 0, &spec, &batch, &err));

    CU_ASSERT_STRING_EQUAL(spec.name, "web");
    CU_ASSERT_STRING_EQUAL(spec.plugin, "http01-webroot");
    AC_REQUIRE(spec.section.count == 3 && batch.count == 1);
    CU_ASSERT_STRING_EQUAL(spec.section.items[1].name, "path");
    CU_ASSERT_STRING_EQUAL(spec.section.items[1].value, "/srv/b");
    CU_ASSERT_STRING_EQUAL(spec.section.items[2].value, "0644");
    CU_ASSERT_STRING_EQUAL(spec.section.items[2].origin, "order.json");
    CU_ASSERT_STRING_EQUAL(batch.items[0].token, "token");
    CU_ASSERT_STRING_EQUAL(batch.items[0].key_authorization, "token.thumbprint");
    CU_ASSERT_PTR_NULL(batch.items[0].record_name);
}

AC_TEST(what_is_presented_is_noticed_without_opening)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    CU_ASSERT_FALSE(ac_journal_has_leftovers(store, "www"));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    CU_ASSERT_FALSE(ac_journal_has_leftovers(store, "www"));
    AC_REQUIRE_OK(present(journal, "web", "one", &err));
    CU_ASSERT_TRUE(ac_journal_has_leftovers(store, "www"));
    AC_REQUIRE_OK(clean(journal, "web", &err));
    CU_ASSERT_FALSE(ac_journal_has_leftovers(store, "www"));
}

AC_TEST(cleaning_up_forgets_the_batches_of_that_solver_only)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_journal) *next = NULL;
    AC_AUTO(ac_solver_spec) spec = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(present(journal, "web", "one", &err));
    AC_REQUIRE_OK(present(journal, "ns1", "two", &err));
    AC_REQUIRE_OK(present(journal, "web", "three", &err));
    AC_REQUIRE_OK(clean(journal, "nobody", &err));
    CU_ASSERT_EQUAL(ac_journal_presented_count(journal), 3);
    AC_REQUIRE_OK(clean(journal, "web", &err));
    AC_REQUIRE_OK(ac_journal_open(store, "www", &next, &err));
    AC_REQUIRE(ac_journal_presented_count(next) == 1);
    AC_REQUIRE_OK(ac_journal_presented(next, 0, &spec, &batch, &err));
    CU_ASSERT_STRING_EQUAL(spec.name, "ns1");
    AC_REQUIRE_OK(clean(next, "ns1", &err));

    CU_ASSERT_FALSE(is_there(ac_test_path(FOLDER)));
}

AC_TEST(what_was_tried_in_vain_outlives_what_its_solver_cleans_later)
{
    static const bool is_clean[] = { true, false };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_words) given_up = { 0 };
    AC_AUTO(ac_solver_spec) spec = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(present(journal, "web", "one", &err));
    AC_REQUIRE_OK(present(journal, "web", "two", &err));
    AC_REQUIRE_OK(ac_journal_tried(journal, is_clean, 2, &given_up, &err));
    AC_REQUIRE_OK(present(journal, "web", "three", &err));
    AC_REQUIRE_OK(clean(journal, "web", &err));

    CU_ASSERT_EQUAL(given_up.count, 0);
    AC_REQUIRE(ac_journal_presented_count(journal) == 1);
    AC_REQUIRE_OK(ac_journal_presented(journal, 0, &spec, &batch, &err));
    CU_ASSERT_STRING_EQUAL(batch.items[0].token, "two");
}

AC_TEST(what_many_runs_tried_in_vain_is_given_up_by_name)
{
    static const bool is_clean[] = { false };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_words) given_up = { 0 };

    for (int run = 0; run < AC_JOURNAL_CLEANUP_RUNS; run++) {
        AC_AUTO(ac_journal) *journal = NULL;

        AC_REQUIRE(given_up.count == 0);
        if (!store)
            AC_REQUIRE_OK(open_store(&store, &err));
        AC_REQUIRE_OK(ac_journal_open(store, "www", &journal, &err));
        if (run == 0)
            AC_REQUIRE_OK(present(journal, "web", "one", &err));
        AC_REQUIRE_OK(ac_journal_tried(journal, is_clean, 1, &given_up, &err));
    }

    AC_REQUIRE(given_up.count == 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(given_up.items[0], "plugin http01-webroot"));
    CU_ASSERT_PTR_NOT_NULL(strstr(given_up.items[0], "token one"));
    CU_ASSERT_FALSE(is_there(ac_test_path(FOLDER)));
}

AC_TEST(order_and_presented_challenges_end_apart)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(make_wanted("example.org", &wanted, &err));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    AC_REQUIRE_OK(present(journal, "web", "one", &err));
    AC_REQUIRE_OK(ac_journal_end(journal, &err));
    CU_ASSERT_EQUAL(ac_journal_presented_count(journal), 1);
    CU_ASSERT_PTR_NULL(
        ac_journal_order_url(journal, &wanted, "ecdsa-p256", ACCOUNT, UTC));
    CU_ASSERT_TRUE(is_there(ac_test_path(ORDER)));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    AC_REQUIRE_OK(clean(journal, "web", &err));
    CU_ASSERT_PTR_NOT_NULL(
        ac_journal_order_url(journal, &wanted, "ecdsa-p256", ACCOUNT, UTC));
    CU_ASSERT_TRUE(is_there(ac_test_path(ORDER)));
}

/* ---- damage */

static enum ac_code open_damaged(const char *text, struct ac_store **ret_store,
                                 struct ac_journal **ret_journal, struct ac_error *err)
{
    AC_TRY(ac_file_make_folders(ac_test_path(FOLDER), 0700, err));
    AC_TRY(ac_file_replace(ac_test_path(ORDER), 0600, text, strlen(text), err));
    return open_both(ret_store, ret_journal, err);
}

static const char bad_token[] =
    "{\"solver\":\"a\",\"plugin\":\"p\",\"options\":{},\"challenges\":[{"
    "\"type\":\"http-01\",\"identifier\":\"a\",\"token\":\"../../x\","
    "\"key_authorization\":\"a.b\"}]}";

AC_TEST(a_damaged_batch_names_its_file)
{
    static const char *const damages[] = {
        "7",
        "{}",
        "{\"solver\":\"a\"}",
        "{\"solver\":\"a\",\"plugin\":\"p\"}",
        "{\"solver\":\"a\",\"plugin\":\"p\",\"options\":{}}",
        "{\"solver\":\"a\",\"plugin\":\"p\",\"options\":{},\"challenges\":[1]}",
        bad_token,
    };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(damages); i++) {
        AC_AUTO(ac_store) *store = NULL;
        AC_AUTO(ac_journal) *journal = NULL;
        AC_AUTO(ac_solver_spec) spec = { 0 };
        AC_AUTO(ac_batch) batch = { 0 };
        AC_AUTO_TEXT char *text = NULL;

        AC_REQUIRE_OK(ac_memory_format(&text, &err, "{\"schema\":1,\"presented\":[%s]}",
                                       damages[i]));
        AC_REQUIRE_OK(open_damaged(text, &store, &journal, &err));
        AC_REQUIRE_CODE(ac_journal_presented(journal, 0, &spec, &batch, &err),
                        AC_E_STORE);
        assert_says(&err, "/state/certs/www/order.json is damaged: ");
        CU_ASSERT_PTR_NULL(spec.name);
        CU_ASSERT_EQUAL(batch.count, 0);
    }
}

AC_TEST(a_key_without_an_order_is_a_leftover)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path(KEY), "key", 3));
    CU_ASSERT_FALSE(ac_journal_has_leftovers(store, "www"));
    AC_REQUIRE(unlink(ac_test_path(ORDER)) == 0);

    CU_ASSERT_TRUE(ac_journal_is_there(store, "www"));
    CU_ASSERT_TRUE(ac_journal_has_leftovers(store, "www"));
}

AC_TEST(no_key_stays_when_the_end_could_not_be_noted_at_first)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_journal) *journal = NULL;

    AC_REQUIRE_OK(open_both(&store, &journal, &err));
    AC_REQUIRE_OK(begin(journal, "example.org", 0, &err));
    AC_REQUIRE_OK(present(journal, "http", "t1", &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path(KEY), "key", 3));
    AC_REQUIRE(unlink(ac_test_path(ORDER)) == 0);
    AC_REQUIRE(mkdir(ac_test_path(ORDER), 0700) == 0);
    AC_REQUIRE_CODE(ac_journal_end(journal, &err), AC_E_STORE);
    AC_REQUIRE(rmdir(ac_test_path(ORDER)) == 0);
    AC_REQUIRE_OK(clean(journal, "http", &err));

    CU_ASSERT_FALSE(is_there(ac_test_path(ORDER)));
    CU_ASSERT_FALSE(is_there(ac_test_path(KEY)));
}

AC_SUITE("engine/journal_presented",
         AC_CASE(what_is_presented_comes_back_with_its_options),
         AC_CASE(what_is_presented_is_noticed_without_opening),
         AC_CASE(cleaning_up_forgets_the_batches_of_that_solver_only),
         AC_CASE(what_was_tried_in_vain_outlives_what_its_solver_cleans_later),
         AC_CASE(what_many_runs_tried_in_vain_is_given_up_by_name),
         AC_CASE(order_and_presented_challenges_end_apart),
         AC_CASE(a_damaged_batch_names_its_file),
         AC_CASE(a_key_without_an_order_is_a_leftover),
         AC_CASE(no_key_stays_when_the_end_could_not_be_noted_at_first))
