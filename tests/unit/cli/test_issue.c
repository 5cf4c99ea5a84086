/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "command_line.h"
#include "fake_run.h"

#include <signal.h>
#include <sys/stat.h>

#define ISSUE "-d", "a.example", "--server", CA_URL

static const struct ac_json *error_of(const struct ac_json *document)
{
    return ac_json_get(document, "error");
}

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

AC_TEST(a_fresh_certificate_as_json_has_its_paths)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE, "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    const struct ac_json *certificate = ac_json_get(document, "certificate");

    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), "fresh");
    CU_ASSERT_EQUAL(ac_json_number_or(document, "requests", -1), 0);
    CU_ASSERT_STRING_EQUAL(text_of(certificate, "name"), "www");
    CU_ASSERT_TRUE(ac_capture_has(text_of(ac_json_get(certificate, "paths"), "privkey"),
                                  "/certs/www/current/privkey.pem"));
    CU_ASSERT_PTR_NULL(error_of(document));
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

AC_TEST(a_damaged_certificate_is_issued_again_with_a_warning)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE(
        ac_test_write_file(ac_test_path("state/certs/www/current/cert.pem"), "x", 1));
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE)), 0);

    CU_ASSERT_EQUAL(fake.issued, 1);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "\"www\" is damaged ("));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "issuing it again"));
}

AC_TEST(a_certificate_that_could_not_become_current_is_not_issued_for_ever)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE(unlink(ac_test_path("state/certs/www/current")) == 0);
    AC_REQUIRE(mkdir(ac_test_path("state/certs/www/current"), 0700) == 0);
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE)), 9);

    CU_ASSERT_EQUAL(fake.issued, 0);
}

AC_TEST(a_key_that_others_can_read_is_told_and_does_not_cost_a_certificate)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE(chmod(ac_test_path("state/certs/www/current/privkey.pem"), 0640) == 0);
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE)), 0);

    CU_ASSERT_EQUAL(fake.issued, 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "chmod"));
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

AC_TEST(an_order_in_flight_is_continued_although_the_certificate_is_fresh)
{
    static const char noted[] = "{\"schema\":1,\"order\":{\"expires\":0}}";
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/certs/www/order.json"), noted,
                                  sizeof noted - 1));
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE)), 0);

    CU_ASSERT_EQUAL(fake.issued, 1);
    CU_ASSERT_FALSE(fake.settings.begins_anew);
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

AC_TEST(the_ca_of_the_certificate_is_asked_unless_another_is_given)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("-d", "a.example")), 0);
    CU_ASSERT_EQUAL(fake.issued, 0);
    CU_ASSERT_EQUAL(
        run_program(IN_STATE("--name", "www", "--server", "https://other.example/dir")),
        0);

    CU_ASSERT_EQUAL(fake.issued, 1);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(),
                                  "\"www\" was issued by " CA_URL
                                  "; asking https://other.example/dir now"));
}

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

AC_TEST(another_ca_or_key_type_is_no_longer_fresh)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("-d", "a.example", "--server",
                                         "https://other.example/dir")),
                    0);
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE, "--key-type", "rsa-2048")), 0);

    CU_ASSERT_EQUAL(fake.issued, 2);
}

AC_TEST(a_continued_order_and_warnings_are_in_the_document)
{
    struct ac_error err = { 0 };

    fake_reset();
    fake.outcome.is_resumed = true;
    fake.outcome.order_url = (char *)"https://ca.example/order/1";
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE_OK(ac_words_add(&fake.outcome.warnings, "the self-check failed", &err));
    int exit_code = run_program(IN_STATE(ISSUE, "--force", "--json"));
    ac_words_done(&fake.outcome.warnings);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    const struct ac_json *order = ac_json_get(document, "order");

    CU_ASSERT_EQUAL(exit_code, 0);
    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), "issued");
    CU_ASSERT_TRUE(ac_json_bool_or(order, "resumed", false));
    CU_ASSERT_STRING_EQUAL(text_of(order, "url"), "https://ca.example/order/1");
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(document, "warnings")), 1);
    CU_ASSERT_EQUAL(ac_json_number_or(document, "round_trips", -1), 7);
}

/* ---- failed */

