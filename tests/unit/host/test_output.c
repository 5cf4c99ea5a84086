/* SPDX-License-Identifier: Apache-2.0 */
#include "host/output.h"

#include "base/log.h"
#include "check.h"
#include "host/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    size_t lines;
    char last[1024];
} seen;

static void remember(void *arg, enum ac_log_level level, const char *line)
{
    (void)arg, (void)level;
    seen.lines++;
    (void)snprintf(seen.last, sizeof seen.last, "%s", line);
}

/* Prints the text `times` times into an output and reads it to the end. */
static bool print(const char *text, size_t times)
{
    struct ac_output output = { .fd = -1 };
    int ends[2];
    bool is_fine = true;

    memset(&seen, 0, sizeof seen);
    ac_log_to(remember, NULL, AC_LOG_DEBUG);
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    output.fd = ends[0];
    for (size_t i = 0; i < times && is_fine; i++) {
        is_fine = write(ends[1], text, strlen(text)) == (ssize_t)strlen(text)
                  && ac_output_read(&output, "sample");
    }
    (void)close(ends[1]);
    is_fine = is_fine && ac_output_read(&output, "sample");
    ac_output_done(&output, "sample");
    ac_log_to(NULL, NULL, AC_LOG_ERROR);
    return is_fine;
}

AC_TEST(each_line_is_logged_once)
{
    AC_REQUIRE(print("one\ntwo\n\nthree", 1));

    CU_ASSERT_EQUAL(seen.lines, 3);
    CU_ASSERT_STRING_EQUAL(seen.last, "plugin.output plugin=sample text=three");
}

AC_TEST(control_characters_are_escaped)
{
    AC_REQUIRE(print("a\033[2Jb\n", 1));

    CU_ASSERT_EQUAL(seen.lines, 1);
    CU_ASSERT_PTR_NULL(strchr(seen.last, '\033'));
    CU_ASSERT_PTR_NOT_NULL(strstr(seen.last, "x1B"));
}

AC_TEST(long_line_is_cut)
{
    char text[3000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';

    AC_REQUIRE(print(text, 1));

    CU_ASSERT_EQUAL(seen.lines, 1);
    CU_ASSERT(strlen(seen.last) < AC_OUTPUT_LINE_MAX + 100);
}

AC_TEST(too_much_is_dropped_and_said_so)
{
    AC_REQUIRE(
        print("0123456789012345678901234567890\n", 2 * AC_PROCESS_OUTPUT_MAX / 32));

    CU_ASSERT_EQUAL(seen.lines, AC_PROCESS_OUTPUT_MAX / 32 + 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(seen.last, "printed too much"));
}

AC_TEST(flood_is_told)
{
    char text[4096];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';

    CU_ASSERT(print(text, 2));
    CU_ASSERT_FALSE(print(text, AC_OUTPUT_FLOOD_MAX / (sizeof text - 1) + 2));
}

AC_SUITE("host/output", AC_CASE(each_line_is_logged_once),
         AC_CASE(control_characters_are_escaped), AC_CASE(long_line_is_cut),
         AC_CASE(too_much_is_dropped_and_said_so), AC_CASE(flood_is_told))
