/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_deploy.h"

#include "deploy_stage.h"

AC_TEST(run_lends_its_store_and_its_loop)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_run) *run = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    const struct ac_run_settings settings = { .store = stage.store,
                                              .host_path = "/nowhere",
                                              .plugin_folders = &stage.folders,
                                              .deadline_ms =
                                                  stage.settings.deadline_ms };
    const struct ac_deploy_settings wish = { .names = &stage.names,
                                             .told = stage_told,
                                             .arg = &stage };
    AC_REQUIRE_OK(ac_run_new(&settings, &run, &err));
    AC_REQUIRE_OK(ac_run_deploy(run, &wish, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&stage.told), "www live\n");
}

AC_SUITE("engine/run/run_deploy", AC_CASE(run_lends_its_store_and_its_loop))
