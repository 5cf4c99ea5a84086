/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"
#include "cli/report.h"

#include "command_line.h"

#include <errno.h>
#include <signal.h>

static struct ac_error error_of(enum ac_code code)
{
    struct ac_error err;

    (void)ac_fail(&err, code, "what happened");
    return err;
}

static struct ac_error problem_of(const char *type)
{
    struct ac_error err = error_of(AC_E_PROBLEM);

    (void)snprintf(err.problem, sizeof err.problem, "%s", type);
    return err;
}

/* ---- the contract: DESIGN section 2, docs/json.md */

AC_TEST(each_code_has_the_exit_code_of_the_contract)
{
    static const int exit_of[AC_CODE_COUNT] = {
        [AC_OK] = 0,
        [AC_E_NOMEM] = 9,
        [AC_E_USAGE] = 2,
        [AC_E_INVALID] = 5,
        [AC_E_NOTFOUND] = 2,
        [AC_E_STORE] = 9,
        [AC_E_LOCKED] = 8,
        [AC_E_NETWORK] = 5,
        [AC_E_PROTOCOL] = 5,
        [AC_E_PROBLEM] = 3,
        [AC_E_RATE_LIMITED] = 10,
        [AC_E_CHALLENGE] = 4,
        [AC_E_PLUGIN] = 6,
        [AC_E_INSTALLER] = 7,
        [AC_E_TIMEOUT] = 5,
        [AC_E_CANCELLED] = 128 + SIGTERM,
        [AC_E_SEVERAL] = 1,
        [AC_E_SYSTEM] = 9,
        [AC_E_FAILING] = 20,
        [AC_E_EXPIRED] = 21,
    };

    ac_clock_cancel(SIGTERM);
    for (int i = 0; i < AC_CODE_COUNT; i++) {
        struct ac_error err = error_of((enum ac_code)i);

        CU_ASSERT_EQUAL(ac_report_exit_code(&err), exit_of[i]);
    }
    ac_clock_cancel(0);
}

AC_TEST(each_code_has_a_hint_id_of_its_own)
{
    for (int i = 0; i < AC_CODE_COUNT; i++) {
        struct ac_error err = error_of((enum ac_code)i);

        CU_ASSERT_TRUE(ac_text_is_made_of(ac_report_hint_id(&err),
                                          "abcdefghijklmnopqrstuvwxyz-", 2, 32));
        CU_ASSERT_PTR_NOT_NULL(ac_report_hint(&err));
    }
}

AC_TEST(a_problem_has_the_hint_of_its_type)
{
    struct ac_error caa = problem_of("caa");
    struct ac_error odd = problem_of("somethingNew");

    CU_ASSERT_STRING_EQUAL(ac_report_hint_id(&caa), "caa");
    CU_ASSERT_TRUE(ac_capture_has(ac_report_hint(&caa), "CAA records"));
    CU_ASSERT_STRING_EQUAL(ac_report_hint_id(&odd), "ca-refused");
}

AC_TEST(what_force_would_begin_anew_is_continued_without_it)
{
    static const enum ac_code codes[] = { AC_E_TIMEOUT, AC_E_CANCELLED };

    for (size_t i = 0; i < AC_COUNT(codes); i++) {
        struct ac_error plain = error_of(codes[i]);
        struct ac_error forced = { 0 };

        (void)ac_fail(&forced, codes[i], "late (--force would begin another order)");
        CU_ASSERT_FALSE(ac_capture_has(ac_report_hint(&plain), "without --force"));
        CU_ASSERT_TRUE(ac_capture_has(ac_report_hint(&forced), "without --force"));
    }
}

AC_TEST(an_error_as_json_has_what_a_script_branches_on)
{
    struct ac_error err = { 0 };
    struct ac_error why = problem_of("rateLimited");
    AC_AUTO(ac_json) *json = NULL;

    why.code = AC_E_RATE_LIMITED;
    why.http_status = 429;
    why.retry_after = 3600;
    AC_REQUIRE_OK(ac_report_error_json(&why, &json, &err));

    CU_ASSERT_STRING_EQUAL(text_of(json, "code"), "rate-limited");
    CU_ASSERT_EQUAL(ac_json_number_or(json, "exit", -1), 10);
    CU_ASSERT_STRING_EQUAL(text_of(json, "hint"), "rate-limited");
    CU_ASSERT_STRING_EQUAL(text_of(json, "message"), "what happened");
    CU_ASSERT_STRING_EQUAL(text_of(json, "problem_type"), "rateLimited");
    CU_ASSERT_EQUAL(ac_json_number_or(json, "http_status", -1), 429);
    CU_ASSERT_EQUAL(ac_json_number_or(json, "retry_after_s", -1), 3600);
    CU_ASSERT_EQUAL(strlen(text_of(json, "retry_at")), strlen("2026-11-22T03:48:30Z"));
}

