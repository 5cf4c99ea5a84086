/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "command_line.h"
#include "fake_run.h"

static int64_t later_utc;

static int64_t utc_later(void)
{
    return later_utc;
}

/* A certificate, and the clock so many days after its middle. */
static enum ac_code hold(int64_t days, struct ac_error *err)
{
    AC_TRY(hold_certificate("www.example", "www.example", err));
    later_utc = AC_PKI_NOW + days * 86400;
    ac_clock_fake(NULL, utc_later);
    return AC_OK;
}

AC_TEST(nothing_wrong_is_exit_code_zero)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold(0, &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("status")), 0);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "fine     www.example"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "1 certificate: 1 fine\n"));
}

AC_TEST(expired_is_exit_code_21)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold(1000, &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("status")), 21);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "expired  www.example"));
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "acmecore: 1 certificate has expired\n"));
}

AC_TEST(due_that_nobody_does_is_exit_code_20)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold(65, &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("status")), 20);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "overdue for"));
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "1 certificate is due and failing"));
}

AC_TEST(json_has_levels_certificates_and_the_failure)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold(1000, &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("status", "--json")), 21);

    AC_AUTO(ac_json) *json = printed();
    const struct ac_json *one = ac_json_at(ac_json_get(json, "certificates"), 0);
    CU_ASSERT_EQUAL(ac_json_number_or(ac_json_get(json, "levels"), "expired", 0), 1);
    CU_ASSERT_STRING_EQUAL(text_of(one, "level"), "expired");
    CU_ASSERT_EQUAL(ac_json_number_or(one, "life_used_permille", 0), 1000);
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_get(json, "error"), "code"), "expired");
}

AC_TEST(metrics_are_printed_on_request_and_other_formats_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold(0, &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("status", "--format", "prometheus")), 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "# TYPE acmecore_certificates "));
    CU_ASSERT_EQUAL(run_program(IN_STATE("status", "--format", "yaml")), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(),
                                  "--format is table or prometheus, not \"yaml\""));
}

AC_TEST(page_is_written_in_place_of_the_table)
{
    struct ac_error err = { 0 };
    static char page[65536];
    const char *path = ac_test_path("status.html");

    AC_REQUIRE_OK(hold(0, &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("status", "--html", path)), 0);

    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "");
    AC_REQUIRE(ac_test_read_file(path, page, sizeof page) > 0);
    CU_ASSERT_TRUE(ac_capture_has(page, "<title>version 1: "));
}

AC_TEST(name_that_is_not_there_is_a_wrong_argument)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold(0, &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("status", "other.example")), 2);
}

AC_SUITE("cli/status", AC_CASE(nothing_wrong_is_exit_code_zero),
         AC_CASE(expired_is_exit_code_21),
         AC_CASE(due_that_nobody_does_is_exit_code_20),
         AC_CASE(json_has_levels_certificates_and_the_failure),
         AC_CASE(metrics_are_printed_on_request_and_other_formats_refused),
         AC_CASE(page_is_written_in_place_of_the_table),
         AC_CASE(name_that_is_not_there_is_a_wrong_argument))
