/* SPDX-License-Identifier: Apache-2.0 */
/* The whole plugin, through its table, with a program in place of nginx. */
#include <acmecore/plugin.h>

#include "hook_run.h"
#include "site.h"

#include <sys/stat.h>

#define OPS  acmecore_plugin.ops.installer
#define CONF "http {\n  include site;\n}\n"
#define SITE(chain, key)                                                               \
    "# mine\nserver {\n  listen 443 ssl;\n  server_name example.com;\n"                \
    "  ssl_certificate " chain ";\n  ssl_certificate_key " key ";\n}\n"
#define OLD_SITE SITE("/old.pem", "/old.key")
#define NEW_SITE SITE("/s/www/fullchain.pem", "/s/www/privkey.pem")

static void plugin_close(void *const *self)
{
    if (*self)
        acmecore_plugin.close(*self);
}

/* nginx -t fails while the file `bad` is there and the site is changed, or `worse`; and
 * nginx -s reload while `deaf` is. */
static void *plugin_open(struct fake_host *fake)
{
    static const char body[] =
        "D=${0%/*}\nwords \"$5\"\n"
        "[ \"$5\" = -s ] && { [ ! -e \"$D/deaf\" ]; exit; }\n"
        "[ -e \"$D/worse\" ] && { echo broken >&2; exit 1; }\n"
        "[ -e \"$D/bad\" ] && grep -q /s/www \"$D/site\" && exit 1\n"
        "exit 0";
    void *self = NULL;

    if (!fake_host_start(fake, &acmecore_plugin) || !site_write("nginx.conf", CONF)
        || !site_write("site", OLD_SITE) || chmod(ac_test_path("site"), 0640) != 0)
        return NULL;
    fake->ctx.run = hook_run;
    fake_host_set(fake, "control", hook_write("nginx", body));
    fake_host_set(fake, "config", ac_test_path("nginx.conf"));
    fake_host_set(fake, "prefix", "/");
    return acmecore_plugin.open(&fake->host, &self) == ACMECORE_OK ? self : NULL;
}

#define PLUGIN()                                                                       \
    struct fake_host fake;                                                             \
    int results[2] = { 0 };                                                            \
    __attribute__((cleanup(plugin_close))) void *self = plugin_open(&fake);            \
                                                                                       \
    AC_REQUIRE(self != NULL)

#define STAGE() OPS->stage(self, both, 1, results)

AC_TEST(site_is_changed_tested_and_reloaded)
{
    PLUGIN();
    struct stat status;

    AC_REQUIRE(STAGE() == ACMECORE_OK);
    CU_ASSERT_TRUE(site_has("site", OLD_SITE));
    AC_REQUIRE(OPS->commit(self) == ACMECORE_OK && OPS->finish(self) == ACMECORE_OK);

    CU_ASSERT_TRUE(site_has("site", NEW_SITE));
    CU_ASSERT_STRING_EQUAL(hook_record(), "<-t>\n<-t>\n<-s>\n");
    AC_REQUIRE(stat(ac_test_path("site"), &status) == 0);
    CU_ASSERT_EQUAL(status.st_mode & 0777, 0640);
    CU_ASSERT_STRING_EQUAL(fake.ctx.stranger, "");
}

