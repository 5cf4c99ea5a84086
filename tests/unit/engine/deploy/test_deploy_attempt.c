/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "deploy_stage.h"
#include "engine/deploy/staging.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

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
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "a live\nwww live\nb failed\n");
    CU_ASSERT_EQUAL(stage_link(&stage, "a"), 1);
    CU_ASSERT_EQUAL(stage_link(&stage, "b"), 0);
}

AC_TEST(rollback_that_fails_leaves_it_staged_for_the_next_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_state) after = { 0 };

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

/* A run that is killed between the notes of two that were proven together. */
AC_TEST(proven_one_that_is_rolled_back_with_others_is_deployed_again)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) proven = { 0 };
    AC_AUTO(ac_state) other = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "mail www", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    AC_REQUIRE_OK(stage_state(&stage, "mail", &proven, &err));
    proven.deployments[0].staged_version = 1;
    proven.deployments[0].is_proven = true;
    AC_REQUIRE_OK(ac_state_save(&proven, stage.store, "mail", &err));
    AC_REQUIRE_OK(stage_state(&stage, "www", &other, &err));
    other.deployments[0].staged_version = 1;
    AC_REQUIRE_OK(ac_state_save(&other, stage.store, "www", &err));
    fake_installer_reset();
    stage.told.size = 0;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_PTR_NOT_NULL(strstr(fake_installer.log, "rollback\nstage mail"));
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_text_get(&stage.told), "mail live\n"));
}

AC_TEST(finish_that_fails_is_tried_once_more_by_another_process)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    fake_installer.fails_finish = 1;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "stage www\ncommit\nprobe www\nfinish\nfinish\n");
    CU_ASSERT_STRING_EQUAL(fake_installer.started, "fake\nfake\n");
    AC_REQUIRE_OK(stage_state(&stage, "www", &state, &err));
    CU_ASSERT_EQUAL(state.deployments[0].staged_version, 0);
}

/* b failed by itself: it is no part of what the next run finishes. */
AC_TEST(finish_that_fails_again_is_made_up_for_by_the_next_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    bool is_begun = false;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "b www", &err));
    fake_installer.bad_at_stage = "b";
    fake_installer.fails_finish = 2;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "stage b www\ncommit\nprobe www\nfinish\nfinish\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_text_get(&stage.told), "www live\n"));
    AC_REQUIRE_OK(
        ac_staging_look(stage.store, AC_STAGING_BEGUN, "web", &is_begun, &err));
    CU_ASSERT_TRUE(is_begun);
    fake_installer_reset();
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "finish\nstage b\ncommit\nprobe b\nfinish\n");
    AC_REQUIRE_OK(
        ac_staging_look(stage.store, AC_STAGING_BEGUN, "web", &is_begun, &err));
    CU_ASSERT_FALSE(is_begun);
}

AC_TEST(finish_that_fails_for_good_keeps_nothing_from_being_deployed)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    bool is_begun = true;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "b www", &err));
    fake_installer.bad_at_stage = "b";
    fake_installer.fails_finish = 2;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    fake_installer_reset();
    fake_installer.fails_finish = 3; /* of the one left, and of b's */
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "finish\nstage b\ncommit\nprobe b\nfinish\nfinish\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_text_get(&stage.told), "b live\n"));
    fake_installer_reset();
    fake_installer.fails_finish = 1;
    stage.settings.is_sweeping = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "finish\n");
    AC_REQUIRE_OK(
        ac_staging_look(stage.store, AC_STAGING_BEGUN, "web", &is_begun, &err));
    CU_ASSERT_FALSE(is_begun);
}

AC_TEST(finish_that_fails_lets_those_that_come_next_go_on)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    bool is_begun = true;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "a b www", &err));
    fake_installer.bad_at_commit = "b";
    fake_installer.fails_finish = 3;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_PTR_NOT_NULL(strstr(ac_text_get(&stage.told), "a live\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_text_get(&stage.told), "www live\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(fake_installer.log, "finish\nfinish\nfinish\nstage"));
    AC_REQUIRE_OK(
        ac_staging_look(stage.store, AC_STAGING_BEGUN, "web", &is_begun, &err));
    CU_ASSERT_FALSE(is_begun);
}

