/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "command_line.h"
#include "fake_run.h"
#include "installed.h"

#include <signal.h>
#include <sys/stat.h>

#define ISSUE "-d", "a.example", "--server", CA_URL

/* ---- nothing to do */

AC_TEST(a_fresh_certificate_is_told_of_and_the_ca_not_asked)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE)), 0);

    CU_ASSERT_EQUAL(fake.issued, 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(),
                                  "Certificate \"www\" is fresh: valid "
                                  "until 2027-04-15T08:00:00Z"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "--force issues all the same"));
}

AC_TEST(a_quiet_run_with_nothing_to_do_says_nothing)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE, "-q")), 0);

    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "");
    CU_ASSERT_STRING_EQUAL(ac_capture_err(), "");
}

/* What an earlier run left is tried again; it is no order in flight. */
AC_TEST(leftovers_of_a_fresh_certificate_are_cleaned_up_and_nothing_is_issued)
{
    static const char left[] = "{\"schema\":1,\"presented\":[{}]}";
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/certs/www/order.json"), left,
                                  sizeof left - 1));
    fake.leftover = "it cannot be cleaned up";
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE, "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_EQUAL(fake.issued, 0);
    CU_ASSERT_EQUAL(fake.recovered_here, 1);
    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), "fresh");
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(document, "warnings")), 1);
}

AC_TEST(force_continues_no_order)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE, "--force")), 0);

    CU_ASSERT_TRUE(fake.settings.begins_anew);
}

/* ---- remembered */

AC_TEST(changed_settings_of_a_fresh_certificate_are_kept)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE, "--set", "web.port=82")), 0);
    CU_ASSERT_EQUAL(fake.kept, 1);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "the changed settings are kept"));
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE, "--set", "web.port=82", "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_TRUE(ac_json_bool_or(document, "settings_kept", false));
    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), "fresh");
    CU_ASSERT_EQUAL(fake.issued, 0);
}

AC_TEST(wrong_settings_of_a_fresh_certificate_are_told)
{
    struct ac_error err = { 0 };

    fake_reset();
    fake.keeping = AC_E_USAGE;
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE, "--set", "web.port=x")), 2);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "it is wrong"));
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "");
}

/* ---- issued */

AC_TEST(force_asks_the_ca_all_the_same_and_tells_what_it_cost)
{
    struct ac_error err = { 0 };

    fake_reset();
    fake.progress = "order";
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE, "--force")), 0);

    CU_ASSERT_EQUAL(fake.issued, 1);
    CU_ASSERT_EQUAL(fake.recovered, 1);
    CU_ASSERT_TRUE(ac_capture_has(
        ac_capture_out(), "Certificate \"www\" is issued (version 1, ecdsa-p256) "
                          "for a.example.\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "9 requests, 7 round trips"));
    CU_ASSERT_STRING_EQUAL(ac_capture_err(), ""); /* nobody watches */
}

AC_TEST(a_certificate_reaches_its_servers_where_it_cannot_be_told)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_with_installer(&err));
    CU_ASSERT_EQUAL(run_program_into("/dev/full", IN_STATE("issue", "--name", "www")),
                    9);
    CU_ASSERT_EQUAL(fake.issued, 0);
    CU_ASSERT_EQUAL(fake.deployed, 1);
    CU_ASSERT_EQUAL(
        run_program_into("/dev/full", IN_STATE("issue", "--name", "www", "--force")),
        9);

    CU_ASSERT_EQUAL(fake.issued, 1);
    CU_ASSERT_EQUAL(fake.deployed, 2);
}

/* ---- failed */

AC_TEST(a_run_that_a_signal_ended_has_the_signals_exit_code)
{
    fake_reset();
    fake_fail(AC_E_CANCELLED, "ended by SIGINT");
    ac_clock_cancel(SIGINT);
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE, "--solver", "web")), 128 + SIGINT);
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "it continues where this one ended"));
    fake_fail(AC_E_CANCELLED, "ended by SIGINT: its order was given up");
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE, "--solver", "web")), 128 + SIGINT);
    ac_clock_cancel(0);

    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "The same command begins another one."));
    CU_ASSERT_FALSE(ac_capture_has(ac_capture_err(), "it continues"));
}

AC_TEST(a_wish_that_makes_no_sense_is_refused_before_anything_is_begun)
{
    fake_reset();
    CU_ASSERT_EQUAL(run_program(IN_STATE("issue", "--json")), 2);
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE)), 2);

    CU_ASSERT_EQUAL(fake.issued, 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "no solver was given"));
    CU_ASSERT_NOT_EQUAL(access(ac_test_path("state"), F_OK), 0);
}

AC_SUITE("cli/issue",
         AC_CASE(leftovers_of_a_fresh_certificate_are_cleaned_up_and_nothing_is_issued),
         AC_CASE(force_continues_no_order),
         AC_CASE(a_fresh_certificate_is_told_of_and_the_ca_not_asked),
         AC_CASE(a_quiet_run_with_nothing_to_do_says_nothing),
         AC_CASE(changed_settings_of_a_fresh_certificate_are_kept),
         AC_CASE(wrong_settings_of_a_fresh_certificate_are_told),
         AC_CASE(force_asks_the_ca_all_the_same_and_tells_what_it_cost),
         AC_CASE(a_certificate_reaches_its_servers_where_it_cannot_be_told),
         AC_CASE(a_run_that_a_signal_ended_has_the_signals_exit_code),
         AC_CASE(a_wish_that_makes_no_sense_is_refused_before_anything_is_begun))
