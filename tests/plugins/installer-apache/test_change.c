/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include "scene.h"

/* A file, a new file and a link. */
static bool prepare(struct scene *scene, struct apache_changes *changes)
{
    APACHE_AUTO_FILE file = { 0 };
    APACHE_AUTO_TEXT after = { 0 };

    *changes = (struct apache_changes){ 0 };
    return scene_start(scene, NULL) && scene_write("a", "before")
           && chmod(ac_test_path("a"), 0440) == 0
           && apache_file_read(&scene->fake.host, ac_test_path("a"), &file)
                  == ACMECORE_OK
           && apache_text_add(&after, "after", 5)
           && apache_changes_add_file(changes, &file, &after)
           && apache_changes_add_new(changes, ac_test_path("new"), "news")
           && apache_changes_add_link(changes, ac_test_path("link"), "a");
}

static bool is_there(const char *name)
{
    struct stat info;

    return lstat(ac_test_path(name), &info) == 0;
}

AC_TEST(changes_are_made_and_taken_back)
{
    SCENE_AUTO scene;
    APACHE_AUTO_CHANGES changes = { 0 };
    struct stat info;

    AC_REQUIRE(prepare(&scene, &changes));
    AC_REQUIRE(apache_changes_make(&scene.fake.host, &changes) == ACMECORE_OK);
    CU_ASSERT_TRUE(scene_file_is("a", "after") && scene_file_is("new", "news")
                   && is_there("link"));
    AC_REQUIRE(stat(ac_test_path("a"), &info) == 0);
    CU_ASSERT_EQUAL(info.st_mode & 07777, 0440);

    AC_REQUIRE(apache_changes_revert(&scene.fake.host, &changes) == ACMECORE_OK);
    CU_ASSERT_TRUE(scene_file_is("a", "before"));
    CU_ASSERT_FALSE(is_there("new") || is_there("link"));
    AC_REQUIRE(stat(ac_test_path("a"), &info) == 0);
    CU_ASSERT_EQUAL(info.st_mode & 07777, 0440);
}

AC_TEST(what_was_not_made_is_left)
{
    SCENE_AUTO scene;
    APACHE_AUTO_CHANGES changes = { 0 };

    AC_REQUIRE(prepare(&scene, &changes));
    AC_REQUIRE(apache_changes_revert(&scene.fake.host, &changes) == ACMECORE_OK);

    CU_ASSERT_TRUE(scene_file_is("a", "before"));
    CU_ASSERT_FALSE(fake_host_logged(&scene.fake, "ERROR"));
}

AC_TEST(a_file_that_is_gone_comes_back)
{
    SCENE_AUTO scene;
    APACHE_AUTO_CHANGES changes = { 0 };

    AC_REQUIRE(prepare(&scene, &changes));
    AC_REQUIRE(unlink(ac_test_path("a")) == 0);
    AC_REQUIRE(apache_changes_revert(&scene.fake.host, &changes) == ACMECORE_OK);

    CU_ASSERT_TRUE(scene_file_is("a", "before"));
}

AC_TEST(what_somebody_changed_before_is_not_made)
{
    SCENE_AUTO scene;
    APACHE_AUTO_CHANGES changes = { 0 };

    AC_REQUIRE(prepare(&scene, &changes));
    AC_REQUIRE(apache_changes_check(&scene.fake.host, &changes) == ACMECORE_OK);
    AC_REQUIRE(scene_write("new", "mine"));
    CU_ASSERT_EQUAL(apache_changes_check(&scene.fake.host, &changes),
                    ACMECORE_E_REFUSED);
    AC_REQUIRE(unlink(ac_test_path("new")) == 0 && unlink(ac_test_path("a")) == 0
               && scene_write("a", "mine"));
    CU_ASSERT_EQUAL(apache_changes_check(&scene.fake.host, &changes),
                    ACMECORE_E_REFUSED);
    AC_REQUIRE(unlink(ac_test_path("a")) == 0);
    CU_ASSERT_EQUAL(apache_changes_check(&scene.fake.host, &changes),
                    ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&scene.fake,
                                         "was changed by somebody after it was read"));
}

AC_TEST(what_somebody_changed_since_stays_and_the_copy_is_kept)
{
    SCENE_AUTO scene;
    APACHE_AUTO_CHANGES changes = { 0 };

    AC_REQUIRE(prepare(&scene, &changes));
    AC_REQUIRE(apache_changes_make(&scene.fake.host, &changes) == ACMECORE_OK);
    AC_REQUIRE(unlink(ac_test_path("a")) == 0 && scene_write("a", "theirs"));
    AC_REQUIRE(apache_changes_revert(&scene.fake.host, &changes) == ACMECORE_OK);

    CU_ASSERT_TRUE(scene_file_is("a", "theirs"));
    CU_ASSERT_TRUE(scene_file_is("plugin-folder/kept-1-a", "before"));
    CU_ASSERT_TRUE(fake_host_logged(&scene.fake, "was changed by somebody since"));
    CU_ASSERT_FALSE(is_there("new"));
}

AC_TEST(a_write_that_fails_ends_the_making)
{
    SCENE_AUTO scene;
    APACHE_AUTO_CHANGES changes = { 0 };

    AC_REQUIRE(prepare(&scene, &changes));
    scene.fake.ctx.file_status = ACMECORE_E_SYSTEM;

    CU_ASSERT_EQUAL(apache_changes_make(&scene.fake.host, &changes), ACMECORE_E_SYSTEM);
    CU_ASSERT_FALSE(is_there("link"));
}

AC_SUITE("installer-apache/change", AC_CASE(changes_are_made_and_taken_back),
         AC_CASE(what_was_not_made_is_left), AC_CASE(a_file_that_is_gone_comes_back),
         AC_CASE(what_somebody_changed_since_stays_and_the_copy_is_kept),
         AC_CASE(what_somebody_changed_before_is_not_made),
         AC_CASE(a_write_that_fails_ends_the_making))
