/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "beneath.h"
#include "fake_host.h"
#include "site.h"

static const struct webroot_access plain = { (uid_t)-1, (gid_t)-1, 0644 };

static struct webroot_file file_at(int folder_fd, const char *content)
{
    return (struct webroot_file){ folder_fd, "/shown/token", "token", content };
}

static int open_site(void)
{
    return open(site_root(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int put_without_renameat2(void)
{
    struct fake_host fake;
    WEBROOT_AUTO_FD folder_fd = open_site();
    struct webroot_file file = file_at(folder_fd, "token.thumb");
    struct webroot_file other = file_at(folder_fd, "token.other");

    if (!fake_host_start(&fake, NULL) || !site_deny(SYS_renameat2, EINVAL))
        return 1;
    if (webroot_file_put(&fake.host, &plain, &file) != ACMECORE_OK)
        return 2;
    if (!site_file_is("www/token", "token.thumb") || site_exists("www/.acmecore-token"))
        return 3;
    if (webroot_file_put(&fake.host, &plain, &other) != ACMECORE_E_CONFIG)
        return 4;
    return site_exists("www/.acmecore-token") ? 5 : 0;
}

static int put_where_nothing_can_grow(void)
{
    struct fake_host fake;
    struct rlimit nothing = { 0, 0 };
    WEBROOT_AUTO_FD folder_fd = open_site();
    struct webroot_file file = file_at(folder_fd, "token.thumb");

    if (!fake_host_start(&fake, NULL) || signal(SIGXFSZ, SIG_IGN) == SIG_ERR
        || setrlimit(RLIMIT_FSIZE, &nothing) != 0)
        return 1;
    if (webroot_file_put(&fake.host, &plain, &file) != ACMECORE_E_SYSTEM)
        return 2;
    if (!fake_host_failed_with(&fake, "cannot write /shown/token: File too large"))
        return 3;
    return site_exists("www/token") || site_exists("www/.acmecore-token") ? 4 : 0;
}

AC_TEST(file_system_that_cannot_rename_without_replacing_is_no_less_safe)
{
    CU_ASSERT_EQUAL(site_in_child(put_without_renameat2), 0);
}

AC_TEST(failed_write_leaves_nothing_behind)
{
    CU_ASSERT_EQUAL(site_in_child(put_where_nothing_can_grow), 0);
}

AC_TEST(file_has_exactly_the_content_and_the_mode)
{
    struct fake_host fake;
    WEBROOT_AUTO_FD folder_fd = open_site();
    struct webroot_file file = file_at(folder_fd, "token.thumb");

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(webroot_file_put(&fake.host, &plain, &file) == ACMECORE_OK);

    CU_ASSERT_TRUE(site_file_is("www/token", "token.thumb"));
    CU_ASSERT_EQUAL(site_mode("www/token"), 0644);
    CU_ASSERT_FALSE(site_exists("www/.acmecore-token"));
}

AC_TEST(same_content_may_be_put_again)
{
    struct fake_host fake;
    WEBROOT_AUTO_FD folder_fd = open_site();
    struct webroot_file file = file_at(folder_fd, "token.thumb");

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(webroot_file_put(&fake.host, &plain, &file) == ACMECORE_OK);

    CU_ASSERT_EQUAL(webroot_file_put(&fake.host, &plain, &file), ACMECORE_OK);
    CU_ASSERT_FALSE(site_exists("www/.acmecore-token"));
}

AC_TEST(other_content_is_neither_overwritten_nor_removed)
{
    struct fake_host fake;
    WEBROOT_AUTO_FD folder_fd = open_site();
    struct webroot_file file = file_at(folder_fd, "token.thumb");

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(ac_test_write_file(ac_test_path("www/token"), "token.thumb\n", 12));

    CU_ASSERT_EQUAL(webroot_file_put(&fake.host, &plain, &file), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "/shown/token: a file with other"));
    CU_ASSERT_EQUAL(webroot_file_remove(&fake.host, &file), ACMECORE_OK);
    CU_ASSERT_TRUE(fake_host_logged(&fake, "WARN /shown/token is not what we wrote"));
    CU_ASSERT_TRUE(site_file_is("www/token", "token.thumb\n"));
    CU_ASSERT_FALSE(site_exists("www/.acmecore-token"));
}

AC_TEST(longer_file_that_begins_like_ours_is_not_ours)
{
    static char content[4000];
    struct fake_host fake;
    WEBROOT_AUTO_FD folder_fd = open_site();
    struct webroot_file file = file_at(folder_fd, "aaaa");

    memset(content, 'a', sizeof(content));
    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(ac_test_write_file(ac_test_path("www/token"), content, sizeof(content)));

    CU_ASSERT_EQUAL(webroot_file_remove(&fake.host, &file), ACMECORE_OK);
    CU_ASSERT_TRUE(site_exists("www/token"));
}

AC_TEST(link_with_the_name_is_not_followed)
{
    struct fake_host fake;
    WEBROOT_AUTO_FD folder_fd = open_site();
    struct webroot_file file = file_at(folder_fd, "token.thumb");

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(ac_test_write_file(ac_test_path("secret"), "token.thumb", 11));
    AC_REQUIRE(symlink("../secret", ac_test_path("www/token")) == 0);

    CU_ASSERT_EQUAL(webroot_file_put(&fake.host, &plain, &file), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "symbolic link"));
    CU_ASSERT_EQUAL(webroot_file_remove(&fake.host, &file), ACMECORE_OK);
    CU_ASSERT_TRUE(site_exists("www/token"));
    CU_ASSERT_TRUE(site_file_is("secret", "token.thumb"));
    CU_ASSERT_EQUAL(site_mode("secret"), 0600);
}

AC_TEST(link_in_place_of_the_temporary_file_is_not_followed)
{
    struct fake_host fake;
    WEBROOT_AUTO_FD folder_fd = open_site();
    struct webroot_file file = file_at(folder_fd, "token.thumb");

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(ac_test_write_file(ac_test_path("secret"), "s", 1));
    AC_REQUIRE(symlink("../secret", ac_test_path("www/.acmecore-token")) == 0);

    CU_ASSERT_EQUAL(webroot_file_put(&fake.host, &plain, &file), ACMECORE_OK);
    CU_ASSERT_TRUE(site_file_is("secret", "s"));
    CU_ASSERT_TRUE(site_file_is("www/token", "token.thumb"));
}

AC_TEST(folder_and_pipe_with_the_name_are_refused)
{
    struct fake_host fake;
    WEBROOT_AUTO_FD folder_fd = open_site();
    struct webroot_file file = file_at(folder_fd, "token.thumb");

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(mkdir(ac_test_path("www/token"), 0755) == 0);
    CU_ASSERT_EQUAL(webroot_file_put(&fake.host, &plain, &file), ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(webroot_file_remove(&fake.host, &file), ACMECORE_OK);
    AC_REQUIRE(rmdir(ac_test_path("www/token")) == 0);
    AC_REQUIRE(mkfifo(ac_test_path("www/token"), 0644) == 0);

    CU_ASSERT_EQUAL(webroot_file_put(&fake.host, &plain, &file), ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(webroot_file_remove(&fake.host, &file), ACMECORE_OK);
    CU_ASSERT_TRUE(site_exists("www/token"));
}

AC_TEST(what_a_killed_process_left_is_taken_over_or_removed)
{
    struct fake_host fake;
    WEBROOT_AUTO_FD folder_fd = open_site();
    struct webroot_file file = file_at(folder_fd, "token.thumb");
    const char *half = ac_test_path("www/.acmecore-token");

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(ac_test_write_file(half, "tok", 3));
    CU_ASSERT_EQUAL(webroot_file_put(&fake.host, &plain, &file), ACMECORE_OK);
    CU_ASSERT_TRUE(site_file_is("www/token", "token.thumb"));

    AC_REQUIRE(ac_test_write_file(half, "tok", 3));
    CU_ASSERT_EQUAL(webroot_file_remove(&fake.host, &file), ACMECORE_OK);
    CU_ASSERT_FALSE(site_exists("www/token"));
    CU_ASSERT_FALSE(site_exists("www/.acmecore-token"));
}

AC_TEST(removing_twice_or_what_never_was_is_success)
{
    struct fake_host fake;
    WEBROOT_AUTO_FD folder_fd = open_site();
    struct webroot_file file = file_at(folder_fd, "token.thumb");

    AC_REQUIRE(fake_host_start(&fake, NULL));

    CU_ASSERT_EQUAL(webroot_file_remove(&fake.host, &file), ACMECORE_OK);
    CU_ASSERT_EQUAL(webroot_file_put(&fake.host, &plain, &file), ACMECORE_OK);
    CU_ASSERT_EQUAL(webroot_file_remove(&fake.host, &file), ACMECORE_OK);
    CU_ASSERT_EQUAL(webroot_file_remove(&fake.host, &file), ACMECORE_OK);
    CU_ASSERT_FALSE(site_exists("www/token"));
}

AC_TEST(folder_that_vanished_is_told_apart)
{
    struct fake_host fake;
    WEBROOT_AUTO_FD folder_fd = open_site();
    struct webroot_file file = file_at(folder_fd, "token.thumb");

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(rmdir(ac_test_path("www")) == 0);

    CU_ASSERT_EQUAL(webroot_file_put(&fake.host, &plain, &file), ACMECORE_E_NOTFOUND);
    CU_ASSERT_EQUAL(fake.ctx.failure_count, 0);
}

AC_SUITE("http01-webroot/file", AC_CASE(file_has_exactly_the_content_and_the_mode),
         AC_CASE(same_content_may_be_put_again),
         AC_CASE(other_content_is_neither_overwritten_nor_removed),
         AC_CASE(longer_file_that_begins_like_ours_is_not_ours),
         AC_CASE(link_with_the_name_is_not_followed),
         AC_CASE(link_in_place_of_the_temporary_file_is_not_followed),
         AC_CASE(folder_and_pipe_with_the_name_are_refused),
         AC_CASE(what_a_killed_process_left_is_taken_over_or_removed),
         AC_CASE(removing_twice_or_what_never_was_is_success),
         AC_CASE(folder_that_vanished_is_told_apart),
         AC_CASE(file_system_that_cannot_rename_without_replacing_is_no_less_safe),
         AC_CASE(failed_write_leaves_nothing_behind))
