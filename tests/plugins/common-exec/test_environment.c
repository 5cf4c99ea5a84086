/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "environment.h"

#include <stdio.h>
#include <string.h>

#define PARSE(text) exec_environment_parse(text, strlen(text), &words, &error)

AC_TEST(lines_quotes_and_comments_are_understood)
{
    EXEC_AUTO_WORDS words = { 0 };
    struct exec_environment_error error = { 0 };

    AC_REQUIRE(PARSE("# a comment\n"
                     "\n"
                     "PLAIN=abc#def$x=1  # and a comment\n"
                     "  export SINGLE='$x \" \\ # '\n"
                     "DOUBLE=\"a \\\" \\\\ \\$x \\` b\"\t\n"
                     "EMPTY=\n"
                     "export=7\n"
                     "LAST=\xC3\xA4"));

    CU_ASSERT_STRING_EQUAL(exec_words_get(&words, "PLAIN"), "abc#def$x=1");
    CU_ASSERT_STRING_EQUAL(exec_words_get(&words, "SINGLE"), "$x \" \\ # ");
    CU_ASSERT_STRING_EQUAL(exec_words_get(&words, "DOUBLE"), "a \" \\ $x ` b");
    CU_ASSERT_STRING_EQUAL(exec_words_get(&words, "EMPTY"), "");
    CU_ASSERT_STRING_EQUAL(exec_words_get(&words, "export"), "7");
    CU_ASSERT_STRING_EQUAL(exec_words_get(&words, "LAST"), "\xC3\xA4");
    CU_ASSERT_EQUAL(words.count, 6);
}

static const struct {
    const char *text;
    size_t line;
    const char *why;
} refused[] = {
    { "A=1\nnonsense\n", 2, "not KEY=VALUE" },
    { "A =1", 1, "not KEY=VALUE" },
    { "1A=1", 1, "not KEY=VALUE" },
    { "=1", 1, "not KEY=VALUE" },
    { "export\n", 1, "not KEY=VALUE" },
    { "A=1\n\nA=2\n", 3, "second time" },
    { "A='x", 1, "' is not closed" },
    { "A=\"x", 1, "\" is not closed" },
    { "A=\"x\\", 1, "backslash" },
    { "A=\"\\n\"", 1, "backslash" },
    { "A=x'y'", 1, "must be quoted" },
    { "A=x\\", 1, "must be quoted" },
    { "A=two words", 1, "something follows" },
    { "A='x'y", 1, "something follows" },
    { "A='x'#y", 1, "something follows" },
    { "A=1\r\nB=2\r\n", 1, "carriage return" },
    { "A=\x1b[31m", 1, "control character" },
    { "A=\x7f", 1, "control character" },
};

AC_TEST(what_is_not_clear_is_refused_with_its_line)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        EXEC_AUTO_WORDS words = { 0 };
        struct exec_environment_error error = { 0 };

        CU_ASSERT_FALSE(PARSE(refused[i].text));
        CU_ASSERT_EQUAL(error.line, refused[i].line);
        CU_ASSERT(error.why && strstr(error.why, refused[i].why));
    }
}

AC_TEST(nul_is_a_control_character)
{
    EXEC_AUTO_WORDS words = { 0 };
    struct exec_environment_error error = { 0 };

    CU_ASSERT_FALSE(exec_environment_parse("A=1\0B", 5, &words, &error));
    CU_ASSERT_STRING_EQUAL(error.why, "the line has a control character");
}

AC_TEST(number_of_keys_is_bounded)
{
    EXEC_AUTO_WORDS words = { 0 };
    struct exec_environment_error error = { 0 };
    char text[4096] = "";

    for (unsigned i = 0; i <= EXEC_ENVIRONMENT_MAX; i++) {
        size_t used = strlen(text);

        (void)snprintf(text + used, sizeof(text) - used, "K%u=1\n", i);
    }

    CU_ASSERT_FALSE(PARSE(text));
    CU_ASSERT(error.line == EXEC_ENVIRONMENT_MAX + 1 || ac_check_is_torture());
}

AC_TEST(line_is_bounded)
{
    EXEC_AUTO_WORDS words = { 0 };
    struct exec_environment_error error = { 0 };
    static char text[10000];

    memset(text, 'A', sizeof(text) - 1);

    CU_ASSERT_FALSE(PARSE(text));
    CU_ASSERT_STRING_EQUAL(error.why, "the line is longer than 8192 bytes");
}

AC_SUITE("common-exec/environment", AC_CASE(lines_quotes_and_comments_are_understood),
         AC_CASE(what_is_not_clear_is_refused_with_its_line),
         AC_CASE(nul_is_a_control_character), AC_CASE(number_of_keys_is_bounded),
         AC_CASE(line_is_bounded))
