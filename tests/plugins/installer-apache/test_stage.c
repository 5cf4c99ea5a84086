/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "scene.h"

static const char tls[] = "<VirtualHost *:443>\n  ServerName a.test\n  SSLEngine on\n"
                          "  SSLCertificateFile /old.pem\n"
                          "  SSLCertificateKeyFile /old.key\n</VirtualHost>\n";
static const char done[] = "<VirtualHost *:443>\n  ServerName a.test\n  SSLEngine on\n"
                           "  SSLCertificateFile /certs/www/fullchain.pem\n"
                           "  SSLCertificateKeyFile /certs/www/privkey.pem\n"
                           "</VirtualHost>\n";
#define FILES   "Included configuration files:\n  (*) ~/apache2.conf\n  (1) @\n"
#define MODULES "Loaded Modules:\n ssl_module (shared)\n"

static const struct acmecore_certificate *const batch[] = { &scene_certificate };
static const struct apache_wishes wishes = { .tls_port = 443, .can_create = true };

static bool start(struct scene *scene, const char *config, const char *said)
{
    if (!scene_start(scene, NULL) || !scene_write(SCENE_CONF, config)
        || !scene_write("apache2.conf", "Listen 80\n"))
        return false;
    scene_say(scene, said);
    return true;
}

static int stage(struct scene *scene, int *result)
{
    *result = ACMECORE_OK;
    return apache_stage(&scene->fake.host, &wishes, batch, 1, result);
}

AC_TEST(a_host_with_tls_gets_its_certificate)
{
    SCENE_AUTO scene;
    int result = 0;

    AC_REQUIRE(start(&scene, tls, FILES SCENE_SAID_TLS MODULES));
    AC_REQUIRE(stage(&scene, &result) == ACMECORE_OK);

    CU_ASSERT_EQUAL(result, ACMECORE_OK);
    CU_ASSERT_TRUE(scene_file_is(SCENE_CONF, done));
    CU_ASSERT_TRUE(scene_file_has("plugin-folder/undo", "SSLCertificateFile /old.pem"));
    CU_ASSERT_EQUAL(scene.call_count, 2);
}

AC_TEST(a_second_run_changes_nothing)
{
    SCENE_AUTO scene;
    int result = 0;

    AC_REQUIRE(start(&scene, done, FILES SCENE_SAID_TLS MODULES));
    AC_REQUIRE(stage(&scene, &result) == ACMECORE_OK);

    CU_ASSERT_TRUE(scene_file_is(SCENE_CONF, done));
    CU_ASSERT_TRUE(
        scene_file_is("plugin-folder/undo", "acmecore installer-apache undo 1\nend\n"));
}

AC_TEST(a_users_own_fault_is_told_and_nothing_is_touched)
{
    SCENE_AUTO scene;
    int result = 0;

    AC_REQUIRE(start(&scene, tls, ""));
    scene.exit_code = 1;
    scene.errors = "AH00526: Syntax error on line 3 of /x\n";
    AC_REQUIRE(stage(&scene, &result) == ACMECORE_E_CONFIG);

    CU_ASSERT_EQUAL(result, ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(
        fake_host_failed_with(&scene.fake, "nothing was changed, correct it"));
    CU_ASSERT_TRUE(fake_host_failed_with(&scene.fake, "Syntax error on line 3"));
    CU_ASSERT_TRUE(scene_file_is(SCENE_CONF, tls));
    CU_ASSERT_TRUE(access(ac_test_path("plugin-folder/undo"), F_OK) != 0);
}

AC_TEST(a_change_that_apache_refuses_is_taken_back)
{
    SCENE_AUTO scene;
    int result = 0;

    AC_REQUIRE(start(&scene, tls, FILES SCENE_SAID_TLS MODULES));
    scene.exit_code = 1;
    scene.first_failing = 1;
    scene.errors = "AH00526: something\n";
    AC_REQUIRE(stage(&scene, &result) == ACMECORE_E_CONFIG);

    CU_ASSERT_EQUAL(result, ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&scene.fake, "all is as it was before"));
    CU_ASSERT_TRUE(scene_file_is(SCENE_CONF, tls));
    CU_ASSERT_TRUE(access(ac_test_path("plugin-folder/undo"), F_OK) != 0);
}

