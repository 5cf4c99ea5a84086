/* SPDX-License-Identifier: Apache-2.0 */
#include "edit.h"

#include "scene.h"

#define CERT "/certs/www/fullchain.pem"
#define KEY  "/certs/www/privkey.pem"

static bool set(struct scene *scene, const char *config,
                const struct apache_wishes *wishes)
{
    return scene_load(scene, config, SCENE_SAID_TLS)
           && apache_edit_certificate(&scene->sites.items[0], &scene->dump,
                                      &scene_certificate, wishes);
}

AC_TEST(paths_are_replaced_and_nothing_else)
{
    SCENE_AUTO scene;
    const struct apache_wishes wishes = { .tls_port = 443 };

    AC_REQUIRE(
        set(&scene,
            "<VirtualHost   *:443>\n# my host\n  ServerName  a.test \n"
            "\tSSLEngine on\n\n"
            "\tSSLCertificateFile \\\n   \"/old/cert.pem\"  \n"
            "    SSLCertificateKeyFile   /old/key.pem\n  # end\n</VirtualHost>\n",
            &wishes));

    CU_ASSERT_TRUE(scene_edited_is(
        &scene, "<VirtualHost   *:443>\n# my host\n  ServerName  a.test \n"
                "\tSSLEngine on\n\n"
                "\tSSLCertificateFile \\\n   " CERT "  \n"
                "    SSLCertificateKeyFile   " KEY "\n  # end\n</VirtualHost>\n"));
}

AC_TEST(a_chain_file_and_further_certificates_go)
{
    SCENE_AUTO scene;
    const struct apache_wishes wishes = { .tls_port = 443 };

    AC_REQUIRE(set(&scene,
                   "<VirtualHost *:443>\nSSLEngine on\n"
                   "SSLCertificateFile /rsa.pem\nSSLCertificateKeyFile /rsa.key\n"
                   "  SSLCertificateChainFile \\\n /chain.pem\n"
                   "SSLCertificateFile /ec.pem\nSSLCertificateKeyFile /ec.key\n"
                   "# end\n</VirtualHost>\n",
                   &wishes));

    CU_ASSERT_TRUE(scene_edited_is(&scene, "<VirtualHost *:443>\nSSLEngine on\n"
                                           "SSLCertificateFile " CERT "\n"
                                           "SSLCertificateKeyFile " KEY "\n"
                                           "# end\n</VirtualHost>\n"));
}

AC_TEST(what_is_missing_is_added_in_the_manner_of_the_host)
{
    SCENE_AUTO scene;
    const struct apache_wishes wishes = { .tls_port = 443, .hsts_s = 60 };

    AC_REQUIRE(set(&scene,
                   "<VirtualHost *:443>\r\n\tServerName a.test\r\n</VirtualHost>",
                   &wishes));

    CU_ASSERT_TRUE(scene_edited_is(
        &scene, "<VirtualHost *:443>\r\n\tServerName a.test\r\n"
                "\tSSLEngine on\r\n\tSSLCertificateFile " CERT "\r\n"
                "\tSSLCertificateKeyFile " KEY "\r\n"
                "\tHeader always set Strict-Transport-Security \"max-age=60\"\r\n"
                "</VirtualHost>"));
}

AC_TEST(a_key_that_was_in_the_certificate_file_gets_a_line)
{
    SCENE_AUTO scene;
    const struct apache_wishes wishes = { .tls_port = 443 };

    AC_REQUIRE(set(&scene,
                   "<VirtualHost *:443>\n <IfModule mod_ssl.c>\n  SSLEngine on\n"
                   "  SSLCertificateFile /both.pem\n </IfModule>\n</VirtualHost>\n",
                   &wishes));

    CU_ASSERT_TRUE(scene_edited_is(
        &scene, "<VirtualHost *:443>\n <IfModule mod_ssl.c>\n  SSLEngine on\n"
                "  SSLCertificateFile " CERT "\n  SSLCertificateKeyFile " KEY
                "\n </IfModule>\n</VirtualHost>\n"));
}

