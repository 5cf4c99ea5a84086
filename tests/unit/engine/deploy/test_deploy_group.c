/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "deploy_stage.h"
#include "engine/deploy/staging.h"

AC_TEST(guilty_one_is_found_by_halves_and_the_others_are_deployed)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "a b c www", &err));
    fake_installer.bad_at_commit = "c";
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told),
                           "a live\nb live\nc failed\nwww live\n");
    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "stage a b c www\ncommit\nrollback\n"
                           "stage a b\ncommit\nprobe a b\nfinish\n"
                           "stage c www\ncommit\nrollback\n"
                           "stage c\ncommit\nrollback\n"
                           "stage www\ncommit\nprobe www\nfinish\n");
}

AC_TEST(one_that_is_not_served_is_known_at_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "a b www", &err));
    fake_installer.bad_at_probe = "a";
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "a failed\nwww live\nb live\n");
    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "stage a b www\ncommit\nprobe a b www\nrollback\n"
                           "stage www b\ncommit\nprobe www b\nfinish\n");
}

AC_TEST(installer_that_cannot_be_started_fails_all_its_certificates)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    fake_installer.refuses_start = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www failed\n");
    CU_ASSERT_STRING_EQUAL(fake_installer.log, "");
}

AC_TEST(installer_that_another_run_uses_is_waited_for_so_long)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(ac_store_lock(stage.store, AC_STAGING_GROUP, "web", &lock, &err));
    stage.settings.deadline_ms = ac_clock_after_ms(400);
    AC_REQUIRE_CODE(ac_deploy(&stage.settings, &err), AC_E_TIMEOUT);

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "");
}

AC_SUITE("engine/deploy/deploy_group",
         AC_CASE(guilty_one_is_found_by_halves_and_the_others_are_deployed),
         AC_CASE(one_that_is_not_served_is_known_at_once),
         AC_CASE(installer_that_cannot_be_started_fails_all_its_certificates),
         AC_CASE(installer_that_another_run_uses_is_waited_for_so_long))
