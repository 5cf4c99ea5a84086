/* SPDX-License-Identifier: Apache-2.0 */
#include "reload.h"

#include "material.h"

/* A host->run that writes down what it is asked to run. */
static int note_run(void *arg, const struct acmecore_command *command, int *ret_exit,
                    acmecore_sink *output, void *output_arg)
{
    char *text = arg;

    (void)output;
    (void)output_arg;
    for (size_t i = 0; command->argv[i]; i++) {
        size_t used = strlen(text);

        (void)snprintf(text + used, 256 - used, "%s|", command->argv[i]);
    }
    *ret_exit = 0;
    return ACMECORE_OK;
}

AC_TEST(unit_is_reloaded_by_systemctl)
{
    struct fake_host fake;
    char argv[256] = "";

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    fake.ctx.run = note_run;
    fake.ctx.arg = argv;
    fake_host_set(&fake, "reload", "nginx@main.service");
    AC_REQUIRE(reload_check(&fake.host) == ACMECORE_OK);
    AC_REQUIRE(reload_run(&fake.host) == ACMECORE_OK);

    CU_ASSERT_PTR_NOT_NULL(strstr(argv, "/systemctl|reload|nginx@main.service|"));
}

AC_TEST(commands_run_in_order_until_one_fails)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    fake.ctx.run = hook_run;
    fake_host_set(&fake, "reload", hook_write("one", "words one"));
    fake_host_set(&fake, "reload", hook_write("two", "words two; echo no >&2; exit 4"));
    fake_host_set(&fake, "reload", hook_write("three", "words three"));
    AC_REQUIRE(reload_run(&fake.host) == ACMECORE_E_REFUSED);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<one>\n<two>\n");
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "two: it ended with exit code 4; it "
                                                "said: no"));
}

AC_TEST(command_that_hangs_is_killed)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    fake.ctx.run = hook_run;
    fake.ctx.remaining_ms = 200;
    fake_host_set(&fake, "reload", hook_write("slow", "exec sleep 60"));

    AC_REQUIRE(reload_run(&fake.host) == ACMECORE_E_TIMEOUT);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "was killed"));
}

AC_TEST(wrong_ones_are_refused_at_once)
{
    static const char *const wrong[] = {
        "nginx",     "-a.service",   "nginx.", ".service",
        "reload it", "/nonexistent", "a;b.c",
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct fake_host fake;

        AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
        fake_host_set(&fake, "reload", wrong[i]);
        AC_REQUIRE(reload_check(&fake.host) == ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, wrong[i]));
    }
}

AC_TEST(too_many_are_refused)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    for (int i = 0; i <= RELOAD_COMMANDS_MAX; i++)
        fake_host_set(&fake, "reload", "a.service");

    AC_REQUIRE(reload_check(&fake.host) == ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "more than 16"));
}

AC_SUITE("installer-files/reload", AC_CASE(unit_is_reloaded_by_systemctl),
         AC_CASE(commands_run_in_order_until_one_fails),
         AC_CASE(command_that_hangs_is_killed), AC_CASE(wrong_ones_are_refused_at_once),
         AC_CASE(too_many_are_refused))
