/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include "hook_run.h"

static void drop(struct settings *settings)
{
    settings_drop(settings);
}

#define SETTINGS(name) __attribute__((cleanup(drop))) struct settings name = { 0 }

AC_TEST(command_dialect_and_time_are_read)
{
    struct fake_host fake;
    SETTINGS(settings);

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    fake_host_set(&fake, "command", "/bin/true --a 'b c'");
    fake_host_set(&fake, "dialect", "lego");
    AC_REQUIRE(settings_read(&fake.host, &settings) == ACMECORE_OK);

    CU_ASSERT_EQUAL(settings.command.count, 3);
    CU_ASSERT_STRING_EQUAL(settings.dialect->name, "lego");
    CU_ASSERT_EQUAL(settings.timeout_ms, 300000);
}

AC_TEST(folder_of_hooks_is_for_certbot_alone)
{
    struct fake_host fake;
    SETTINGS(certbot);
    SETTINGS(lego);

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin)
               && mkdir(ac_test_path("d"), 0700) == 0);
    fake_host_set(&fake, "command", ac_test_path("d"));
    fake_host_set(&fake, "dialect", "certbot");
    AC_REQUIRE(settings_read(&fake.host, &certbot) == ACMECORE_OK);
    fake_host_unset(&fake, "dialect");
    fake_host_set(&fake, "dialect", "lego");

    CU_ASSERT_TRUE(certbot.is_folder);
    CU_ASSERT_NOT_EQUAL(settings_read(&fake.host, &lego), ACMECORE_OK);
}

AC_TEST(deploy_script_is_found_in_its_folder)
{
    struct fake_host fake;
    SETTINGS(settings);

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin)
               && mkdir(ac_test_path("home"), 0700) == 0
               && mkdir(ac_test_path("home/deploy"), 0700) == 0
               && ac_test_write_file(ac_test_path("home/deploy/x.sh"), "", 0));
    fake_host_set(&fake, "command", ac_test_path("home"));
    fake_host_set(&fake, "dialect", "acme.sh");
    fake_host_set(&fake, "provider", "x");
    AC_REQUIRE(settings_read(&fake.host, &settings) == ACMECORE_OK);

    CU_ASSERT_PTR_NOT_NULL(strstr(settings.script, "/home/deploy/x.sh"));
}

AC_TEST(wrong_setting_is_named)
{
    static const struct {
        const char *dialect, *command, *provider, *text;
    } wrong[] = {
        { "uacme", "/bin/true", NULL, "there is no dialect \"uacme\"" },
        { "native", "/nonexistent", NULL, "option command: \"/nonexistent\"" },
        { "native", "true", NULL, "absolute path" },
        { "certbot", "/etc x", NULL, "it is a folder, and has no arguments" },
        { "acme.sh", "/bin/true", "x", "it is not a folder" },
        { "acme.sh", "/etc", NULL, "option provider: dialect acme.sh needs one" },
        { "acme.sh", "/etc", "../x", "option provider: \"../x\" is not a word" },
        { "acme.sh", "/etc", "nosuch", "no nosuch.sh in /etc/deploy or /etc" },
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct fake_host fake;
        SETTINGS(settings);

        AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
        fake_host_set(&fake, "dialect", wrong[i].dialect);
        fake_host_set(&fake, "command", wrong[i].command);
        if (wrong[i].provider)
            fake_host_set(&fake, "provider", wrong[i].provider);
        AC_REQUIRE(settings_read(&fake.host, &settings) == ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, wrong[i].text));
    }
}

AC_SUITE("installer-exec/settings", AC_CASE(command_dialect_and_time_are_read),
         AC_CASE(folder_of_hooks_is_for_certbot_alone),
         AC_CASE(deploy_script_is_found_in_its_folder), AC_CASE(wrong_setting_is_named))
