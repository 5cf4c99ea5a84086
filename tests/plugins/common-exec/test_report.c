/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include "check.h"

#include <string.h>

static struct exec_report report_of(enum exec_kind kind)
{
    return (struct exec_report){ .program = "/etc/hook",
                                 .dialect = "lego",
                                 .verb = "present",
                                 .name = "example.com",
                                 .kind = kind,
                                 .limit_ms = 1500,
                                 .why = "because",
                                 .tail = "" };
}

#define BEGINNING "/etc/hook (dialect lego), present for example.com: "

AC_TEST(each_end_has_its_own_sentence)
{
    static const struct {
        enum exec_kind kind;
        const char *text;
    } ends[] = {
        { EXEC_ENDED, BEGINNING "it ended with exit code 0" },
        { EXEC_NOT_STARTED, BEGINNING "it was not started: because" },
        { EXEC_NO_TIME,
          BEGINNING "the time was over before its turn: are the calls slow?" },
        { EXEC_OVER_LIMIT,
          BEGINNING "it did not end within 2 s (option timeout) and was killed" },
        { EXEC_OVER_RUN,
          BEGINNING "it did not end within the 2 s that were left, and was killed" },
        { EXEC_SAID, BEGINNING "because" },
    };

    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        struct exec_report report = report_of(ends[i].kind);

        CU_ASSERT_STRING_EQUAL(exec_report_write(&report).text, ends[i].text);
    }
}

AC_TEST(exit_codes_are_explained)
{
    static const struct {
        int code;
        const char *text;
    } codes[] = {
        { 3, BEGINNING "it ended with exit code 3" },
        { 126,
          BEGINNING "it ended with exit code 126: could a program not be executed?" },
        { 127, BEGINNING "it ended with exit code 127: was a program not found?" },
        { 128, BEGINNING "it ended with exit code 128" },
        { 137, BEGINNING "it was ended by signal 9 (SIGKILL)" },
        { 255, BEGINNING "it ended with exit code 255" },
    };

    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        struct exec_report report = report_of(EXEC_ENDED);

        report.exit_code = codes[i].code;
        CU_ASSERT_STRING_EQUAL(exec_report_write(&report).text, codes[i].text);
    }
}

AC_TEST(last_words_and_a_flood_are_told)
{
    struct exec_report report = report_of(EXEC_ENDED);

    report.tail = "no route | giving up";
    report.printed = 10000000;

    CU_ASSERT_STRING_EQUAL(exec_report_write(&report).text,
                           BEGINNING "it ended with exit code 0; it said: no route | "
                                     "giving up (10000000 bytes in all)");
}

AC_TEST(long_path_shows_its_end)
{
    struct exec_report report = report_of(EXEC_ENDED);
    char path[400] = "/";

    memset(path + 1, 'x', 350);
    memcpy(path + 351, "/hook", 6);
    report.program = path;

    struct exec_sentence sentence = exec_report_write(&report);
    CU_ASSERT_PTR_NOT_NULL(strstr(sentence.text, "xx/hook (dialect"));
    CU_ASSERT(strlen(sentence.text) < 200);
}

AC_SUITE("common-exec/report", AC_CASE(each_end_has_its_own_sentence),
         AC_CASE(exit_codes_are_explained), AC_CASE(last_words_and_a_flood_are_told),
         AC_CASE(long_path_shows_its_end))