static enum ac_code fail_two_names(struct ac_error *err)
{
    fake_reset();
    fake_fail(AC_E_CHALLENGE, "a.example: no route");
    AC_TRY(ac_json_new(&fake.outcome.problem, err, "{s:s, s:s}", "type", "connection",
                       "detail", "no route"));
    return ac_json_new(&fake.outcome.failures, err, "[{s:s, s:s, s:{s:s}}, {s:s, s:s}]",
                       "identifier", "a.example", "status", "invalid", "problem",
                       "detail", "no route", "identifier", "b.example", "status",
                       "inv\x1B"
                       "alid");
}

static int run_failing(const char *path, const char *const *words, struct ac_error *err)
{
    enum ac_code code = fail_two_names(err);
    int exit_code = code == AC_OK ? run_program_into(path, words) : -1;

    ac_json_free(fake.outcome.problem);
    ac_json_free(fake.outcome.failures);
    return exit_code;
}

AC_TEST(a_failure_has_the_words_of_the_ca_as_objects)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(run_failing(ac_test_path("captured-out"),
                           IN_STATE(ISSUE, "--solver", "web", "--json"), &err)
               == 4);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    const struct ac_json *error = error_of(document);

    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), "failed");
    CU_ASSERT_STRING_EQUAL(text_of(error, "code"), "challenge");
    CU_ASSERT_STRING_EQUAL(text_of(error, "hint"), "challenge-failed");
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_get(error, "problem"), "type"),
                           "connection");
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(error, "identifiers")), 2);
    CU_ASSERT_PTR_NULL(ac_json_get(document, "certificate"));
}

AC_TEST(a_person_is_told_of_each_name_that_failed_once)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(run_failing(ac_test_path("captured-out"),
                           IN_STATE(ISSUE, "--solver", "web"), &err)
               == 4);

    CU_ASSERT_EQUAL(ac_capture_count(ac_capture_err(), "a.example: no route\n"), 1);
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "acmecore: b.example: inv\\x1Balid\n"));
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "");
}

AC_TEST(a_failure_stays_the_reason_where_it_cannot_be_printed)
{
    struct ac_error err = { 0 };

    CU_ASSERT_EQUAL(
        run_failing("/dev/full", IN_STATE(ISSUE, "--solver", "web", "--json"), &err),
        4);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "a.example: no route"));
}

AC_TEST(a_run_that_a_signal_ended_has_the_signals_exit_code)
{
    fake_reset();
    fake_fail(AC_E_CANCELLED, "ended by SIGINT");
    ac_clock_cancel(SIGINT);
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE, "--solver", "web")), 128 + SIGINT);
    ac_clock_cancel(0);

    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "it continues where this one ended"));
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
         AC_CASE(an_order_in_flight_is_continued_although_the_certificate_is_fresh),
         AC_CASE(force_continues_no_order),
         AC_CASE(a_fresh_certificate_is_told_of_and_the_ca_not_asked),
         AC_CASE(a_fresh_certificate_as_json_has_its_paths),
         AC_CASE(a_quiet_run_with_nothing_to_do_says_nothing),
         AC_CASE(a_damaged_certificate_is_issued_again_with_a_warning),
         AC_CASE(a_certificate_that_could_not_become_current_is_not_issued_for_ever),
         AC_CASE(a_key_that_others_can_read_is_told_and_does_not_cost_a_certificate),
         AC_CASE(the_ca_of_the_certificate_is_asked_unless_another_is_given),
         AC_CASE(changed_settings_of_a_fresh_certificate_are_kept),
         AC_CASE(wrong_settings_of_a_fresh_certificate_are_told),
         AC_CASE(force_asks_the_ca_all_the_same_and_tells_what_it_cost),
         AC_CASE(another_ca_or_key_type_is_no_longer_fresh),
         AC_CASE(a_continued_order_and_warnings_are_in_the_document),
         AC_CASE(a_failure_has_the_words_of_the_ca_as_objects),
         AC_CASE(a_person_is_told_of_each_name_that_failed_once),
         AC_CASE(a_failure_stays_the_reason_where_it_cannot_be_printed),
         AC_CASE(a_run_that_a_signal_ended_has_the_signals_exit_code),
         AC_CASE(a_wish_that_makes_no_sense_is_refused_before_anything_is_begun))
