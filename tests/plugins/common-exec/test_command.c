/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "command.h"

#include <string.h>
#include <sys/stat.h>

static const char *at(const struct exec_words *words, size_t index)
{
    const char *word = exec_words_next(words, NULL);

    for (size_t i = 0; word && i < index; i++)
        word = exec_words_next(words, word);
    return word ? word : "(none)";
}

AC_TEST(blanks_separate_and_quotes_keep_blanks)
{
    EXEC_AUTO_WORDS words = { 0 };

    AC_REQUIRE(
        !exec_command_split("  /bin/x  a 'b  c' --d=\"e f\" '' $HOME;g ", &words));

    CU_ASSERT_EQUAL(words.count, 6);
    CU_ASSERT_STRING_EQUAL(at(&words, 0), "/bin/x");
    CU_ASSERT_STRING_EQUAL(at(&words, 2), "b  c");
    CU_ASSERT_STRING_EQUAL(at(&words, 3), "--d=e f");
    CU_ASSERT_STRING_EQUAL(at(&words, 4), "");
    CU_ASSERT_STRING_EQUAL(at(&words, 5), "$HOME;g");
}

AC_TEST(program_may_have_blanks_in_its_path)
{
    EXEC_AUTO_WORDS words = { 0 };

    AC_REQUIRE(!exec_command_split("\"/opt/my hooks/x\" a", &words));

    CU_ASSERT_STRING_EQUAL(at(&words, 0), "/opt/my hooks/x");
}

AC_TEST(program_must_be_absolute_and_quotes_closed)
{
    static const char *const wrong[] = {
        "", "  ", "x", "./x", "'x' /y", "''", "/x 'y"
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        EXEC_AUTO_WORDS words = { 0 };

        CU_ASSERT_PTR_NOT_NULL(exec_command_split(wrong[i], &words));
    }
}

AC_TEST(words_are_bounded)
{
    EXEC_AUTO_WORDS words = { 0 };
    char text[300] = "/x";

    for (size_t i = 2; i < 200; i++)
        text[i] = i % 2 ? 'a' : ' ';

    CU_ASSERT_PTR_NOT_NULL(exec_command_split(text, &words));
}

AC_TEST(only_a_program_that_not_all_may_write_is_run)
{
    const char *path = ac_test_path("hook");

    AC_REQUIRE(ac_test_write_file(path, "", 0));

    CU_ASSERT_STRING_EQUAL(exec_command_check(path), "it is not executable: chmod +x");
    CU_ASSERT_PTR_NULL(exec_command_check_script(path));
    (void)chmod(path, 0755);
    CU_ASSERT_PTR_NULL(exec_command_check(path));
    (void)chmod(path, 0757);
    CU_ASSERT_STRING_EQUAL(exec_command_check(path),
                           "everybody may write it: chmod o-w");
    CU_ASSERT_STRING_EQUAL(exec_command_check("/"), "it is not a file");
    CU_ASSERT_STRING_EQUAL(exec_command_check("/nonexistent"),
                           "No such file or directory");
}

AC_SUITE("common-exec/command", AC_CASE(blanks_separate_and_quotes_keep_blanks),
         AC_CASE(program_may_have_blanks_in_its_path),
         AC_CASE(program_must_be_absolute_and_quotes_closed),
         AC_CASE(words_are_bounded),
         AC_CASE(only_a_program_that_not_all_may_write_is_run))
