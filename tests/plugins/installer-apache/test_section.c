/* SPDX-License-Identifier: Apache-2.0 */
#include "section.h"

#include <string.h>

#include "check.h"

static void drop_lens(struct apache_lens **lens)
{
    apache_lens_close(*lens);
}

#define AUTO_LENS __attribute__((cleanup(drop_lens))) struct apache_lens

static const char host[] = "<VirtualHost *:443>\n"
                           "    ServerName   a.test\n"
                           "    # SSLCertificateFile /commented\n"
                           "    ServerAlias b.test \\\n"
                           "        c.test\n"
                           "    <IfModule mod_x.c>\n"
                           "      sslcertificatefile    \"/x y\"\n"
                           "    </IfModule>\n"
                           "</VirtualHost>\n";

static int parse(struct apache_lens *lens, const char *text,
                 struct apache_section *section, unsigned *line)
{
    const char *reason = NULL;

    return apache_section_parse(lens, text, strlen(text), section, line, &reason);
}

AC_TEST(directives_have_their_places)
{
    AUTO_LENS *lens = apache_lens_open();
    APACHE_AUTO_SECTION section = { 0 };
    unsigned line = 0;

    AC_REQUIRE(lens != NULL);
    AC_REQUIRE(parse(lens, host, &section, &line) == ACMECORE_OK);

    AC_REQUIRE(section.count == 3);
    const struct apache_directive *name = &section.directives[0];
    CU_ASSERT_STRING_EQUAL(name->name, "ServerName");
    CU_ASSERT_FALSE(name->is_nested);
    CU_ASSERT_TRUE(!strncmp(host + name->start, "    ServerName   a.test\n", 24));
    CU_ASSERT_EQUAL(name->end - name->start, 24);
    CU_ASSERT_TRUE(!strncmp(host + name->arguments[0].start, "a.test\n", 7));
}

AC_TEST(a_nested_directive_is_found_in_either_case)
{
    AUTO_LENS *lens = apache_lens_open();
    APACHE_AUTO_SECTION section = { 0 };
    unsigned line = 0;

    AC_REQUIRE(lens != NULL);
    AC_REQUIRE(parse(lens, host, &section, &line) == ACMECORE_OK);

    const struct apache_directive *found =
        apache_section_find(&section, "SSLCertificateFile", NULL);
    AC_REQUIRE(found != NULL);
    CU_ASSERT_TRUE(found->is_nested);
    CU_ASSERT_STRING_EQUAL(apache_directive_argument(found, 0), "/x y");
    CU_ASSERT_EQUAL(host[found->arguments[0].start], '"');
    CU_ASSERT_STRING_EQUAL(apache_directive_argument(found, 1), "");
    CU_ASSERT_PTR_NULL(apache_section_find(&section, "SSLCertificateFile", found));
}

AC_TEST(lines_that_are_joined_are_one_directive)
{
    AUTO_LENS *lens = apache_lens_open();
    APACHE_AUTO_SECTION section = { 0 };
    unsigned line = 0;

    AC_REQUIRE(lens != NULL);
    AC_REQUIRE(parse(lens, host, &section, &line) == ACMECORE_OK);

    const struct apache_directive *alias =
        apache_section_find(&section, "ServerAlias", NULL);
    AC_REQUIRE(alias != NULL && alias->argument_count == 2);
    CU_ASSERT_STRING_EQUAL(alias->arguments[1].text, "c.test");
}

AC_TEST(what_the_lens_does_not_understand_names_the_line)
{
    AUTO_LENS *lens = apache_lens_open();
    APACHE_AUTO_SECTION section = { 0 };
    unsigned line = 0;

    AC_REQUIRE(lens != NULL);
    int status =
        parse(lens, "<VirtualHost *:80>\n  <IfModule x>\n  Foo bar\n</VirtualHost>\n",
              &section, &line);

    AC_REQUIRE(status == ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(line >= 3);
    CU_ASSERT_EQUAL(section.count, 0);
}

AC_TEST(too_many_directives_are_refused)
{
    static char text[APACHE_DIRECTIVES_MAX * 4 + 64];
    AUTO_LENS *lens = apache_lens_open();
    APACHE_AUTO_SECTION section = { 0 };
    unsigned line = 7;
    size_t size = strlen(strcpy(text, "<VirtualHost *>\n"));

    for (size_t i = 0; i <= APACHE_DIRECTIVES_MAX; i++, size += 4)
        memcpy(text + size, "A b\n", 4);
    memcpy(text + size, "</VirtualHost>\n", sizeof "</VirtualHost>\n");
    AC_REQUIRE(lens != NULL);
    AC_REQUIRE(parse(lens, text, &section, &line) == ACMECORE_E_REFUSED);

    CU_ASSERT_EQUAL(line, 0);
    CU_ASSERT_EQUAL(section.count, 0);
}

AC_TEST(a_lens_reads_one_after_the_other)
{
    AUTO_LENS *lens = apache_lens_open();
    unsigned line = 0;

    AC_REQUIRE(lens != NULL);
    for (size_t i = 0; i < 3; i++) {
        APACHE_AUTO_SECTION section = { 0 };
        AC_REQUIRE(parse(lens, "<virtualhost *>\r\n\tServerName a\r\n</VIRTUALHOST>",
                         &section, &line)
                   == ACMECORE_OK);
        CU_ASSERT_EQUAL(section.count, 1);
    }
}

AC_SUITE("installer-apache/section", AC_CASE(directives_have_their_places),
         AC_CASE(a_nested_directive_is_found_in_either_case),
         AC_CASE(lines_that_are_joined_are_one_directive),
         AC_CASE(what_the_lens_does_not_understand_names_the_line),
         AC_CASE(too_many_directives_are_refused),
         AC_CASE(a_lens_reads_one_after_the_other))
