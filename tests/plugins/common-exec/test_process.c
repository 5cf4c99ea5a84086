/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include "hook_run.h"

static struct exec_process process; /* large */

static const struct exec_report label = { .program = "/hook" };

/* Runs a script on a fake host; false in torture, when memory was refused. */
static bool run(struct fake_host *fake, const char *body, int64_t timeout_ms)
{
    EXEC_AUTO_CHILD child = { 0 };
    EXEC_AUTO_WORDS extra = { 0 };

    if (!fake_host_start(fake, NULL))
        return false;
    fake->ctx.run = hook_run;
    process.host = &fake->host;
    exec_child_begin(&child, &extra);
    exec_words_add(&child.argv, hook_write("hook", body));
    if (!exec_process_begin(&process, timeout_ms))
        return false;
    exec_process_run(&process, &child);
    return process.status != ACMECORE_E_SYSTEM;
}

AC_TEST(command_that_ends_well_is_good)
{
    struct fake_host fake;

    AC_REQUIRE(run(&fake, "echo $PATH", 5000));

    CU_ASSERT_TRUE(exec_process_is_good(&process));
    CU_ASSERT_PTR_NOT_NULL(strstr(process.output.head, "/usr/sbin"));
}

AC_TEST(what_the_environment_file_says_is_in_no_message)
{
    struct fake_host fake;
    EXEC_AUTO_WORDS secrets = { 0 };

    exec_words_add(&secrets, "TOKEN=s3cret-token");
    AC_REQUIRE(!secrets.wrong);
    AC_REQUIRE(run(&fake, "echo bad token s3cret-token >&2; exit 1", 5000));
    process.secrets = &secrets;
    (void)exec_process_explain(&process, &label);
    CU_ASSERT_STRING_EQUAL(fake.ctx.failure,
                           "/hook: it ended with exit code 1; it said: bad token ***");
    int status = exec_process_quote(&process, &label, ACMECORE_E_REFUSED,
                                    "s3cret-token is no good");
    process.secrets = NULL;
    AC_REQUIRE(status == ACMECORE_E_REFUSED);

    CU_ASSERT_STRING_EQUAL(fake.ctx.failure, "/hook: *** is no good");
}

AC_TEST(how_it_ended_is_told_with_its_last_words)
{
    struct fake_host fake;

    AC_REQUIRE(run(&fake, "echo denied >&2; exit 3", 5000));

    CU_ASSERT_EQUAL(exec_process_explain(&process, &label), ACMECORE_E_REFUSED);
    CU_ASSERT_STRING_EQUAL(fake.ctx.failure,
                           "/hook: it ended with exit code 3; it said: denied");
}

AC_TEST(program_that_is_missing_is_a_setting)
{
    struct fake_host fake;

    AC_REQUIRE(run(&fake, "exit 127", 5000));

    CU_ASSERT_EQUAL(exec_process_explain(&process, &label), ACMECORE_E_CONFIG);
}

AC_TEST(command_that_hangs_is_killed_and_told_of)
{
    struct fake_host fake;

    AC_REQUIRE(run(&fake, "echo waiting; exec sleep 60", 100));

    CU_ASSERT_EQUAL(exec_process_explain(&process, &label), ACMECORE_E_TIMEOUT);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "(option timeout) and was killed"));
}

AC_TEST(command_that_floods_is_cut_and_counted)
{
    struct fake_host fake;

    AC_REQUIRE(run(&fake, "head -c 300000 /dev/zero | tr '\\0' x; exit 1", 5000));

    CU_ASSERT_EQUAL(exec_process_explain(&process, &label), ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "(300000 bytes in all)"));
    CU_ASSERT_TRUE(strlen(fake.ctx.failure) < 600);
}

AC_TEST(without_time_nothing_runs)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    fake.ctx.remaining_ms = 0;
    process.host = &fake.host;

    CU_ASSERT_FALSE(exec_process_begin(&process, 1000));
    CU_ASSERT_EQUAL(exec_process_explain(&process, &label), ACMECORE_E_TIMEOUT);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "before its turn"));
}

AC_TEST(what_it_said_is_quoted)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    process.host = &fake.host;

    CU_ASSERT_EQUAL(
        exec_process_quote(&process, &label, ACMECORE_E_REFUSED, "no such pool"),
        ACMECORE_E_REFUSED);
    CU_ASSERT_STRING_EQUAL(fake.ctx.failure, "/hook: no such pool");
}

AC_SUITE("common-exec/process", AC_CASE(command_that_ends_well_is_good),
         AC_CASE(what_the_environment_file_says_is_in_no_message),
         AC_CASE(how_it_ended_is_told_with_its_last_words),
         AC_CASE(program_that_is_missing_is_a_setting),
         AC_CASE(command_that_hangs_is_killed_and_told_of),
         AC_CASE(command_that_floods_is_cut_and_counted),
         AC_CASE(without_time_nothing_runs), AC_CASE(what_it_said_is_quoted))
