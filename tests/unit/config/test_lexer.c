/* SPDX-License-Identifier: Apache-2.0 */
#include "config/lexer.h"

#include "check.h"

#include <string.h>

/* Does the next token have this kind, text and line? */
static bool comes(struct ac_lexer *lexer, enum ac_token_kind kind, const char *text,
                  unsigned line)
{
    struct ac_error err = { 0 };
    struct ac_token token = { 0 };

    return ac_lexer_next(lexer, &token, &err) == AC_OK && token.kind == kind
           && token.line == line && strcmp(token.text, text) == 0;
}

static struct ac_lexer over(const char *text)
{
    return (struct ac_lexer){ .bytes = text, .size = strlen(text) };
}

AC_TEST(words_and_signs_come_with_their_lines)
{
    AC_AUTO(ac_lexer) lexer = over("a = {b,\n 'c'}\n");

    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "a", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_EQUALS, "=", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_OPEN, "{", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "b", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_COMMA, ",", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "c", 2));
    CU_ASSERT(comes(&lexer, AC_TOKEN_CLOSE, "}", 2));
    CU_ASSERT(comes(&lexer, AC_TOKEN_END, "the end of the file", 3));
}

AC_TEST(comments_of_three_kinds_are_passed_over)
{
    AC_AUTO(ac_lexer) lexer = over("# one\na // two\n/* three\n four */ b#five");

    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "a", 2));
    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "b", 4));
    CU_ASSERT(comes(&lexer, AC_TOKEN_END, "the end of the file", 4));
}

AC_TEST(word_without_quotes_may_hold_a_path_url_or_wildcard)
{
    AC_AUTO(ac_lexer) lexer = over("/etc/x https://ca.test/dir *.example.org");

    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "/etc/x", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "https://ca.test/dir", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "*.example.org", 1));
}

AC_TEST(backslash_takes_the_next_character_as_it_is)
{
    AC_AUTO(ac_lexer) lexer = over("\"a\\\"b\\\\c\\$\" 'it\\'s \\n ${x}'");

    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "a\"b\\c$", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "it's \\n ${x}", 1));
}

AC_TEST(empty_text_is_a_word)
{
    AC_AUTO(ac_lexer) lexer = over("\"\"");

    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "", 1));
}

AC_TEST(first_of_its_line_is_known)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_lexer) lexer = over("a b\n  c");
    struct ac_token token = { 0 };

    AC_REQUIRE_OK(ac_lexer_next(&lexer, &token, &err));
    CU_ASSERT_TRUE(token.begins_line);
    AC_REQUIRE_OK(ac_lexer_next(&lexer, &token, &err));
    CU_ASSERT_FALSE(token.begins_line);
    AC_REQUIRE_OK(ac_lexer_next(&lexer, &token, &err));
    CU_ASSERT_TRUE(token.begins_line);
}

AC_TEST(text_ends_in_its_line)
{
    AC_AUTO(ac_lexer) lexer = over("\"a\nb");

    CU_ASSERT(
        comes(&lexer, AC_TOKEN_BAD, "a text in quotes does not end in its line", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "b", 2));
}

AC_TEST(environment_is_not_put_into_texts)
{
    AC_AUTO(ac_lexer) lexer = over("\"${HOME}\"");

    CU_ASSERT(comes(&lexer, AC_TOKEN_BAD,
                    "\"${\" is not replaced here: a secret may be \"env:NAME\"; within "
                    "'…' it stays as it is",
                    1));
}

AC_TEST(comment_without_an_end_is_told_where_it_begins)
{
    AC_AUTO(ac_lexer) lexer = over("a\n/* b\n c");

    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "a", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_BAD, "a comment that begins here has no end", 2));
    CU_ASSERT(comes(&lexer, AC_TOKEN_END, "the end of the file", 3));
}

AC_TEST(semicolon_is_told_to_be_left_out)
{
    AC_AUTO(ac_lexer) lexer = over("a; b");

    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "a", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_BAD, "\";\" is not used here: leave it out", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "b", 1));
}

AC_TEST(parentheses_are_told_how_to_include)
{
    AC_AUTO(ac_lexer) lexer = over("include(\"x\")\nb");

    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "include", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_BAD,
                    "parentheses are not used here (a file is included by include = "
                    "\"FILE\")",
                    1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_WORD, "b", 2));
}

AC_TEST(control_characters_and_what_is_not_utf8_are_refused)
{
    AC_AUTO(ac_lexer) lexer = over("\"a\x1b[0m\"\n\"\xff\"\n\x01");

    CU_ASSERT(comes(&lexer, AC_TOKEN_BAD,
                    "a text has control characters or others that cannot be shown, or "
                    "is not UTF-8",
                    1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_BAD,
                    "a text has control characters or others that cannot be shown, or "
                    "is not UTF-8",
                    2));
    CU_ASSERT(comes(&lexer, AC_TOKEN_BAD, "a control character", 3));
}

AC_TEST(nul_within_a_text_is_refused)
{
    AC_AUTO(ac_lexer) lexer = { .bytes = "'a\0b'", .size = 5 };

    CU_ASSERT(comes(&lexer, AC_TOKEN_BAD,
                    "a text has control characters or others that cannot be shown, or "
                    "is not UTF-8",
                    1));
}

AC_TEST(word_has_a_limit)
{
    char text[AC_CONFIG_WORD_MAX + 2];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    AC_AUTO(ac_lexer) lexer = over(text);

    CU_ASSERT(comes(&lexer, AC_TOKEN_BAD, "a text is longer than 4096 bytes", 1));
    CU_ASSERT(comes(&lexer, AC_TOKEN_END, "the end of the file", 1));
}

AC_SUITE("config/lexer", AC_CASE(words_and_signs_come_with_their_lines),
         AC_CASE(comments_of_three_kinds_are_passed_over),
         AC_CASE(word_without_quotes_may_hold_a_path_url_or_wildcard),
         AC_CASE(backslash_takes_the_next_character_as_it_is),
         AC_CASE(empty_text_is_a_word), AC_CASE(first_of_its_line_is_known),
         AC_CASE(text_ends_in_its_line), AC_CASE(environment_is_not_put_into_texts),
         AC_CASE(comment_without_an_end_is_told_where_it_begins),
         AC_CASE(semicolon_is_told_to_be_left_out),
         AC_CASE(parentheses_are_told_how_to_include),
         AC_CASE(control_characters_and_what_is_not_utf8_are_refused),
         AC_CASE(nul_within_a_text_is_refused), AC_CASE(word_has_a_limit))