AC_TEST(what_an_error_does_not_have_is_no_member)
{
    struct ac_error err = { 0 };
    struct ac_error why = error_of(AC_E_STORE);
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(ac_report_error_json(&why, &json, &err));

    CU_ASSERT_PTR_NULL(ac_json_get(json, "problem_type"));
    CU_ASSERT_PTR_NULL(ac_json_get(json, "http_status"));
    CU_ASSERT_PTR_NULL(ac_json_get(json, "retry_at"));
}

/* ---- printing */

static enum ac_code print_captured(const char *text, struct ac_error *err)
{
    ac_capture_start();
    enum ac_code code = ac_report_print(text, err);
    ac_capture_stop();
    return code;
}

AC_TEST(text_is_printed_line_by_line_without_control_characters)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(print_captured("a\x1B[2Jb\rc\n\n\xC2\x9B\x7F\t\xE2\x80\xAE!\n"
                                 "b\xC3\xBC"
                                 "cher \xFF",
                                 &err));

    CU_ASSERT_STRING_EQUAL(ac_capture_out(),
                           "a\\x1B[2Jb\\x0Dc\n\n\\u{9B}\\x7F\\x09\\u{202E}!\n"
                           "b\xC3\xBC"
                           "cher \\xFF");
}

AC_TEST(json_is_printed_whole_and_without_control_characters)
{
    static const char odd[] = "\x1B \x7F \xC2\x9B \xE2\x80\xAE \xE2\x81\xA9 \xC3\xBC "
                              "\xE2\x80\xA6 \xC2\xA0";
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *again = NULL;

    AC_REQUIRE_OK(ac_json_new(&json, &err, "{s:s}", "text", odd));
    ac_capture_start();
    enum ac_code code = ac_report_print_json(json, &err);
    ac_capture_stop();
    AC_REQUIRE_OK(code);

    CU_ASSERT_STRING_EQUAL(ac_capture_out(),
                           "{\n  \"text\": \"\\u001B \\u007f \\u009b \\u202e \\u2069 "
                           "\xC3\xBC \xE2\x80\xA6 \xC2\xA0\"\n}\n");
    AC_REQUIRE_OK(
        ac_json_parse(ac_capture_out(), strlen(ac_capture_out()), &again, &err));
    CU_ASSERT_STRING_EQUAL(text_of(again, "text"), odd);
}

AC_TEST(a_full_standard_output_is_an_error)
{
    struct ac_error err = { 0 };

    ac_capture_start_into("/dev/full");
    enum ac_code code = ac_report_print("text\n", &err);
    bool can_print = ac_output_can_print();
    ac_capture_stop();

    AC_REQUIRE_CODE(code, AC_E_SYSTEM);
    CU_ASSERT_FALSE(can_print);
    CU_ASSERT_STRING_EQUAL(err.detail, "standard output cannot be written: No space "
                                       "left on device");
}

AC_TEST(a_reader_that_went_away_is_told_apart)
{
    struct ac_error gone = { 0 };
    struct ac_error full = { 0 };

    (void)ac_fail_errno(&gone, AC_E_SYSTEM, EPIPE, "standard output cannot be written");
    (void)ac_fail_errno(&full, AC_E_SYSTEM, ENOSPC,
                        "standard output cannot be written");

    CU_ASSERT_TRUE(ac_report_is_broken_pipe(&gone));
    CU_ASSERT_FALSE(ac_report_is_broken_pipe(&full));
}

static void print_error(const struct ac_error *why)
{
    ac_capture_start();
    ac_report_print_error(why, false);
    ac_capture_stop();
}

