/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/issue_report.h"

#include "command_line.h"
#include "config/ca.h"
#include "fake_run.h"

#define ISSUE "-d", "a.example", "--server", CA_URL

static const struct ac_json *error_of(const struct ac_json *document)
{
    return ac_json_get(document, "error");
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

/* ---- a dry run */

static enum ac_code hold_rehearsed(struct ac_held *held, struct ac_error *err)
{
    AC_TRY(hold_certificate("www", "a.example", err));
    AC_AUTO(ac_store) *store = NULL;
    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    return ac_held_load(store, "www", held, err);
}

AC_TEST(of_a_dry_run_nothing_is_said_that_could_be_looked_for)
{
    struct ac_error err = { 0 };
    struct ac_error none = { 0 };
    AC_AUTO(ac_held) held = { 0 };
    struct ac_issue_ending ending = { .result = "passed",
                                      .directory_url = CA_URL,
                                      .held = &held,
                                      .is_dry_run = true,
                                      .counters = { .requests = 3, .round_trips = 2 } };

    AC_REQUIRE_OK(hold_rehearsed(&held, &err));
    ac_capture_start_into(ac_test_path("captured-out"));
    enum ac_code code = ac_issue_report_json(&ending, &none, &err);
    ac_capture_stop();
    AC_REQUIRE_OK(code);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    const struct ac_json *certificate = ac_json_get(document, "certificate");

    CU_ASSERT_TRUE(ac_json_bool_or(document, "dry_run", false));
    CU_ASSERT_STRING_EQUAL(text_of(document, "server"), CA_URL);
    CU_ASSERT_STRING_EQUAL(text_of(certificate, "not_after"), "2027-04-15T08:00:00Z");
    CU_ASSERT_PTR_NULL(ac_json_get(certificate, "paths"));
    CU_ASSERT_PTR_NULL(ac_json_get(certificate, "version"));
}

AC_TEST(a_person_is_told_who_issued_in_a_dry_run_and_that_nothing_is_kept)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_held) held = { 0 };
    struct ac_issue_ending ending = { .directory_url = CA_URL,
                                      .held = &held,
                                      .is_dry_run = true };

    AC_REQUIRE_OK(hold_rehearsed(&held, &err));
    ac_capture_start_into(ac_test_path("captured-out"));
    enum ac_code code = ac_issue_report_passed(&ending, &err);
    ac_capture_stop();
    AC_REQUIRE_OK(code);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "Dry run: certificate \"www\""));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), CA_URL));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "Nothing of it is kept"));
}

AC_TEST(a_dry_run_at_a_staging_ca_keeps_its_account_and_says_so)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_held) held = { 0 };
    struct ac_issue_ending ending = {
        .directory_url = ac_ca_find("letsencrypt-staging")->directory_url,
        .held = &held,
        .is_dry_run = true
    };

    AC_REQUIRE_OK(hold_rehearsed(&held, &err));
    ac_capture_start_into(ac_test_path("captured-out"));
    enum ac_code code = ac_issue_report_passed(&ending, &err);
    ac_capture_stop();
    AC_REQUIRE_OK(code);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(),
                                  "Nothing of it but the account there is kept"));
}

AC_SUITE("cli/issue_report", AC_CASE(a_fresh_certificate_as_json_has_its_paths),
         AC_CASE(a_continued_order_and_warnings_are_in_the_document),
         AC_CASE(a_failure_has_the_words_of_the_ca_as_objects),
         AC_CASE(a_person_is_told_of_each_name_that_failed_once),
         AC_CASE(a_failure_stays_the_reason_where_it_cannot_be_printed),
         AC_CASE(of_a_dry_run_nothing_is_said_that_could_be_looked_for),
         AC_CASE(a_dry_run_at_a_staging_ca_keeps_its_account_and_says_so),
         AC_CASE(a_person_is_told_who_issued_in_a_dry_run_and_that_nothing_is_kept))
