/* SPDX-License-Identifier: Apache-2.0 */
#include "wellknown.h"

#include "beneath.h"
#include "fake_host.h"
#include "site.h"

static const struct webroot_access plain = { (uid_t)-1, (gid_t)-1, 0644 };

static int check_root_as_nobody(void)
{
    struct fake_host fake;

    if (!fake_host_start(&fake, NULL) || chmod(ac_test_folder(), 0711) != 0
        || chmod(site_root(), 0700) != 0 || !site_become_nobody())
        return 1;
    if (webroot_root_check(&fake.host, ac_test_path("www")) != ACMECORE_E_CONFIG)
        return 2;
    return fake_host_failed_with(&fake, "permission denied for user id 65534") ? 0 : 3;
}

/* www/.well-known is there; `mode` is the root's, `inner_mode` its own. */
static int check_as_nobody(mode_t mode, mode_t inner_mode)
{
    struct fake_host fake;

    if (!fake_host_start(&fake, NULL) || chmod(ac_test_folder(), 0711) != 0
        || chmod(site_root(), mode) != 0
        || mkdir(ac_test_path("www/.well-known"), 0700) != 0
        || chmod(ac_test_path("www/.well-known"), inner_mode) != 0
        || !site_become_nobody())
        return 100;
    return -webroot_root_check(&fake.host, ac_test_path("www"));
}

static int check_closed_folder_as_nobody(void)
{
    return check_as_nobody(0777, 0755);
}

static int check_open_folder_as_nobody(void)
{
    return check_as_nobody(0755, 0777);
}

static int make(struct fake_host *fake)
{
    WEBROOT_AUTO_FD fd = -1;

    return webroot_folder_make(&fake->host, &plain, site_root(), &fd);
}

AC_TEST(missing_root_is_named)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));

    CU_ASSERT_EQUAL(webroot_root_check(&fake.host, "/nowhere/www"), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "/nowhere/www: it does not exist"));
}

AC_TEST(root_that_is_a_file_is_refused)
{
    struct fake_host fake;
    const char *file = ac_test_path("file");

    AC_REQUIRE(fake_host_start(&fake, NULL) && ac_test_write_file(file, "", 0));

    CU_ASSERT_EQUAL(webroot_root_check(&fake.host, file), ACMECORE_E_CONFIG);
}

AC_TEST(root_that_is_closed_to_us_is_refused)
{
    CU_ASSERT_EQUAL(geteuid() == 0 ? site_in_child(check_root_as_nobody) : 0, 0);
}

AC_TEST(folder_that_we_may_not_write_into_is_refused)
{
    CU_ASSERT_EQUAL(geteuid() == 0 ? site_in_child(check_closed_folder_as_nobody)
                                   : -ACMECORE_E_CONFIG,
                    -ACMECORE_E_CONFIG);
}

AC_TEST(root_that_we_need_not_write_into_may_be_closed)
{
    CU_ASSERT_EQUAL(geteuid() == 0 ? site_in_child(check_open_folder_as_nobody) : 0, 0);
}

AC_TEST(what_stands_in_the_way_of_the_folders_is_refused)
{
    static const struct {
        const char *target, *name, *says;
    } ways[] = {
        { NULL, "www/.well-known", "a file or symbolic link stands" },
        { "../elsewhere", "www/.well-known", "leads out of the web root" },
        { "nowhere", "www/.well-known", "a symbolic link stands there" },
    };

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        struct fake_host fake;
        const char *path = ac_test_path(ways[i].name);
        const char *root = site_root();

        AC_REQUIRE(fake_host_start(&fake, NULL));
        (void)mkdir(ac_test_path("elsewhere"), 0755);
        AC_REQUIRE(ways[i].target ? symlink(ways[i].target, path) == 0
                                  : ac_test_write_file(path, "", 0));
        CU_ASSERT_EQUAL(webroot_root_check(&fake.host, root), ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, "www/.well-known: "));
        CU_ASSERT_TRUE(!site_has_openat2()
                       || fake_host_failed_with(&fake, ways[i].says));
        AC_REQUIRE(unlink(path) == 0);
    }
}

AC_TEST(missing_folders_are_made_open_whatever_the_umask)
{
    static const mode_t masks[] = { 0, 022, 077 };

    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        struct fake_host fake;
        mode_t before = umask(masks[i]);
        int status = fake_host_start(&fake, NULL) ? make(&fake) : -100;

        (void)umask(before);
        AC_REQUIRE(status == ACMECORE_OK);
        CU_ASSERT_EQUAL(site_mode("www/.well-known"), 0755);
        CU_ASSERT_EQUAL(site_mode("www/.well-known/acme-challenge"), 0755);
        webroot_folder_unmake(&fake.host, site_root());
        CU_ASSERT_FALSE(site_exists("www/.well-known"));
    }
}

