/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "deploy_stage.h"

static const struct ac_solver_spec spec = { .name = (char *)"web",
                                            .plugin = (char *)"fake" };

AC_TEST(installer_that_does_not_open_is_no_driver)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_deploy_driver) driver = { .settings = &stage.settings, .spec = &spec };

    AC_REQUIRE_OK(stage_new(&stage, "", &err));
    fake_installer.refuses_open = true;
    AC_REQUIRE_CODE(ac_deploy_driver_start(&driver, &err), AC_E_USAGE);
}

AC_TEST(installer_that_is_tried_is_opened_and_asked_for_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "", &err));
    AC_REQUIRE_OK(ac_deploy_try(&stage.settings, &spec, &err));
    stage.settings.store = NULL;
    AC_REQUIRE_OK(ac_deploy_try(&stage.settings, &spec, &err));
    CU_ASSERT_STRING_EQUAL(fake_installer.log, "");
    fake_installer.refuses_open = true;

    AC_REQUIRE_CODE(ac_deploy_try(&stage.settings, &spec, &err), AC_E_USAGE);
}

AC_TEST(signal_stops_an_operation_but_no_rollback)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_deploy_driver) driver = { .settings = &stage.settings, .spec = &spec };

    AC_REQUIRE_OK(stage_new(&stage, "", &err));
    AC_REQUIRE_OK(ac_deploy_driver_start(&driver, &err));
    fake_installer.signal_at = AC_INSTALLER_COMMIT + 1;
    AC_REQUIRE_CODE(ac_deploy_operate(&driver, AC_INSTALLER_COMMIT, NULL, &err),
                    AC_E_CANCELLED);
    AC_REQUIRE_OK(ac_deploy_operate(&driver, AC_INSTALLER_ROLLBACK, NULL, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "commit\nstop\nrollback\n");
    CU_ASSERT_EQUAL(ac_deploy_check_time(&stage.settings, &err), AC_E_CANCELLED);
    ac_clock_cancel(0);
}

AC_TEST(installer_that_never_opens_is_waited_for_as_long_as_the_run_lasts)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_deploy_driver) driver = { .settings = &stage.settings, .spec = &spec };

    AC_REQUIRE_OK(stage_new(&stage, "", &err));
    fake_installer.never_opens = true;
    stage.settings.deadline_ms = ac_clock_after_ms(20);
    AC_REQUIRE_CODE(ac_deploy_driver_start(&driver, &err), AC_E_TIMEOUT);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "plugin fake was not open"));
}

AC_TEST(operation_that_never_ends_is_ended_with_its_time)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_deploy_driver) driver = { .settings = &stage.settings, .spec = &spec };

    AC_REQUIRE_OK(stage_new(&stage, "", &err));
    stage.settings.deadline_ms = ac_clock_after_ms(20);
    AC_REQUIRE_OK(ac_deploy_driver_start(&driver, &err));
    fake_installer.hangs_at = AC_INSTALLER_COMMIT + 1;
    AC_REQUIRE_CODE(ac_deploy_operate(&driver, AC_INSTALLER_COMMIT, NULL, &err),
                    AC_E_PLUGIN);

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "commit\nstop\n");
}

AC_TEST(what_is_undone_may_take_as_long_as_what_was_done_but_not_after_a_signal)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_deploy_driver) driver = { .settings = &stage.settings, .spec = &spec };

    AC_REQUIRE_OK(stage_new(&stage, "", &err));
    AC_REQUIRE_OK(ac_deploy_driver_start(&driver, &err));
    stage.settings.deadline_ms = ac_clock_now_ms();
    AC_REQUIRE_OK(ac_deploy_operate(&driver, AC_INSTALLER_ROLLBACK, NULL, &err));
    CU_ASSERT_TRUE(ac_clock_left_ms(fake_installer.deadline_ms)
                   > AC_DEPLOY_OP_MS - STAGE_MS);
    ac_clock_cancel(15);
    AC_REQUIRE_OK(ac_deploy_operate(&driver, AC_INSTALLER_FINISH, NULL, &err));
    ac_clock_cancel(0);

    CU_ASSERT_TRUE(ac_clock_left_ms(fake_installer.deadline_ms) <= AC_DEPLOY_ENDING_MS);
}

static int64_t later_ms;

/* So much passes from one look at it to the next. */
static int64_t quick_clock(void)
{
    return later_ms += AC_DEPLOY_ENDING_MS + AC_DEPLOY_GRACE_MS;
}

static int64_t stopped_clock(void)
{
    return AC_CLOCK_FLOOR;
}

AC_TEST(signal_shortens_a_rollback_that_is_under_way)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_deploy_driver) driver = { .settings = &stage.settings, .spec = &spec };

    AC_REQUIRE_OK(stage_new(&stage, "", &err));
    AC_REQUIRE_OK(ac_deploy_driver_start(&driver, &err));
    fake_installer.signal_at = AC_INSTALLER_ROLLBACK + 1;
    later_ms = 0;
    ac_clock_fake(quick_clock, stopped_clock);
    enum ac_code code = ac_deploy_operate(&driver, AC_INSTALLER_ROLLBACK, NULL, &err);
    ac_clock_fake(NULL, NULL);
    ac_clock_cancel(0);

    CU_ASSERT_EQUAL(code, AC_E_PLUGIN);
    CU_ASSERT_TRUE(later_ms < fake_installer.deadline_ms);
    CU_ASSERT_STRING_EQUAL(fake_installer.log, "rollback\nstop\n");
}

AC_TEST(time_that_is_up_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "", &err));
    stage.settings.deadline_ms = 1;
    AC_REQUIRE_CODE(ac_deploy_check_time(&stage.settings, &err), AC_E_TIMEOUT);
}

AC_SUITE(
    "engine/deploy/deploy_operate", AC_CASE(installer_that_does_not_open_is_no_driver),
    AC_CASE(installer_that_is_tried_is_opened_and_asked_for_nothing),
    AC_CASE(signal_stops_an_operation_but_no_rollback),
    AC_CASE(installer_that_never_opens_is_waited_for_as_long_as_the_run_lasts),
    AC_CASE(operation_that_never_ends_is_ended_with_its_time),
    AC_CASE(what_is_undone_may_take_as_long_as_what_was_done_but_not_after_a_signal),
    AC_CASE(signal_shortens_a_rollback_that_is_under_way),
    AC_CASE(time_that_is_up_is_told))
