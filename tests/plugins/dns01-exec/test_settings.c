/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include "hook.h"

static const struct acmecore_plugin schema = {
    .options = exec_options,
    .option_count = EXEC_OPTION_COUNT,
};

/* A fake host and settings that drop themselves. */
#define SETTINGS                                                                       \
    struct fake_host fake;                                                             \
    __attribute__((                                                                    \
        cleanup(exec_settings_drop))) struct exec_settings settings = { 0 };           \
                                                                                       \
    AC_REQUIRE(fake_host_start(&fake, &schema))

#define READ() exec_settings_read(&fake.host, false, &settings)

AC_TEST(command_alone_is_native_with_five_minutes)
{
    SETTINGS;

    fake_host_set(&fake, "command", hook_write("hook", ":"));
    AC_REQUIRE(READ() == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(settings.dialect->name, "native");
    CU_ASSERT_EQUAL(settings.timeout_ms, 300000);
    CU_ASSERT_EQUAL(settings.settle_ms, 0);
    CU_ASSERT_EQUAL(settings.cleanup.count, 0);
    CU_ASSERT_PTR_NOT_NULL(exec_words_get(&settings.extra, "HOME"));
    CU_ASSERT_STRING_EQUAL(fake.ctx.stranger, "");
}

AC_TEST(arguments_and_another_cleanup_are_taken)
{
    SETTINGS;
    char command[PATH_MAX + 32];

    (void)snprintf(command, sizeof(command), "\"%s\" --zone 'a b'",
                   hook_write("my hook", ":"));
    fake_host_set(&fake, "command", command);
    fake_host_set(&fake, "cleanup-command", hook_write("undo", ":"));
    fake_host_set(&fake, "dialect", "certbot");
    fake_host_set(&fake, "timeout", "7");
    fake_host_set(&fake, "settle-seconds", "30");
    AC_REQUIRE(READ() == ACMECORE_OK);

    CU_ASSERT_EQUAL(settings.command.count, 3);
    CU_ASSERT_EQUAL(settings.cleanup.count, 1);
    CU_ASSERT_EQUAL(settings.timeout_ms, 7000);
    CU_ASSERT_EQUAL(settings.settle_ms, 30000);
}

AC_TEST(unknown_dialect_is_told_what_there_is)
{
    SETTINGS;

    fake_host_set(&fake, "dialect", "certbott");

    CU_ASSERT_EQUAL(READ(), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(
        fake_host_failed_with(&fake, "\"certbott\"; there are native, certbot"));
}

AC_TEST(bad_command_is_told_before_any_ca_is_asked)
{
    static const struct {
        const char *command, *why;
    } bad[] = {
        { "hook.sh", "absolute path" },
        { "/nonexistent/hook", "No such file or directory" },
        { "/", "it is not a file" },
        { "/bin/sh 'x", "not closed" },
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        SETTINGS;
        fake_host_set(&fake, "command", bad[i].command);
        CU_ASSERT_EQUAL(READ(), ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, "option command: "));
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, bad[i].why));
    }
}

AC_TEST(environment_file_is_read_with_home_as_a_default)
{
    SETTINGS;

    fake_host_set(&fake, "command", "/bin/sh");
    fake_host_set(&fake, "environment-file", "KEY='a b'\nHOME=/srv\n");
    AC_REQUIRE(READ() == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(exec_words_get(&settings.extra, "KEY"), "a b");
    CU_ASSERT_STRING_EQUAL(exec_words_get(&settings.extra, "HOME"), "/srv");
}

AC_TEST(bad_line_is_named_and_not_shown)
{
    SETTINGS;

    fake_host_set(&fake, "command", "/bin/sh");
    fake_host_set(&fake, "environment-file", "A=1\nKEY=hush hush\n");

    CU_ASSERT_EQUAL(READ(), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "option environment-file: line 2: "));
    CU_ASSERT_FALSE(fake_host_failed_with(&fake, "hush"));
}

AC_TEST(provider_is_needed_and_a_word)
{
    static const char *const bad[] = { NULL, "", "a/b", "-x", "$(x)", "../dns_x" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        SETTINGS;
        fake_host_set(&fake, "command", "/bin/sh");
        fake_host_set(&fake, "dialect", "lexicon");
        if (bad[i])
            fake_host_set(&fake, "provider", bad[i]);
        CU_ASSERT_EQUAL(READ(), ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, "option provider"));
    }
}

