/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict.h"

#include "note.h"
#include "stage.h"

#include <stdlib.h>

/* Runs, reads the reply and judges the first challenge. */
static int verdict(struct stage *stage, enum exec_operation operation)
{
    EXEC_AUTO_REPLY reply = { 0 };

    stage->job.operation = operation;
    exec_call_run(&stage_call, &stage->job);
    reply = exec_reply_read(&stage_call, &stage->job);
    return exec_verdict(&stage_call, &stage->job, &reply);
}

static bool note_is(struct stage *stage, const char *text)
{
    char *note = exec_note_get(&stage->fake.host, &dns_1);
    bool is_same = text && note ? strcmp(text, note) == 0 : text == note;

    free(note);
    return is_same;
}

AC_TEST(silent_native_command_is_judged_by_its_exit_code)
{
    STAGE("native");

    AC_REQUIRE(verdict(&s, EXEC_PRESENT) == ACMECORE_OK);
    s.exit_code = 4;
    s.output = "words";
    CU_ASSERT_EQUAL(verdict(&s, EXEC_PRESENT), ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&s.fake, "exit code 4; it said: words"));
}

AC_TEST(detail_of_a_native_command_is_the_reason)
{
    STAGE("native");

    s.output = "{\"results\":[{\"status\":\"error\",\"detail\":\"quota\"}]}";
    AC_REQUIRE(verdict(&s, EXEC_PRESENT) == ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&s.fake, "present for example.com: quota"));

    s.output = "{\"results\":[{\"status\":\"error\"}]}";
    AC_REQUIRE(verdict(&s, EXEC_CLEANUP) == ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&s.fake, "it failed, and did not say why"));
}

AC_TEST(exit_code_is_believed_against_good_words)
{
    STAGE("native");

    s.output = "{\"results\":[{\"status\":\"ok\"}]}";
    s.exit_code = 1;

    CU_ASSERT_EQUAL(verdict(&s, EXEC_PRESENT), ACMECORE_E_REFUSED);
    CU_ASSERT(fake_host_failed_with(&s.fake, "exit code 1") || ac_check_is_torture());
}

AC_TEST(broken_json_is_an_error_and_shown_as_such)
{
    STAGE("native");

    s.output = "{\"results\":[]}";
    AC_REQUIRE(verdict(&s, EXEC_PRESENT) == ACMECORE_E_INVALID);
    CU_ASSERT_TRUE(fake_host_failed_with(&s.fake, "not one for each item"));
    s.exit_code = 3;
    AC_REQUIRE(verdict(&s, EXEC_PRESENT) == ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&s.fake, "exit code 3"));
}

AC_TEST(pending_is_for_probe_only)
{
    STAGE("native");

    s.output = "{\"results\":[{\"status\":\"pending\",\"detail\":\"1 of 2\"}]}";
    AC_REQUIRE(verdict(&s, EXEC_PROBE) == ACMECORE_PENDING);
    CU_ASSERT_TRUE(fake_host_failed_with(&s.fake, "1 of 2"));
    CU_ASSERT_EQUAL(verdict(&s, EXEC_PRESENT), ACMECORE_E_INVALID);

    s.output = NULL;
    s.exit_code = 75;
    CU_ASSERT_EQUAL(verdict(&s, EXEC_PROBE), ACMECORE_PENDING);
    CU_ASSERT_EQUAL(verdict(&s, EXEC_PRESENT), ACMECORE_E_REFUSED);
}

AC_TEST(flood_is_no_native_answer)
{
    STAGE("native");
    static char flood[EXEC_OUTPUT_MAX + 10];

    memset(flood, ' ', sizeof(flood) - 1);
    s.output = flood;
    AC_REQUIRE(verdict(&s, EXEC_PRESENT) == ACMECORE_OK);
    flood[0] = '{';
    AC_REQUIRE(verdict(&s, EXEC_PRESENT) == ACMECORE_E_INVALID);
    CU_ASSERT_TRUE(fake_host_failed_with(&s.fake, "more than 64 KiB"));
}

AC_TEST(data_is_noted_until_cleanup)
{
    STAGE("native");

    s.output = "{\"results\":[{\"status\":\"ok\",\"data\":\"id 7\"}]}";
    AC_REQUIRE(verdict(&s, EXEC_PRESENT) == ACMECORE_OK);
    CU_ASSERT(note_is(&s, "id 7") || ac_check_is_torture());
    s.output = NULL;
    AC_REQUIRE(verdict(&s, EXEC_CLEANUP) == ACMECORE_OK);
    CU_ASSERT_TRUE(note_is(&s, NULL));
}

AC_TEST(note_stays_while_cleanup_fails)
{
    STAGE("certbot");

    s.output = "\n id 7\n";
    AC_REQUIRE(verdict(&s, EXEC_PRESENT) == ACMECORE_OK);
    s.exit_code = 1;
    CU_ASSERT_EQUAL(verdict(&s, EXEC_CLEANUP), ACMECORE_E_REFUSED);
    CU_ASSERT(note_is(&s, "id 7") || ac_check_is_torture());
}

AC_TEST(silent_hook_forgets_an_older_note)
{
    STAGE("certbot");

    s.output = "id 7";
    AC_REQUIRE(verdict(&s, EXEC_PRESENT) == ACMECORE_OK);
    s.output = NULL;
    AC_REQUIRE(verdict(&s, EXEC_PRESENT) == ACMECORE_OK);
    CU_ASSERT_TRUE(note_is(&s, NULL));
}

AC_TEST(note_that_cannot_be_written_fails_the_challenge)
{
    STAGE("certbot");

    s.output = "id 7";
    s.fake.ctx.file_status = ACMECORE_E_SYSTEM;
    CU_ASSERT_EQUAL(verdict(&s, EXEC_PRESENT), ACMECORE_E_SYSTEM);
}

AC_TEST(uacme_declines_by_exit_code_and_breaks_by_signal)
{
    STAGE("uacme");
    const char *note = "declined";

    s.exit_code = 1;
    CU_ASSERT_EQUAL(verdict(&s, EXEC_PRESENT), ACMECORE_E_REFUSED);
    CU_ASSERT(note_is(&s, "declined") || ac_check_is_torture());
    s.exit_code = 137;
    CU_ASSERT_EQUAL(verdict(&s, EXEC_PRESENT), ACMECORE_E_REFUSED);
    CU_ASSERT(note_is(&s, "failed") || ac_check_is_torture());
    s.job.notes = &note;
    CU_ASSERT_FALSE(exec_verdict_is_declined(&stage_call, &s.job));
    s.job.operation = EXEC_CLEANUP;
    CU_ASSERT_TRUE(exec_verdict_is_declined(&stage_call, &s.job));
}

AC_SUITE("dns01-exec/verdict",
         AC_CASE(silent_native_command_is_judged_by_its_exit_code),
         AC_CASE(detail_of_a_native_command_is_the_reason),
         AC_CASE(exit_code_is_believed_against_good_words),
         AC_CASE(broken_json_is_an_error_and_shown_as_such),
         AC_CASE(pending_is_for_probe_only), AC_CASE(flood_is_no_native_answer),
         AC_CASE(data_is_noted_until_cleanup), AC_CASE(note_stays_while_cleanup_fails),
         AC_CASE(silent_hook_forgets_an_older_note),
         AC_CASE(note_that_cannot_be_written_fails_the_challenge),
         AC_CASE(uacme_declines_by_exit_code_and_breaks_by_signal))
