/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong: hooks that hang, fail, flood, fork, and values that are hostile. */
#include "hook.h"

AC_TEST(failed_hook_fails_its_own_challenge_only)
{
    HOOK("lego",
         "echo \"no zone $2\" >&2; test \"$2\" != _acme-challenge.example.com.");

    CU_ASSERT_EQUAL(PRESENT(two, 2), ACMECORE_E_REFUSED);
    CU_ASSERT_EQUAL(results[0], ACMECORE_E_REFUSED);
    CU_ASSERT_EQUAL(results[1], ACMECORE_OK);
    CU_ASSERT_EQUAL(fake.ctx.failure_count, 1);
    CU_ASSERT_TRUE(fake_host_failed_with(
        &fake, "/hook (dialect lego), present for example.com: it ended with exit code "
               "1; it said: no zone _acme-challenge.example.com."));
}

AC_TEST(hook_that_hangs_is_killed_after_its_timeout)
{
    struct fake_host fake;
    int results[2] = { 0, 0 };
    bool is_started = fake_host_start(&fake, &acmecore_plugin);

    AC_REQUIRE(is_started);
    fake_host_set(&fake, "timeout", "1");
    __attribute__((cleanup(hook_close))) void *self = hook_open(
        &fake, "mod_md",
        hook_write("hook", "trap '' TERM; test \"$2\" != example.com || sleep 60"));
    AC_REQUIRE(self != NULL);
    fake.ctx.remaining_ms = ac_check_is_torture() ? 0 : 60000;

    CU_ASSERT_EQUAL(PRESENT(two, 2), ACMECORE_E_TIMEOUT);
    CU_ASSERT_EQUAL(results[0], ACMECORE_E_TIMEOUT);
    CU_ASSERT_EQUAL(results[1], ACMECORE_OK);
    CU_ASSERT_TRUE(fake_host_failed_with(
        &fake, "setup for example.com: it did not end within 1 s (option timeout) and "
               "was killed"));
}

AC_TEST(hook_gets_no_more_time_than_the_run_has)
{
    HOOK("mod_md", "sleep 60");

    fake.ctx.remaining_ms = 120;

    CU_ASSERT_EQUAL(PRESENT(two, 1), ACMECORE_E_TIMEOUT);
    CU_ASSERT_TRUE(fake_host_failed_with(
        &fake, "it did not end within the 1 s that were left, and was killed"));
}

AC_TEST(nothing_is_run_without_time)
{
    HOOK("mod_md", "words \"$@\"");

    fake.ctx.remaining_ms = 0;

    CU_ASSERT_EQUAL(PRESENT(two, 2), ACMECORE_E_TIMEOUT);
    CU_ASSERT_STRING_EQUAL(hook_record(), "");
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "the time was over before its turn"));
    CU_ASSERT_EQUAL(fake.ctx.failure_count, 2);
}

AC_TEST(flood_is_counted_and_its_end_is_shown)
{
    HOOK("mod_md",
         "head -c 10000000 /dev/zero | tr '\\0' x; printf '\\nlast\\033[31m\\n';"
         "exit 3");

    if (ac_check_is_torture())
        return;
    CU_ASSERT_EQUAL(PRESENT(two, 1), ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "exit code 3; it said: "));
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "x | last\033[31m (10000"));
}

AC_TEST(background_child_with_open_stdout_holds_nobody_up)
{
    HOOK("mod_md", "(sleep 60) & echo started");
    int64_t began_ms = hook_now_ms();

    AC_REQUIRE(PRESENT(two, 1) == ACMECORE_OK);

    CU_ASSERT(hook_now_ms() - began_ms < 30000);
}

AC_TEST(signal_is_named)
{
    HOOK("mod_md", "kill -TERM $$");

    CU_ASSERT_EQUAL(PRESENT(two, 1), ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "it was ended by signal 15 (SIGTERM)"));
}

AC_TEST(hook_without_its_interpreter_is_a_matter_of_configuration)
{
    struct fake_host fake;
    int results[2] = { 0, 0 };
    bool is_started = fake_host_start(&fake, &acmecore_plugin);
    const char *path = ac_test_path("broken");

    AC_REQUIRE(is_started && ac_test_write_file(path, "#!/nonexistent/sh\n", 18)
               && chmod(path, 0700) == 0);
    __attribute__((cleanup(hook_close))) void *self = hook_open(&fake, "mod_md", path);
    AC_REQUIRE(self != NULL);

    CU_ASSERT_EQUAL(PRESENT(two, 1), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(
        fake_host_failed_with(&fake, "exit code 127: was a program not found?"));
}

AC_TEST(hostile_values_reach_no_command)
{
    static const char *const hostile[] = { "$(touch x)", "a;b", "../../x", "a\nb",
                                           "",           "a b", "-rf" };
    HOOK("certbot", "words called");

    for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
        struct acmecore_challenge challenge = dns_1;
        const struct acmecore_challenge *one = &challenge;

        challenge.identifier = hostile[i];
        CU_ASSERT_EQUAL(PRESENT(&one, 1), ACMECORE_E_INVALID);
        CU_ASSERT_EQUAL(CLEANUP(&one, 1), ACMECORE_OK);
    }
    CU_ASSERT_STRING_EQUAL(hook_record(), "");
}

AC_TEST(value_with_shell_characters_stays_one_argument)
{
    HOOK("lego", "words \"$@\"");
    struct acmecore_challenge challenge = dns_1;
    const struct acmecore_challenge *one = &challenge;

    challenge.record_value = "'; touch \"$HOME\" `id` $(id) * \\";
    AC_REQUIRE(PRESENT(&one, 1) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(),
                           "<present><_acme-challenge.example.com.><'; touch \"$HOME\" "
                           "`id` $(id) * \\>\n");
}