AC_TEST(made_folders_get_the_owner)
{
    struct fake_host fake;
    struct webroot_access access = { geteuid() == 0 ? NOBODY : (uid_t)-1, (gid_t)-1,
                                     0644 };
    struct stat status;
    WEBROOT_AUTO_FD fd = -1;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(webroot_folder_make(&fake.host, &access, site_root(), &fd)
               == ACMECORE_OK);
    AC_REQUIRE(stat(ac_test_path("www/.well-known"), &status) == 0);

    CU_ASSERT_EQUAL(status.st_uid, geteuid() == 0 ? NOBODY : geteuid());
}

AC_TEST(folders_that_were_there_stay_as_they_are)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    (void)site_root();
    AC_REQUIRE(mkdir(ac_test_path("www/.well-known"), 0700) == 0);
    AC_REQUIRE(make(&fake) == ACMECORE_OK);

    webroot_folder_unmake(&fake.host, site_root());

    CU_ASSERT_EQUAL(site_mode("www/.well-known"), 0700);
    CU_ASSERT_FALSE(site_exists("www/.well-known/acme-challenge"));
    CU_ASSERT_EQUAL(rmdir(fake.folder), 0);
}

AC_TEST(folder_that_is_in_use_stays_until_it_is_empty)
{
    struct fake_host fake;
    const char *other = ac_test_path("www/.well-known/security.txt");

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(make(&fake) == ACMECORE_OK);
    AC_REQUIRE(ac_test_write_file(other, "", 0));

    webroot_folder_unmake(&fake.host, site_root());
    CU_ASSERT_TRUE(site_exists("www/.well-known/security.txt"));
    CU_ASSERT_FALSE(site_exists("www/.well-known/acme-challenge"));

    AC_REQUIRE(unlink(other) == 0);
    webroot_folder_unmake(&fake.host, site_root());
    CU_ASSERT_FALSE(site_exists("www/.well-known"));
    CU_ASSERT_EQUAL(rmdir(fake.folder), 0);
}

AC_TEST(note_of_a_folder_that_is_gone_is_forgotten)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(make(&fake) == ACMECORE_OK);
    AC_REQUIRE(rmdir(ac_test_path("www/.well-known/acme-challenge")) == 0);
    AC_REQUIRE(rmdir(ac_test_path("www/.well-known")) == 0);

    webroot_folder_unmake(&fake.host, site_root());

    CU_ASSERT_EQUAL(rmdir(fake.folder), 0);
}

AC_TEST(link_out_of_the_root_is_refused_and_named)
{
    static const char *const targets[] = { "/", "../elsewhere", "/nowhere", "missing" };

    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        struct fake_host fake;
        const char *link = ac_test_path("www/.well-known");

        AC_REQUIRE(fake_host_start(&fake, NULL));
        (void)site_root();
        (void)mkdir(ac_test_path("elsewhere"), 0755);
        (void)unlink(link);
        AC_REQUIRE(symlink(targets[i], link) == 0);

        CU_ASSERT_EQUAL(make(&fake), ACMECORE_E_SYSTEM);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, "/www/.well-known"));
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, "symbolic link"));
        CU_ASSERT_FALSE(site_exists("elsewhere/acme-challenge"));
        CU_ASSERT_EQUAL(rmdir(fake.folder), 0);
    }
}

AC_TEST(link_within_the_root_is_followed)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    (void)site_root();
    AC_REQUIRE(mkdir(ac_test_path("www/shared"), 0755) == 0);
    AC_REQUIRE(symlink("shared", ac_test_path("www/.well-known")) == 0);

    CU_ASSERT_EQUAL(make(&fake) == ACMECORE_OK, site_has_openat2());
    CU_ASSERT_EQUAL(site_exists("www/shared/acme-challenge"), site_has_openat2());
}

AC_TEST(finding_makes_nothing)
{
    struct fake_host fake;
    int fd = -1;

    AC_REQUIRE(fake_host_start(&fake, NULL));

    CU_ASSERT_EQUAL(webroot_folder_find(&fake.host, site_root(), &fd),
                    ACMECORE_E_NOTFOUND);
    CU_ASSERT_EQUAL(fd, -1);
    CU_ASSERT_EQUAL(fake.ctx.failure_count, 0);
    CU_ASSERT_FALSE(site_exists("www/.well-known"));
}

AC_SUITE("http01-webroot/wellknown", AC_CASE(missing_root_is_named),
         AC_CASE(root_that_is_a_file_is_refused),
         AC_CASE(root_that_is_closed_to_us_is_refused),
         AC_CASE(folder_that_we_may_not_write_into_is_refused),
         AC_CASE(root_that_we_need_not_write_into_may_be_closed),
         AC_CASE(what_stands_in_the_way_of_the_folders_is_refused),
         AC_CASE(missing_folders_are_made_open_whatever_the_umask),
         AC_CASE(made_folders_get_the_owner),
         AC_CASE(folders_that_were_there_stay_as_they_are),
         AC_CASE(folder_that_is_in_use_stays_until_it_is_empty),
         AC_CASE(note_of_a_folder_that_is_gone_is_forgotten),
         AC_CASE(link_out_of_the_root_is_refused_and_named),
         AC_CASE(link_within_the_root_is_followed), AC_CASE(finding_makes_nothing))
