/* SPDX-License-Identifier: Apache-2.0 */
#include "undo.h"

#include "scene.h"

static bool fill(struct apache_changes *changes)
{
    struct apache_change *change = NULL;

    if (!apache_changes_add_link(changes, "/l", "../to")
        || !apache_changes_add_new(changes, "/n", "new\n"))
        return false;
    change = apache_changes_add(changes, "/f");
    if (!change)
        return false;
    change->mode = 0640;
    change->owner = 12;
    change->group = 34;
    return apache_text_add(&change->before, "b\nend\n\n", 7)
           && apache_text_add(&change->after, "", 0);
}

AC_TEST(changes_are_read_as_they_were_written)
{
    struct fake_host fake;
    APACHE_AUTO_CHANGES written = { 0 };
    APACHE_AUTO_CHANGES found = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL) && fill(&written));
    AC_REQUIRE(apache_undo_save(&fake.host, &written) == ACMECORE_OK);
    AC_REQUIRE(apache_undo_load(&fake.host, &found) == ACMECORE_OK);

    AC_REQUIRE(found.count == 3);
    CU_ASSERT_TRUE(found.items[0].is_link && found.items[0].is_new);
    CU_ASSERT_STRING_EQUAL(found.items[0].after.bytes, "../to");
    CU_ASSERT_TRUE(found.items[1].is_new && !found.items[1].is_link);
    CU_ASSERT_EQUAL(found.items[1].owner, (uid_t)-1);
    CU_ASSERT_STRING_EQUAL(found.items[2].path, "/f");
    CU_ASSERT_STRING_EQUAL(found.items[2].before.bytes, "b\nend\n\n");
    CU_ASSERT_EQUAL(found.items[2].mode, 0640);
    CU_ASSERT_EQUAL(found.items[2].owner, 12);
    CU_ASSERT_EQUAL(found.items[2].group, 34);
}

AC_TEST(what_is_forgotten_is_not_found)
{
    struct fake_host fake;
    APACHE_AUTO_CHANGES changes = { 0 };
    APACHE_AUTO_CHANGES found = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(apache_undo_save(&fake.host, &changes) == ACMECORE_OK);
    AC_REQUIRE(apache_undo_load(&fake.host, &found) == ACMECORE_OK);
    AC_REQUIRE(apache_undo_forget(&fake.host) == ACMECORE_OK);
    AC_REQUIRE(apache_undo_forget(&fake.host) == ACMECORE_OK);

    CU_ASSERT_EQUAL(apache_undo_load(&fake.host, &found), ACMECORE_E_NOTFOUND);
    CU_ASSERT_EQUAL(fake.ctx.failure_count, 0);
}

AC_TEST(a_file_that_was_cut_at_any_byte_is_refused)
{
    APACHE_AUTO_CHANGES changes = { 0 };
    APACHE_AUTO_TEXT text = { 0 };

    AC_REQUIRE(fill(&changes) && apache_undo_write(&changes, &text));

    for (size_t size = 0; size < text.size; size++) {
        APACHE_AUTO_TEXT part = { 0 };
        APACHE_AUTO_CHANGES found = { 0 };
        AC_REQUIRE(apache_text_add(&part, text.bytes, size));
        CU_ASSERT_FALSE(apache_undo_parse(&part, &found));
    }
}

AC_TEST(numbers_that_lie_are_refused)
{
    static const char *const lies[] = {
        "file 644 0 0 2 99999999999999999999 0\n/a\n\n\nend\n",
        "file 7777 0 0 2 0 0\n/a\n\n\nend\n",
        "file 644 4294967296 0 2 0 0\n/a\n\n\nend\n",
        "file 644 0 0 1 0 0\na\n\n\nend\n",
        "file 644 0 0 9999 0 0\n/a\n\n\nend\n",
        "file 644 -1 0 2 0 0\n/a\n\n\nend\n",
        "more 644 0 0 2 0 0\n/a\n\n\nend\n",
        "end\nmore",
    };

    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        APACHE_AUTO_TEXT text = { 0 };
        APACHE_AUTO_CHANGES found = { 0 };
        AC_REQUIRE(
            apache_text_format(&text, "acmecore installer-apache undo 1\n%s", lies[i]));
        CU_ASSERT_FALSE(apache_undo_parse(&text, &found));
    }
}

AC_TEST(a_record_that_cannot_be_read_is_not_thrown_away)
{
    struct fake_host fake;
    APACHE_AUTO_CHANGES found = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(scene_write("plugin-folder/undo", "garbage"));

    AC_REQUIRE(apache_undo_load(&fake.host, &found) == ACMECORE_E_SYSTEM);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "restore the files by hand"));
    CU_ASSERT_TRUE(scene_file_is("plugin-folder/undo", "garbage"));
}

AC_TEST(a_refusal_is_remembered_until_it_is_forgotten)
{
    struct fake_host fake;
    APACHE_AUTO_CHANGES found = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    CU_ASSERT_FALSE(apache_undo_is_refused(&fake.host));
    AC_REQUIRE(apache_undo_refuse(&fake.host) == ACMECORE_OK);
    CU_ASSERT_TRUE(apache_undo_is_refused(&fake.host));
    AC_REQUIRE(apache_undo_load(&fake.host, &found) == ACMECORE_OK);
    CU_ASSERT_EQUAL(found.count, 0);

    AC_REQUIRE(apache_undo_forget(&fake.host) == ACMECORE_OK);
    CU_ASSERT_FALSE(apache_undo_is_refused(&fake.host));
}

AC_SUITE("installer-apache/undo", AC_CASE(changes_are_read_as_they_were_written),
         AC_CASE(what_is_forgotten_is_not_found),
         AC_CASE(a_file_that_was_cut_at_any_byte_is_refused),
         AC_CASE(numbers_that_lie_are_refused),
         AC_CASE(a_record_that_cannot_be_read_is_not_thrown_away),
         AC_CASE(a_refusal_is_remembered_until_it_is_forgotten))
