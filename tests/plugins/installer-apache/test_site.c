/* SPDX-License-Identifier: Apache-2.0 */
#include "site.h"

#include "scene.h"

AC_TEST(a_host_alone_at_its_address_gets_its_aliases_from_the_file)
{
    SCENE_AUTO scene;

    AC_REQUIRE(scene_load(&scene,
                          "<VirtualHost *:80>\nServerName a.test\n"
                          "ServerAlias b.test *.c.test ali.${FOO} x.${ENVIRON}\n"
                          "</VirtualHost>\n",
                          SCENE_SAID_PLAIN "Define: FOO=bar\n"));

    const struct apache_host *host = scene.sites.items[0].host;
    CU_ASSERT_TRUE(apache_list_has(&host->aliases, "b.test"));
    CU_ASSERT_TRUE(apache_list_has(&host->aliases, "ali.bar"));
    CU_ASSERT_TRUE(apache_list_has(&host->patterns, "*.c.test"));
    CU_ASSERT_EQUAL(host->aliases.count, 2);
    CU_ASSERT_TRUE(scene.sites.items[0].has_name);
}

AC_TEST(tls_is_told_by_engine_certificate_or_port)
{
    static const struct {
        const char *line, *said;
        bool is_tls;
    } cases[] = {
        { "SSLEngine on\n", SCENE_SAID_PLAIN, true },
        { "SSLCertificateFile x\n", SCENE_SAID_PLAIN, true },
        { "\n", SCENE_SAID_TLS, true },
        { "SSLEngine off\n", SCENE_SAID_TLS, false },
        { "SSLEngine on\nSSLEngine Off\n", SCENE_SAID_TLS, false },
        { "\n", SCENE_SAID_PLAIN, false },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCENE_AUTO scene;
        char config[256];
        (void)snprintf(config, sizeof config, "<VirtualHost *>\n%s</VirtualHost>\n",
                       cases[i].line);
        AC_REQUIRE(scene_load(&scene, config, cases[i].said));
        CU_ASSERT_EQUAL(scene.sites.items[0].is_tls, cases[i].is_tls);
        CU_ASSERT_FALSE(scene.sites.items[0].has_name);
    }
}

AC_TEST(one_that_is_not_understood_is_left_alone_and_the_next_is_not)
{
    SCENE_AUTO scene;

    AC_REQUIRE(scene_load(&scene,
                          "<VirtualHost *:80>\n<IfModule x>\n</VirtualHost>\n"
                          "<VirtualHost *:80>\nServerName b.test\n</VirtualHost>\n",
                          "VirtualHost configuration:\n*:80   a.test (@:1)\n"
                          "*:80   b.test (@:4)\nServerRoot: \"~\"\n"));

    AC_REQUIRE(scene.sites.count == 2);
    CU_ASSERT_STRING_EQUAL(scene.sites.items[0].left_alone,
                           "libaugeas does not understand it");
    CU_ASSERT_PTR_NULL(scene.sites.items[1].left_alone);
    CU_ASSERT_TRUE(fake_host_logged(&scene.fake, "site.conf:1: libaugeas does not "
                                                 "understand line "));
}

AC_TEST(what_cannot_be_edited_is_left_alone)
{
    SCENE_AUTO scene;

    AC_REQUIRE(scene_load(
        &scene, "# nothing\n",
        "VirtualHost configuration:\n*:80  m.test (macro 'vh' (defined) used:1)\n"
        "*:80   gone.test (~/gone.conf:1)\n*:80   else.test (@:1)\n"
        "ServerRoot: \"~\"\n"));

    AC_REQUIRE(scene.sites.count == 3);
    CU_ASSERT_STRING_EQUAL(scene.sites.items[0].left_alone, "a macro makes it");
    CU_ASSERT_STRING_EQUAL(scene.sites.items[1].left_alone, "its file cannot be read");
    CU_ASSERT_STRING_EQUAL(scene.sites.items[2].left_alone,
                           "it is not where Apache reports it");
}

