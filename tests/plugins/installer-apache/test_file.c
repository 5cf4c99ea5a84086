/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scene.h"

AC_TEST(a_file_is_read_with_its_mode)
{
    struct fake_host fake;
    APACHE_AUTO_FILE file = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL) && scene_write("a", "one\r\ntwo"));
    AC_REQUIRE(chmod(ac_test_path("a"), 0444) == 0);
    AC_REQUIRE(apache_file_read(&fake.host, ac_test_path("a"), &file) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(file.text.bytes, "one\r\ntwo");
    CU_ASSERT_EQUAL(file.mode, 0444);
    CU_ASSERT_EQUAL(file.owner, geteuid());
}

AC_TEST(what_is_no_text_file_is_refused)
{
    struct fake_host fake;
    APACHE_AUTO_FILE file = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(ac_test_write_file(ac_test_path("nul"), "a\0b", 3));

    CU_ASSERT_EQUAL(apache_file_read(&fake.host, ac_test_path("none"), &file),
                    ACMECORE_E_NOTFOUND);
    CU_ASSERT_EQUAL(fake.ctx.failure_count, 0);
    CU_ASSERT_EQUAL(apache_file_read(&fake.host, ac_test_folder(), &file),
                    ACMECORE_E_REFUSED);
    AC_REQUIRE(apache_file_read(&fake.host, ac_test_path("nul"), &file)
               == ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "NUL byte"));
}

AC_TEST(a_link_leads_to_one_and_the_same_file)
{
    struct fake_host fake;
    APACHE_AUTO_FILES files = { 0 };
    struct apache_file *first = NULL;
    struct apache_file *second = NULL;

    AC_REQUIRE(fake_host_start(&fake, NULL) && scene_write("a", "x"));
    AC_REQUIRE(symlink("a", ac_test_path("link")) == 0);
    AC_REQUIRE(apache_files_get(&fake.host, &files, ac_test_path("link"), &first)
               == ACMECORE_OK);
    AC_REQUIRE(apache_files_get(&fake.host, &files, ac_test_path("a"), &second)
               == ACMECORE_OK);

    CU_ASSERT_PTR_EQUAL(first, second);
    CU_ASSERT_STRING_EQUAL(first->path, ac_test_path("a"));
    CU_ASSERT_EQUAL(apache_files_get(&fake.host, &files, ac_test_path("gone"), &first),
                    ACMECORE_E_REFUSED);
}

AC_TEST(edits_change_their_bytes_and_no_others)
{
    struct fake_host fake;
    APACHE_AUTO_FILE file = { 0 };
    APACHE_AUTO_TEXT text = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL) && scene_write("a", "0123456789"));
    AC_REQUIRE(apache_file_read(&fake.host, ac_test_path("a"), &file) == ACMECORE_OK);
    AC_REQUIRE(apache_file_edit(&file, 10, 0, "end"));
    AC_REQUIRE(apache_file_edit(&file, 2, 3, ""));
    AC_REQUIRE(apache_file_edit(&file, 0, 1, "zero"));
    AC_REQUIRE(apache_file_edit(&file, 10, 0, "!"));
    AC_REQUIRE(apache_file_edited(&file, &text));

    CU_ASSERT_STRING_EQUAL(text.bytes, "zero156789end!");
}

AC_SUITE("installer-apache/file", AC_CASE(a_file_is_read_with_its_mode),
         AC_CASE(what_is_no_text_file_is_refused),
         AC_CASE(a_link_leads_to_one_and_the_same_file),
         AC_CASE(edits_change_their_bytes_and_no_others))
