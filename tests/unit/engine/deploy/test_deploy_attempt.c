/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "deploy_stage.h"

AC_TEST(certificate_that_cannot_be_staged_is_left_out)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "a b www", &err));
    fake_installer.bad_at_stage = "b";
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "stage a b www\ncommit\nprobe a www\nfinish\n");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "b failed\na live\nwww live\n");
    CU_ASSERT_EQUAL(stage_link(&stage, "a"), 1);
    CU_ASSERT_EQUAL(stage_link(&stage, "b"), 0);
}

AC_TEST(rollback_that_fails_leaves_it_staged_for_the_next_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_state) after = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    fake_installer.fails[AC_INSTALLER_COMMIT] = true;
    fake_installer.fails[AC_INSTALLER_ROLLBACK] = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    AC_REQUIRE_OK(stage_state(&stage, "www", &state, &err));
    CU_ASSERT_EQUAL(state.deployments[0].staged_version, 1);
    CU_ASSERT_EQUAL(state.deployments[0].failures, 1);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(state.deployments[0].message, "nor could it be rolled back"));
    fake_installer_reset();
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "rollback\nstage www\ncommit\nprobe www\nfinish\n");
    AC_REQUIRE_OK(stage_state(&stage, "www", &after, &err));
    CU_ASSERT_EQUAL(after.deployments[0].live_version, 1);
}

AC_TEST(signal_rolls_back_and_blames_nobody)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    fake_installer.signal_at = AC_INSTALLER_COMMIT + 1;
    AC_REQUIRE_CODE(ac_deploy(&stage.settings, &err), AC_E_CANCELLED);
    ac_clock_cancel(0);

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "stage www\ncommit\nstop\nrollback\n");
    AC_REQUIRE_OK(stage_state(&stage, "www", &state, &err));
    CU_ASSERT_EQUAL(state.deployments[0].failures, 0);
    CU_ASSERT_EQUAL(state.deployments[0].staged_version, 0);
}

AC_TEST(proven_one_needs_nothing_but_its_finish)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    struct ac_state_deployment *deployment;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    AC_REQUIRE_OK(stage_state(&stage, "www", &state, &err));
    deployment = &state.deployments[0];
    deployment->staged_version = 1; /* as a run leaves it that is killed before it */
    deployment->is_proven = true;
    AC_REQUIRE_OK(ac_state_save(&state, stage.store, "www", &err));
    fake_installer_reset();
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "finish\n");
}

AC_SUITE("engine/deploy/deploy_attempt",
         AC_CASE(certificate_that_cannot_be_staged_is_left_out),
         AC_CASE(rollback_that_fails_leaves_it_staged_for_the_next_run),
         AC_CASE(signal_rolls_back_and_blames_nobody),
         AC_CASE(proven_one_needs_nothing_but_its_finish))