AC_TEST(a_refused_change_of_several_is_left_to_the_commit)
{
    SCENE_AUTO scene;
    struct acmecore_certificate other = scene_certificate;
    const struct acmecore_certificate *const both[] = { &scene_certificate, &other };
    const char *const names[] = { "b.test", NULL };
    int results[2] = { 0 };

    other.identifiers = names;
    AC_REQUIRE(start(&scene,
                     "<VirtualHost *:443>\n ServerName a.test\n"
                     " ServerAlias www.a.test\n</VirtualHost>\n"
                     "<VirtualHost *:443>\n ServerName b.test\n</VirtualHost>\n",
                     FILES "VirtualHost configuration:\n*:443  a.test (@:1)\n"
                           "*:443  b.test (@:5)\nServerRoot: \"~\"\n" MODULES));
    scene.exit_code = 1;
    scene.first_failing = 1;
    AC_REQUIRE(apache_stage(&scene.fake.host, &wishes, both, 2, results)
               == ACMECORE_OK);

    CU_ASSERT_TRUE(results[0] == ACMECORE_OK && results[1] == ACMECORE_OK);
    CU_ASSERT_TRUE(access(ac_test_path("plugin-folder/refused"), F_OK) == 0);
    CU_ASSERT_FALSE(scene_file_has(SCENE_CONF, "/certs/"));
}

AC_TEST(the_module_is_loaded_and_the_port_opened_on_debian)
{
    SCENE_AUTO scene;
    int result = 0;

    AC_REQUIRE(start(&scene,
                     "<VirtualHost *:80>\n  ServerName a.test\n</VirtualHost>\n",
                     FILES "  (2) ~/ports.conf\n" SCENE_SAID_PLAIN
                           "Loaded Modules:\n core_module (static)\n"));
    AC_REQUIRE(scene_folder("mods-available") && scene_folder("mods-enabled")
               && scene_write("ports.conf", "Listen 80\n")
               && scene_write("mods-available/ssl.load", "LoadModule ssl_module x\n"));
    /* This Apache still says that the module is not loaded. */
    AC_REQUIRE(stage(&scene, &result) == ACMECORE_E_CONFIG);

    CU_ASSERT_TRUE(fake_host_failed_with(&scene.fake, "still does not load mod_ssl"));
    CU_ASSERT_PTR_NOT_NULL(strstr(scene.calls[1], "-C LoadModule ssl_module x"));
    CU_ASSERT_PTR_NOT_NULL(strstr(scene.calls[2], "/mods-enabled/ssl.load"));
    CU_ASSERT_TRUE(scene_file_is("ports.conf", "Listen 80\n"));
    CU_ASSERT_TRUE(access(ac_test_path("mods-enabled/ssl.load"), F_OK) != 0);
}

AC_TEST(a_host_without_tls_gets_one_beside_and_a_port)
{
    SCENE_AUTO scene;
    int result = 0;

    AC_REQUIRE(start(&scene,
                     "<VirtualHost *:80>\n  ServerName a.test\n</VirtualHost>\n",
                     FILES "  (2) ~/ports.conf\n" SCENE_SAID_PLAIN MODULES));
    AC_REQUIRE(scene_folder("mods-available") && scene_folder("mods-enabled")
               && scene_write("ports.conf", "Listen 80\n"));
    AC_REQUIRE(stage(&scene, &result) == ACMECORE_OK);

    CU_ASSERT_TRUE(scene_file_has(SCENE_CONF, "<VirtualHost *:443>"));
    CU_ASSERT_TRUE(scene_file_has("ports.conf", "\tListen 443 https\n"));
}

