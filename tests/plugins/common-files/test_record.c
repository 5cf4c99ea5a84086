/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include "ground.h"

static struct files_entry *add(struct files_record *record, const char *path,
                               const char *old)
{
    struct files_entry *entry = files_record_add(record, path);

    if (!entry || !files_blob_add(&entry->old.blob, old, strlen(old)))
        return NULL;
    entry->old.is_there = true;
    entry->old.access = (struct webroot_access){ 1, 2, 0640 };
    return entry;
}

AC_TEST(record_is_read_as_it_was_written)
{
    struct fake_host fake;
    FILES_AUTO_RECORD written = { .is_told = true };
    FILES_AUTO_RECORD read = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(add(&written, "/etc/a b\nc", "old\nbytes") && add(&written, "/d", ""));
    AC_REQUIRE(files_blob_add(&written.entries[0].fresh, "new", 3)
               && files_blob_add(&written.entries[1].former, "mid", 3));
    AC_REQUIRE(files_record_save(&fake.host, &written) == ACMECORE_OK);
    AC_REQUIRE(files_record_load(&fake.host, &read) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(read.entries[0].fresh.bytes, "new");
    CU_ASSERT_STRING_EQUAL(read.entries[1].former.bytes, "mid");
    AC_REQUIRE(read.count == 2 && read.is_told && !read.is_done);
    CU_ASSERT_STRING_EQUAL(read.entries[0].path, "/etc/a b\nc");
    CU_ASSERT_STRING_EQUAL(read.entries[0].old.blob.bytes, "old\nbytes");
    CU_ASSERT_EQUAL(read.entries[0].old.access.group, 2);
    CU_ASSERT_EQUAL(read.entries[0].old.access.mode, 0640);
    CU_ASSERT_TRUE(read.entries[1].is_recorded);
}

AC_TEST(empty_record_is_no_file)
{
    struct fake_host fake;
    FILES_AUTO_RECORD record = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(add(&record, "/a", "b"));
    AC_REQUIRE(files_record_save(&fake.host, &record) == ACMECORE_OK);
    files_record_remove(&record, files_record_find(&record, "/a"));
    AC_REQUIRE(files_record_save(&fake.host, &record) == ACMECORE_OK);

    CU_ASSERT_TRUE(ground_has("plugin-folder/undo", NULL, 0));
    CU_ASSERT_EQUAL(files_record_load(&fake.host, &record), ACMECORE_OK);
    CU_ASSERT_EQUAL(record.count, 0);
}

AC_TEST(entry_that_is_removed_leaves_the_others)
{
    FILES_AUTO_RECORD record = { 0 };

    AC_REQUIRE(add(&record, "/a", "1") && add(&record, "/b", "2")
               && add(&record, "/c", "3"));
    files_record_remove(&record, files_record_find(&record, "/b"));

    CU_ASSERT_EQUAL(record.count, 2);
    CU_ASSERT_PTR_NULL(files_record_find(&record, "/b"));
    CU_ASSERT_STRING_EQUAL(files_record_find(&record, "/c")->old.blob.bytes, "3");
}

AC_TEST(what_is_no_record_is_refused)
{
    static const char *const texts[] = {
        "",
        "acmecore-undo 3\n0 0 0\n",
        "acmecore-undo 2\n0 0\n",
        "acmecore-undo 2\n2 0 0\n",
        "acmecore-undo 2\n0 0 0\nmore",
        "acmecore-undo 2\n0 0 1\n",
        "acmecore-undo 2\n0 0 99999999999999999999\n",
        "acmecore-undo 2\n0 0 1\n1 420 0 0 2 5 0 0\n/a\nabc\n\n\n",
        "acmecore-undo 2\n0 0 1\n1 420 0 0 -2 3 0 0\n/a\nabc\n\n\n",
        "acmecore-undo 2\n0 0 1\n1 99999 0 0 2 3 0 0\n/a\nabc\n\n\n",
        "acmecore-undo 2\n0 0 1\n1 420 0 0 5000 3 0 0\n/a\nabc\n\n\n",
        "acmecore-undo 2\n0 0 1\n1 420 0 0 2 3 0 0\n/aXabc\n\n\n",
        "acmecore-undo 2\n0 0 1\n1 420 0 0 2 3 9 0\n/a\nabc\n\n\n",
        "acmecore-undo 2\n0 0 1\n1 420 0 0 2 3 0 9999999\n/a\nabc\n\n\n",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        FILES_AUTO_RECORD record = { 0 };

        CU_ASSERT_FALSE(files_record_parse(texts[i], strlen(texts[i]), &record));
    }
}

AC_TEST(damaged_record_is_told)
{
    struct fake_host fake;
    FILES_AUTO_RECORD record = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL)
               && ground_put("plugin-folder/undo", "?", 0600));

    CU_ASSERT_EQUAL(files_record_load(&fake.host, &record), ACMECORE_E_SYSTEM);
    CU_ASSERT(fake_host_failed_with(&fake, "is damaged") || ac_check_is_torture());
}

AC_SUITE("common-files/record", AC_CASE(record_is_read_as_it_was_written),
         AC_CASE(empty_record_is_no_file),
         AC_CASE(entry_that_is_removed_leaves_the_others),
         AC_CASE(what_is_no_record_is_refused), AC_CASE(damaged_record_is_told))
