/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "deploy_stage.h"
#include "engine/deploy/staging.h"

/* As a run leaves it that is killed amid it, with another plugin and other settings. */
static enum ac_code leave_by(const struct stage *stage, const char *plugin,
                             const char *installer, const char *name,
                             struct ac_error *err)
{
    AC_AUTO(ac_solver_spec) spec = { 0 };
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_memory_copy_text(installer, &spec.name, err));
    AC_TRY(ac_memory_copy_text(plugin, &spec.plugin, err));
    AC_TRY(ac_section_add(&spec.section, "port", "443", "", err));
    AC_TRY(ac_words_add(&names, name, err));
    AC_TRY(stage_leave(stage, name, installer, false, err));
    return ac_staging_save(stage->store, AC_STAGING_BEGUN, &spec, &names, err);
}

static enum ac_code leave(const struct stage *stage, const char *installer,
                          const char *name, struct ac_error *err)
{
    return leave_by(stage, "old", installer, name, err);
}

static enum ac_code add_to_record(const struct stage *stage, const char *name,
                                  struct ac_error *err)
{
    AC_AUTO(ac_staging) staging = { 0 };

    AC_TRY(ac_staging_load(stage->store, AC_STAGING_BEGUN, "web", &staging, err));
    AC_TRY(ac_words_add(&staging.certificates, name, err));
    return ac_staging_save(stage->store, AC_STAGING_BEGUN, &staging.spec,
                           &staging.certificates, err);
}

static bool is_open(const struct stage *stage, const char *installer)
{
    struct ac_error ignored;
    bool is_begun = true;

    (void)!ac_staging_look(stage->store, AC_STAGING_BEGUN, installer, &is_begun,
                           &ignored);
    return is_begun;
}

static enum ac_code name_only(struct stage *stage, const char *name,
                              struct ac_error *err)
{
    ac_words_done(&stage->names);
    return ac_words_add(&stage->names, name, err);
}

AC_TEST(what_was_left_is_undone_with_what_it_was_begun_with)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(leave(&stage, "web", "www", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.started, "old port=443\nfake\n");
    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "rollback\nstage www\ncommit\nprobe www\nfinish\n");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www live\n");
    CU_ASSERT_FALSE(is_open(&stage, "web"));
}

/* The other one would take the undo record of the first with it. */
AC_TEST(one_that_is_none_of_the_run_is_undone_before_the_installer_is_used)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "mail www", &err));
    AC_REQUIRE_OK(leave(&stage, "web", "mail", &err));
    AC_REQUIRE_OK(name_only(&stage, "www", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "rollback\nstage www\ncommit\nprobe www\nfinish\n");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www live\n");
    AC_REQUIRE_OK(stage_state(&stage, "mail", &state, &err));
    AC_REQUIRE(state.deployment_count == 1);
    CU_ASSERT_EQUAL(state.deployments[0].staged_version, 0);
    CU_ASSERT_EQUAL(ac_deployment_status(&state.deployments[0], 1),
                    AC_DEPLOYMENT_PENDING);
}

AC_TEST(what_cannot_be_undone_is_said_and_nothing_is_staged_over_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(leave(&stage, "web", "www", &err));
    fake_installer.missing = "old";
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www stuck\n");
    CU_ASSERT_TRUE(is_open(&stage, "web"));
    AC_REQUIRE_OK(stage_state(&stage, "www", &state, &err));
    AC_REQUIRE(state.deployment_count == 1);
    const char *message = state.deployments[0].message;
    AC_REQUIRE(message != NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "there is no plugin old"));
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "/plugins/web@old (it may hold private"));
    CU_ASSERT_PTR_NOT_NULL(strstr(message, "/installers/web/staged.json"));
}

AC_TEST(setting_that_was_wrong_when_it_began_is_tried_as_it_is_now)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(leave_by(&stage, "fake", "web", "www", &err));
    fake_installer.deaf = "443";
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.started, "fake port=443\nfake\nfake\n");
    CU_ASSERT_STRING_EQUAL(
        fake_installer.log,
        "rollback\nrollback\nstage www\ncommit\nprobe www\nfinish\n");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www live\n");
    CU_ASSERT_FALSE(is_open(&stage, "web"));
}

/* What is there is another one's, and this one has nothing to do there. */
AC_TEST(what_is_swept_is_undone_with_the_settings_of_now_too)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "mail www", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    AC_REQUIRE_OK(leave_by(&stage, "fake", "web", "www", &err));
    AC_REQUIRE_OK(name_only(&stage, "mail", &err));
    fake_installer_reset();
    fake_installer.deaf = "443";
    stage.settings.is_sweeping = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "rollback\nrollback\n");
    CU_ASSERT_FALSE(is_open(&stage, "web"));
}

AC_TEST(installer_that_nobody_wants_any_more_is_swept)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(leave(&stage, "gone", "www", &err));
    ac_words_done(&stage.names);
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    CU_ASSERT_STRING_EQUAL(fake_installer.log, "");
    stage.settings.is_sweeping = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "rollback\n");
    CU_ASSERT_FALSE(is_open(&stage, "gone"));
    CU_ASSERT_FALSE(ac_deploy_has_leftovers(stage.store));
}

AC_TEST(installer_that_the_certificate_is_not_for_any_more_is_undone)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(leave(&stage, "gone", "www", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "rollback\nstage www\ncommit\nprobe www\nfinish\n");
    CU_ASSERT_FALSE(is_open(&stage, "gone"));
}

