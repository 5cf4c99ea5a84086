/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "acmecore-config.h"
#include "base/log.h"
#include "command_line.h"
#include "fake_run.h"

#include <signal.h>
#include <sys/stat.h>

AC_TEST(nothing_asked_for_is_wrong_usage_with_the_help_on_standard_error)
{
    CU_ASSERT_EQUAL(run_program(WORDS(NULL)), 2);

    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "");
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "Commands (acmecore COMMAND"));
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "acmecore: nothing was asked for; a first"));
}

AC_TEST(help_and_version_go_to_standard_output)
{
    CU_ASSERT_EQUAL(run_program(WORDS("--version")), 0);
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "acmecore " ACMECORE_VERSION "\n");
    CU_ASSERT_EQUAL(run_program(WORDS("--help")), 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "Commands (acmecore COMMAND"));
    CU_ASSERT_EQUAL(run_program(WORDS("show", "--help")), 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "acmecore show NAME [OPTION]..."));
    CU_ASSERT_STRING_EQUAL(ac_capture_err(), "");
}

AC_TEST(a_wrong_command_line_is_one_document_and_an_error_for_a_person)
{
    CU_ASSERT_EQUAL(run_program(WORDS("--nonsense", "--json")), 2);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    const struct ac_json *error = ac_json_get(document, "error");

    CU_ASSERT_EQUAL(ac_json_number_or(document, "schema", 0), 1);
    CU_ASSERT_PTR_NULL(ac_json_get(document, "command"));
    CU_ASSERT_STRING_EQUAL(text_of(error, "code"), "usage");
    CU_ASSERT_EQUAL(ac_json_number_or(error, "exit", 0), 2);
    CU_ASSERT_STRING_EQUAL(
        ac_capture_err(), "acmecore: unknown option --nonsense; see acmecore --help\n");
}

AC_TEST(a_failing_command_is_one_document_and_an_error_for_a_person)
{
    CU_ASSERT_EQUAL(run_program(IN_STATE("show", "www", "--json")), 2);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_STRING_EQUAL(text_of(document, "command"), "show");
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_get(document, "error"), "code"),
                           "not-found");
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "there is no certificate \"www\""));
}

AC_TEST(without_json_nothing_of_an_error_is_on_standard_output)
{
    CU_ASSERT_EQUAL(run_program(IN_STATE("show", "www")), 2);

    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "");
}

AC_TEST(a_default_ca_that_cannot_be_reached_is_said_to_be_the_default)
{
    fake_reset();
    fake_fail(AC_E_NETWORK, "cannot resolve it");
    CU_ASSERT_EQUAL(run_program(IN_STATE("directory")), 5);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "no --server was given"));
    CU_ASSERT_EQUAL(run_program(IN_STATE("directory", "--server", CA_URL)), 5);

    CU_ASSERT_FALSE(ac_capture_has(ac_capture_err(), "no --server was given"));
}

AC_TEST(a_reader_that_went_away_hears_nothing_more)
{
    int ends[2];
    char path[64];

    AC_REQUIRE(pipe(ends) == 0);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", ends[1]);
    ac_capture_start_into(path);
    (void)close(ends[0]);
    char *argv[] = { (char *)"acmecore", (char *)"--help", NULL };
    int exit_code = ac_command_run(2, argv);
    ac_capture_stop();
    (void)close(ends[1]);

    CU_ASSERT_EQUAL(exit_code, 9);
    CU_ASSERT_STRING_EQUAL(ac_capture_err(), "");
}

AC_TEST(a_full_standard_output_is_exit_9)
{
    CU_ASSERT_EQUAL(run_program_into("/dev/full", WORDS("--version")), 9);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "No space left on device"));
    CU_ASSERT_EQUAL(run_program_into("/dev/full", IN_STATE("list", "--json")), 9);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "No space left on device"));
}

