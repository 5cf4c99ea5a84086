/* SPDX-License-Identifier: Apache-2.0 */
#include "wording.h"

#include "scene.h"

AC_TEST(a_path_is_quoted_where_it_must_be)
{
    APACHE_AUTO_TEXT plain = { 0 };
    APACHE_AUTO_TEXT odd = { 0 };

    AC_REQUIRE(apache_wording_path(&plain, "/etc/a_b-c.d/x@1.pem"));
    AC_REQUIRE(apache_wording_path(&odd, "/a b/\"c\"\\"));

    CU_ASSERT_STRING_EQUAL(plain.bytes, "/etc/a_b-c.d/x@1.pem");
    CU_ASSERT_STRING_EQUAL(odd.bytes, "\"/a b/\\\"c\\\"\\\\\"");
}

AC_TEST(a_path_that_apache_would_misread_is_told)
{
    CU_ASSERT_TRUE(apache_wording_can_tell("/a b/$c"));
    CU_ASSERT_FALSE(apache_wording_can_tell("/a\nb"));
    CU_ASSERT_FALSE(apache_wording_can_tell("/a/${HOME}"));
    CU_ASSERT_FALSE(apache_wording_can_tell("a"));
}

AC_TEST(a_line_has_the_manner_of_its_host)
{
    SCENE_AUTO scene;
    APACHE_AUTO_TEXT text = { 0 };
    char indent[APACHE_INDENT_SIZE];

    AC_REQUIRE(scene_load(&scene,
                          "<VirtualHost *>\r\n\t ServerName a\r\n</VirtualHost>",
                          SCENE_SAID_TLS));
    apache_wording_indent(&scene.sites.items[0], indent);
    AC_REQUIRE(apache_wording_line(&text, &scene.sites.items[0], indent, "X", "/y"));
    AC_REQUIRE(apache_wording_hsts(&text, &scene.sites.items[0], "", 60));

    CU_ASSERT_STRING_EQUAL(text.bytes, "\t X /y\r\nHeader always set "
                                       "Strict-Transport-Security \"max-age=60\"\r\n");
}

AC_TEST(an_empty_host_has_four_blanks)
{
    SCENE_AUTO scene;
    char indent[APACHE_INDENT_SIZE];

    AC_REQUIRE(scene_load(&scene, "<VirtualHost *>\n</VirtualHost>\n", SCENE_SAID_TLS));

    apache_wording_indent(&scene.sites.items[0], indent);

    CU_ASSERT_STRING_EQUAL(indent, "    ");
    CU_ASSERT_STRING_EQUAL(apache_wording_line_end(&scene.sites.items[0]), "\n");
}

AC_SUITE("installer-apache/wording", AC_CASE(a_path_is_quoted_where_it_must_be),
         AC_CASE(a_path_that_apache_would_misread_is_told),
         AC_CASE(a_line_has_the_manner_of_its_host),
         AC_CASE(an_empty_host_has_four_blanks))