AC_TEST(what_is_right_is_left)
{
    SCENE_AUTO scene;
    const struct apache_wishes wishes = { .tls_port = 443, .hsts_s = 60 };

    AC_REQUIRE(set(&scene,
                   "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile \"" CERT
                   "\"\n"
                   "SSLCertificateKeyFile " KEY "\n"
                   "Header always set Strict-Transport-Security \"max-age=60\"\n"
                   "</VirtualHost>\n",
                   &wishes));

    CU_ASSERT_EQUAL(scene.sites.files.items[0]->edit_count, 0);
}

AC_TEST(an_age_of_ours_changes_and_a_header_of_somebody_else_does_not)
{
    SCENE_AUTO scene;
    SCENE_AUTO other;
    const struct apache_wishes wishes = { .tls_port = 443, .hsts_s = 60 };

    AC_REQUIRE(set(&scene,
                   "<VirtualHost *>\nSSLEngine on\nSSLCertificateFile " CERT "\n"
                   "SSLCertificateKeyFile " KEY "\nHeader always set "
                   "Strict-Transport-Security max-age=6\n</VirtualHost>\n",
                   &wishes));
    CU_ASSERT_TRUE(scene_edited_is(
        &scene, "<VirtualHost *>\nSSLEngine on\nSSLCertificateFile " CERT "\n"
                "SSLCertificateKeyFile " KEY "\nHeader always set "
                "Strict-Transport-Security \"max-age=60\"\n</VirtualHost>\n"));
    AC_REQUIRE(set(&other,
                   "<VirtualHost *>\nSSLEngine on\nSSLCertificateFile " CERT "\n"
                   "SSLCertificateKeyFile " KEY "\nHeader always set "
                   "Strict-Transport-Security \"max-age=6; preload\"\n</VirtualHost>\n",
                   &wishes));
    CU_ASSERT_EQUAL(other.sites.files.items[0]->edit_count, 0);
}

AC_TEST(a_redirect_goes_to_the_end_and_is_made_once)
{
    SCENE_AUTO scene;
    SCENE_AUTO again;
    static const char result[] =
        "<VirtualHost *:80>\n  ServerName a.test\n"
        "  <LocationMatch \"^/(?!\\.well-known/acme-challenge/)\">\n"
        "      Redirect permanent \"https://%{SERVER_NAME}:8443%{REQUEST_URI}\"\n"
        "  </LocationMatch>\n</VirtualHost>\n";

    AC_REQUIRE(scene_load(&scene,
                          "<VirtualHost *:80>\n  ServerName a.test\n</VirtualHost>\n",
                          SCENE_SAID_PLAIN));
    AC_REQUIRE(apache_edit_redirect(&scene.sites.items[0], 8443));
    CU_ASSERT_TRUE(scene_edited_is(&scene, result));

    AC_REQUIRE(scene_load(&again, result, SCENE_SAID_PLAIN));
    AC_REQUIRE(apache_edit_redirect(&again.sites.items[0], 8443));
    CU_ASSERT_EQUAL(again.sites.files.items[0]->edit_count, 0);
}

AC_TEST(a_host_with_tls_comes_behind)
{
    SCENE_AUTO scene;
    APACHE_AUTO_TEXT text = { 0 };
    const struct apache_wishes wishes = { .tls_port = 443 };
    static const char config[] = "<VirtualHost *:80>\n</VirtualHost>\n# next\n";

    AC_REQUIRE(scene_load(&scene, config, SCENE_SAID_PLAIN));
    AC_REQUIRE(apache_edit_beside(&scene.sites.items[0], &scene.dump,
                                  &scene_certificate, &wishes));
    AC_REQUIRE(apache_file_edited(scene.sites.files.items[0], &text));

    CU_ASSERT_TRUE(!strncmp(text.bytes, config, strlen(config) - 7));
    CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, "</IfModule>\n# next\n"));
}

AC_SUITE("installer-apache/edit", AC_CASE(paths_are_replaced_and_nothing_else),
         AC_CASE(a_chain_file_and_further_certificates_go),
         AC_CASE(what_is_missing_is_added_in_the_manner_of_the_host),
         AC_CASE(a_key_that_was_in_the_certificate_file_gets_a_line),
         AC_CASE(what_is_right_is_left),
         AC_CASE(an_age_of_ours_changes_and_a_header_of_somebody_else_does_not),
         AC_CASE(a_redirect_goes_to_the_end_and_is_made_once),
         AC_CASE(a_host_with_tls_comes_behind))
