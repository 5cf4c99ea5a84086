/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/renew.h"

#include "command_line.h"
#include "fake_run.h"
#include "installed.h"

#define LATER INT64_C(1893456000) /* 2030: all that tests hold is over */

static int64_t utc_later(void)
{
    return LATER;
}

static void use_later(void)
{
    ac_clock_fake(NULL, utc_later);
}

AC_TEST(with_nothing_due_nobody_is_asked)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew")), 0);

    CU_ASSERT_EQUAL(fake.loaded, 0);
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_out(), "1 certificate looked at, 0 due; next: 20"));
}

AC_TEST(an_empty_store_is_no_error)
{
    fake_reset();
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew")), 0);

    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "0 certificates looked at, 0 due.\n");
}

AC_TEST(what_is_due_is_renewed)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    use_later();
    int code = run_program(IN_STATE("renew", "--jobs", "3"));
    ac_clock_fake(NULL, NULL);

    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT_EQUAL(fake.loaded, 1);
    CU_ASSERT_EQUAL(fake.jobs, 3);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "www: renewed (lifetime)"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "1 due: 1 renewed, 0 failed"));
}

AC_TEST(a_dry_run_says_what_would_be_done)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--dry-run", "--force")), 0);

    CU_ASSERT_EQUAL(fake.loaded, 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "www: would be renewed (forced)"));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--dry-run", "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    CU_ASSERT_TRUE(ac_json_bool_or(document, "dry_run", false));
}

AC_TEST(the_failure_of_all_is_the_exit_code)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    fake_fail(AC_E_CHALLENGE, "a.example: no answer");
    fake.failing = 1;
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--force")), 4);

    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "acmecore: www: a.example: no answer\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "1 certificate failed"));
}

AC_TEST(a_name_that_is_none_is_refused)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "www", "ftp")), 2);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "there is no certificate \"ftp\""));
}

AC_TEST(json_has_each_that_was_worked_on)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    fake_fail(AC_E_RATE_LIMITED, "too many");
    fake.failing = 1;
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--force", "--json")), 10);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    const struct ac_json *one = ac_json_at(ac_json_get(document, "certificates"), 0);

    CU_ASSERT_EQUAL(ac_json_number_or(document, "failed", -1), 1);
    CU_ASSERT_STRING_EQUAL(text_of(one, "result"), "failed");
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_get(one, "error"), "message"), "too many");
    CU_ASSERT_EQUAL(ac_json_number_or(ac_json_get(document, "error"), "exit", 0), 10);
}

AC_TEST(what_is_renewed_reaches_its_servers_where_it_cannot_be_told)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_with_installer(&err));
    CU_ASSERT_EQUAL(run_program_into("/dev/full", IN_STATE("renew", "--force")), 9);

    CU_ASSERT_EQUAL(fake.loaded, 1);
    CU_ASSERT_EQUAL(fake.deployed, 1);
}

AC_TEST(failure_is_the_exit_code_whether_it_can_be_told_or_not)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    fake_fail(AC_E_CHALLENGE, "a.example: no answer");
    fake.failing = 1;

    CU_ASSERT_EQUAL(run_program_into("/dev/full", IN_STATE("renew", "--force")), 4);
}

AC_SUITE("cli/renew", AC_CASE(with_nothing_due_nobody_is_asked),
         AC_CASE(an_empty_store_is_no_error), AC_CASE(what_is_due_is_renewed),
         AC_CASE(a_dry_run_says_what_would_be_done),
         AC_CASE(the_failure_of_all_is_the_exit_code),
         AC_CASE(a_name_that_is_none_is_refused),
         AC_CASE(json_has_each_that_was_worked_on),
         AC_CASE(what_is_renewed_reaches_its_servers_where_it_cannot_be_told),
         AC_CASE(failure_is_the_exit_code_whether_it_can_be_told_or_not))