/* As while an upgrade replaces the plugin's file. */
static void refuse_start(enum ac_installer_op op)
{
    fake_installer.refuses_start = op == AC_INSTALLER_FINISH;
}

AC_TEST(those_that_come_next_wait_where_no_process_can_finish)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "a b www", &err));
    fake_installer.bad_at_commit = "b";
    fake_installer.fails_finish = 1;
    fake_installer.amid = refuse_start;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "a live\nb stuck\nwww stuck\n");
    fake_installer_reset();
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "finish\nstage b www\ncommit\nprobe b www\nfinish\n");
}

/* What it would start for a rollback alone would undo what is proven. */
AC_TEST(process_that_dies_of_its_finish_is_asked_for_no_rollback)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "a b www", &err));
    fake_installer.bad_at_commit = "b";
    fake_installer.fails_finish = 3;
    fake_installer.dies_of_finish = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_text_get(&stage.told), "a live\n"));
    CU_ASSERT_PTR_NULL(strstr(fake_installer.log, "finish\nrollback"));
    fake_installer.log[0] = '\0';
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "finish\nstage b www\ncommit\nrollback\n"
                           "stage b\ncommit\nrollback\n"
                           "stage www\ncommit\nprobe www\nfinish\n");
}

static void block_link(const struct stage *stage, const char *name)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE_OK(ac_store_path(stage->store, AC_STORE_CERTIFICATES, name,
                                AC_STORE_DEPLOYED, &path, &err));
    FILE *file = fopen(path, "we");
    AC_REQUIRE(file != NULL);
    AC_REQUIRE(fclose(file) == 0);
}

AC_TEST(certificate_whose_link_cannot_be_made_costs_no_other_its_deployment)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "mail www", &err));
    block_link(&stage, "mail");
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "stage www\ncommit\nprobe www\nfinish\n");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "mail failed\nwww live\n");
    AC_REQUIRE_OK(stage_state(&stage, "mail", &state, &err));
    CU_ASSERT_EQUAL(state.deployments[0].staged_version, 0);
    CU_ASSERT_EQUAL(state.deployments[0].failures, 1);
}

/* As a disk does that fails: state.json of mail is a folder from the probe on. */
static void break_state(enum ac_installer_op op)
{
    const char *path = ac_test_path("state/certs/mail/state.json");

    if (op != AC_INSTALLER_PROBE)
        return;
    (void)unlink(path);
    (void)mkdir(path, 0700);
}

AC_TEST(what_is_served_and_cannot_be_noted_is_neither_undone_nor_forgotten)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    bool is_begun = false;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "mail www", &err));
    fake_installer.amid = break_state;
    AC_REQUIRE_CODE(ac_deploy(&stage.settings, &err), AC_E_STORE);

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "stage mail www\ncommit\nprobe mail www\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "mail is served by now"));
    AC_REQUIRE_OK(
        ac_staging_look(stage.store, AC_STAGING_BEGUN, "web", &is_begun, &err));
    CU_ASSERT_TRUE(is_begun);
}

AC_SUITE("engine/deploy/deploy_attempt",
         AC_CASE(certificate_that_cannot_be_staged_is_left_out),
         AC_CASE(rollback_that_fails_leaves_it_staged_for_the_next_run),
         AC_CASE(signal_rolls_back_and_blames_nobody),
         AC_CASE(proven_one_needs_nothing_but_its_finish),
         AC_CASE(proven_one_that_is_rolled_back_with_others_is_deployed_again),
         AC_CASE(finish_that_fails_is_tried_once_more_by_another_process),
         AC_CASE(finish_that_fails_again_is_made_up_for_by_the_next_run),
         AC_CASE(finish_that_fails_for_good_keeps_nothing_from_being_deployed),
         AC_CASE(finish_that_fails_lets_those_that_come_next_go_on),
         AC_CASE(those_that_come_next_wait_where_no_process_can_finish),
         AC_CASE(process_that_dies_of_its_finish_is_asked_for_no_rollback),
         AC_CASE(certificate_whose_link_cannot_be_made_costs_no_other_its_deployment),
         AC_CASE(what_is_served_and_cannot_be_noted_is_neither_undone_nor_forgotten))
