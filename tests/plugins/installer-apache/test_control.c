/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include "scene.h"

static bool start(struct scene *scene, struct apache_control *control)
{
    return scene_start(scene, NULL)
           && apache_control_find(&scene->fake.host, control) == ACMECORE_OK;
}

AC_TEST(the_options_name_program_and_file)
{
    SCENE_AUTO scene;
    struct apache_control control;

    AC_REQUIRE(scene_start(&scene, NULL));
    fake_host_set(&scene.fake, "config", "/etc/x/httpd.conf");
    AC_REQUIRE(apache_control_find(&scene.fake.host, &control) == ACMECORE_OK);
    AC_REQUIRE(apache_control_graceful(&control) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(scene.calls[0],
                           "/bin/true -f /etc/x/httpd.conf -k graceful");
}

AC_TEST(debians_program_is_given_a_folder_with_its_variables)
{
    SCENE_AUTO scene;
    struct apache_control control;

    AC_REQUIRE(scene_start(&scene, NULL));
    AC_REQUIRE(scene_write("envvars", "") && scene_write("apache2ctl", "#!/bin/sh\n"));
    AC_REQUIRE(chmod(ac_test_path("apache2ctl"), 0700) == 0);
    fake_host_unset(&scene.fake, "control");
    fake_host_set(&scene.fake, "control", ac_test_path("apache2ctl"));
    fake_host_set(&scene.fake, "config", ac_test_path("apache2.conf"));
    AC_REQUIRE(apache_control_find(&scene.fake.host, &control) == ACMECORE_OK);

    CU_ASSERT_PTR_NULL(control.config);
    CU_ASSERT_TRUE(!strncmp(control.environment, "APACHE_CONFDIR=/", 16));
    AC_REQUIRE(apache_control_start(&control, "") == ACMECORE_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(scene.calls[0], "/apache2ctl start"));
}

AC_TEST(a_program_that_is_not_there_is_told)
{
    SCENE_AUTO scene;
    struct apache_control control;

    AC_REQUIRE(scene_start(&scene, NULL));
    fake_host_unset(&scene.fake, "control");
    fake_host_set(&scene.fake, "control", "/none/apachectl");

    AC_REQUIRE(apache_control_find(&scene.fake.host, &control) == ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(
        fake_host_failed_with(&scene.fake, "option control: /none/apachectl"));
}

AC_TEST(apaches_own_reason_is_passed_on)
{
    SCENE_AUTO scene;
    struct apache_control control;

    AC_REQUIRE(start(&scene, &control));
    scene.exit_code = 1;
    scene.errors = "AH00558: warning\nAH00526: Syntax error on line 1 of /x.conf:\n"
                   "Invalid command 'Bogus'\n";

    AC_REQUIRE(apache_control_test(&control, "it is refused") == ACMECORE_E_CONFIG);
    CU_ASSERT_STRING_EQUAL(
        scene.fake.ctx.failure,
        "it is refused (true, exit code 1): AH00526: Syntax error on "
        "line 1 of /x.conf: Invalid command 'Bogus'");
}

AC_TEST(a_dump_is_asked_with_what_is_to_be_loaded_first)
{
    SCENE_AUTO scene;
    struct apache_control control;

    AC_REQUIRE(start(&scene, &control));
    scene_say(&scene, "Included configuration files:\n  (*) /x\nServerRoot: \"/r\"\n");
    AC_REQUIRE(apache_control_dump(&control, "LoadModule a b", "refused", &scene.dump)
               == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(scene.dump.server_root, "/r");
    CU_ASSERT_PTR_NOT_NULL(strstr(scene.calls[0], "DUMP_INCLUDES -C LoadModule a b"));
}

AC_TEST(a_program_that_does_not_tell_is_refused)
{
    SCENE_AUTO scene;
    struct apache_control control;

    AC_REQUIRE(start(&scene, &control));
    scene_say(&scene, "usage: nothing\n");

    AC_REQUIRE(apache_control_dump(&control, NULL, "refused", &scene.dump)
               == ACMECORE_E_UNSUPPORTED);
    CU_ASSERT_TRUE(fake_host_failed_with(&scene.fake, "Apache 2.4 is needed"));
}

AC_TEST(a_refused_reload_and_start_are_told)
{
    SCENE_AUTO scene;
    struct apache_control control;

    AC_REQUIRE(start(&scene, &control));
    scene.exit_code = 3;
    CU_ASSERT_EQUAL(apache_control_graceful(&control), ACMECORE_E_CONFIG);
    AC_REQUIRE(apache_control_start(&control, "") == ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&scene.fake, "it gives no reason"));
    CU_ASSERT_STRING_EQUAL(scene.calls[1], "/usr/bin/setsid -w /bin/true -k start");
}

AC_SUITE("installer-apache/control", AC_CASE(the_options_name_program_and_file),
         AC_CASE(debians_program_is_given_a_folder_with_its_variables),
         AC_CASE(a_program_that_is_not_there_is_told),
         AC_CASE(apaches_own_reason_is_passed_on),
         AC_CASE(a_dump_is_asked_with_what_is_to_be_loaded_first),
         AC_CASE(a_program_that_does_not_tell_is_refused),
         AC_CASE(a_refused_reload_and_start_are_told))
