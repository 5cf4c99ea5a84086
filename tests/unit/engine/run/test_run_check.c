/* SPDX-License-Identifier: Apache-2.0 */
/* The suite itself is in tests/unit/engine/check. */
#include "engine/run/run.h"

#include "base/clock.h"
#include "check.h"

AC_TEST(a_plugin_that_is_not_there_is_told_with_its_folders)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_run) *run = NULL;
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };
    struct ac_section none = { 0 };
    struct ac_run_settings settings = { .host_path = "/nonexistent",
                                        .plugin_folders = &folders,
                                        .deadline_ms = ac_clock_after_ms(10000) };

    AC_REQUIRE_OK(ac_words_add(&folders, ac_test_folder(), &err));
    AC_REQUIRE_OK(ac_run_new(&settings, &run, &err));

    AC_REQUIRE_CODE(ac_run_check_plugin(run, "dns01-no", &none, NULL, &check, &err),
                    AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, ac_test_folder()));
}

AC_SUITE("engine/run/run_check",
         AC_CASE(a_plugin_that_is_not_there_is_told_with_its_folders))
