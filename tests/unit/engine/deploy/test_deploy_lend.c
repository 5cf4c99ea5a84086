/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "deploy_stage.h"
#include "engine/deploy/staging.h"

#include <sys/stat.h>

static const struct ac_solver_spec spec = { .name = (char *)"web",
                                            .plugin = (char *)"fake" };

/* As a dry run leaves it that is killed: links, and a folder with what it wrote. */
static enum ac_code leave(struct stage *stage, struct ac_error *err)
{
    AC_AUTO(ac_deploy_item) *item = NULL;
    AC_AUTO_TEXT char *folder = NULL;

    AC_TRY(stage_new(stage, "www", err));
    AC_TRY(ac_deploy_item_load(&stage->settings, "www", &item, err));
    struct ac_deploy_pair pair = {
        .item = item,
        .deployment = ac_state_find_deployment(&item->held.state, "web"),
    };
    const struct ac_deploy_group group = { .spec = &spec, .pairs = &pair, .count = 1 };
    AC_TRY(ac_plugin_folder(ac_store_folder(stage->store), "web", "fake", true, &folder,
                            err));
    AC_TRY(ac_file_make_folders(folder, 0700, err));
    return ac_deploy_lend(&stage->settings, &group, err);
}

static bool has_folder(const struct stage *stage)
{
    struct ac_error ignored;
    AC_AUTO_TEXT char *folder = NULL;
    struct stat status;

    return ac_plugin_folder(ac_store_folder(stage->store), "web", "fake", true, &folder,
                            &ignored)
               != AC_OK
           || stat(folder, &status) == 0;
}

AC_TEST(link_that_was_lent_is_taken_back)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE_OK(leave(&stage, &err));
    CU_ASSERT_EQUAL(stage_link(&stage, "www"), 1);
    AC_REQUIRE_OK(ac_deploy_take_back(&stage.settings, "web", &err));

    CU_ASSERT_EQUAL(stage_link(&stage, "www"), 0);
    CU_ASSERT_FALSE(has_folder(&stage));
    CU_ASSERT_FALSE(ac_deploy_has_leftovers(stage.store));
}

AC_TEST(link_that_is_used_by_now_stays)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE_OK(leave(&stage, &err));
    AC_REQUIRE_OK(stage_leave(&stage, "www", "web", false, &err));
    AC_REQUIRE_OK(ac_deploy_take_back(&stage.settings, "web", &err));

    CU_ASSERT_EQUAL(stage_link(&stage, "www"), 1);
    CU_ASSERT_FALSE(ac_deploy_has_leftovers(stage.store));
}

AC_TEST(next_run_takes_back_what_a_dry_run_left)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };

    AC_REQUIRE_OK(leave(&stage, &err));
    ac_words_done(&stage.names);
    stage.settings.is_sweeping = true;
    AC_REQUIRE_OK(ac_deploy(&stage.settings, &err));

    CU_ASSERT_EQUAL(stage_link(&stage, "www"), 0);
    CU_ASSERT_FALSE(has_folder(&stage));
    CU_ASSERT_STRING_EQUAL(fake_installer.log, "");
}

AC_SUITE("engine/deploy/deploy_lend", AC_CASE(link_that_was_lent_is_taken_back),
         AC_CASE(link_that_is_used_by_now_stays),
         AC_CASE(next_run_takes_back_what_a_dry_run_left))
