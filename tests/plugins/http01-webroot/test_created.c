/* SPDX-License-Identifier: Apache-2.0 */
#include "created.h"

#include "fake_host.h"
#include "site.h"

AC_TEST(note_is_found_by_a_later_process)
{
    struct fake_host first, second;
    bool is_new = false;

    AC_REQUIRE(fake_host_start(&first, NULL));
    AC_REQUIRE(webroot_created_note(&first.host, "/www/a", &is_new) == ACMECORE_OK);
    AC_REQUIRE(fake_host_start(&second, NULL));

    CU_ASSERT_TRUE(is_new);
    CU_ASSERT_TRUE(webroot_created_has(&second.host, "/www/a"));
    CU_ASSERT_FALSE(webroot_created_has(&second.host, "/www/b"));
}

AC_TEST(second_note_of_a_path_is_not_new)
{
    struct fake_host fake;
    bool is_new = true;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(webroot_created_note(&fake.host, "/www/a", &is_new) == ACMECORE_OK);
    AC_REQUIRE(webroot_created_note(&fake.host, "/www/a", &is_new) == ACMECORE_OK);

    CU_ASSERT_FALSE(is_new);
}

AC_TEST(forgotten_note_is_gone_and_may_be_forgotten_again)
{
    struct fake_host fake;
    bool is_new = false;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(webroot_created_note(&fake.host, "/www/a", &is_new) == ACMECORE_OK);

    webroot_created_forget(&fake.host, "/www/a");
    webroot_created_forget(&fake.host, "/www/a");

    CU_ASSERT_FALSE(webroot_created_has(&fake.host, "/www/a"));
    CU_ASSERT_EQUAL(rmdir(fake.folder), 0);
}

AC_TEST(missing_folder_of_the_host_is_an_error)
{
    struct fake_host fake;
    bool is_new = false;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(rmdir(fake.folder) == 0);

    CU_ASSERT_EQUAL(webroot_created_note(&fake.host, "/www/a", &is_new),
                    ACMECORE_E_SYSTEM);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, fake.folder));
    CU_ASSERT_FALSE(webroot_created_has(&fake.host, "/www/a"));
}

AC_SUITE("http01-webroot/created", AC_CASE(note_is_found_by_a_later_process),
         AC_CASE(second_note_of_a_path_is_not_new),
         AC_CASE(forgotten_note_is_gone_and_may_be_forgotten_again),
         AC_CASE(missing_folder_of_the_host_is_an_error))
