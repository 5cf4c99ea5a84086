/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include "hook_run.h"

static bool start(struct fake_host *fake, const char *body, struct control *control)
{
    if (!fake_host_start(fake, &acmecore_plugin))
        return false;
    fake->ctx.run = hook_run;
    fake_host_set(fake, "control", hook_write("nginx", body));
    fake_host_set(fake, "config", "/etc/nginx.conf");
    fake_host_set(fake, "prefix", "/srv");
    return control_open(&fake->host, control) == ACMECORE_OK;
}

AC_TEST(program_tests_and_reloads_its_configuration)
{
    struct fake_host fake;
    struct control control;

    AC_REQUIRE(start(&fake, "words \"$@\"", &control));
    AC_REQUIRE(control_test(&control) == ACMECORE_OK
               && control_reload(&control) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(),
                           "<-c></etc/nginx.conf><-p></srv><-t><-q>\n"
                           "<-c></etc/nginx.conf><-p></srv><-s><reload>\n");
}

AC_TEST(test_that_fails_is_a_setting_with_its_words)
{
    struct fake_host fake;
    struct control control;

    AC_REQUIRE(start(&fake, "echo 'unknown directive in /x:7' >&2; exit 1", &control));
    AC_REQUIRE(control_test(&control) == ACMECORE_E_CONFIG);

    CU_ASSERT_STRING_EQUAL(fake.ctx.failure,
                           "nginx -t: it ended with exit code 1; it said: "
                           "unknown directive in /x:7");
}

AC_TEST(reload_may_be_another_command)
{
    struct fake_host fake;
    struct control control;

    AC_REQUIRE(start(&fake, "exit 1", &control));
    fake_host_set(&fake, "reload", hook_write("other", "words other"));
    AC_REQUIRE(control_reload(&control) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<other>\n");
}

AC_TEST(program_that_is_missing_is_named)
{
    struct fake_host fake;
    struct control control;

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    fake_host_set(&fake, "control", "/nonexistent");

    CU_ASSERT_EQUAL(control_open(&fake.host, &control), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "option control: \"/nonexistent\""));
}

AC_SUITE("installer-nginx/control",
         AC_CASE(program_tests_and_reloads_its_configuration),
         AC_CASE(test_that_fails_is_a_setting_with_its_words),
         AC_CASE(reload_may_be_another_command),
         AC_CASE(program_that_is_missing_is_named))
