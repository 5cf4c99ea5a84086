/* SPDX-License-Identifier: Apache-2.0 */
#include "layout.h"

#include "scene.h"

struct place {
    struct scene scene;
    struct apache_layout layout;
    struct apache_changes changes;
    struct apache_files files;
};

static void place_done(struct place *place)
{
    apache_changes_done(&place->changes);
    apache_files_done(&place->files);
    scene_done(&place->scene);
}

#define PLACE_AUTO __attribute__((cleanup(place_done))) struct place

static bool start(struct place *place, const char *main_file)
{
    char said[512];

    *place = (struct place){ 0 };
    if (!scene_start(&place->scene, NULL))
        return false;
    (void)snprintf(said, sizeof said,
                   "Included configuration files:\n  (*) ~/%s\nServerRoot: \"~\"\n",
                   main_file);
    scene_say(&place->scene, said);
    if (!apache_dump_parse(place->scene.said, strlen(place->scene.said),
                           &place->scene.dump))
        return false;
    apache_layout_find(&place->scene.fake.host, &place->scene.dump, &place->layout);
    return true;
}

static bool make_debian(void)
{
    return scene_folder("mods-available") && scene_folder("mods-enabled")
           && scene_write(
               "mods-available/ssl.load",
               "# Depends: mime socache_shmcb\nLoadModule ssl_module /m/s.so\n")
           && scene_write("mods-available/ssl.conf", "")
           && scene_write("mods-available/mime.load",
                          "LoadModule mime_module /m/m.so\n")
           && scene_write("mods-available/socache_shmcb.load", "# x\n")
           && scene_write("mods-enabled/mime.load", "")
           && scene_write("ports.conf", "Listen 80");
}

static bool make_red_hat(void)
{
    return scene_folder("conf.modules.d") && scene_folder("conf.d")
           && scene_folder("modules") && scene_write("modules/mod_ssl.so", "");
}

AC_TEST(debian_gets_links_for_a_module_and_what_it_needs)
{
    PLACE_AUTO place;
    APACHE_AUTO_TEXT load = { 0 };

    AC_REQUIRE(make_debian() && start(&place, "apache2.conf"));
    AC_REQUIRE(place.layout.kind == APACHE_LAYOUT_DEBIAN);
    AC_REQUIRE(apache_layout_module(&place.layout, "ssl", &place.changes, &load)
               == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(load.bytes, "LoadModule ssl_module /m/s.so");
    AC_REQUIRE(place.changes.count == 3);
    CU_ASSERT_STRING_EQUAL(place.changes.items[0].path,
                           ac_test_path("mods-enabled/ssl.load"));
    CU_ASSERT_STRING_EQUAL(place.changes.items[0].after.bytes,
                           "../mods-available/ssl.load");
    CU_ASSERT_STRING_EQUAL(place.changes.items[1].path,
                           ac_test_path("mods-enabled/ssl.conf"));
    CU_ASSERT_STRING_EQUAL(place.changes.items[2].path,
                           ac_test_path("mods-enabled/socache_shmcb.load"));
}

AC_TEST(debian_gets_its_port_in_ports_conf)
{
    PLACE_AUTO place;
    APACHE_AUTO_TEXT text = { 0 };

    AC_REQUIRE(make_debian() && start(&place, "apache2.conf"));
    AC_REQUIRE(apache_layout_listen(&place.layout, "\tListen 443 https\n", &place.files,
                                    &place.changes)
               == ACMECORE_OK);
    AC_REQUIRE(apache_file_edited(place.files.items[0], &text));

    CU_ASSERT_STRING_EQUAL(text.bytes,
                           "Listen 80\n\n<IfModule ssl_module>\n\tListen 443 "
                           "https\n</IfModule>\n");
}

AC_TEST(red_hat_gets_new_files)
{
    PLACE_AUTO place;
    APACHE_AUTO_TEXT load = { 0 };

    AC_REQUIRE(make_red_hat() && start(&place, "conf/httpd.conf"));
    AC_REQUIRE(place.layout.kind == APACHE_LAYOUT_RED_HAT);
    AC_REQUIRE(apache_layout_module(&place.layout, "ssl", &place.changes, &load)
               == ACMECORE_OK);
    AC_REQUIRE(apache_layout_listen(&place.layout, "Listen 443 https\n", &place.files,
                                    &place.changes)
               == ACMECORE_OK);

    CU_ASSERT_PTR_NOT_NULL(strstr(load.bytes, "LoadModule ssl_module \"/"));
    AC_REQUIRE(place.changes.count == 2);
    CU_ASSERT_STRING_EQUAL(place.changes.items[0].path,
                           ac_test_path("conf.modules.d/00-ssl.conf"));
    CU_ASSERT_STRING_EQUAL(place.changes.items[0].after.bytes,
                           "LoadModule ssl_module modules/mod_ssl.so\n");
    CU_ASSERT_TRUE(place.changes.items[1].is_new);
    CU_ASSERT_STRING_EQUAL(place.changes.items[1].after.bytes, "Listen 443 https\n");
}

AC_TEST(a_module_that_is_not_installed_is_named)
{
    PLACE_AUTO debian;
    PLACE_AUTO red_hat;
    APACHE_AUTO_TEXT load = { 0 };

    AC_REQUIRE(make_debian() && start(&debian, "apache2.conf"));
    AC_REQUIRE(apache_layout_module(&debian.layout, "headers", &debian.changes, &load)
               == ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(
        fake_host_failed_with(&debian.scene.fake, "headers.load is not there"));
    AC_REQUIRE(scene_folder("rh") && start(&red_hat, "apache2.conf"));
    red_hat.layout.kind = APACHE_LAYOUT_RED_HAT;
    AC_REQUIRE(apache_layout_module(&red_hat.layout, "ssl", &red_hat.changes, &load)
               == ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&red_hat.scene.fake, "the package mod_ssl"));
}

AC_TEST(another_layout_is_told_what_to_add)
{
    PLACE_AUTO place;
    APACHE_AUTO_TEXT load = { 0 };

    AC_REQUIRE(start(&place, "httpd.conf"));
    AC_REQUIRE(place.layout.kind == APACHE_LAYOUT_OTHER);
    AC_REQUIRE(apache_layout_module(&place.layout, "ssl", &place.changes, &load)
               == ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&place.scene.fake, "LoadModule ssl_module"));
    AC_REQUIRE(apache_layout_listen(&place.layout, "Listen 443 https\n", &place.files,
                                    &place.changes)
               == ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&place.scene.fake, "Listen 443 https"));
}

AC_SUITE("installer-apache/layout",
         AC_CASE(debian_gets_links_for_a_module_and_what_it_needs),
         AC_CASE(debian_gets_its_port_in_ports_conf), AC_CASE(red_hat_gets_new_files),
         AC_CASE(a_module_that_is_not_installed_is_named),
         AC_CASE(another_layout_is_told_what_to_add))
