/* SPDX-License-Identifier: Apache-2.0 */
#include "beside.h"

#include "scene.h"

#define TLS                                                                            \
    "    SSLEngine on\n    SSLCertificateFile /certs/www/fullchain.pem\n"              \
    "    SSLCertificateKeyFile /certs/www/privkey.pem\n"
#define HEAD "<IfModule mod_ssl.c>\n# With TLS; made by acmecore (installer-apache).\n"

static bool write_beside(struct scene *scene, const char *config, const char *said,
                         struct apache_text *text)
{
    const struct apache_wishes wishes = { .tls_port = 443 };

    return scene_load(scene, config, said)
           && apache_beside_write(text, &scene->sites.items[0], &scene->dump,
                                  &scene_certificate, &wishes);
}

AC_TEST(it_is_a_copy_with_tls_at_its_port)
{
    SCENE_AUTO scene;
    APACHE_AUTO_TEXT text = { 0 };

    AC_REQUIRE(write_beside(&scene,
                            "<VirtualHost *:80>\n    ServerName a.test:80\n"
                            "    <Directory /www>\n      Require all granted\n"
                            "    </Directory>\n    # a word\n</VirtualHost>\n",
                            SCENE_SAID_PLAIN, &text));

    CU_ASSERT_STRING_EQUAL(text.bytes,
                           HEAD "<VirtualHost *:443>\n    ServerName a.test:443\n"
                                "    <Directory /www>\n      Require all granted\n"
                                "    </Directory>\n    # a word\n" TLS
                                "</VirtualHost>\n</IfModule>\n");
}

AC_TEST(a_file_without_an_end_of_line_gets_one_before)
{
    SCENE_AUTO scene;
    APACHE_AUTO_TEXT text = { 0 };

    AC_REQUIRE(write_beside(&scene,
                            "<VirtualHost *:80>\n    ServerName a.test\n</VirtualHost>",
                            SCENE_SAID_PLAIN, &text));

    CU_ASSERT_STRING_EQUAL(text.bytes,
                           "\n" HEAD "<VirtualHost *:443>\n    ServerName a.test\n" TLS
                           "</VirtualHost>\n</IfModule>\n");
}

AC_TEST(what_would_go_round_in_circles_is_left_out)
{
    SCENE_AUTO scene;
    APACHE_AUTO_TEXT text = { 0 };

    AC_REQUIRE(
        write_beside(&scene,
                     "<VirtualHost *:80>\n    ServerName a.test\n"
                     "    Redirect permanent / https://a.test/\n"
                     "    Redirect /old https://a.test/new\n"
                     "    Redirect /out https://elsewhere.test/out\n"
                     "    RewriteEngine on\n"
                     "    RewriteCond %{HTTPS} off\n"
                     "    RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]\n"
                     "    RewriteCond %{REQUEST_URI} x\n"
                     "    RewriteRule ^/x$ /y\n"
                     "    WSGIDaemonProcess app\n"
                     "    SSLEngine off\n</VirtualHost>\n",
                     SCENE_SAID_PLAIN, &text));

    CU_ASSERT_STRING_EQUAL(text.bytes,
                           HEAD "<VirtualHost *:443>\n    ServerName a.test\n"
                                "    Redirect /old https://a.test/new\n"
                                "    Redirect /out https://elsewhere.test/out\n"
                                "    RewriteEngine on\n"
                                "    RewriteCond %{REQUEST_URI} x\n"
                                "    RewriteRule ^/x$ /y\n" TLS
                                "</VirtualHost>\n</IfModule>\n");
}

AC_TEST(its_address_hides_no_other_host)
{
    static const struct {
        const char *said, *head;
    } cases[] = {
        /* The others are at "*". */
        { "192.0.2.1:80  a.test (@:1)\n*:443  b.test (/b:1)\n", "<VirtualHost *:443>" },
        /* The others are at an address, too. */
        { "192.0.2.1:80  a.test (@:1)\n192.0.2.1:443  b.test (/b:1)\n*:443 c (/c:1)\n",
          "<VirtualHost 192.0.2.1:443>" },
        /* Some are at an address, where "*" would not be asked. */
        { "*:80  a.test (@:1)\n192.0.2.1:443  b.test (/b:1)\n",
          "<VirtualHost *:443 192.0.2.1:443>" },
        { "[::1]:80  a.test (@:1)\n127.0.0.1:80  a.test (@:1)\n",
          "<VirtualHost [::1]:443 127.0.0.1:443>" },
        { "*:*  a.test (@:1)\n", "<VirtualHost *:443>" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCENE_AUTO scene;
        APACHE_AUTO_TEXT text = { 0 };
        char said[512];
        (void)snprintf(said, sizeof said,
                       "VirtualHost configuration:\n%sServerRoot: \"~\"\n",
                       cases[i].said);
        AC_REQUIRE(write_beside(
            &scene, "<VirtualHost x>\nSSLEngine off\n</VirtualHost>\n", said, &text));
        CU_ASSERT_PTR_NOT_NULL(strstr(text.bytes, cases[i].head));
    }
}

AC_TEST(a_redirect_of_all_is_told_from_one_of_some)
{
    static const struct {
        const char *line;
        bool is_circle, sends_all;
    } cases[] = {
        { "Redirect / https://a.test/", true, true },
        { "Redirect permanent / https://A.test", true, true },
        { "RedirectPermanent /x https://a.test/x", true, false },
        { "Redirect /x https://a.test/y", false, false },
        { "RedirectMatch ^/(.*)$ https://a.test/$1", true, true },
        { "RedirectMatch ^/x$ https://a.test/y", false, false },
        { "RewriteRule ^ https://a.test/ [R]", true, true },
        { "Redirect / http://a.test/", false, false },
        { "Redirect / https://b.test/", false, false },
        { "ProxyPass / https://a.test/", false, false },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SCENE_AUTO scene;
        char config[256];
        (void)snprintf(config, sizeof config, "<VirtualHost *>\n%s\n</VirtualHost>\n",
                       cases[i].line);
        AC_REQUIRE(scene_load(&scene, config, SCENE_SAID_PLAIN));
        const struct apache_site *site = &scene.sites.items[0];
        CU_ASSERT_EQUAL(apache_beside_is_circle(site, site->section.directives),
                        cases[i].is_circle);
        CU_ASSERT_EQUAL(apache_beside_sends_all(site, site->section.directives),
                        cases[i].sends_all);
    }
}

AC_SUITE("installer-apache/beside", AC_CASE(it_is_a_copy_with_tls_at_its_port),
         AC_CASE(a_file_without_an_end_of_line_gets_one_before),
         AC_CASE(what_would_go_round_in_circles_is_left_out),
         AC_CASE(its_address_hides_no_other_host),
         AC_CASE(a_redirect_of_all_is_told_from_one_of_some))
