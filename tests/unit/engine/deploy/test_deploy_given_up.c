/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "deploy_stage.h"
#include "engine/deploy/staging.h"

static const struct ac_solver_spec spec = { .name = (char *)"web",
                                            .plugin = (char *)"fake" };

static enum ac_code name_only(struct stage *stage, const char *name,
                              struct ac_error *err)
{
    ac_words_done(&stage->names);
    return ac_words_add(&stage->names, name, err);
}

static bool is_noted(const struct stage *stage)
{
    struct ac_error ignored;
    bool is_there = false;

    (void)!ac_staging_look(stage->store, AC_STAGING_GIVEN_UP, "web", &is_there,
                           &ignored);
    return is_there;
}

static void expect_status(const struct stage *stage, const char *name,
                          enum ac_deployment_status status)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(stage_state(stage, name, &state, &err));
    AC_REQUIRE(state.deployment_count == 1);
    CU_ASSERT_EQUAL(ac_deployment_status(&state.deployments[0], 1), status);
}

/* mail is live, and its finish failed in one run and in the next. */
static enum ac_code give_up(struct stage *stage, struct ac_error *err)
{
    AC_TRY(stage_new(stage, "mail www", err));
    AC_TRY(name_only(stage, "mail", err));
    fake_installer.fails_finish = 3;
    AC_TRY(ac_deploy(&stage->settings, err));
    AC_TRY(ac_deploy(&stage->settings, err));
    fake_installer_reset();
    return name_only(stage, "www", err);
}

AC_TEST(what_was_given_up_is_deployed_again_when_another_is_rolled_back)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(give_up(&stage, &err));
    expect_status(&stage, "mail", AC_DEPLOYMENT_LIVE);
    CU_ASSERT_TRUE(is_noted(&stage));
    fake_installer.fails[AC_INSTALLER_STAGE] = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "stage www\nrollback\n");
    expect_status(&stage, "mail", AC_DEPLOYMENT_PENDING);
    CU_ASSERT_FALSE(is_noted(&stage));
}

AC_TEST(what_was_given_up_counts_as_undone_in_the_run_that_has_it_too)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(give_up(&stage, &err));
    AC_REQUIRE_OK(ac_words_add(&stage.names, "mail", &err));
    fake_installer.bad_at_commit = "www";
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    expect_status(&stage, "mail", AC_DEPLOYMENT_PENDING);
    CU_ASSERT_FALSE(is_noted(&stage));
}

AC_TEST(finish_that_is_well_leaves_nothing_to_doubt)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(give_up(&stage, &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    CU_ASSERT_FALSE(is_noted(&stage));
    fake_installer.bad_at_commit = "www";
    stage.settings.is_forced = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_PTR_NOT_NULL(strstr(fake_installer.log, "rollback"));
    expect_status(&stage, "mail", AC_DEPLOYMENT_LIVE);
}

AC_TEST(one_that_another_run_works_on_is_left_for_a_later_rollback)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(give_up(&stage, &err));
    AC_REQUIRE_OK(
        ac_store_lock(stage.store, AC_STORE_CERTIFICATES, "mail", &lock, &err));
    fake_installer.bad_at_commit = "www";
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    expect_status(&stage, "mail", AC_DEPLOYMENT_LIVE);
    CU_ASSERT_TRUE(is_noted(&stage));
}

AC_TEST(what_is_noted_is_doubted_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_words) names = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(stage_leave(&stage, "www", "web", true, &err));
    AC_REQUIRE_OK(ac_words_add(&names, "www", &err));
    AC_REQUIRE_OK(
        ac_staging_save(stage.store, AC_STAGING_GIVEN_UP, &spec, &names, &err));
    const struct ac_deploy_driver driver = { .settings = &stage.settings,
                                             .spec = &spec };
    AC_REQUIRE_OK(ac_deploy_doubt_given_up(&driver, &err));
    AC_REQUIRE_OK(ac_deploy_doubt_given_up(&driver, &err));

    AC_AUTO(ac_state) state = { 0 };
    AC_REQUIRE_OK(stage_state(&stage, "www", &state, &err));
    CU_ASSERT_FALSE(state.deployments[0].is_proven);
    CU_ASSERT_TRUE(!is_noted(&stage) || ac_check_is_torture());
}

AC_SUITE("engine/deploy/deploy_given_up",
         AC_CASE(what_was_given_up_is_deployed_again_when_another_is_rolled_back),
         AC_CASE(what_was_given_up_counts_as_undone_in_the_run_that_has_it_too),
         AC_CASE(finish_that_is_well_leaves_nothing_to_doubt),
         AC_CASE(one_that_another_run_works_on_is_left_for_a_later_rollback),
         AC_CASE(what_is_noted_is_doubted_once))
