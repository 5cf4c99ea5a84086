/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include "fake_host.h"
#include "note.h"
#include "vector.h"

AC_TEST(what_must_not_be_run_is_sorted_out)
{
    EXEC_AUTO_BATCH batch = { 0 };
    struct acmecore_challenge bad = dns_1;
    const struct acmecore_challenge *const all[] = { &bad, &dns_1, &dns_2 };

    bad.identifier = "-x";
    AC_REQUIRE(exec_batch_sort(&batch, exec_dialect_find("certbot"), all, 3));

    CU_ASSERT_EQUAL(batch.total, 3);
    CU_ASSERT_EQUAL(batch.count, 2);
    CU_ASSERT_PTR_EQUAL(batch.items[0], &dns_1);
    CU_ASSERT_PTR_EQUAL(batch.items[1], &dns_2);
    CU_ASSERT_PTR_NOT_NULL(batch.refusals[0]);
    CU_ASSERT_PTR_NULL(batch.refusals[1]);
}

AC_TEST(other_dns_types_are_for_dialects_that_give_the_name)
{
    struct acmecore_challenge account = dns_1;
    const struct acmecore_challenge *const all[] = { &account };
    static const struct {
        const char *dialect;
        size_t count;
    } dialects[] = { { "native", 1 },  { "lego", 1 },     { "lexicon", 1 },
                     { "acme.sh", 1 }, { "certbot", 0 },  { "dehydrated", 0 },
                     { "uacme", 0 },   { "mod_md-2", 0 }, { "lego-raw", 0 } };

    account.type = "dns-account-01";
    for (size_t i = 0; i < sizeof(dialects) / sizeof(*dialects); i++) {
        EXEC_AUTO_BATCH batch = { 0 };

        AC_REQUIRE(
            exec_batch_sort(&batch, exec_dialect_find(dialects[i].dialect), all, 1));
        CU_ASSERT_EQUAL(batch.count, dialects[i].count);
    }
}

AC_TEST(records_that_stay_are_for_dialects_that_take_any_text)
{
    const struct acmecore_challenge *const all[] = { &persist_1 };
    static const struct {
        const char *dialect;
        size_t count;
    } dialects[] = { { "native", 1 },     { "lexicon", 1 },          { "lego", 0 },
                     { "acme.sh", 0 },    { "certbot", 0 },          { "uacme", 0 },
                     { "dehydrated", 0 }, { "dehydrated-chain", 0 }, { "lego-raw", 0 },
                     { "mod_md", 0 },     { "mod_md-2", 0 } };

    for (size_t i = 0; i < sizeof(dialects) / sizeof(*dialects); i++) {
        EXEC_AUTO_BATCH batch = { 0 };

        AC_REQUIRE(
            exec_batch_sort(&batch, exec_dialect_find(dialects[i].dialect), all, 1));
        CU_ASSERT_EQUAL(batch.count, dialects[i].count);
        CU_ASSERT(batch.count == 1
                  || strstr(batch.refusals[0], "use native or lexicon") != NULL);
    }
}

AC_TEST(notes_are_found_for_their_items)
{
    EXEC_AUTO_BATCH batch = { 0 };
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(exec_note_put(&fake.host, &dns_2, "id") == ACMECORE_OK);
    AC_REQUIRE(exec_batch_sort(&batch, exec_dialect_find("certbot"), two, 2));
    exec_batch_load_notes(&batch, &fake.host);
    AC_REQUIRE(batch.notes[1] != NULL);

    CU_ASSERT_PTR_NULL(batch.notes[0]);
    CU_ASSERT_STRING_EQUAL(batch.notes[1], "id");
}

AC_SUITE("dns01-exec/batch", AC_CASE(what_must_not_be_run_is_sorted_out),
         AC_CASE(other_dns_types_are_for_dialects_that_give_the_name),
         AC_CASE(records_that_stay_are_for_dialects_that_take_any_text),
         AC_CASE(notes_are_found_for_their_items))
