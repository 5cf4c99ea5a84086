/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/prose.h"

#include "base/memory.h"
#include "check.h"

#include <string.h>

static const char *prose(const char *line)
{
    static char sentence[64];

    return ac_prose(line, sentence, sizeof sentence);
}

AC_TEST(a_line_is_what_its_text_says_about_its_subject)
{
    CU_ASSERT_STRING_EQUAL(prose("issue.warning certificate=www text=\"no answer\""),
                           "www: no answer");
    CU_ASSERT_STRING_EQUAL(prose("recover.failed reason=\"a b\" certificate=c"),
                           "c: a b");
    CU_ASSERT_STRING_EQUAL(prose("plugin.output plugin=web text=short"), "web: short");
    CU_ASSERT_STRING_EQUAL(prose("odd.event text=\"\""), "");
}

AC_TEST(quotes_within_a_text_lose_their_escapes_and_control_characters_do_not)
{
    CU_ASSERT_STRING_EQUAL(prose("e text=\"it is \\\"x\\\\y\\\" \\x1B[m\" more=1"),
                           "it is \"x\\y\" \\x1B[m");
}

AC_TEST(what_is_no_line_of_the_grammar_stays_as_it_is)
{
    static const char *const lines[] = {
        "",           "a sentence",      "a sentence: text=\"x\"", "event key=value",
        "event text", "event =x text=y",
    };

    for (size_t i = 0; i < AC_COUNT(lines); i++)
        CU_ASSERT_STRING_EQUAL(prose(lines[i]), lines[i]);
}

AC_TEST(a_text_without_end_is_taken_to_the_end_and_cut_to_the_size)
{
    char small[8];

    CU_ASSERT_STRING_EQUAL(prose("e text=\"no end\\"), "no end\\");
    CU_ASSERT_STRING_EQUAL(
        ac_prose("e certificate=www text=\"long one\"", small, sizeof small),
        "www: lo");
    CU_ASSERT_STRING_EQUAL(
        ac_prose("e certificate=wwwwwwwww text=x", small, sizeof small), "wwwwwww");
}

AC_SUITE("cli/prose", AC_CASE(a_line_is_what_its_text_says_about_its_subject),
         AC_CASE(quotes_within_a_text_lose_their_escapes_and_control_characters_do_not),
         AC_CASE(what_is_no_line_of_the_grammar_stays_as_it_is),
         AC_CASE(a_text_without_end_is_taken_to_the_end_and_cut_to_the_size))
