/* SPDX-License-Identifier: Apache-2.0 */
/* The whole plugin, through its table, on real files and commands. */
#include <acmecore/plugin.h>

#include "material.h"

static const struct acmecore_installer *ops(void)
{
    return acmecore_plugin.ops.installer;
}

static void plugin_close(void *const *self)
{
    if (*self)
        acmecore_plugin.close(*self);
}

static void *plugin_open(struct fake_host *fake)
{
    void *self = NULL;

    return acmecore_plugin.open(&fake->host, &self) == ACMECORE_OK ? self : NULL;
}

/* Key and full chain, and a reload that writes down that it ran. */
static bool set_up(struct fake_host *fake)
{
    if (!fake_host_start(fake, &acmecore_plugin) || !material_write())
        return false;
    fake->ctx.run = hook_run;
    fake_host_set(fake, "key", ac_test_path("site.key"));
    fake_host_set(fake, "fullchain", ac_test_path("site.pem"));
    fake_host_set(fake, "reload",
                  hook_write("reload", "words told; exit $(cat "
                                       "\"${0%/*}/code\" || echo 0)"));
    return true;
}

#define PLUGIN(fake)                                                                   \
    __attribute__((cleanup(plugin_close))) void *self = NULL;                          \
    int results[2] = { 0, 0 };                                                         \
                                                                                       \
    AC_REQUIRE(set_up(&(fake)));                                                       \
    self = plugin_open(&(fake));                                                       \
    AC_REQUIRE(self != NULL)

#define STAGE()    ops()->stage(self, material_batch, 1, results)
#define COMMIT()   ops()->commit(self)
#define ROLLBACK() ops()->rollback(self)
#define FINISH()   ops()->finish(self)

/* Another process. */
#define RESTART()                                                                      \
    do {                                                                               \
        acmecore_plugin.close(self);                                                   \
        self = plugin_open(&fake);                                                     \
        AC_REQUIRE(self != NULL);                                                      \
    } while (0)

AC_TEST(commit_puts_the_files_in_place_and_reloads_once)
{
    struct fake_host fake;
    PLUGIN(fake);

    AC_REQUIRE(STAGE() == ACMECORE_OK);
    CU_ASSERT_EQUAL(material_mode("site.key"), 0);
    CU_ASSERT_EQUAL(material_mode(".acmecore-site.key"), 0600);
    AC_REQUIRE(COMMIT() == ACMECORE_OK);

    CU_ASSERT_TRUE(material_is("site.key", MATERIAL_KEY));
    CU_ASSERT_TRUE(material_is("site.pem", MATERIAL_CERT MATERIAL_CHAIN));
    CU_ASSERT_EQUAL(material_mode("site.key"), 0600);
    CU_ASSERT_EQUAL(material_mode("site.pem"), 0644);
    CU_ASSERT_EQUAL(material_mode(".acmecore-site.key"), 0);
    CU_ASSERT_STRING_EQUAL(hook_record(), "<told>\n");
}

AC_TEST(second_run_changes_nothing_and_does_not_reload)
{
    struct fake_host fake;
    PLUGIN(fake);
    struct stat before, after;

    AC_REQUIRE(STAGE() == ACMECORE_OK && COMMIT() == ACMECORE_OK
               && FINISH() == ACMECORE_OK
               && stat(ac_test_path("site.key"), &before) == 0);
    RESTART();
    AC_REQUIRE(STAGE() == ACMECORE_OK && COMMIT() == ACMECORE_OK
               && FINISH() == ACMECORE_OK
               && stat(ac_test_path("site.key"), &after) == 0);

    CU_ASSERT_EQUAL(before.st_ino, after.st_ino);
    CU_ASSERT_STRING_EQUAL(hook_record(), "<told>\n");
}

AC_TEST(rollback_in_a_later_process_restores_bytes_and_mode_and_reloads)
{
    struct fake_host fake;
    PLUGIN(fake);

    AC_REQUIRE(ac_test_write_file(ac_test_path("site.key"), "old\0key", 7)
               && chmod(ac_test_path("site.key"), 0444) == 0);
    AC_REQUIRE(STAGE() == ACMECORE_OK && COMMIT() == ACMECORE_OK);
    RESTART();
    AC_REQUIRE(ROLLBACK() == ACMECORE_OK);

    CU_ASSERT_EQUAL(material_mode("site.key"), 0444);
    CU_ASSERT_EQUAL(material_mode("site.pem"), 0);
    CU_ASSERT_TRUE(material_is("record", "<told>\n<told>\n"));
    AC_REQUIRE(ROLLBACK() == ACMECORE_OK);
    CU_ASSERT_TRUE(material_is("record", "<told>\n<told>\n"));
}

AC_TEST(rollback_of_a_stage_leaves_no_trace_and_does_not_reload)
{
    struct fake_host fake;
    PLUGIN(fake);

    AC_REQUIRE(STAGE() == ACMECORE_OK);
    RESTART();
    AC_REQUIRE(ROLLBACK() == ACMECORE_OK);

    CU_ASSERT_EQUAL(material_mode(".acmecore-site.key"), 0);
    CU_ASSERT_EQUAL(material_mode("site.key"), 0);
    CU_ASSERT_STRING_EQUAL(hook_record(), "");
    CU_ASSERT_EQUAL(material_mode("plugin-folder/undo"), 0);
}

