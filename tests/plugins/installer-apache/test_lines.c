/* SPDX-License-Identifier: Apache-2.0 */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static struct apache_line line_of(const char *text)
{
    return (
        struct apache_line){ .text = text, .end = strlen(text), .first = 1, .last = 1 };
}

AC_TEST(a_backslash_joins_lines_and_all_are_counted)
{
    const char *text = "Listen \\\r\n 80\n# a \\\n b\nlast";
    struct apache_reader reader = { .text = text, .size = strlen(text) };
    struct apache_line line;

    AC_REQUIRE(apache_line_next(&reader, &line));
    CU_ASSERT_EQUAL(line.first, 1);
    CU_ASSERT_EQUAL(line.last, 2);
    CU_ASSERT_TRUE(apache_line_is(&line, "listen"));
    AC_REQUIRE(apache_line_next(&reader, &line));
    CU_ASSERT_EQUAL(line.last, 4);
    AC_REQUIRE(apache_line_next(&reader, &line));
    CU_ASSERT_EQUAL(line.first, 5);
    CU_ASSERT_EQUAL(line.end, strlen(text));
    CU_ASSERT_FALSE(apache_line_next(&reader, &line));
}

AC_TEST(a_word_ends_where_it_ends)
{
    struct apache_line line = line_of("  <virtualhost *:80>\n");

    CU_ASSERT_TRUE(apache_line_is(&line, "<VirtualHost"));
    CU_ASSERT_FALSE(apache_line_is(&line, "<Virtual"));
    CU_ASSERT_FALSE(apache_line_is(&line, "<VirtualHosts"));
}

AC_TEST(words_lose_quotes_and_the_bracket)
{
    APACHE_AUTO_LIST words = { 0 };
    struct apache_line line = line_of("<IfModule \"mod ssl.c\" \\\n b>\n");

    AC_REQUIRE(apache_line_words(&line, &words));

    AC_REQUIRE(words.count == 2);
    CU_ASSERT_STRING_EQUAL(words.items[0], "mod ssl.c");
    CU_ASSERT_STRING_EQUAL(words.items[1], "b");
}

AC_TEST(a_section_without_words_has_none)
{
    APACHE_AUTO_LIST words = { 0 };
    struct apache_line line = line_of("<IfModule >");

    AC_REQUIRE(apache_line_words(&line, &words));

    CU_ASSERT_EQUAL(words.count, 0);
}

AC_TEST(an_empty_line_has_no_words)
{
    APACHE_AUTO_LIST words = { 0 };
    /* No NUL behind, so that reading there shows. */
    char *text = malloc(2);

    AC_REQUIRE(text != NULL);
    text[0] = ' ';
    text[1] = '\n';
    const struct apache_line line = { .text = text, .end = 2, .first = 1, .last = 1 };
    bool is_read = apache_line_words(&line, &words);
    free(text);

    CU_ASSERT_TRUE(is_read);
    CU_ASSERT_EQUAL(words.count, 0);
}

AC_TEST(a_virtual_host_is_found_by_a_line_of_its_head)
{
    const char *text =
        "# x\n<VirtualHost \\\n *:80>\n  ServerName a\n</VirtualHost>\nx";
    struct apache_extent extent;

    AC_REQUIRE(apache_extent_find(text, strlen(text), 3, &extent));

    CU_ASSERT_EQUAL(extent.start, 4);
    CU_ASSERT_EQUAL(extent.body, strlen("# x\n<VirtualHost \\\n *:80>\n"));
    CU_ASSERT_TRUE(!strncmp(text + extent.close, "</VirtualHost>", 14));
    CU_ASSERT_STRING_EQUAL(text + extent.end, "x");
}

AC_TEST(what_is_no_virtual_host_is_not_found)
{
    static const char *const texts[] = {
        "",
        "ServerName a\n",
        "<VirtualHost *:80>\nServerName a\n",
        "\n\n<VirtualHost>",
    };
    struct apache_extent extent;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CU_ASSERT_FALSE(apache_extent_find(texts[i], strlen(texts[i]), 1, &extent));
}

AC_SUITE("installer-apache/lines", AC_CASE(a_backslash_joins_lines_and_all_are_counted),
         AC_CASE(a_word_ends_where_it_ends), AC_CASE(words_lose_quotes_and_the_bracket),
         AC_CASE(a_section_without_words_has_none), AC_CASE(an_empty_line_has_no_words),
         AC_CASE(a_virtual_host_is_found_by_a_line_of_its_head),
         AC_CASE(what_is_no_virtual_host_is_not_found))