AC_TEST(one_at_a_port_without_tls_too_is_left_alone_unless_it_says_what_it_speaks)
{
    static const struct {
        const char *line;
        bool is_left_alone, is_tls;
    } cases[] = {
        { "\n", true, true },
        { "SSLCertificateFile x\n", true, true },
        { "SSLEngine on\n", false, true },
        { "SSLEngine off\n", false, false },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCENE_AUTO scene;
        char config[256];
        (void)snprintf(config, sizeof config,
                       "<VirtualHost *:80 *:443>\n%s"
                       "</VirtualHost>\n",
                       cases[i].line);
        AC_REQUIRE(scene_load(&scene, config,
                              "VirtualHost configuration:\n*:80  a.test (@:1)\n"
                              "*:443  a.test (@:1)\nServerRoot: \"~\"\n"));
        AC_REQUIRE(scene.sites.count == 1);
        CU_ASSERT_EQUAL(scene.sites.items[0].left_alone != NULL,
                        cases[i].is_left_alone);
        CU_ASSERT_EQUAL(scene.sites.items[0].is_tls, cases[i].is_tls);
    }
}

AC_TEST(a_file_that_is_included_twice_is_edited_once)
{
    SCENE_AUTO scene;

    AC_REQUIRE(scene_start(&scene, NULL));
    AC_REQUIRE(symlink(SCENE_CONF, ac_test_path("link.conf")) == 0);
    AC_REQUIRE(scene_load(&scene, "<VirtualHost *:80>\nServerName a\n</VirtualHost>\n",
                          "VirtualHost configuration:\n*:80   a.test (@:1)\n"
                          "*:80   a.test (~/link.conf:1)\nServerRoot: \"~\"\n"));

    CU_ASSERT_PTR_NULL(scene.sites.items[0].left_alone);
    CU_ASSERT_STRING_EQUAL(scene.sites.items[1].left_alone,
                           "its file is included twice");
    CU_ASSERT_EQUAL(scene.sites.files.count, 1);
}

AC_TEST(a_path_is_absolute_with_its_variables)
{
    SCENE_AUTO scene;
    APACHE_AUTO_TEXT path = { 0 };
    APACHE_AUTO_TEXT none = { 0 };

    AC_REQUIRE(scene_load(&scene,
                          "<VirtualHost *>\nSSLCertificateFile \"tls/${N}.pem\"\n"
                          "</VirtualHost>\n",
                          "VirtualHost configuration:\n*:443   a.test (@:1)\n"
                          "ServerRoot: \"/etc/httpd\"\nDefine: N=a\n"));
    AC_REQUIRE(apache_site_path(&scene.sites.items[0], &scene.dump,
                                "SSLCertificateFile", &path));
    AC_REQUIRE(apache_site_path(&scene.sites.items[0], &scene.dump,
                                "SSLCertificateKeyFile", &none));

    CU_ASSERT_STRING_EQUAL(path.bytes, "/etc/httpd/tls/a.pem");
    CU_ASSERT_STRING_EQUAL(none.bytes, "");
}

AC_TEST(no_time_is_no_result)
{
    SCENE_AUTO scene;
    struct apache_sites sites = { 0 };

    AC_REQUIRE(scene_load(&scene, "<VirtualHost *>\n</VirtualHost>\n", SCENE_SAID_TLS));
    scene.fake.ctx.remaining_ms = 0;

    int status = apache_sites_load(&scene.fake.host, &scene.dump, 443, &sites);

    AC_REQUIRE(status == ACMECORE_E_TIMEOUT);
    CU_ASSERT_TRUE(fake_host_failed_with(&scene.fake, "after 0 of 1 virtual hosts"));
}

AC_SUITE(
    "installer-apache/site",
    AC_CASE(a_host_alone_at_its_address_gets_its_aliases_from_the_file),
    AC_CASE(tls_is_told_by_engine_certificate_or_port),
    AC_CASE(one_that_is_not_understood_is_left_alone_and_the_next_is_not),
    AC_CASE(what_cannot_be_edited_is_left_alone),
    AC_CASE(one_at_a_port_without_tls_too_is_left_alone_unless_it_says_what_it_speaks),
    AC_CASE(a_file_that_is_included_twice_is_edited_once),
    AC_CASE(a_path_is_absolute_with_its_variables), AC_CASE(no_time_is_no_result))