AC_TEST(what_cannot_be_swept_is_told_and_costs_nobody_a_deployment)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(leave(&stage, "gone", "www", &err));
    fake_installer.missing = "old";
    stage.settings.is_sweeping = true;
    AC_REQUIRE_CODE(ac_deploy(&stage.settings, &err), AC_E_INSTALLER);

    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www live\n");
    CU_ASSERT_TRUE(is_open(&stage, "gone"));
}

AC_TEST(what_was_proven_is_finished_with_what_it_was_begun_with)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    AC_REQUIRE_OK(leave(&stage, "web", "www", &err));
    AC_REQUIRE_OK(stage_leave(&stage, "www", "web", true, &err));
    fake_installer_reset();
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "finish\n");
    CU_ASSERT_STRING_EQUAL(fake_installer.started, "old port=443\nfake\n");
}

/* Such as a command that was moved after the commit: what a person corrected helps. */
AC_TEST(setting_that_a_finish_fails_with_is_tried_as_it_is_now)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    AC_REQUIRE_OK(leave_by(&stage, "fake", "web", "www", &err));
    AC_REQUIRE_OK(stage_leave(&stage, "www", "web", true, &err));
    fake_installer_reset();
    fake_installer.deaf = "443";
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "finish\nfinish\n");
    CU_ASSERT_STRING_EQUAL(fake_installer.started, "fake port=443\nfake\nfake\n");
    CU_ASSERT_FALSE(is_open(&stage, "web"));
}

static void get_signal(enum ac_installer_op op)
{
    if (op == AC_INSTALLER_FINISH)
        ac_clock_cancel(15);
}

AC_TEST(finish_that_a_signal_cuts_short_is_not_given_up)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    AC_REQUIRE_OK(leave(&stage, "web", "www", &err));
    AC_REQUIRE_OK(stage_leave(&stage, "www", "web", true, &err));
    fake_installer_reset();
    fake_installer.fails_finish = 1;
    fake_installer.amid = get_signal;
    AC_REQUIRE_CODE(ac_deploy(&stage.settings, &err), AC_E_CANCELLED);
    ac_clock_cancel(0);

    CU_ASSERT_TRUE(is_open(&stage, "web"));
    AC_REQUIRE_OK(stage_state(&stage, "www", &state, &err));
    CU_ASSERT_EQUAL(state.deployments[0].staged_version, 1);
    CU_ASSERT_EQUAL(state.deployments[0].failures, 0);
}

/* Its state went with it: that it was proven is not known. */
AC_TEST(certificate_that_is_gone_was_not_proven)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    AC_REQUIRE_OK(leave(&stage, "web", "www", &err));
    AC_REQUIRE_OK(add_to_record(&stage, "deleted", &err));
    AC_REQUIRE_OK(stage_leave(&stage, "www", "web", true, &err));
    fake_installer_reset();
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "rollback\nstage www\ncommit\nprobe www\nfinish\n");
}

AC_TEST(certificate_that_another_run_works_on_keeps_the_installer_as_it_is)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE_OK(stage_new(&stage, "mail www", &err));
    AC_REQUIRE_OK(leave(&stage, "web", "mail", &err));
    AC_REQUIRE_OK(name_only(&stage, "www", &err));
    AC_REQUIRE_OK(
        ac_store_lock(stage.store, AC_STORE_CERTIFICATES, "mail", &lock, &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www locked\n");
    CU_ASSERT_TRUE(is_open(&stage, "web"));
}

AC_TEST(without_a_record_it_is_undone_with_the_settings_of_now)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(stage_leave(&stage, "www", "web", false, &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.started, "fake\n");
    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "rollback\nstage www\ncommit\nprobe www\nfinish\n");
}

AC_TEST(without_a_record_nobody_who_is_left_is_told_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(stage_leave(&stage, "www", "gone", false, &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    AC_REQUIRE_OK(stage_state(&stage, "www", &state, &err));
    const struct ac_state_deployment *deployment =
        ac_state_find_deployment(&state, "gone");
    CU_ASSERT_TRUE(!deployment || deployment->staged_version == 0);
    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "stage www\ncommit\nprobe www\nfinish\n");
}

AC_SUITE("engine/deploy/deploy_recover",
         AC_CASE(what_was_left_is_undone_with_what_it_was_begun_with),
         AC_CASE(one_that_is_none_of_the_run_is_undone_before_the_installer_is_used),
         AC_CASE(what_cannot_be_undone_is_said_and_nothing_is_staged_over_it),
         AC_CASE(setting_that_was_wrong_when_it_began_is_tried_as_it_is_now),
         AC_CASE(what_is_swept_is_undone_with_the_settings_of_now_too),
         AC_CASE(installer_that_nobody_wants_any_more_is_swept),
         AC_CASE(installer_that_the_certificate_is_not_for_any_more_is_undone),
         AC_CASE(what_cannot_be_swept_is_told_and_costs_nobody_a_deployment),
         AC_CASE(what_was_proven_is_finished_with_what_it_was_begun_with),
         AC_CASE(setting_that_a_finish_fails_with_is_tried_as_it_is_now),
         AC_CASE(finish_that_a_signal_cuts_short_is_not_given_up),
         AC_CASE(certificate_that_is_gone_was_not_proven),
         AC_CASE(certificate_that_another_run_works_on_keeps_the_installer_as_it_is),
         AC_CASE(without_a_record_it_is_undone_with_the_settings_of_now),
         AC_CASE(without_a_record_nobody_who_is_left_is_told_once))
