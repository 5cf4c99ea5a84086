/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "command_line.h"
#include "fake_run.h"

static enum ac_code hold(struct ac_error *err)
{
    fake_reset();
    return hold_certificate("www", "a.test", err);
}

AC_TEST(what_was_left_is_removed_and_told)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold(&err));
    fake.cleaned = "_acme-challenge.a.test";
    CU_ASSERT_EQUAL(run_program(IN_STATE("cleanup", "www")), 0);

    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "removed _acme-challenge.a.test\n");
}

AC_TEST(records_that_were_to_stay_go_when_that_is_asked)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("cleanup", "www")), 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "which --persistent removes"));
    CU_ASSERT_EQUAL(run_program(IN_STATE("cleanup", "www", "--persistent")), 0);

    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "removed _validation-persist.a.test\n");
}

AC_TEST(what_went_well_has_no_error_in_its_document)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("cleanup", "www", "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_PTR_NULL(ac_json_get(document, "error"));
}

AC_TEST(what_stays_is_exit_6)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold(&err));
    fake.leftover = "it could not be cleaned up: REFUSED";
    CU_ASSERT_EQUAL(run_program(IN_STATE("cleanup", "www", "--persistent", "--json")),
                    6);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_STRING_EQUAL(text_of(document, "name"), "www");
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(document, "cleaned")), 1);
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(document, "warnings")), 1);
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_get(document, "error"), "message"),
                           "it could not be cleaned up: REFUSED");
}

AC_TEST(another_run_that_works_on_it_is_exit_8)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold(&err));
    fake_fail(AC_E_LOCKED, "another run works on it");
    CU_ASSERT_EQUAL(run_program(IN_STATE("cleanup", "www")), 8);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "another run works on it"));
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "");
}

AC_TEST(name_that_is_not_there_starts_nothing)
{
    fake_reset();
    CU_ASSERT_EQUAL(run_program(IN_STATE("cleanup", "www")), 2);

    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "there is no certificate \"www\" in "));
}

AC_SUITE("cli/cleanup", AC_CASE(what_was_left_is_removed_and_told),
         AC_CASE(records_that_were_to_stay_go_when_that_is_asked),
         AC_CASE(what_went_well_has_no_error_in_its_document),
         AC_CASE(what_stays_is_exit_6), AC_CASE(another_run_that_works_on_it_is_exit_8),
         AC_CASE(name_that_is_not_there_starts_nothing))
