/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/log_format.h"

#include "capture.h"
#include "cli/output.h"
#include "journal_at.h"

#include <stdlib.h>

static struct ac_log_writer writer_at(const char *path)
{
    return (struct ac_log_writer){ .journal_path = path, .journal_fd = -1 };
}

/* A line of the log and one beside it, in this format. */
static void speak(struct ac_log_writer *writer, enum ac_log_format format)
{
    struct ac_terminal terminal = { 0 };

    ac_capture_start_into(ac_test_path("out"));
    ac_log_writer_use(writer, format, &terminal, AC_LOG_WARN);
    ac_log(AC_LOG_INFO, "order.ready", "certificate", "www", NULL);
    ac_log_say(AC_LOG_WARN, "mind the gap");
    ac_output_say("acmecore: it broke\nDo this.\n");
    ac_log_writer_done(writer);
    ac_capture_stop();
}

AC_TEST(words_are_those_of_the_option)
{
    struct ac_error err = { 0 };
    enum ac_log_format format = AC_LOG_FORMAT_LINES;

    AC_REQUIRE_OK(ac_log_format_parse("journal", &format, &err));
    CU_ASSERT_EQUAL(format, AC_LOG_FORMAT_JOURNAL);
    AC_REQUIRE_CODE(ac_log_format_parse("xml", &format, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail,
                           "log-format is lines, json or journal, not \"xml\"");
}

AC_TEST(lines_are_for_people)
{
    struct ac_log_writer writer = writer_at("/nowhere");

    speak(&writer, AC_LOG_FORMAT_LINES);

    CU_ASSERT_STRING_EQUAL(
        ac_capture_err(),
        "acmecore: warning: mind the gap\nacmecore: it broke\nDo this.\n");
}

AC_TEST(with_json_each_line_is_an_object)
{
    struct ac_log_writer writer = writer_at("/nowhere");
    char lines[2048];

    AC_REQUIRE(!ac_check_is_torture());
    speak(&writer, AC_LOG_FORMAT_JSON);

    (void)snprintf(lines, sizeof lines, "%s", ac_capture_err());
    size_t count = 0;
    for (char *line = lines, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        CU_ASSERT_TRUE(line[0] == '{' && end[-1] == '}');
        count++;
    }
    CU_ASSERT_EQUAL(count, 3);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(lines, "\"level\":\"error\",\"message\":\"it broke\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(lines, "\"message\":\"Do this.\""));
}

AC_TEST(journal_gets_fields_and_what_is_worth_knowing)
{
    const char *path = ac_test_path("journal");
    struct ac_log_writer writer = writer_at(path);
    AC_AUTO_FD int journal = journal_at(path);

    AC_REQUIRE(journal >= 0);
    speak(&writer, AC_LOG_FORMAT_JOURNAL);

    CU_ASSERT_PTR_NOT_NULL(strstr(journal_read(journal), "CERTIFICATE=www\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(journal_read(journal), "MESSAGE=mind the gap\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(journal_read(journal), "MESSAGE=it broke\nPRIORITY=3\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(journal_read(journal), "MESSAGE=Do this.\n"));
    CU_ASSERT_STRING_EQUAL(ac_capture_err(), "");
}

AC_TEST(journal_that_is_not_there_is_a_warning)
{
    struct ac_log_writer writer = writer_at("/nowhere/journal");

    speak(&writer, AC_LOG_FORMAT_JOURNAL);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "the log goes on as lines"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "warning: mind the gap"));
}

AC_TEST(standard_error_that_is_no_journal_gets_lines)
{
    (void)setenv("JOURNAL_STREAM", "1:2", 1);
    enum ac_log_format other = ac_log_format_default();
    (void)unsetenv("JOURNAL_STREAM");

    CU_ASSERT_EQUAL(other, AC_LOG_FORMAT_LINES);
    CU_ASSERT_EQUAL(ac_log_format_default(), AC_LOG_FORMAT_LINES);
}

AC_SUITE("cli/log_format", AC_CASE(words_are_those_of_the_option),
         AC_CASE(lines_are_for_people), AC_CASE(with_json_each_line_is_an_object),
         AC_CASE(journal_gets_fields_and_what_is_worth_knowing),
         AC_CASE(journal_that_is_not_there_is_a_warning),
         AC_CASE(standard_error_that_is_no_journal_gets_lines))
