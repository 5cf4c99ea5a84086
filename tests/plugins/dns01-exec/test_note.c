/* SPDX-License-Identifier: Apache-2.0 */
#include "note.h"

#include "fake_host.h"
#include "vector.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

/* The first file in the plugin's folder; "" if there is none. */
static const char *only_file(const struct fake_host *fake)
{
    static char path[PATH_MAX];
    DIR *folder = opendir(fake->folder);
    const struct dirent *entry = NULL;

    path[0] = '\0';
    while (folder && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') {
            (void)snprintf(path, sizeof(path), "%.2000s/%s", fake->folder,
                           entry->d_name);
        }
    }
    if (folder)
        (void)closedir(folder);
    return path;
}

AC_TEST(note_is_found_again_and_removed)
{
    struct fake_host fake;
    struct stat status = { 0 };
    char *text = NULL;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(exec_note_put(&fake.host, &dns_1, "id 1\nline 2") == ACMECORE_OK);
    AC_REQUIRE(exec_note_put(&fake.host, &dns_2, "") == ACMECORE_OK);

    text = exec_note_get(&fake.host, &dns_1);
    CU_ASSERT(text && strcmp(text, "id 1\nline 2") == 0);
    free(text);
    (void)stat(only_file(&fake), &status);
    CU_ASSERT_EQUAL(status.st_mode & 0777, 0600);
    CU_ASSERT_EQUAL(exec_note_remove(&fake.host, &dns_1), ACMECORE_OK);
    CU_ASSERT_EQUAL(exec_note_remove(&fake.host, &dns_1), ACMECORE_OK);
    CU_ASSERT_EQUAL(exec_note_remove(&fake.host, &dns_2), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(only_file(&fake), "");
    CU_ASSERT_PTR_NULL(exec_note_get(&fake.host, &dns_1));
    CU_ASSERT_STRING_EQUAL(fake.ctx.log, "");
}

AC_TEST(note_of_another_challenge_is_not_taken)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(exec_note_put(&fake.host, &dns_1, "id") == ACMECORE_OK);
    AC_REQUIRE(ac_test_write_file(only_file(&fake), "another x\nid", 12));

    char *text = exec_note_get(&fake.host, &dns_1);
    CU_ASSERT_PTR_NULL(text);
    CU_ASSERT(fake_host_logged(&fake, "cannot be read") || ac_check_is_torture());
    free(text);
}

AC_TEST(folder_that_refuses_is_told)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    fake.ctx.file_status = ACMECORE_E_SYSTEM;

    CU_ASSERT_EQUAL(exec_note_put(&fake.host, &dns_1, "id"), ACMECORE_E_SYSTEM);
    CU_ASSERT_EQUAL(exec_note_remove(&fake.host, &dns_1), ACMECORE_E_SYSTEM);
}

AC_TEST(without_a_folder_nothing_is_kept)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    fake.host.folder = "";

    CU_ASSERT_EQUAL(exec_note_put(&fake.host, &dns_1, "id"), ACMECORE_OK);
    CU_ASSERT_PTR_NULL(exec_note_get(&fake.host, &dns_1));
    CU_ASSERT_EQUAL(exec_note_remove(&fake.host, &dns_1), ACMECORE_OK);
}

AC_TEST(records_that_stay_at_one_name_have_notes_of_their_own)
{
    struct fake_host fake;
    struct acmecore_challenge base = persist_1;
    char *text = NULL;

    base.record_value = "ca.example; accounturi=https://ca.example/1";
    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(exec_note_put(&fake.host, &persist_1, "wild") == ACMECORE_OK);
    AC_REQUIRE(exec_note_put(&fake.host, &base, "base") == ACMECORE_OK);

    text = exec_note_get(&fake.host, &persist_1);
    CU_ASSERT(text && strcmp(text, "wild") == 0);
    free(text);
}

AC_SUITE("dns01-exec/note",
         AC_CASE(records_that_stay_at_one_name_have_notes_of_their_own),
         AC_CASE(note_is_found_again_and_removed),
         AC_CASE(note_of_another_challenge_is_not_taken),
         AC_CASE(folder_that_refuses_is_told),
         AC_CASE(without_a_folder_nothing_is_kept))
