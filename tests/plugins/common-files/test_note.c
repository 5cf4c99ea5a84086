/* SPDX-License-Identifier: Apache-2.0 */
#include "note.h"

#include "ground.h"

static const struct acmecore_certificate www = {
    .struct_size = sizeof(www),
    .name = "www",
    .fingerprint = "aa",
};

static const struct acmecore_certificate mail = {
    .struct_size = sizeof(mail),
    .name = "mail",
    .fingerprint = "bb",
};

static const struct acmecore_certificate *const both[] = { &www, &mail };

static const int good[2];

AC_TEST(version_that_is_live_is_not_staged_again)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(note_stage(&fake.host, both, 2, good) == ACMECORE_OK);
    CU_ASSERT_TRUE(note_is(&fake.host, NOTE_STAGED));
    AC_REQUIRE(note_move(&fake.host, NOTE_STAGED, NOTE_TOLD) == ACMECORE_OK
               && note_move(&fake.host, NOTE_TOLD, NOTE_LIVE) == ACMECORE_OK);
    AC_REQUIRE(note_stage(&fake.host, both, 2, good) == ACMECORE_OK);

    CU_ASSERT_FALSE(note_is(&fake.host, NOTE_STAGED));
    CU_ASSERT_TRUE(ground_has("plugin-folder/live", "www aa\nmail bb\n", 0600));
}

AC_TEST(new_version_takes_the_place_of_the_old_and_others_stay)
{
    struct fake_host fake;
    struct acmecore_certificate renewed = mail;
    const struct acmecore_certificate *const one[] = { &renewed };

    renewed.fingerprint = "cc";
    AC_REQUIRE(fake_host_start(&fake, NULL)
               && ground_put("plugin-folder/live", "www aa\nmail bb\n", 0600));
    AC_REQUIRE(note_stage(&fake.host, one, 1, good) == ACMECORE_OK
               && note_move(&fake.host, NOTE_STAGED, NOTE_LIVE) == ACMECORE_OK);

    CU_ASSERT_TRUE(ground_has("plugin-folder/live", "mail cc\nwww aa\n", 0600));
}

AC_TEST(certificate_that_failed_is_not_noted)
{
    static const int bad[] = { ACMECORE_E_CONFIG, ACMECORE_OK };
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(note_stage(&fake.host, both, 2, bad) == ACMECORE_OK);

    CU_ASSERT_TRUE(ground_has("plugin-folder/staged", "mail bb\n", 0600));
}

AC_TEST(nothing_is_moved_or_removed_where_nothing_is)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));

    CU_ASSERT_EQUAL(note_move(&fake.host, NOTE_TOLD, NOTE_LIVE), ACMECORE_OK);
    CU_ASSERT_EQUAL(note_remove(&fake.host, NOTE_TOLD), ACMECORE_OK);
    CU_ASSERT_FALSE(note_is(&fake.host, NOTE_LIVE));
}

AC_TEST(mark_is_there_until_it_is_removed)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(note_mark(&fake.host, NOTE_TAKEN) == ACMECORE_OK);
    CU_ASSERT_TRUE(note_is(&fake.host, NOTE_TAKEN));
    AC_REQUIRE(note_remove(&fake.host, NOTE_TAKEN) == ACMECORE_OK);

    CU_ASSERT_FALSE(note_is(&fake.host, NOTE_TAKEN));
}

AC_SUITE("common-files/note", AC_CASE(version_that_is_live_is_not_staged_again),
         AC_CASE(new_version_takes_the_place_of_the_old_and_others_stay),
         AC_CASE(certificate_that_failed_is_not_noted),
         AC_CASE(nothing_is_moved_or_removed_where_nothing_is),
         AC_CASE(mark_is_there_until_it_is_removed))