AC_TEST(refused_challenge_does_not_disturb_its_siblings)
{
    HOOK("certbot", "words \"$CERTBOT_DOMAIN\" \"$CERTBOT_REMAINING_CHALLENGES\"");
    struct acmecore_challenge bad = dns_1;
    const struct acmecore_challenge *const both[] = { &dns_2, &bad };

    bad.token = "../x";
    CU_ASSERT_EQUAL(PRESENT(both, 2), ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(results[0], ACMECORE_OK);
    CU_ASSERT_EQUAL(results[1], ACMECORE_E_INVALID);
    CU_ASSERT_STRING_EQUAL(hook_record(), "<www.example.org><0>\n");
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "its token is not base64url"));
}

AC_TEST(name_of_dns_account_01_is_not_for_hooks_that_build_it)
{
    HOOK("certbot", "words called");
    struct acmecore_challenge challenge = dns_1;
    const struct acmecore_challenge *one = &challenge;

    challenge.type = "dns-account-01";
    challenge.record_name = "_ujmmovf2vn55tgye._acme-challenge.example.com";
    CU_ASSERT_EQUAL(PRESENT(&one, 1), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(
        fake_host_failed_with(&fake, "use native, lego, lexicon or acme.sh"));
    CU_ASSERT_STRING_EQUAL(hook_record(), "");
}

AC_TEST(hook_that_builds_the_name_is_warned_of_an_alias)
{
    HOOK("mod_md", "words \"$ACMECORE_RECORD_NAME\"");
    struct acmecore_challenge challenge = dns_1;
    const struct acmecore_challenge *one = &challenge;

    challenge.record_name = "x.example.net";
    AC_REQUIRE(PRESENT(&one, 1) == ACMECORE_OK);

    CU_ASSERT_TRUE(fake_host_logged(&fake, "belongs at x.example.net"));
    CU_ASSERT_STRING_EQUAL(hook_record(), "<x.example.net>\n");
}

AC_TEST(cleanup_knows_only_its_arguments)
{
    HOOK("uacme", "words \"$@\"");

    AC_REQUIRE(CLEANUP(two, 1) == ACMECORE_OK);
    AC_REQUIRE(CLEANUP(two, 1) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(),
                           "<done><dns-01><example.com><token-1><" VALUE_1 ">\n"
                           "<done><dns-01><example.com><token-1><" VALUE_1 ">\n");
}

AC_TEST(probe_waits_for_settle_seconds_even_in_another_process)
{
    struct fake_host fake;
    int results[2] = { 0, 0 };
    bool is_started = fake_host_start(&fake, &acmecore_plugin);

    AC_REQUIRE(is_started);
    fake_host_set(&fake, "settle-seconds", "600");
    __attribute__((cleanup(hook_close))) void *self =
        hook_open(&fake, "certbot", hook_write("hook", ":"));
    AC_REQUIRE(self != NULL);

    CU_ASSERT_EQUAL(PROBE(two, 2), ACMECORE_OK); /* nothing was presented */
    AC_REQUIRE(PRESENT(two, 2) == ACMECORE_OK);
    CU_ASSERT_EQUAL(PROBE(two, 2), ACMECORE_PENDING);
    CU_ASSERT_EQUAL(results[1], ACMECORE_PENDING);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "settle-seconds has 600 s to go"));
    RESTART();
    CU_ASSERT_EQUAL(PROBE(two, 2), ACMECORE_PENDING);
    AC_REQUIRE(ac_test_write_file(ac_test_path("plugin-folder/presented-at"),
                                  "1700000000000\n", 14));
    RESTART();
    CU_ASSERT_EQUAL(PROBE(two, 2), ACMECORE_OK);
}

AC_TEST(empty_batch_is_success)
{
    HOOK("native", "words called");

    CU_ASSERT_EQUAL(PRESENT(NULL, 0), ACMECORE_OK);
    CU_ASSERT_EQUAL(PROBE(NULL, 0), ACMECORE_OK);
    CU_ASSERT_EQUAL(CLEANUP(NULL, 0), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(hook_record(), "");
    CU_ASSERT_STRING_EQUAL(fake.ctx.stranger, "");
}

AC_SUITE("dns01-exec/exec", AC_CASE(failed_hook_fails_its_own_challenge_only),
         AC_CASE(hook_that_hangs_is_killed_after_its_timeout),
         AC_CASE(hook_gets_no_more_time_than_the_run_has),
         AC_CASE(nothing_is_run_without_time),
         AC_CASE(flood_is_counted_and_its_end_is_shown),
         AC_CASE(background_child_with_open_stdout_holds_nobody_up),
         AC_CASE(signal_is_named),
         AC_CASE(hook_without_its_interpreter_is_a_matter_of_configuration),
         AC_CASE(hostile_values_reach_no_command),
         AC_CASE(value_with_shell_characters_stays_one_argument),
         AC_CASE(refused_challenge_does_not_disturb_its_siblings),
         AC_CASE(name_of_dns_account_01_is_not_for_hooks_that_build_it),
         AC_CASE(hook_that_builds_the_name_is_warned_of_an_alias),
         AC_CASE(cleanup_knows_only_its_arguments),
         AC_CASE(probe_waits_for_settle_seconds_even_in_another_process),
         AC_CASE(empty_batch_is_success))
