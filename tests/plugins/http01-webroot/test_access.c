/* SPDX-License-Identifier: Apache-2.0 */
#include "access.h"

#include <fcntl.h>
#include <stdlib.h>

#include "beneath.h"
#include "fake_host.h"
#include "site.h"

static int read_as_nobody(void)
{
    struct fake_host fake;
    struct webroot_access access;

    if (!fake_host_start(&fake, &acmecore_plugin) || chmod(ac_test_folder(), 0777) != 0
        || chmod(fake.folder, 0777) != 0 || !site_become_nobody())
        return 1;
    fake_host_set(&fake, "owner", "root");
    if (webroot_access_read(&fake.host, &access) != ACMECORE_E_CONFIG)
        return 2;
    return fake_host_failed_with(&fake, "user id 65534 may not give files away: run as "
                                        "root or with CAP_CHOWN")
               ? 0
               : 3;
}

AC_TEST(without_options_files_stay_ours_and_readable_by_all)
{
    struct fake_host fake;
    struct webroot_access access;

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    AC_REQUIRE(webroot_access_read(&fake.host, &access) == ACMECORE_OK);

    CU_ASSERT_EQUAL(access.owner, (uid_t)-1);
    CU_ASSERT_EQUAL(access.group, (gid_t)-1);
    CU_ASSERT_EQUAL(access.mode, 0644);
}

AC_TEST(owner_and_group_are_names_or_numbers)
{
    struct fake_host fake;
    struct webroot_access named = { 0 }, numbered = { 0 };

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    fake_host_set(&fake, "owner", "root");
    fake_host_set(&fake, "group", "root");
    AC_REQUIRE(webroot_access_read(&fake.host, &named) == ACMECORE_OK);
    fake_host_unset(&fake, "owner");
    fake_host_set(&fake, "owner", geteuid() == 0 ? "4294967294" : "0");
    AC_REQUIRE(geteuid() != 0
               || webroot_access_read(&fake.host, &numbered) == ACMECORE_OK);

    CU_ASSERT_EQUAL(named.owner, 0);
    CU_ASSERT_EQUAL(named.group, 0);
    CU_ASSERT_TRUE(geteuid() != 0 || numbered.owner == 4294967294u);
}

AC_TEST(unknown_owner_and_group_are_named)
{
    static const char *const strangers[] = { "no-such-user", "",   "4294967295",
                                             "99999999999",  "-1", "0x10" };

    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        struct fake_host fake;
        struct webroot_access access;

        AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
        fake_host_set(&fake, "owner", strangers[i]);
        CU_ASSERT_EQUAL(webroot_access_read(&fake.host, &access), ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, strangers[i]));
        fake_host_unset(&fake, "owner");
        fake_host_set(&fake, "group", strangers[i]);
        CU_ASSERT_EQUAL(webroot_access_read(&fake.host, &access), ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, "option group: "));
    }
}

AC_TEST(mode_is_octal_and_lets_the_owner_read)
{
    static const struct {
        const char *text;
        int status;
    } cases[] = {
        { "0644", ACMECORE_OK },       { "640", ACMECORE_OK },
        { "0400", ACMECORE_OK },       { "777", ACMECORE_OK },
        { "0200", ACMECORE_E_CONFIG }, { "4644", ACMECORE_E_CONFIG },
        { "0688", ACMECORE_E_CONFIG }, { "", ACMECORE_E_CONFIG },
        { "rw-r", ACMECORE_E_CONFIG }, { "00644", ACMECORE_E_CONFIG },
        { " 644", ACMECORE_E_CONFIG }, { "-644", ACMECORE_E_CONFIG },
        { "0x1f", ACMECORE_E_CONFIG },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_host fake;
        struct webroot_access access = { 0 };

        AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
        fake_host_set(&fake, "mode", cases[i].text);
        CU_ASSERT_EQUAL(webroot_access_read(&fake.host, &access), cases[i].status);
        CU_ASSERT_TRUE(cases[i].status != ACMECORE_OK
                       || access.mode == strtoul(cases[i].text, NULL, 8));
    }
}

AC_TEST(owner_without_privilege_is_refused_at_once)
{
    int result = geteuid() == 0 ? site_in_child(read_as_nobody) : 0;

    CU_ASSERT_EQUAL(result, 0);
}

AC_TEST(owner_and_mode_reach_the_file)
{
    struct webroot_access access = { geteuid() == 0 ? NOBODY : (uid_t)-1, (gid_t)-1,
                                     0640 };
    WEBROOT_AUTO_FD fd = open(ac_test_path("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0);
    struct stat status;

    AC_REQUIRE(webroot_access_apply(&access, fd, access.mode) == 0);
    AC_REQUIRE(fstat(fd, &status) == 0);

    CU_ASSERT_EQUAL(status.st_mode & 07777, 0640);
    CU_ASSERT_EQUAL(status.st_uid, geteuid() == 0 ? NOBODY : geteuid());
}

AC_SUITE("http01-webroot/access",
         AC_CASE(without_options_files_stay_ours_and_readable_by_all),
         AC_CASE(owner_and_group_are_names_or_numbers),
         AC_CASE(unknown_owner_and_group_are_named),
         AC_CASE(mode_is_octal_and_lets_the_owner_read),
         AC_CASE(owner_without_privilege_is_refused_at_once),
         AC_CASE(owner_and_mode_reach_the_file))
