/* SPDX-License-Identifier: Apache-2.0 */
#include "context.h"

#include <stdio.h>

#define SPAN_MS 20000

/* Runs a line of shell; the context's `got` is its output. */
static int shell(struct context *context, const char *line, uint32_t max_output,
                 int *ret_exit)
{
    const char *const argv[] = { "/bin/sh", "-c", line, NULL };
    const char *const env[] = { "PATH=/bin:/usr/bin", "WORD=hello", NULL };
    struct acmecore_command command = { .struct_size = sizeof command,
                                        .max_output = max_output,
                                        .argv = argv,
                                        .env = env,
                                        .input = "some input",
                                        .input_size = 10 };

    return ac_service_run(&context->services, &command, ret_exit, take, context);
}

AC_TEST(command_gets_input_and_environment_and_gives_output)
{
    CONTEXT(c);
    int code = -1;

    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    int status = shell(&c, "cat; echo \" $WORD\"; exit 7", 100, &code);

    CU_ASSERT_EQUAL(status, ACMECORE_OK);
    CU_ASSERT_EQUAL(code, 7);
    CU_ASSERT_STRING_EQUAL(c.got, "some input hello\n");
}

AC_TEST(no_shell_and_nothing_inherited)
{
    CONTEXT(c);
    const char *const argv[] = { "/usr/bin/env", NULL };
    const char *const env[] = { "ONLY=this; echo $HOME", NULL };
    struct acmecore_command command = {
        .struct_size = sizeof command, .max_output = 1000, .argv = argv, .env = env
    };

    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    int status = ac_service_run(&c.services, &command, NULL, take, &c);

    CU_ASSERT_EQUAL(status, ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(c.got, "ONLY=this; echo $HOME\n");
}

AC_TEST(output_is_bounded_and_the_rest_dropped)
{
    CONTEXT(c);
    int code = -1;

    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    int status =
        shell(&c, "head -c 1000000 /dev/zero | tr '\\0' x; echo end >&2", 10, &code);

    CU_ASSERT_EQUAL(status, ACMECORE_OK);
    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT_STRING_EQUAL(c.got, "xxxxxxxxxx");
}

AC_TEST(command_that_ignores_term_is_killed_at_the_deadline)
{
    CONTEXT(c);

    AC_REQUIRE_OK(context_begin(&c, 200, &err));
    int status = shell(&c, "trap '' TERM INT; while :; do sleep 60; done", 10, NULL);

    CU_ASSERT_EQUAL(status, ACMECORE_E_TIMEOUT);
}

AC_TEST(grandchild_that_holds_stdout_holds_nobody_up_and_is_killed)
{
    CONTEXT(c);
    int code = -1;
    char line[128];
    const char *mark = ac_test_path("alive");
    int64_t began_ms = ac_clock_now_ms();

    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    (void)snprintf(line, sizeof line, "(sleep 30; touch %s) & echo started", mark);
    int status = shell(&c, line, 100, &code);

    CU_ASSERT_EQUAL(status, ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(c.got, "started\n");
    CU_ASSERT(ac_clock_now_ms() - began_ms < 10000);
}

AC_TEST(signal_is_an_exit_code_over_128)
{
    CONTEXT(c);
    int code = -1;

    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    int status = shell(&c, "kill -TERM $$", 10, &code);

    CU_ASSERT_EQUAL(status, ACMECORE_OK);
    CU_ASSERT_EQUAL(code, 128 + 15);
}

AC_TEST(stderr_goes_to_its_own_sink)
{
    CONTEXT(c);
    struct context other = { .got = "" };
    int code = -1;
    const char *const argv[] = { "/bin/sh", "-c", "echo out; echo oops >&2", NULL };
    struct acmecore_command command = { .struct_size = sizeof command,
                                        .max_output = 3,
                                        .argv = argv,
                                        .errors = take,
                                        .errors_arg = &other };

    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    int status = ac_service_run(&c.services, &command, &code, take, &c);

    CU_ASSERT_EQUAL(status, ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(c.got, "out");
    CU_ASSERT_STRING_EQUAL(other.got, "oop");
}

AC_TEST(own_time_of_a_command_ends_it_without_a_reason)
{
    CONTEXT(c);
    const char *const argv[] = { "/bin/sh", "-c", "trap '' TERM; sleep 60", NULL };
    struct acmecore_command command = { .struct_size = sizeof command,
                                        .timeout_ms = 100,
                                        .argv = argv };

    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    int status = ac_service_run(&c.services, &command, NULL, take, &c);

    CU_ASSERT_EQUAL(status, ACMECORE_E_TIMEOUT);
    CU_ASSERT_EQUAL(c.services.fails.count, 0);
}

AC_TEST(command_of_the_first_header_is_run_all_the_same)
{
    CONTEXT(c);
    const char *const argv[] = { "/bin/sh", "-c", "echo hello; echo log >&2", NULL };
    struct acmecore_command command = {
        .struct_size = offsetof(struct acmecore_command, errors),
        .max_output = 100,
        .argv = argv,
        .errors = take, /* beyond its end: it would crash without an argument */
    };

    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    int status = ac_service_run(&c.services, &command, NULL, take, &c);

    CU_ASSERT_EQUAL(status, ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(c.got, "hello\n");
}

AC_TEST(sink_can_end_it)
{
    CONTEXT(c);

    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    c.answer = ACMECORE_E_REFUSED;
    int status = shell(&c, "echo x; sleep 60", 10, NULL);

    CU_ASSERT_EQUAL(status, ACMECORE_E_REFUSED);
}

AC_TEST(stop_of_the_core_ends_it)
{
    static const char *const argv[] = { "/bin/sh", "-c", "echo x; exec sleep 60",
                                        NULL };
    CONTEXT(c);
    const struct acmecore_command command = { .struct_size = sizeof command,
                                              .argv = argv,
                                              .max_output = 10 };

    AC_REQUIRE(!ac_check_is_torture()); /* each would have its moment to end */
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    int64_t began_ms = ac_clock_now_ms();
    int status = ac_service_run(&c.services, &command, NULL, take_and_stop, &c);

    CU_ASSERT_EQUAL(status, ACMECORE_E_TIMEOUT);
    CU_ASSERT(ac_clock_now_ms() < began_ms + SPAN_MS / 2);
}

/* What it began is then known to be there, and can be cleaned up. */
AC_TEST(stop_of_the_core_lets_it_end_by_itself)
{
    static const char *const argv[] = { "/bin/sh", "-c", "echo x; sleep 0.2", NULL };
    CONTEXT(c);
    const struct acmecore_command command = { .struct_size = sizeof command,
                                              .argv = argv,
                                              .max_output = 10 };
    int exit_code = -1;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    int status = ac_service_run(&c.services, &command, &exit_code, take_and_stop, &c);

    CU_ASSERT_EQUAL(status, ACMECORE_OK);
    CU_ASSERT_EQUAL(exit_code, 0);
}

AC_TEST(bad_commands_are_refused)
{
    CONTEXT(c);
    const char *const relative[] = { "sh", NULL };
    const char *const absent[] = { "/nonexistent/program", NULL };
    struct acmecore_command command = { .struct_size = sizeof command };

    AC_REQUIRE_OK(context_begin(&c, SPAN_MS, &err));
    CU_ASSERT_EQUAL(ac_service_run(&c.services, &command, NULL, NULL, NULL),
                    ACMECORE_E_INVALID);
    command.argv = relative;
    CU_ASSERT_EQUAL(ac_service_run(&c.services, &command, NULL, NULL, NULL),
                    ACMECORE_E_INVALID);
    command.argv = absent;
    CU_ASSERT_EQUAL(ac_service_run(&c.services, &command, NULL, NULL, NULL),
                    ACMECORE_E_CONFIG);
    command.struct_size = 8;
    CU_ASSERT_EQUAL(ac_service_run(&c.services, &command, NULL, NULL, NULL),
                    ACMECORE_E_INVALID);
}

AC_TEST(nothing_is_started_without_time)
{
    CONTEXT(c);

    AC_REQUIRE_OK(context_begin(&c, 0, &err));

    CU_ASSERT_EQUAL(shell(&c, "true", 10, NULL), ACMECORE_E_TIMEOUT);
}

AC_SUITE("pluginhost/services_run",
         AC_CASE(command_gets_input_and_environment_and_gives_output),
         AC_CASE(no_shell_and_nothing_inherited),
         AC_CASE(output_is_bounded_and_the_rest_dropped),
         AC_CASE(command_that_ignores_term_is_killed_at_the_deadline),
         AC_CASE(grandchild_that_holds_stdout_holds_nobody_up_and_is_killed),
         AC_CASE(signal_is_an_exit_code_over_128), AC_CASE(stderr_goes_to_its_own_sink),
         AC_CASE(own_time_of_a_command_ends_it_without_a_reason),
         AC_CASE(command_of_the_first_header_is_run_all_the_same),
         AC_CASE(sink_can_end_it), AC_CASE(stop_of_the_core_ends_it),
         AC_CASE(stop_of_the_core_lets_it_end_by_itself),
         AC_CASE(bad_commands_are_refused), AC_CASE(nothing_is_started_without_time))