AC_TEST(a_state_folder_that_cannot_be_used_is_exit_9)
{
    AC_REQUIRE(ac_test_write_file(ac_test_path("state"), "x", 1));

    CU_ASSERT_EQUAL(run_program(IN_STATE("list")), 9);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), ac_test_path("state")));
}

/* ---- levels: the fake run speaks at each of them */

static size_t lines_heard(const char *option)
{
    fake_reset();
    fake.speaks = true;
    fake.is_account_held = true;
    fake.account.url = (char *)"https://ca.example/account/1";
    fake.account.status = (char *)"valid";
    (void)run_program(IN_STATE("account", "register", option));
    return ac_capture_count(ac_capture_err(), "spoken\n");
}

AC_TEST(options_say_how_much_is_heard)
{
    CU_ASSERT_EQUAL(lines_heard("-q"), 1);         /* errors */
    CU_ASSERT_EQUAL(lines_heard("--no-color"), 2); /* and warnings */
    CU_ASSERT_EQUAL(lines_heard("-v"), 3);         /* and what happens */
    CU_ASSERT_EQUAL(lines_heard("-vv"), 4);        /* and how */
    CU_ASSERT_EQUAL(lines_heard("--trace"), 5);    /* and every exchange */
}

AC_TEST(after_the_end_nothing_is_logged)
{
    CU_ASSERT_EQUAL(run_program(IN_STATE("list", "--trace")), 0);

    CU_ASSERT_FALSE(ac_log_wants(AC_LOG_ERROR));
}

AC_TEST(files_are_made_for_their_owner_alone)
{
    (void)umask(0);
    CU_ASSERT_EQUAL(run_program(WORDS("--version")), 0);

    CU_ASSERT_EQUAL(umask(077), 077);
}

AC_TEST(a_document_says_schema_and_command)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *document = NULL;
    struct ac_error why = { 0 };

    (void)ac_fail(&why, AC_E_LOCKED, "busy");
    AC_REQUIRE_OK(ac_command_document(AC_COMMAND_ACCOUNT_LIST, &document, &err));
    AC_REQUIRE_OK(ac_command_add_error(document, &why, &err));

    CU_ASSERT_EQUAL(ac_json_number_or(document, "schema", 0), AC_REPORT_SCHEMA);
    CU_ASSERT_STRING_EQUAL(text_of(document, "command"), "account list");
    CU_ASSERT_EQUAL(ac_json_number_or(ac_json_get(document, "error"), "exit", 0), 8);
}

AC_TEST(a_file_that_may_not_grow_is_an_error_and_no_death)
{
    (void)signal(SIGXFSZ, SIG_DFL);
    CU_ASSERT_EQUAL(run_program(WORDS("--version")), 0);

    CU_ASSERT(signal(SIGXFSZ, SIG_DFL) == SIG_IGN);
}

AC_SUITE("cli/commands", AC_CASE(a_file_that_may_not_grow_is_an_error_and_no_death),
         AC_CASE(nothing_asked_for_is_wrong_usage_with_the_help_on_standard_error),
         AC_CASE(help_and_version_go_to_standard_output),
         AC_CASE(a_wrong_command_line_is_one_document_and_an_error_for_a_person),
         AC_CASE(a_failing_command_is_one_document_and_an_error_for_a_person),
         AC_CASE(without_json_nothing_of_an_error_is_on_standard_output),
         AC_CASE(a_default_ca_that_cannot_be_reached_is_said_to_be_the_default),
         AC_CASE(a_reader_that_went_away_hears_nothing_more),
         AC_CASE(a_full_standard_output_is_exit_9),
         AC_CASE(a_state_folder_that_cannot_be_used_is_exit_9),
         AC_CASE(options_say_how_much_is_heard),
         AC_CASE(after_the_end_nothing_is_logged),
         AC_CASE(files_are_made_for_their_owner_alone),
         AC_CASE(a_document_says_schema_and_command))