AC_TEST(reload_that_has_never_ended_well_fails_the_commit_and_no_rollback)
{
    struct fake_host fake;
    PLUGIN(fake);

    AC_REQUIRE(ac_test_write_file(ac_test_path("code"), "3", 1));
    AC_REQUIRE(STAGE() == ACMECORE_OK);
    AC_REQUIRE(COMMIT() == ACMECORE_E_REFUSED);
    RESTART();
    AC_REQUIRE(ROLLBACK() == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<told>\n<told>\n");
    CU_ASSERT_TRUE(fake_host_logged(&fake, "the reload failed, with them as with"));
    CU_ASSERT_EQUAL(material_mode("site.key"), 0);
    CU_ASSERT_EQUAL(material_mode("plugin-folder/undo"), 0);
}

/* The server has the new ones: it must be told. */
AC_TEST(reload_that_ended_well_with_the_new_files_must_do_so_with_the_old_ones)
{
    struct fake_host fake;
    PLUGIN(fake);

    AC_REQUIRE(STAGE() == ACMECORE_OK && COMMIT() == ACMECORE_OK);
    AC_REQUIRE(ac_test_write_file(ac_test_path("code"), "3", 1));
    AC_REQUIRE(ROLLBACK() == ACMECORE_E_REFUSED);
    CU_ASSERT_EQUAL(material_mode("site.key"), 0);
    AC_REQUIRE(ac_test_write_file(ac_test_path("code"), "0", 1));
    RESTART();
    AC_REQUIRE(ROLLBACK() == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<told>\n<told>\n<told>\n");
    CU_ASSERT_EQUAL(material_mode("plugin-folder/undo"), 0);
}

/* The first of two took the new ones: it must be told. */
AC_TEST(each_that_ended_well_with_the_new_files_must_do_so_with_the_old_ones)
{
    struct fake_host fake;
    PLUGIN(fake);

    fake_host_set(&fake, "reload", hook_write("second", "words second; exit 4"));
    AC_REQUIRE(STAGE() == ACMECORE_OK && COMMIT() == ACMECORE_E_REFUSED);
    AC_REQUIRE(ac_test_write_file(ac_test_path("code"), "3", 1));
    RESTART();
    AC_REQUIRE(ROLLBACK() == ACMECORE_E_REFUSED);
    CU_ASSERT_NOT_EQUAL(material_mode("plugin-folder/undo"), 0);
    AC_REQUIRE(ac_test_write_file(ac_test_path("code"), "0", 1));
    AC_REQUIRE(ROLLBACK() == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<told>\n<second>\n<told>\n<second>\n"
                                          "<told>\n<second>\n");
    CU_ASSERT_EQUAL(material_mode("plugin-folder/undo"), 0);
    CU_ASSERT_EQUAL(material_mode("plugin-folder/reloaded"), 0);
}

AC_TEST(certificate_that_cannot_be_staged_does_not_hold_up_another)
{
    struct fake_host fake;
    PLUGIN(fake);
    struct acmecore_certificate second = material;
    const struct acmecore_certificate *batch[] = { &second, &material };

    second.name = "mail";
    second.fullchain_path = "/nonexistent/fullchain.pem";
    AC_REQUIRE(ops()->stage(self, batch, 2, results) == ACMECORE_E_SYSTEM);
    CU_ASSERT_EQUAL(results[0], ACMECORE_E_SYSTEM);
    CU_ASSERT_EQUAL(results[1], ACMECORE_OK);
    AC_REQUIRE(COMMIT() == ACMECORE_OK);

    CU_ASSERT_TRUE(material_is("site.key", MATERIAL_KEY));
}

AC_TEST(two_certificates_need_two_paths)
{
    struct fake_host fake;
    PLUGIN(fake);
    struct acmecore_certificate second = material;
    const struct acmecore_certificate *batch[] = { &material, &second };

    second.name = "mail";
    AC_REQUIRE(ops()->stage(self, batch, 2, results) == ACMECORE_E_CONFIG);

    CU_ASSERT_EQUAL(results[0], ACMECORE_OK);
    CU_ASSERT_EQUAL(results[1], ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "%n in it stands for"));
}

AC_TEST(plugin_that_lacks_a_command_is_not_opened)
{
    struct fake_host fake;
    void *self = NULL;

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    fake_host_set(&fake, "key", "/etc/key.pem");
    fake_host_set(&fake, "reload", "/nonexistent");

    CU_ASSERT_NOT_EQUAL(acmecore_plugin.open(&fake.host, &self), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(fake.ctx.stranger, "");
}

AC_SUITE(
    "installer-files/files", AC_CASE(commit_puts_the_files_in_place_and_reloads_once),
    AC_CASE(second_run_changes_nothing_and_does_not_reload),
    AC_CASE(rollback_in_a_later_process_restores_bytes_and_mode_and_reloads),
    AC_CASE(rollback_of_a_stage_leaves_no_trace_and_does_not_reload),
    AC_CASE(reload_that_has_never_ended_well_fails_the_commit_and_no_rollback),
    AC_CASE(reload_that_ended_well_with_the_new_files_must_do_so_with_the_old_ones),
    AC_CASE(each_that_ended_well_with_the_new_files_must_do_so_with_the_old_ones),
    AC_CASE(certificate_that_cannot_be_staged_does_not_hold_up_another),
    AC_CASE(two_certificates_need_two_paths),
    AC_CASE(plugin_that_lacks_a_command_is_not_opened))
