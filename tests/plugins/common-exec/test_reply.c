/* SPDX-License-Identifier: Apache-2.0 */
#include "reply.h"

#include "check.h"

#include <string.h>

static struct exec_process process; /* large */

/* As if a command had printed this and ended so; the reply for two items. */
static struct exec_reply reply_to(const char *text, int exit_code)
{
    exec_process_reset(&process);
    process.exit_code = exit_code;
    (void)exec_stream_take(&process.output, text, strlen(text));
    return exec_reply_of(&process, 2);
}

#define OK_OK "{\"results\":[{\"status\":\"ok\"},{\"status\":\"ok\"}]}"
#define OK_FAILED                                                                      \
    "{\"results\":[{\"status\":\"ok\"},{\"status\":\"error\",\"detail\":\"no\"}]}"

AC_TEST(answer_has_one_result_for_each)
{
    EXEC_AUTO_REPLY reply = reply_to(OK_FAILED, 0);

    AC_REQUIRE(reply.answers != NULL);
    CU_ASSERT_EQUAL(exec_answers_at(reply.answers, 0).status, ACMECORE_OK);
    CU_ASSERT_EQUAL(exec_answers_at(reply.answers, 1).status, ACMECORE_E_REFUSED);
    CU_ASSERT_STRING_EQUAL(exec_answers_at(reply.answers, 1).detail, "no");
}

AC_TEST(bad_end_beats_a_good_answer_and_not_a_bad_one)
{
    EXEC_AUTO_REPLY good = reply_to(OK_OK, 1);
    EXEC_AUTO_REPLY bad = reply_to(OK_FAILED, 1);

    CU_ASSERT_PTR_NULL(good.answers);
    CU_ASSERT_PTR_NULL(good.wrong);
    AC_REQUIRE(bad.answers != NULL);
    CU_ASSERT_EQUAL(exec_answers_at(bad.answers, 1).status, ACMECORE_E_REFUSED);
}

AC_TEST(words_for_people_say_nothing)
{
    EXEC_AUTO_REPLY reply = reply_to("installed\n", 0);

    CU_ASSERT_PTR_NULL(reply.answers);
    CU_ASSERT_PTR_NULL(reply.wrong);
}

AC_TEST(broken_answer_of_a_command_that_ended_well_is_wrong)
{
    EXEC_AUTO_REPLY reply = reply_to("{\"results\":[]}", 0);

    CU_ASSERT(reply.wrong != NULL || ac_check_is_torture());
    CU_ASSERT_PTR_NULL(reply.answers);
}

AC_TEST(command_that_did_not_end_says_nothing)
{
    exec_process_reset(&process);
    process.status = ACMECORE_E_TIMEOUT;
    EXEC_AUTO_REPLY reply = exec_reply_of(&process, 2);

    CU_ASSERT_PTR_NULL(reply.wrong);
    CU_ASSERT_PTR_NULL(reply.answers);
}

AC_SUITE("common-exec/reply", AC_CASE(answer_has_one_result_for_each),
         AC_CASE(bad_end_beats_a_good_answer_and_not_a_bad_one),
         AC_CASE(words_for_people_say_nothing),
         AC_CASE(broken_answer_of_a_command_that_ended_well_is_wrong),
         AC_CASE(command_that_did_not_end_says_nothing))
