/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy.h"

#include "base/log.h"
#include "deploy_stage.h"
#include "engine/deploy/staging.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

AC_TEST(what_is_pending_is_staged_committed_proven_and_finished)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "stage www\ncommit\nprobe www\nfinish\n");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www live\n");
    CU_ASSERT_EQUAL(stage_link(&stage, "www"), 1);
    AC_REQUIRE_OK(stage_state(&stage, "www", &state, &err));
    AC_REQUIRE(state.deployment_count == 1);
    CU_ASSERT_EQUAL(state.deployments[0].live_version, 1);
    CU_ASSERT_EQUAL(state.deployments[0].staged_version, 0);
}

AC_TEST(what_is_live_is_left_alone_but_by_force)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    fake_installer_reset();
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    CU_ASSERT_STRING_EQUAL(fake_installer.log, "");
    stage.settings.is_forced = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "stage www\ncommit\nprobe www\nfinish\n");
}

AC_TEST(failure_waits_for_its_back_off)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    fake_installer.fails[AC_INSTALLER_COMMIT] = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    stage.settings.ignores_backoff = false;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www failed\nwww waiting\n");
    CU_ASSERT_STRING_EQUAL(fake_installer.log, "stage www\ncommit\nrollback\n");
    CU_ASSERT_EQUAL(stage_link(&stage, "www"), 0);
}

AC_TEST(installer_that_was_not_asked_for_is_left_alone)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_words) others = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(ac_words_add(&others, "mail", &err));
    stage.settings.installers = &others;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "");
}

AC_TEST(certificate_that_is_locked_is_told_where_it_is_the_one)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(
        ac_store_lock(stage.store, AC_STORE_CERTIFICATES, "www", &lock, &err));
    AC_REQUIRE_CODE(ac_deploy(&stage.settings, &err), AC_E_LOCKED);

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "");
}

AC_TEST(certificate_that_is_locked_among_others_is_told_where_something_is_to_do)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "mail www", &err));
    AC_REQUIRE_OK(
        ac_store_lock(stage.store, AC_STORE_CERTIFICATES, "mail", &lock, &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "mail locked\nwww live\n");
    ac_lock_free(AC_TAKE(lock));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));
    AC_REQUIRE_OK(
        ac_store_lock(stage.store, AC_STORE_CERTIFICATES, "mail", &lock, &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told),
                           "mail locked\nwww live\nmail live\n");
}

static char heard[1024];

static void hear(void *arg, enum ac_log_level level, const char *line)
{
    (void)arg, (void)level;
    (void)snprintf(heard, sizeof heard, "%s", line);
}

AC_TEST(certificate_that_the_store_does_not_let_begin_is_told_at_once_and_at_the_end)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO_TEXT char *path = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "mail www", &err));
    AC_REQUIRE_OK(ac_store_path(stage.store, AC_STORE_CERTIFICATES, "mail",
                                "state.json", &path, &err));
    (void)unlink(path);
    AC_REQUIRE(mkdir(path, 0700) == 0);
    ac_log_to(hear, NULL, AC_LOG_WARN);
    enum ac_code code = ac_deploy(&stage.settings, &err);
    ac_log_to(NULL, NULL, AC_LOG_ERROR);
    AC_REQUIRE_CODE(code, AC_E_STORE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "mail: not deployed"));
    CU_ASSERT_PTR_NOT_NULL(strstr(heard, "mail: not deployed"));
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www live\n");
}

/* Two groups of one instance; what was left is of the second. */
static enum ac_code leave_with_other_settings(const struct stage *stage,
                                              struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_wanted_load(stage->store, "www", &wanted, err));
    struct ac_solver_spec *spec = ac_wanted_find_installer(&wanted, "web");
    AC_TRY(ac_section_add(&spec->section, "port", "443", "", err));
    AC_TRY(ac_wanted_save(&wanted, stage->store, err));
    AC_TRY(ac_words_add(&names, "www", err));
    AC_TRY(stage_leave(stage, "www", "web", false, err));
    return ac_staging_save(stage->store, AC_STAGING_BEGUN, spec, &names, err);
}

AC_TEST(what_was_left_amid_it_is_undone_before_others_use_the_installer)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "mail www", &err));
    AC_REQUIRE_OK(leave_with_other_settings(&stage, &err));
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log,
                           "rollback\nstage mail\ncommit\nprobe mail\nfinish\n"
                           "stage www\ncommit\nprobe www\nfinish\n");
    CU_ASSERT_STRING_EQUAL(fake_installer.started,
                           "fake port=443\nfake\nfake port=443\n");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "mail live\nwww live\n");
}

AC_TEST(dry_run_stages_and_commits_and_notes_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    stage.settings.is_dry_run = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "stage www\ncommit\n");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www planned\n");
    CU_ASSERT_EQUAL(stage_link(&stage, "www"), 0);
    AC_REQUIRE_OK(stage_state(&stage, "www", &state, &err));
    CU_ASSERT_EQUAL(state.deployment_count, 0);
}

AC_SUITE(
    "engine/deploy/deploy",
    AC_CASE(what_is_pending_is_staged_committed_proven_and_finished),
    AC_CASE(what_is_live_is_left_alone_but_by_force),
    AC_CASE(failure_waits_for_its_back_off),
    AC_CASE(installer_that_was_not_asked_for_is_left_alone),
    AC_CASE(certificate_that_is_locked_is_told_where_it_is_the_one),
    AC_CASE(certificate_that_is_locked_among_others_is_told_where_something_is_to_do),
    AC_CASE(
        certificate_that_the_store_does_not_let_begin_is_told_at_once_and_at_the_end),
    AC_CASE(what_was_left_amid_it_is_undone_before_others_use_the_installer),
    AC_CASE(dry_run_stages_and_commits_and_notes_nothing))
