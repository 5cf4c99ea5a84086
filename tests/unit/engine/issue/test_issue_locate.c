/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

/* test_issue.c has the run with each allocation failing; these are about decisions. */

static char noted[8192];

static void look_into_journal(enum ac_solver_op op)
{
    if (op == AC_SOLVER_PRESENT)
        (void)ac_test_read_file(ac_test_path("state/certs/" STAGE_CERT "/order.json"),
                                noted, sizeof noted);
}

AC_TEST(records_are_noted_where_they_really_lie)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .offers_dns_only = true });
    fake_solvers.record_name = "a.alias.test";
    fake_solvers.record_zone = "alias.test";
    fake_solvers.on_begin = look_into_journal;
    AC_REQUIRE_OK(stage_run("dns", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(noted, "\"a.alias.test\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(noted, "\"alias.test\""));
    CU_ASSERT_PTR_NULL(strstr(noted, "_acme-challenge"));
}

AC_TEST(record_that_has_no_other_place_keeps_its_name)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .offers_dns_only = true });
    fake_solvers.on_begin = look_into_journal;
    AC_REQUIRE_OK(stage_run("dns", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(noted, "\"_acme-challenge.a.test\""));
}

AC_TEST(all_names_of_a_solver_are_located_together_before_any_is_presented)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2, .offers_dns_only = true });
    AC_REQUIRE_OK(stage_run("dns", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(fake_solvers_did("locate"), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(fake_solvers.log, "test\npresent "));
}

AC_TEST(place_that_is_not_found_ends_the_run_before_anything_is_presented)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .offers_dns_only = true });
    fake_solvers.locate = FAKE_REFUSED;
    AC_REQUIRE_OK(stage_run("dns", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PLUGIN);
    CU_ASSERT_EQUAL(fake_solvers_did("present"), 0);
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 0);
}

/* It has a little less than the run, so that the run can say it. */
static void use_up(const char *phase)
{
    if (strcmp(phase, "authorize") == 0)
        fake_ca.now_ms = stage.started_ms + (int64_t)STAGE_SECONDS * 1000 - 2000;
}

AC_TEST(plugin_that_locates_until_the_run_ends_is_named)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .offers_dns_only = true });
    fake_solvers.locate = FAKE_HANGS;
    stage.hook = use_up;
    AC_REQUIRE_OK(stage_run("dns", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "plugin dns hung in locate"));
}

AC_TEST(http_answers_have_no_place_to_find)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(fake_solvers_did("locate"), 0);
}

AC_SUITE("engine/issue_locate", AC_CASE(records_are_noted_where_they_really_lie),
         AC_CASE(record_that_has_no_other_place_keeps_its_name),
         AC_CASE(all_names_of_a_solver_are_located_together_before_any_is_presented),
         AC_CASE(place_that_is_not_found_ends_the_run_before_anything_is_presented),
         AC_CASE(plugin_that_locates_until_the_run_ends_is_named),
         AC_CASE(http_answers_have_no_place_to_find))
