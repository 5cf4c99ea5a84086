/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "deploy_stage.h"

AC_TEST(plugin_that_does_not_see_it_yet_is_asked_again)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    fake_installer.pending = 1;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "stage www\ncommit\nprobe www\nprobe www\nfinish\n");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www live\n");
}

AC_TEST(probe_that_dies_rolls_back)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    fake_installer.fails[AC_INSTALLER_PROBE] = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "stage www\ncommit\nprobe www\nrollback\n");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www failed\n");
}

AC_SUITE("engine/deploy/deploy_prove",
         AC_CASE(plugin_that_does_not_see_it_yet_is_asked_again),
         AC_CASE(probe_that_dies_rolls_back))
