/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_try.h"

#include "deploy_stage.h"

static enum ac_code begin(const struct stage *stage, struct ac_run **ret_run,
                          struct ac_error *err)
{
    const struct ac_run_settings settings = { .store = stage->store,
                                              .host_path = "/nowhere",
                                              .plugin_folders = &stage->folders,
                                              .deadline_ms =
                                                  stage->settings.deadline_ms };

    return ac_run_new(&settings, ret_run, err);
}

static enum ac_code add(struct ac_wanted *wanted, const char *name, const char *value,
                        struct ac_error *err)
{
    struct ac_solver_spec *spec;

    AC_TRY(ac_wanted_add_installer(wanted, name, "fake", &spec, err));
    return ac_section_add(&spec->section, "word", value, "a.conf:1", err);
}

AC_TEST(certificate_without_installers_has_nothing_wrong)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_run) *run = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "", &err));
    AC_REQUIRE_OK(begin(&stage, &run, &err));
    fake_installer.refuses_start = true;

    AC_REQUIRE_OK(ac_run_check_installers(run, &wanted, &err));
}

AC_TEST(what_is_found_of_an_installer_counts_for_the_whole_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_run) *run = NULL;
    AC_AUTO(ac_wanted) wrong = { 0 };
    AC_AUTO(ac_wanted) other = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "", &err));
    AC_REQUIRE_OK(begin(&stage, &run, &err));
    AC_REQUIRE_OK(add(&wrong, "web", "bad", &err));
    AC_REQUIRE_OK(add(&other, "web", "good", &err));
    fake_installer.refuses_open = true;
    AC_REQUIRE_CODE(ac_run_check_installers(run, &wrong, &err), AC_E_USAGE);
    fake_installer.refuses_open = false;

    AC_REQUIRE_CODE(ac_run_check_installers(run, &wrong, &err), AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail, "plugin fake could not be opened");
    AC_REQUIRE_OK(ac_run_check_installers(run, &other, &err));
    fake_installer.refuses_start = true;
    AC_REQUIRE_OK(ac_run_check_installers(run, &other, &err));
}

AC_TEST(plugin_that_is_not_there_is_told_before_a_ca_is_asked)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_run) *run = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    const struct ac_solver_spec solver = { .name = (char *)"ns1",
                                           .plugin = (char *)"nothing" };

    AC_REQUIRE_OK(stage_new(&stage, "", &err));
    AC_REQUIRE_OK(begin(&stage, &run, &err));
    AC_REQUIRE_OK(add(&wanted, "web", "good", &err));
    fake_installer.refuses_start = true;

    AC_REQUIRE_CODE(ac_run_check_installers(run, &wanted, &err), AC_E_NOTFOUND);
    CU_ASSERT_NOT_EQUAL(ac_run_try_solver(run, &solver, &err), AC_OK);
}

AC_SUITE("engine/run/run_try",
         AC_CASE(certificate_without_installers_has_nothing_wrong),
         AC_CASE(what_is_found_of_an_installer_counts_for_the_whole_run),
         AC_CASE(plugin_that_is_not_there_is_told_before_a_ca_is_asked))