static bool make_acme_sh(void)
{
    return mkdir(ac_test_path("acme"), 0700) == 0
           && mkdir(ac_test_path("acme/dnsapi"), 0700) == 0
           && ac_test_write_file(ac_test_path("acme/acme.sh"), "", 0)
           && ac_test_write_file(ac_test_path("acme/dnsapi/dns_x.sh"), "", 0)
           && ac_test_write_file(ac_test_path("acme/dns_own.sh"), "", 0);
}

AC_TEST(scripts_of_acme_sh_are_found_below_their_folder)
{
    static const struct {
        const char *command, *provider, *script;
    } good[] = {
        { "acme", "dns_x", "acme/dnsapi/dns_x.sh" },
        { "acme", "x", "acme/dnsapi/dns_x.sh" },
        { "acme/acme.sh", "own", "acme/dns_own.sh" },
    };

    AC_REQUIRE(make_acme_sh());
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        SETTINGS;
        fake_host_set(&fake, "command", ac_test_path(good[i].command));
        fake_host_set(&fake, "dialect", "acme.sh");
        fake_host_set(&fake, "provider", good[i].provider);
        AC_REQUIRE(READ() == ACMECORE_OK);
        CU_ASSERT_STRING_EQUAL(settings.script, ac_test_path(good[i].script));
        CU_ASSERT_STRING_EQUAL(exec_words_next(&settings.command, NULL),
                               ac_test_path("acme"));
    }
}

AC_TEST(folder_of_acme_sh_may_have_the_name_of_its_program)
{
    SETTINGS;
    AC_REQUIRE(mkdir(ac_test_path("acme.sh"), 0700) == 0);
    AC_REQUIRE(ac_test_write_file(ac_test_path("acme.sh/acme.sh"), "", 0));
    AC_REQUIRE(ac_test_write_file(ac_test_path("acme.sh/dns_x.sh"), "", 0));
    fake_host_set(&fake, "command", ac_test_path("acme.sh"));
    fake_host_set(&fake, "dialect", "acme.sh");
    fake_host_set(&fake, "provider", "dns_x");

    AC_REQUIRE(READ() == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(settings.script, ac_test_path("acme.sh/dns_x.sh"));
    CU_ASSERT_STRING_EQUAL(exec_words_next(&settings.command, NULL),
                           ac_test_path("acme.sh"));
}

AC_TEST(missing_script_of_acme_sh_is_told)
{
    SETTINGS;

    AC_REQUIRE(make_acme_sh());
    fake_host_set(&fake, "command", ac_test_path("acme"));
    fake_host_set(&fake, "dialect", "acme.sh");
    fake_host_set(&fake, "provider", "gone");

    CU_ASSERT_EQUAL(READ(), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "option provider: no dns_gone.sh in "));
}

AC_TEST(script_that_everybody_may_write_is_not_sourced)
{
    SETTINGS;

    AC_REQUIRE(make_acme_sh());
    (void)chmod(ac_test_path("acme/acme.sh"), 0666);
    fake_host_set(&fake, "command", ac_test_path("acme"));
    fake_host_set(&fake, "dialect", "acme.sh");
    fake_host_set(&fake, "provider", "x");

    CU_ASSERT_EQUAL(READ(), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "chmod o-w"));
}

AC_TEST(dialect_of_dns_is_refused_for_http)
{
    SETTINGS;

    fake_host_set(&fake, "command", "/bin/sh");
    fake_host_set(&fake, "dialect", "mod_md");

    CU_ASSERT_EQUAL(exec_settings_read(&fake.host, true, &settings), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "mod_md knows DNS only"));
}

AC_SUITE("dns01-exec/settings", AC_CASE(command_alone_is_native_with_five_minutes),
         AC_CASE(arguments_and_another_cleanup_are_taken),
         AC_CASE(unknown_dialect_is_told_what_there_is),
         AC_CASE(bad_command_is_told_before_any_ca_is_asked),
         AC_CASE(environment_file_is_read_with_home_as_a_default),
         AC_CASE(bad_line_is_named_and_not_shown),
         AC_CASE(provider_is_needed_and_a_word),
         AC_CASE(scripts_of_acme_sh_are_found_below_their_folder),
         AC_CASE(folder_of_acme_sh_may_have_the_name_of_its_program),
         AC_CASE(missing_script_of_acme_sh_is_told),
         AC_CASE(script_that_everybody_may_write_is_not_sourced),
         AC_CASE(dialect_of_dns_is_refused_for_http))
