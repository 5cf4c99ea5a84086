/* SPDX-License-Identifier: Apache-2.0 */
#include "host/installer.h"

#include "drive_installer.h"

#define SPAN_MS 10000

AC_TEST(good_installer_does_all_in_order)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_installer) *installer = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_mood("", &err));
    AC_REQUIRE_OK(drive_start("installer-test", &installer, &err));
    for (int op = AC_INSTALLER_STAGE; op <= AC_INSTALLER_FINISH; op++)
        AC_REQUIRE_OK(drive(installer, (enum ac_installer_op)op, SPAN_MS, &err));

    CU_ASSERT(ac_installer_is_open(installer));
    CU_ASSERT_STRING_EQUAL(ac_installer_title(installer), "web (installer-test)");
    CU_ASSERT_EQUAL(ac_installer_state(installer, &err), AC_OK);
    AC_REQUIRE(ac_installer_descriptor(installer) != NULL);
    CU_ASSERT_EQUAL(ac_installer_descriptor(installer)->option_count, 1 + 4);
}

AC_TEST(certificate_that_is_refused_has_its_own_reason)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_installer) *installer = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_mood("stage:www fail\n", &err));
    AC_REQUIRE_OK(drive_start("installer-test", &installer, &err));
    AC_REQUIRE_OK(drive(installer, AC_INSTALLER_STAGE, SPAN_MS, &err));

    CU_ASSERT_EQUAL(ac_installer_status(installer, 0), ACMECORE_E_REFUSED);
    CU_ASSERT_STRING_EQUAL(ac_installer_detail(installer, 0), "stage is in no mood");
}

AC_TEST(crash_is_named_and_only_a_rollback_follows_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_installer) *installer = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_mood("commit crash\n", &err));
    AC_REQUIRE_OK(drive_start("installer-test", &installer, &err));
    AC_REQUIRE_OK(drive(installer, AC_INSTALLER_STAGE, SPAN_MS, &err));
    AC_REQUIRE_CODE(drive(installer, AC_INSTALLER_COMMIT, SPAN_MS, &err), AC_E_PLUGIN);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "installer-test"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "commit"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "SIGSEGV"));
    AC_REQUIRE_CODE(drive(installer, AC_INSTALLER_STAGE, SPAN_MS, &err), AC_E_PLUGIN);
    AC_REQUIRE_OK(drive(installer, AC_INSTALLER_ROLLBACK, SPAN_MS, &err));
    AC_REQUIRE_OK(drive(installer, AC_INSTALLER_STAGE, SPAN_MS, &err));
}

AC_TEST(what_never_ends_is_ended_at_its_deadline)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_installer) *installer = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_mood("commit hang\n", &err));
    AC_REQUIRE_OK(drive_start("installer-test", &installer, &err));
    AC_REQUIRE_OK(drive(installer, AC_INSTALLER_STAGE, SPAN_MS, &err));
    AC_REQUIRE_CODE(drive(installer, AC_INSTALLER_COMMIT, 200, &err), AC_E_PLUGIN);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "commit"));
}

AC_TEST(nonsense_is_told_as_that)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_installer) *installer = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_mood("stage:www pending\ncommit odd\n", &err));
    AC_REQUIRE_OK(drive_start("installer-test", &installer, &err));
    AC_REQUIRE_OK(drive(installer, AC_INSTALLER_STAGE, SPAN_MS, &err));
    CU_ASSERT_EQUAL(ac_installer_status(installer, 0), ACMECORE_E_INVALID);
    AC_REQUIRE_CODE(drive(installer, AC_INSTALLER_COMMIT, SPAN_MS, &err), AC_E_PLUGIN);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "no result"));
}

AC_TEST(solver_is_no_installer)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_installer) *installer = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_mood("", &err));
    AC_REQUIRE_OK(drive_start("good", &installer, &err));
    AC_REQUIRE_CODE(drive(installer, AC_INSTALLER_STAGE, SPAN_MS, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail, "plugin good is no installer");
}

AC_TEST(stopped_one_says_why)
{
    struct ac_error err = { 0 };
    struct ac_error why = { 0 };
    AC_AUTO(ac_installer) *installer = NULL;
    AC_AUTO(ac_install_batch) batch = { 0 };

    AC_REQUIRE_OK(drive_mood("", &err));
    AC_REQUIRE_OK(drive_start("installer-test", &installer, &err));
    AC_REQUIRE_OK(drive_batch(&batch, &err));
    AC_REQUIRE_OK(ac_installer_begin(installer, AC_INSTALLER_STAGE, &batch,
                                     ac_clock_after_ms(SPAN_MS), &err));
    AC_REQUIRE_CODE(ac_installer_begin(installer, AC_INSTALLER_COMMIT, NULL, 0, &err),
                    AC_E_PLUGIN);
    (void)ac_fail(&why, AC_E_CANCELLED, "enough");
    ac_installer_stop(installer, &why);

    CU_ASSERT(ac_installer_is_done(installer));
    CU_ASSERT_EQUAL(ac_installer_result(installer, &err), AC_E_CANCELLED);
    CU_ASSERT_EQUAL(ac_installer_state(installer, &err), AC_E_CANCELLED);
    CU_ASSERT_STRING_EQUAL(ac_installer_op_name(AC_INSTALLER_ROLLBACK), "rollback");
}

AC_SUITE("host/installer", AC_CASE(good_installer_does_all_in_order),
         AC_CASE(certificate_that_is_refused_has_its_own_reason),
         AC_CASE(crash_is_named_and_only_a_rollback_follows_it),
         AC_CASE(what_never_ends_is_ended_at_its_deadline),
         AC_CASE(nonsense_is_told_as_that), AC_CASE(solver_is_no_installer),
         AC_CASE(stopped_one_says_why))
