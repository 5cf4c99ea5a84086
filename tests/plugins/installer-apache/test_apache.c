/* SPDX-License-Identifier: Apache-2.0 */
#include <acmecore/plugin.h>

#include "scene.h"

static const char config[] =
    "<VirtualHost *:443>\n  ServerName a.test\n</VirtualHost>\n";
#define SAID                                                                           \
    "Included configuration files:\n  (*) @\n" SCENE_SAID_TLS                          \
    "PidFile: \"~/pid\"\nLoaded Modules:\n ssl_module (shared)\n"

static const struct acmecore_certificate *const batch[] = { &scene_certificate };

static bool start(struct scene *scene)
{
    char pid[32];

    (void)snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (!scene_start(scene, &acmecore_plugin) || !scene_write(SCENE_CONF, config)
        || !scene_write("pid", pid))
        return false;
    scene_say(scene, SAID);
    return true;
}

static void close_plugin(void **self)
{
    if (*self)
        acmecore_plugin.close(*self);
}

#define AUTO_PLUGIN __attribute__((cleanup(close_plugin))) void

AC_TEST(a_certificate_goes_all_the_way)
{
    const struct acmecore_installer *installer = acmecore_plugin.ops.installer;
    SCENE_AUTO scene;
    AUTO_PLUGIN *self = NULL;
    int result = 0;

    AC_REQUIRE(start(&scene));
    AC_REQUIRE(acmecore_plugin.open(&scene.fake.host, &self) == ACMECORE_OK);
    AC_REQUIRE(installer->stage(self, batch, 1, &result) == ACMECORE_OK);
    AC_REQUIRE(installer->commit(self) == ACMECORE_OK);
    AC_REQUIRE(installer->finish(self) == ACMECORE_OK);
    AC_REQUIRE(installer->probe(self, batch, 1, &result) == ACMECORE_OK);

    CU_ASSERT_TRUE(scene_file_has(SCENE_CONF, "/certs/www/fullchain.pem"));
    CU_ASSERT_TRUE(access(ac_test_path("plugin-folder/undo"), F_OK) != 0);
    CU_ASSERT_STRING_EQUAL(scene.fake.ctx.stranger, "");
}

AC_TEST(what_an_earlier_run_left_is_taken_back_before_a_stage)
{
    const struct acmecore_installer *installer = acmecore_plugin.ops.installer;
    SCENE_AUTO scene;
    AUTO_PLUGIN *self = NULL;
    int result = 0;

    AC_REQUIRE(start(&scene));
    AC_REQUIRE(acmecore_plugin.open(&scene.fake.host, &self) == ACMECORE_OK);
    AC_REQUIRE(installer->stage(self, batch, 1, &result) == ACMECORE_OK);
    AC_REQUIRE(installer->stage(self, batch, 1, &result) == ACMECORE_OK);
    AC_REQUIRE(installer->rollback(self) == ACMECORE_OK);

    CU_ASSERT_TRUE(scene_file_is(SCENE_CONF, config));
}

AC_TEST(a_record_that_cannot_be_read_stops_a_stage)
{
    const struct acmecore_installer *installer = acmecore_plugin.ops.installer;
    SCENE_AUTO scene;
    AUTO_PLUGIN *self = NULL;
    int result = 0;

    AC_REQUIRE(start(&scene) && scene_write("plugin-folder/undo", "x"));
    AC_REQUIRE(acmecore_plugin.open(&scene.fake.host, &self) == ACMECORE_OK);
    AC_REQUIRE(installer->stage(self, batch, 1, &result) == ACMECORE_E_SYSTEM);

    CU_ASSERT_EQUAL(result, ACMECORE_E_SYSTEM);
    CU_ASSERT_TRUE(scene_file_is(SCENE_CONF, config));
}

AC_TEST(an_answer_is_yes_or_no)
{
    SCENE_AUTO scene;
    void *self = NULL;

    AC_REQUIRE(start(&scene));
    fake_host_set(&scene.fake, "redirect", "maybe");

    AC_REQUIRE(acmecore_plugin.open(&scene.fake.host, &self) == ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(
        fake_host_failed_with(&scene.fake, "option redirect: \"maybe\" is neither"));
}

AC_SUITE("installer-apache/apache", AC_CASE(a_certificate_goes_all_the_way),
         AC_CASE(what_an_earlier_run_left_is_taken_back_before_a_stage),
         AC_CASE(a_record_that_cannot_be_read_stops_a_stage),
         AC_CASE(an_answer_is_yes_or_no))
