/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy.h"

#include "deploy_stage.h"

AC_TEST(what_is_pending_is_planned_and_nothing_is_begun)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(ac_deploy_plan(&stage.settings, "www", false, &err));
    AC_REQUIRE_OK(stage_state(&stage, "www", &state, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www planned\n");
    CU_ASSERT_STRING_EQUAL(fake_installer.started, "");
    CU_ASSERT_EQUAL(state.deployment_count, 0);
}

AC_TEST(what_is_live_is_planned_where_it_is_renewed_before)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    stage.told.size = 0;
    AC_REQUIRE_OK(ac_deploy_plan(&stage.settings, "www", false, &err));
    CU_ASSERT_EQUAL(stage.told.size, 0);
    AC_REQUIRE_OK(ac_deploy_plan(&stage.settings, "www", true, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www planned\n");
}

AC_TEST(what_failed_is_planned_when_its_time_has_come)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    fake_installer.fails[AC_INSTALLER_COMMIT] = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    stage.told.size = 0;
    AC_REQUIRE_OK(ac_deploy_plan(&stage.settings, "www", false, &err));
    CU_ASSERT_EQUAL(stage.told.size, 0);
    AC_REQUIRE_OK(stage_state(&stage, "www", &state, &err));
    state.deployments[0].next_attempt_at = 0;
    AC_REQUIRE_OK(ac_state_save(&state, stage.store, "www", &err));
    AC_REQUIRE_OK(ac_deploy_plan(&stage.settings, "www", false, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www planned\n");
}

AC_SUITE("engine/deploy/deploy_plan",
         AC_CASE(what_is_pending_is_planned_and_nothing_is_begun),
         AC_CASE(what_is_live_is_planned_where_it_is_renewed_before),
         AC_CASE(what_failed_is_planned_when_its_time_has_come))
