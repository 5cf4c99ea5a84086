/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

static enum ac_code run_begin(struct ac_run **ret_run, struct ac_error *err)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    const struct ac_run_settings settings = {
        .deadline_ms = ac_clock_after_ms((int64_t)STAGE_SECONDS * 1000),
    };
    return ac_run_new(&settings, ret_run, err);
}

AC_TEST(plugin_is_described_without_being_opened)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_run) *run = NULL;
    const struct ac_descriptor *descriptor = NULL;

    AC_REQUIRE_OK(run_begin(&run, &err));
    AC_REQUIRE_OK(ac_run_describe(run, "dns", &descriptor, &err));

    CU_ASSERT(ac_words_has(&descriptor->types, "dns-01"));
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
    AC_REQUIRE_CODE(ac_run_describe(run, "missing", &descriptor, &err), AC_E_USAGE);
}

AC_TEST(plugins_are_listed_by_name)
{
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO(ac_words) names = { 0 };
    struct ac_error err = { 0 };

    AC_REQUIRE(ac_test_write_file(ac_test_path("b.so"), "", 0));
    AC_REQUIRE(ac_test_write_file(ac_test_path("a.so"), "", 0));
    AC_REQUIRE(ac_test_write_file(ac_test_path("notes.txt"), "", 0));
    AC_REQUIRE_OK(ac_words_add(&folders, ac_test_folder(), &err));
    AC_REQUIRE_OK(ac_run_plugins(&folders, &names, &err));

    CU_ASSERT_EQUAL(names.count, 2);
    CU_ASSERT_STRING_EQUAL(names.items[0], "a");
}

AC_SUITE("engine/run/run_describe", AC_CASE(plugin_is_described_without_being_opened),
         AC_CASE(plugins_are_listed_by_name))
