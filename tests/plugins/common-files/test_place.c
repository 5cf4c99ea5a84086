/* SPDX-License-Identifier: Apache-2.0 */
#include "ground.h"

static int open_and_read(struct fake_host *fake, const char *path)
{
    FILES_AUTO_PLACE place = { .folder_fd = -1 };
    FILES_AUTO_FOUND found = { 0 };
    int status = ACMECORE_E_INVALID;

    if (fake_host_start(fake, NULL))
        status = files_place_open(&fake->host, path, &place);
    return status == ACMECORE_OK ? files_place_read(&place, &found) : status;
}

AC_TEST(file_is_written_beside_and_then_gets_the_name)
{
    struct fake_host fake;
    FILES_AUTO_PLACE place = { .folder_fd = -1 };
    struct webroot_access access = GROUND_OURS(0640);
    char text[] = "new";
    struct files_blob blob = { text, 3, 4 };

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("a.pem", "old", 0600));
    AC_REQUIRE(files_place_open(&fake.host, ac_test_path("a.pem"), &place)
               == ACMECORE_OK);
    AC_REQUIRE(files_place_write(&place, &blob, &access) == ACMECORE_OK);
    CU_ASSERT_TRUE(ground_has("a.pem", "old", 0600));
    CU_ASSERT_TRUE(ground_has(".acmecore-a.pem", "new", 0640));
    AC_REQUIRE(files_place_publish(&place) == ACMECORE_OK);

    CU_ASSERT_TRUE(ground_has("a.pem", "new", 0640));
    CU_ASSERT_EQUAL(files_place_publish(&place), ACMECORE_E_NOTFOUND);
    CU_ASSERT_EQUAL(files_place_discard(&place), ACMECORE_OK);
    CU_ASSERT_EQUAL(files_place_remove(&place), ACMECORE_OK);
    CU_ASSERT_EQUAL(files_place_remove(&place), ACMECORE_OK);
    CU_ASSERT_TRUE(ground_has("a.pem", NULL, 0));
}

AC_TEST(what_a_killed_process_left_is_replaced_and_no_link_is_followed)
{
    struct fake_host fake;
    FILES_AUTO_PLACE place = { .folder_fd = -1 };
    struct webroot_access access = GROUND_OURS(0600);
    char text[] = "new";
    struct files_blob blob = { text, 3, 4 };

    AC_REQUIRE(fake_host_start(&fake, NULL) && ground_put("victim", "mine", 0600));
    AC_REQUIRE(symlink(ac_test_path("victim"), ac_test_path(".acmecore-a.pem")) == 0);
    AC_REQUIRE(files_place_open(&fake.host, ac_test_path("a.pem"), &place)
               == ACMECORE_OK);
    AC_REQUIRE(files_place_write(&place, &blob, &access) == ACMECORE_OK);

    CU_ASSERT_TRUE(ground_has("victim", "mine", 0600));
    CU_ASSERT_TRUE(ground_has(".acmecore-a.pem", "new", 0600));
}

AC_TEST(link_folder_or_pipe_with_the_name_is_refused)
{
    struct fake_host fake;

    AC_REQUIRE(symlink("/etc/passwd", ac_test_path("link")) == 0
               && mkdir(ac_test_path("folder"), 0700) == 0
               && mkfifo(ac_test_path("pipe"), 0600) == 0);

    CU_ASSERT_EQUAL(open_and_read(&fake, ac_test_path("link")), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "a symbolic link"));
    CU_ASSERT_EQUAL(open_and_read(&fake, ac_test_path("folder")), ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(open_and_read(&fake, ac_test_path("pipe")), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "that is no file"));
}

AC_TEST(folder_that_is_missing_or_open_to_all_is_refused)
{
    struct fake_host fake;

    AC_REQUIRE(mkdir(ac_test_path("open"), 0700) == 0
               && chmod(ac_test_path("open"), 0777) == 0);

    CU_ASSERT_EQUAL(open_and_read(&fake, ac_test_path("none/a")), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "cannot open the folder"));
    CU_ASSERT_EQUAL(open_and_read(&fake, ac_test_path("open/a")), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "everybody may write into its folder"));
}

AC_TEST(path_that_is_no_file_is_refused)
{
    static const char *const paths[] = { "a.pem", "/etc/", "/etc/.", "/etc/.." };
    struct fake_host fake;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        CU_ASSERT_EQUAL(open_and_read(&fake, paths[i]), ACMECORE_E_CONFIG);
}

AC_SUITE("common-files/place", AC_CASE(file_is_written_beside_and_then_gets_the_name),
         AC_CASE(what_a_killed_process_left_is_replaced_and_no_link_is_followed),
         AC_CASE(link_folder_or_pipe_with_the_name_is_refused),
         AC_CASE(folder_that_is_missing_or_open_to_all_is_refused),
         AC_CASE(path_that_is_no_file_is_refused))