AC_TEST(second_run_does_not_reload_and_a_renewal_does)
{
    PLUGIN();
    struct acmecore_certificate renewed = www;
    const struct acmecore_certificate *const one[] = { &renewed };

    AC_REQUIRE(STAGE() == ACMECORE_OK && OPS->commit(self) == ACMECORE_OK
               && OPS->finish(self) == ACMECORE_OK);
    AC_REQUIRE(STAGE() == ACMECORE_OK && OPS->commit(self) == ACMECORE_OK
               && OPS->finish(self) == ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(hook_record(), "<-t>\n<-t>\n<-s>\n<-t>\n");
    renewed.fingerprint = "dd";
    AC_REQUIRE(OPS->stage(self, one, 1, results) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<-t>\n<-t>\n<-s>\n<-t>\n<-t>\n<-t>\n<-s>\n");
}

AC_TEST(fault_of_the_user_s_touches_nothing)
{
    PLUGIN();

    AC_REQUIRE(site_write("worse", ""));
    AC_REQUIRE(STAGE() == ACMECORE_E_CONFIG);

    CU_ASSERT_TRUE(site_has("site", OLD_SITE));
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "it said: broken"));
    CU_ASSERT_EQUAL(access(ac_test_path(".acmecore-site"), F_OK), -1);
    CU_ASSERT_EQUAL(OPS->rollback(self), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(hook_record(), "<-t>\n");
}

AC_TEST(change_that_nginx_refuses_is_taken_back_at_once)
{
    PLUGIN();

    AC_REQUIRE(site_write("bad", ""));
    AC_REQUIRE(STAGE() == ACMECORE_OK && OPS->commit(self) == ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(site_has("site", OLD_SITE));
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<-t>\n<-t>\n");
}

AC_TEST(rollback_restores_and_reloads_in_a_later_process)
{
    PLUGIN();

    AC_REQUIRE(STAGE() == ACMECORE_OK && OPS->commit(self) == ACMECORE_OK);
    acmecore_plugin.close(self);
    self = NULL;
    AC_REQUIRE(acmecore_plugin.open(&fake.host, &self) == ACMECORE_OK);
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK
               && OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_TRUE(site_has("site", OLD_SITE));
    CU_ASSERT_STRING_EQUAL(hook_record(), "<-t>\n<-t>\n<-s>\n<-s>\n");
}

AC_TEST(reload_that_has_never_ended_well_fails_the_commit_and_no_rollback)
{
    PLUGIN();

    AC_REQUIRE(site_write("deaf", ""));
    AC_REQUIRE(STAGE() == ACMECORE_OK && OPS->commit(self) == ACMECORE_E_REFUSED);
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_TRUE(site_has("site", OLD_SITE));
    CU_ASSERT_STRING_EQUAL(hook_record(), "<-t>\n<-t>\n<-s>\n<-s>\n");
    CU_ASSERT_TRUE(fake_host_logged(&fake, "the reload failed again"));
    CU_ASSERT_EQUAL(access(ac_test_path("plugin-folder/undo"), F_OK), -1);
    CU_ASSERT_EQUAL(access(ac_test_path("plugin-folder/told"), F_OK), -1);
}

AC_TEST(nginx_that_has_the_new_ones_must_be_told_of_the_old_ones)
{
    PLUGIN();

    AC_REQUIRE(STAGE() == ACMECORE_OK && OPS->commit(self) == ACMECORE_OK);
    AC_REQUIRE(site_write("deaf", ""));
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(site_has("site", OLD_SITE));
    AC_REQUIRE(unlink(ac_test_path("deaf")) == 0);
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_EQUAL(access(ac_test_path("plugin-folder/taken"), F_OK), -1);
}

AC_TEST(each_that_has_the_new_ones_must_be_told_of_the_old_ones)
{
    PLUGIN();

    fake_host_set(&fake, "reload",
                  hook_write("one", "words one; [ ! -e \"${0%/*}/deaf\" ]"));
    fake_host_set(&fake, "reload", hook_write("two", "words two; exit 1"));
    AC_REQUIRE(STAGE() == ACMECORE_OK && OPS->commit(self) == ACMECORE_E_REFUSED);
    AC_REQUIRE(site_write("deaf", ""));
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_E_REFUSED);
    AC_REQUIRE(unlink(ac_test_path("deaf")) == 0);
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_TRUE(site_has("site", OLD_SITE));
}

/* A folder has the name of the note of what is live. */
AC_TEST(what_is_proven_is_not_undone_after_a_finish_that_failed)
{
    PLUGIN();

    AC_REQUIRE(STAGE() == ACMECORE_OK && OPS->commit(self) == ACMECORE_OK);
    AC_REQUIRE(mkdir(ac_test_path("plugin-folder/live"), 0700) == 0);
    AC_REQUIRE(OPS->finish(self) != ACMECORE_OK);
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_TRUE(site_has("site", NEW_SITE));
}

AC_TEST(commit_leaves_a_record_that_it_cannot_read)
{
    PLUGIN();

    AC_REQUIRE(STAGE() == ACMECORE_OK && site_write("plugin-folder/undo", "damaged"));
    AC_REQUIRE(OPS->commit(self) == ACMECORE_E_SYSTEM);

    CU_ASSERT_TRUE(site_has("plugin-folder/undo", "damaged"));
    CU_ASSERT_TRUE(site_has("site", OLD_SITE));
}

AC_TEST(one_that_could_not_be_noted_is_not_staged_beside_a_failure)
{
    PLUGIN();

    /* A folder has the name of the note. */
    AC_REQUIRE(mkdir(ac_test_path("plugin-folder/staged"), 0700) == 0);
    AC_REQUIRE(OPS->stage(self, both, 2, results) == ACMECORE_E_SYSTEM);

    CU_ASSERT_EQUAL(results[0], ACMECORE_E_SYSTEM);
    CU_ASSERT_EQUAL(results[1], ACMECORE_E_CONFIG);
}

AC_SUITE("installer-nginx/nginx", AC_CASE(site_is_changed_tested_and_reloaded),
         AC_CASE(second_run_does_not_reload_and_a_renewal_does),
         AC_CASE(fault_of_the_user_s_touches_nothing),
         AC_CASE(change_that_nginx_refuses_is_taken_back_at_once),
         AC_CASE(rollback_restores_and_reloads_in_a_later_process),
         AC_CASE(reload_that_has_never_ended_well_fails_the_commit_and_no_rollback),
         AC_CASE(nginx_that_has_the_new_ones_must_be_told_of_the_old_ones),
         AC_CASE(each_that_has_the_new_ones_must_be_told_of_the_old_ones),
         AC_CASE(what_is_proven_is_not_undone_after_a_finish_that_failed),
         AC_CASE(commit_leaves_a_record_that_it_cannot_read),
         AC_CASE(one_that_could_not_be_noted_is_not_staged_beside_a_failure))