AC_TEST(on_a_terminal_an_error_has_a_colour)
{
    struct ac_error why = error_of(AC_E_USAGE);

    ac_capture_start();
    ac_report_print_error(&why, true);
    ac_capture_stop();

    CU_ASSERT_STRING_EQUAL(ac_capture_err(),
                           "\033[31macmecore:\033[0m what happened\n");
}

AC_TEST(our_own_words_have_hints_of_their_own)
{
    struct ac_error check;
    struct ac_error port;

    (void)ac_fail(&check, AC_E_CHALLENGE, "a.example: self-check: no");
    (void)ac_fail(&port, AC_E_NETWORK, "ca.example:80: unexpected TLS packet");

    CU_ASSERT_TRUE(ac_capture_has(ac_report_hint(&check), "counts against no limit"));
    CU_ASSERT_TRUE(ac_capture_has(ac_report_hint(&check), "--self-check-via"));
    CU_ASSERT_TRUE(ac_capture_has(ac_report_hint(&port), "plain HTTP"));
    CU_ASSERT_STRING_EQUAL(ac_report_hint_id(&check), "challenge-failed");
}

AC_TEST(a_person_gets_the_error_and_what_to_do)
{
    struct ac_error why = error_of(AC_E_LOCKED);

    print_error(&why);

    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "");
    CU_ASSERT_STRING_EQUAL(ac_capture_err(),
                           "acmecore: what happened\n"
                           "Wait for the other run to end, then run it again.\n");
}

AC_TEST(a_rate_limit_says_when_to_come_back)
{
    struct ac_error told = error_of(AC_E_RATE_LIMITED);
    struct ac_error untold = error_of(AC_E_RATE_LIMITED);

    told.retry_after = 60;
    ac_clock_fake(NULL, utc_of_pki);
    print_error(&told);
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "Come back after 2027-01-15T08:01:00Z.\n"));
    print_error(&untold);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "did not say when"));
    ac_clock_fake(NULL, NULL);
}

AC_TEST(an_account_that_is_let_in_no_more_has_its_own_hint)
{
    struct ac_error err = { 0 };

    (void)ac_fail(&err, AC_E_PROBLEM, "newOrder: the account is revoked");
    (void)snprintf(err.problem, sizeof err.problem, "unauthorized");
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_report_hint(&err), "account deactivate"));
    (void)snprintf(err.problem, sizeof err.problem, "rejectedIdentifier");

    CU_ASSERT_PTR_NULL(strstr(ac_report_hint(&err), "account deactivate"));
}

AC_TEST(a_command_that_fails_is_no_fault_of_a_plugin)
{
    struct ac_error err = { 0 };

    (void)ac_fail(&err, AC_E_PLUGIN, "/x: it ended with exit code 3; it said: no");
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_report_hint(&err), "run it by hand"));
    (void)ac_fail(&err, AC_E_PLUGIN, "not tried: pre-hook: /x ended with exit code 3");
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_report_hint(&err), "run it by hand"));
    (void)ac_fail(&err, AC_E_PLUGIN, "plugin x ended in stage with exit code 3");

    CU_ASSERT_PTR_NOT_NULL(strstr(ac_report_hint(&err), "fault of the plugin"));
}

AC_SUITE("cli/report", AC_CASE(each_code_has_the_exit_code_of_the_contract),
         AC_CASE(each_code_has_a_hint_id_of_its_own),
         AC_CASE(a_problem_has_the_hint_of_its_type),
         AC_CASE(what_force_would_begin_anew_is_continued_without_it),
         AC_CASE(an_error_as_json_has_what_a_script_branches_on),
         AC_CASE(what_an_error_does_not_have_is_no_member),
         AC_CASE(text_is_printed_line_by_line_without_control_characters),
         AC_CASE(json_is_printed_whole_and_without_control_characters),
         AC_CASE(a_full_standard_output_is_an_error),
         AC_CASE(a_reader_that_went_away_is_told_apart),
         AC_CASE(on_a_terminal_an_error_has_a_colour),
         AC_CASE(our_own_words_have_hints_of_their_own),
         AC_CASE(a_person_gets_the_error_and_what_to_do),
         AC_CASE(a_rate_limit_says_when_to_come_back),
         AC_CASE(an_account_that_is_let_in_no_more_has_its_own_hint),
         AC_CASE(a_command_that_fails_is_no_fault_of_a_plugin))
