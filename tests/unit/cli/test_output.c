/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include "../../support/capture.h"
#include "../../support/check.h"
#include "base/log.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define MANY 300000 /* more than a pipe holds */

struct saved {
    int fd;
    int copy;
    int reader;
};

/* A pipe that nobody reads takes the place of a standard stream. */
static bool put_pipe(int fd, struct saved *ret_saved)
{
    int ends[2];

    if (pipe(ends) != 0)
        return false;
    ret_saved->fd = fd;
    ret_saved->copy = dup(fd);
    ret_saved->reader = ends[0];
    (void)dup2(ends[1], fd);
    (void)close(ends[1]);
    return true;
}

static void take_back(const struct saved *saved)
{
    (void)dup2(saved->copy, saved->fd);
    (void)close(saved->copy);
    (void)close(saved->reader);
}

AC_TEST(text_reaches_standard_output_whole)
{
    struct ac_error err = { 0 };

    ac_capture_start();
    enum ac_code code = ac_output_print("one\ntwo\n", &err);
    bool can_print = ac_output_can_print();
    ac_capture_stop();

    AC_REQUIRE_OK(code);
    CU_ASSERT_TRUE(can_print);
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "one\ntwo\n");
}

AC_TEST(what_is_said_goes_to_standard_error)
{
    ac_capture_start();
    ac_output_say("%s %d\n", "line", 1);
    ac_output_tell("line 2\n");
    ac_capture_stop();

    CU_ASSERT_STRING_EQUAL(ac_capture_err(), "line 1\nline 2\n");
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "");
}

AC_TEST(a_reader_that_went_away_ends_the_printing)
{
    struct ac_error err = { 0 };
    struct saved saved = { 0 };

    (void)signal(SIGPIPE, SIG_IGN); /* as the program does */
    AC_REQUIRE(put_pipe(STDOUT_FILENO, &saved));
    (void)close(saved.reader);
    saved.reader = dup(saved.copy);
    enum ac_code code = ac_output_print("text\n", &err);
    bool can_print = ac_output_can_print();
    take_back(&saved);

    CU_ASSERT_EQUAL(code, AC_E_SYSTEM);
    CU_ASSERT_FALSE(can_print);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "Broken pipe"));
}

AC_TEST(guard_leaves_the_descriptions_of_others_as_they_are)
{
    struct saved saved = { 0 };

    AC_REQUIRE(put_pipe(STDERR_FILENO, &saved));
    int others = dup(STDERR_FILENO);
    ac_output_guard();
    int own_flags = fcntl(STDERR_FILENO, F_GETFL);
    int others_flags = fcntl(others, F_GETFL);
    (void)close(others);
    take_back(&saved);

    CU_ASSERT_TRUE(own_flags & O_NONBLOCK);
    CU_ASSERT_FALSE(others_flags & O_NONBLOCK);
}

AC_TEST(a_pipe_that_nobody_reads_is_given_up)
{
    static char many[MANY];
    struct saved saved = { 0 };
    char byte = 0;

    AC_REQUIRE(put_pipe(STDERR_FILENO, &saved));
    memset(many, 'x', sizeof many - 1);
    ac_output_guard();
    ac_output_tell(many); /* fills the pipe, waits its time, gives up */
    ac_output_tell("more\n");
    bool still_there =
        isatty(STDERR_FILENO) == 0 && write(STDERR_FILENO, &byte, 1) == 1;
    take_back(&saved);

    CU_ASSERT_TRUE(still_there); /* into nothing: it does not wait */
}

static void take(void *arg, const struct ac_log_record *record)
{
    char *lines = arg;
    size_t used = strlen(lines);

    (void)snprintf(lines + used, MANY - used, "%s %.20s|",
                   ac_log_level_name(record->level), record->line);
}

AC_TEST(each_line_is_a_record_where_those_are_wanted_and_an_empty_one_is_none)
{
    static char lines[MANY];

    lines[0] = '\0';
    ac_log_records_to(take, lines, AC_LOG_ERROR);
    CU_ASSERT_TRUE(ac_output_is_heard());
    ac_output_say("one\nacmecore: two\n\n");
    ac_output_tell("three");
    ac_log_to(NULL, NULL, AC_LOG_ERROR);

    CU_ASSERT_FALSE(ac_output_is_heard());
    CU_ASSERT_STRING_EQUAL(lines, "warning one|error two|warning three|");
}

AC_TEST(line_without_an_end_is_cut_into_several)
{
    static char lines[MANY];
    static char long_line[20000];

    lines[0] = '\0';
    memset(long_line, 'x', sizeof long_line - 1);
    ac_log_records_to(take, lines, AC_LOG_ERROR);
    ac_output_tell(long_line);
    ac_log_to(NULL, NULL, AC_LOG_ERROR);

    CU_ASSERT_STRING_EQUAL(lines, "warning xxxxxxxxxxxxxxxxxxxx|"
                                  "warning xxxxxxxxxxxxxxxxxxxx|"
                                  "warning xxxxxxxxxxxxxxxxxxxx|");
}

AC_SUITE("cli/output", AC_CASE(text_reaches_standard_output_whole),
         AC_CASE(what_is_said_goes_to_standard_error),
         AC_CASE(a_reader_that_went_away_ends_the_printing),
         AC_CASE(guard_leaves_the_descriptions_of_others_as_they_are),
         AC_CASE(a_pipe_that_nobody_reads_is_given_up),
         AC_CASE(each_line_is_a_record_where_those_are_wanted_and_an_empty_one_is_none),
         AC_CASE(line_without_an_end_is_cut_into_several))
