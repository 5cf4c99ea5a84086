/* SPDX-License-Identifier: Apache-2.0 */
#include "lexer.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

/* The words of a text, "|" after each; other tokens as they are, "?" for a bad one. */
static const char *words(const char *text)
{
    static char all[1024];
    size_t size = strlen(text);
    size_t at = 0;
    size_t used = 0;
    struct token token = { TOKEN_WORD, 0, 0 };

    for (;;) {
        char value[TOKEN_VALUE_MAX];

        token = token_next(text, size, &at);
        if (token.kind == TOKEN_END)
            break;
        if (token.kind == TOKEN_BAD)
            return "?";
        if (token.kind == TOKEN_WORD && token_value(text, &token, value))
            used += (size_t)snprintf(all + used, sizeof(all) - used, "%s|", value);
        if (token.kind != TOKEN_WORD)
            used += (size_t)snprintf(all + used, sizeof(all) - used, "%c",
                                     text[token.begin]);
    }
    all[used] = '\0';
    return all;
}

AC_TEST(words_end_at_blanks_and_signs)
{
    CU_ASSERT_STRING_EQUAL(words("a b;c{d\n;}"), "a|b|;c|{d|;}");
    CU_ASSERT_STRING_EQUAL(words(""), "");
    CU_ASSERT_STRING_EQUAL(words("  \t\r\n"), "");
    CU_ASSERT_STRING_EQUAL(words("listen 443 ssl;"), "listen|443|ssl|;");
}

AC_TEST(comments_are_left_out_but_a_sign_within_a_word_is_not)
{
    CU_ASSERT_STRING_EQUAL(words("a; # b; } {\nc;"), "a|;c|;");
    CU_ASSERT_STRING_EQUAL(words("a#b c; #"), "a#b|c|;");
}

AC_TEST(quotes_and_backslashes_hide_signs)
{
    CU_ASSERT_STRING_EQUAL(words("a \"b; } 'c\" 'd \"e';"), "a|b; } 'c|d \"e|;");
    CU_ASSERT_STRING_EQUAL(words("a \"b\\\"c\" d\\;e\\ f;"), "a|b\"c|d;e f|;");
    CU_ASSERT_STRING_EQUAL(words("a ${b}c $d;"), "a|${b}c|$d|;");
}

AC_TEST(open_quote_is_bad)
{
    CU_ASSERT_STRING_EQUAL(words("a \"b;"), "?");
    CU_ASSERT_STRING_EQUAL(words("a 'b\\';"), "?");
}

AC_TEST(lua_ends_at_its_own_brace)
{
    static const char text[] = " if a { b('}', \"}\") } -- }\n } rest";
    size_t at = 0;

    CU_ASSERT_TRUE(token_skip_lua(text, sizeof(text) - 1, &at));
    CU_ASSERT_STRING_EQUAL(text + at, " rest");
    at = 0;
    CU_ASSERT_FALSE(token_skip_lua("{ }", 3, &at));
}

AC_TEST(word_that_is_too_long_has_no_value)
{
    static char text[TOKEN_VALUE_MAX + 2];
    char value[TOKEN_VALUE_MAX];
    struct token token = { TOKEN_WORD, 0, sizeof(text) - 1 };

    memset(text, 'a', sizeof(text) - 1);
    CU_ASSERT_FALSE(token_value(text, &token, value));
}

AC_TEST(lines_are_counted_from_one)
{
    CU_ASSERT_EQUAL(token_line("a\nb\nc", 0), 1);
    CU_ASSERT_EQUAL(token_line("a\nb\nc", 4), 3);
}

AC_SUITE("installer-nginx/lexer", AC_CASE(words_end_at_blanks_and_signs),
         AC_CASE(comments_are_left_out_but_a_sign_within_a_word_is_not),
         AC_CASE(quotes_and_backslashes_hide_signs), AC_CASE(open_quote_is_bad),
         AC_CASE(lua_ends_at_its_own_brace),
         AC_CASE(word_that_is_too_long_has_no_value),
         AC_CASE(lines_are_counted_from_one))
