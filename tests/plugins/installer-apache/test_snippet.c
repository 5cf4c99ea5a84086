/* SPDX-License-Identifier: Apache-2.0 */
#include "snippet.h"

#include "scene.h"

static int find(struct scene *scene, struct apache_text *path)
{
    return apache_snippet_find(&scene->fake.host, &scene->sites.items[0], &scene->dump,
                               "SSLCertificateFile", path);
}

AC_TEST(an_included_file_with_the_directive_is_found)
{
    SCENE_AUTO scene;
    APACHE_AUTO_TEXT path = { 0 };

    AC_REQUIRE(scene_load(&scene,
                          "<VirtualHost *>\nInclude none.inc\n"
                          "IncludeOptional tls*.inc\n</VirtualHost>\n",
                          SCENE_SAID_TLS));
    AC_REQUIRE(scene_write("tls-a.inc", "# SSLCertificateFile no\n"));
    AC_REQUIRE(scene_write("tls-b.inc", "  sslcertificatefile /x\n"));
    AC_REQUIRE(find(&scene, &path) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(path.bytes, ac_test_path("tls-b.inc"));
}

AC_TEST(included_files_without_it_are_none)
{
    SCENE_AUTO scene;
    APACHE_AUTO_TEXT path = { 0 };

    AC_REQUIRE(scene_load(&scene, "<VirtualHost *>\nInclude *.inc\n</VirtualHost>\n",
                          SCENE_SAID_TLS));
    AC_REQUIRE(scene_write("a.inc", "SSLCertificateKeyFile /x\n"));
    AC_REQUIRE(find(&scene, &path) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(path.bytes, "");
}

AC_SUITE("installer-apache/snippet",
         AC_CASE(an_included_file_with_the_directive_is_found),
         AC_CASE(included_files_without_it_are_none))
