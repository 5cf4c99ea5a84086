/* SPDX-License-Identifier: Apache-2.0 */
#include "disk.h"

#include "scene.h"

AC_TEST(a_file_gets_mode_and_owner)
{
    struct fake_host fake;
    struct stat info;
    bool is_root = geteuid() == 0;
    struct apache_disk_file file = { .mode = 0640,
                                     .owner = is_root ? 65534 : geteuid(),
                                     .group = is_root ? 65534 : getegid() };

    AC_REQUIRE(fake_host_start(&fake, NULL) && scene_write("a", "old"));
    file.path = ac_test_path("a");
    AC_REQUIRE(apache_disk_write(&fake.host, &file, "new", 3) == ACMECORE_OK);

    CU_ASSERT_TRUE(scene_file_is("a", "new"));
    AC_REQUIRE(stat(ac_test_path("a"), &info) == 0);
    CU_ASSERT_EQUAL(info.st_mode & 07777, 0640);
    CU_ASSERT_EQUAL(info.st_uid, file.owner);
    CU_ASSERT_EQUAL(info.st_gid, file.group);
}

AC_TEST(a_write_that_fails_is_passed_on)
{
    struct fake_host fake;
    struct apache_disk_file file = { .mode = 0600,
                                     .owner = APACHE_DISK_NOBODY,
                                     .group = APACHE_DISK_NOBODY };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    file.path = ac_test_path("a");
    fake.ctx.file_status = ACMECORE_E_SYSTEM;

    CU_ASSERT_EQUAL(apache_disk_write(&fake.host, &file, "x", 1), ACMECORE_E_SYSTEM);
}

/* Who owns the folder is quicker, and puts a link there. */
static int write_and_be_fooled(struct acmecore_host_ctx *ctx, const char *path,
                               uint32_t mode, const void *data, size_t size)
{
    (void)ctx, (void)mode, (void)data, (void)size;
    return unlink(path) == 0 && symlink(ac_test_path("victim"), path) == 0
               ? ACMECORE_OK
               : ACMECORE_E_SYSTEM;
}

AC_TEST(a_file_of_somebody_else_is_not_given_away)
{
    struct fake_host fake;
    struct stat info;
    struct apache_disk_file file = { .mode = 0640, .owner = 65534, .group = 65534 };

    AC_REQUIRE(fake_host_start(&fake, NULL) && scene_write("a", "old")
               && scene_write("victim", "secret"));
    file.path = ac_test_path("a");
    fake.host.write_file = write_and_be_fooled;

    CU_ASSERT_NOT_EQUAL(apache_disk_write(&fake.host, &file, "new", 3), ACMECORE_OK);
    AC_REQUIRE(stat(ac_test_path("victim"), &info) == 0);
    CU_ASSERT_EQUAL(info.st_uid, geteuid());
}

AC_TEST(a_link_is_made_once)
{
    SCENE_AUTO scene;
    const char *path = NULL;

    AC_REQUIRE(scene_start(&scene, NULL));
    path = ac_test_path("link");
    AC_REQUIRE(apache_disk_link(&scene.fake.host, path, "../to") == ACMECORE_OK);
    AC_REQUIRE(apache_disk_link(&scene.fake.host, path, "../to") == ACMECORE_OK);

    CU_ASSERT_EQUAL(scene.call_count, 1);
    CU_ASSERT_TRUE(apache_disk_has_link(path, "../to"));
    CU_ASSERT_FALSE(apache_disk_has_link(path, "../tom"));
}

AC_TEST(a_link_that_cannot_be_made_is_told)
{
    SCENE_AUTO scene;

    AC_REQUIRE(scene_start(&scene, NULL));

    AC_REQUIRE(apache_disk_link(&scene.fake.host, ac_test_path("none/link"), "x")
               == ACMECORE_E_SYSTEM);
    CU_ASSERT_TRUE(fake_host_failed_with(&scene.fake, "none/link cannot be made"));
}

AC_TEST(texts_are_the_same_or_not)
{
    APACHE_AUTO_TEXT a = { 0 };
    APACHE_AUTO_TEXT b = { 0 };

    CU_ASSERT_TRUE(apache_disk_is_same(&a, &b));
    AC_REQUIRE(apache_text_add(&a, "x", 1));
    CU_ASSERT_FALSE(apache_disk_is_same(&a, &b));
    AC_REQUIRE(apache_text_add(&b, "y", 1));
    CU_ASSERT_FALSE(apache_disk_is_same(&a, &b));
}

AC_SUITE("installer-apache/disk", AC_CASE(a_file_gets_mode_and_owner),
         AC_CASE(a_write_that_fails_is_passed_on),
         AC_CASE(a_file_of_somebody_else_is_not_given_away),
         AC_CASE(a_link_is_made_once), AC_CASE(a_link_that_cannot_be_made_is_told),
         AC_CASE(texts_are_the_same_or_not))
