/* SPDX-License-Identifier: Apache-2.0 */
#include "host/hook.h"

#include "base/clock.h"
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LIMIT_MS 20000

/* Runs these words of a shell with an input and a variable, and waits for the end. */
static enum ac_code run_for(const char *script, int64_t limit_ms, struct ac_error *err)
{
    AC_AUTO(ac_hook) *hook = NULL;
    AC_AUTO(ac_words) command = { 0 };
    AC_AUTO(ac_words) variables = { 0 };
    AC_AUTO(ac_json) *input = NULL;

    AC_TRY(ac_words_add(&command, "/bin/sh", err));
    AC_TRY(ac_words_add(&command, "-c", err));
    AC_TRY(ac_words_add(&command, script, err));
    AC_TRY(ac_words_addf(&variables, err, "WHERE=%s", ac_test_path("seen")));
    AC_TRY(ac_json_new(&input, err, "{s:s}", "event", "renewed"));
    struct ac_hook_settings settings = { .host_path = AC_TEST_PLUGIN_HOST,
                                         .about = "notification",
                                         .command = &command,
                                         .variables = &variables,
                                         .input = input,
                                         .deadline_ms = ac_clock_after_ms(limit_ms) };
    AC_TRY(ac_hook_begin(&settings, &hook, err));
    int64_t until_ms = ac_clock_after_ms(LIMIT_MS);
    while (!ac_hook_is_done(hook) && ac_clock_now_ms() < until_ms) {
        struct pollfd fds[AC_PROCESS_FDS];
        size_t count = ac_hook_fds(hook, fds);
        (void)poll(fds, (nfds_t)count, ac_clock_left_ms(ac_hook_wake_at_ms(hook)));
        ac_hook_step(hook);
    }
    return ac_hook_result(hook, err);
}

static size_t read_seen(char *buffer, size_t size)
{
    FILE *file = fopen(ac_test_path("seen"), "re");
    size_t got = file ? fread(buffer, 1, size - 1, file) : 0;

    if (file)
        (void)fclose(file);
    buffer[got] = '\0';
    return got;
}

AC_TEST(command_gets_its_input_and_a_clean_environment)
{
    struct ac_error err = { 0 };
    char seen[512];

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_for("{ cat; env; } > \"$WHERE\"", LIMIT_MS, &err));

    AC_REQUIRE(read_seen(seen, sizeof seen) > 0);
    CU_ASSERT_EQUAL(strncmp(seen, "{\"event\":\"renewed\"}", 19), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(seen, "PATH=/usr/local/sbin:"));
    CU_ASSERT_PTR_NULL(strstr(seen, "HOME="));
}

AC_TEST(failure_tells_exit_code_and_last_line)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_CODE(run_for("echo one; printf 'no \\033[31mmail\\n\\n' >&2; exit 75",
                            LIMIT_MS, &err),
                    AC_E_PLUGIN);

    CU_ASSERT_STRING_EQUAL(err.detail, "notification: /bin/sh ended with exit code 75: "
                                       "no \\x1B[31mmail");
}

AC_TEST(signal_that_ended_it_is_named)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_CODE(run_for("kill -9 $$", LIMIT_MS, &err), AC_E_PLUGIN);

    CU_ASSERT_STRING_EQUAL(err.detail,
                           "notification: /bin/sh was ended by signal 9 (SIGKILL)");
}

AC_TEST(flood_is_cut_and_its_end_is_told)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_CODE(run_for("head -c 3000000 /dev/zero; echo; echo the end; exit 1",
                            LIMIT_MS, &err),
                    AC_E_PLUGIN);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "exit code 1: the end"));
}

AC_TEST(one_that_hangs_is_killed_at_its_deadline)
{
    struct ac_error err = { 0 };
    int64_t began_ms = ac_clock_now_ms();

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_CODE(run_for("sleep 60 & trap '' TERM; sleep 60", 300, &err),
                    AC_E_PLUGIN);

    CU_ASSERT_TRUE(ac_clock_now_ms() - began_ms < LIMIT_MS / 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "/bin/sh did not end in time"));
}

AC_TEST(one_that_is_not_there_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) command = { 0 };
    AC_AUTO(ac_hook) *hook = NULL;
    struct ac_hook_settings settings = { .host_path = "/nonexistent/host",
                                         .about = "notification",
                                         .command = &command,
                                         .deadline_ms = ac_clock_after_ms(LIMIT_MS) };

    AC_REQUIRE_CODE(ac_hook_begin(&settings, &hook, &err), AC_E_USAGE);
    AC_REQUIRE_OK(ac_words_add(&command, "/bin/true", &err));
    AC_REQUIRE_CODE(ac_hook_begin(&settings, &hook, &err), AC_E_SYSTEM);

    CU_ASSERT_PTR_NULL(hook);
}

AC_SUITE("host/hook", AC_CASE(command_gets_its_input_and_a_clean_environment),
         AC_CASE(failure_tells_exit_code_and_last_line),
         AC_CASE(signal_that_ended_it_is_named),
         AC_CASE(flood_is_cut_and_its_end_is_told),
         AC_CASE(one_that_hangs_is_killed_at_its_deadline),
         AC_CASE(one_that_is_not_there_is_told))
