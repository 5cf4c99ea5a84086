/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

/* test_issue.c has the run with each allocation failing; these are about decisions. */

AC_TEST(plugin_that_never_opens_is_named_when_the_time_is_up)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("silent", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "plugin silent"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "did not finish load"));
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

/* The lock would be waited for longer than the run lasts. */
static void use_up(const char *phase)
{
    if (strcmp(phase, "account") == 0 && fake_ca.now_ms > stage.started_ms + 1000)
        fake_ca.now_ms = stage.started_ms + (int64_t)STAGE_SECONDS * 1000;
}

AC_TEST(run_that_registers_elsewhere_is_why_when_the_time_is_up)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO_TEXT char *ca = NULL;
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_store_ca_name(FAKE_DIRECTORY, &ca, &err));
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_ACCOUNTS, ca, &lock, &err));
    stage.hook = use_up;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_LOCKED);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "registers with this CA"));
    CU_ASSERT_EQUAL(stage.accounts, 0);
}

AC_TEST(nobody_is_blamed_for_the_ca)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .validation_reads = 100000 });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
    CU_ASSERT_PTR_NULL(strstr(stage.error.detail, "plugin"));
}

AC_TEST(cleanup_that_is_not_waited_for_is_told)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.cancel_in = "validate";
    AC_REQUIRE_OK(stage_run("sluggish", &err));
    ac_clock_cancel(0);

    CU_ASSERT_EQUAL(stage.code, AC_E_CANCELLED);
    CU_ASSERT(stage_elapsed_ms() < AC_RUN_CLEANUP_MS + 5000);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "plugin sluggish has not cleaned up"));
    CU_ASSERT(stage_has_file("order.json"));
}

AC_SUITE("engine/issue_blame",
         AC_CASE(run_that_registers_elsewhere_is_why_when_the_time_is_up),
         AC_CASE(plugin_that_never_opens_is_named_when_the_time_is_up),
         AC_CASE(nobody_is_blamed_for_the_ca),
         AC_CASE(cleanup_that_is_not_waited_for_is_told))