AC_TEST(a_key_in_a_token_and_an_untellable_path_are_refused)
{
    SCENE_AUTO scene;
    struct acmecore_certificate token = scene_certificate;
    struct acmecore_certificate odd = scene_certificate;
    const struct acmecore_certificate *const both[] = { &token, &odd };
    int results[2] = { 0 };

    token.key_path = NULL;
    odd.fullchain_path = "/a\nb";
    AC_REQUIRE(start(&scene, tls, FILES SCENE_SAID_TLS MODULES));
    AC_REQUIRE(apache_stage(&scene.fake.host, &wishes, both, 2, results)
               == ACMECORE_E_UNSUPPORTED);

    CU_ASSERT_EQUAL(results[0], ACMECORE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(results[1], ACMECORE_E_UNSUPPORTED);
    CU_ASSERT_TRUE(scene_file_is(SCENE_CONF, tls));
}

AC_TEST(a_certificate_in_a_shared_file_is_left_alone)
{
    SCENE_AUTO scene;
    int result = 0;
    static const char config[] =
        "<VirtualHost *:443>\n  SSLEngine on\n  ServerName a.test\n"
        "  Include shared.inc\n</VirtualHost>\n";

    AC_REQUIRE(start(&scene, config, FILES SCENE_SAID_TLS MODULES));
    AC_REQUIRE(scene_write("shared.inc", "SSLCertificateFile /x\n"));
    AC_REQUIRE(stage(&scene, &result) == ACMECORE_E_CONFIG);

    CU_ASSERT_TRUE(fake_host_failed_with(&scene.fake, "a file that it includes sets"));
    CU_ASSERT_TRUE(scene_file_is(SCENE_CONF, config));
}

AC_TEST(a_redirect_is_made_only_where_all_names_are_covered)
{
    SCENE_AUTO scene;
    int result = 0;
    const struct apache_wishes redirecting = { .tls_port = 443, .redirects = true };

    AC_REQUIRE(start(&scene,
                     "<VirtualHost *:80>\n ServerName a.test\n</VirtualHost>\n"
                     "<VirtualHost *:80>\n ServerName www.a.test\n"
                     " ServerAlias other.test\n</VirtualHost>\n"
                     "<VirtualHost *:443>\n ServerName a.test\n</VirtualHost>\n",
                     FILES "VirtualHost configuration:\n*:80  a.test (@:1)\n"
                           "*:80  www.a.test (@:4)\n*:443  a.test (@:8)\n"
                           "ServerRoot: \"~\"\n" MODULES));
    AC_REQUIRE(apache_stage(&scene.fake.host, &redirecting, batch, 1, &result)
               == ACMECORE_OK);

    CU_ASSERT_TRUE(scene_file_has(SCENE_CONF, "</LocationMatch>\n</VirtualHost>\n"
                                              "<VirtualHost *:80>\n ServerName www"));
    CU_ASSERT_TRUE(
        scene_file_has(SCENE_CONF, " ServerAlias other.test\n</VirtualHost>"));
}

AC_SUITE("installer-apache/stage", AC_CASE(a_host_with_tls_gets_its_certificate),
         AC_CASE(a_second_run_changes_nothing),
         AC_CASE(a_users_own_fault_is_told_and_nothing_is_touched),
         AC_CASE(a_change_that_apache_refuses_is_taken_back),
         AC_CASE(a_refused_change_of_several_is_left_to_the_commit),
         AC_CASE(the_module_is_loaded_and_the_port_opened_on_debian),
         AC_CASE(a_host_without_tls_gets_one_beside_and_a_port),
         AC_CASE(a_key_in_a_token_and_an_untellable_path_are_refused),
         AC_CASE(a_certificate_in_a_shared_file_is_left_alone),
         AC_CASE(a_redirect_is_made_only_where_all_names_are_covered))
