/* SPDX-License-Identifier: Apache-2.0 */
#include "talk.h"

#include "speaker.h"

static int ask(struct fake_host *fake, const char *text, int64_t timeout_ms,
               struct files_blob *answer)
{
    struct runtime runtime;
    char copy[64];
    struct files_blob question = { copy, strlen(text), 0 };

    if (!speaker_runtime(fake, NULL, &runtime))
        return ACMECORE_E_INVALID;
    (void)snprintf(copy, sizeof(copy), "%s", text);
    runtime.talk.timeout_ms = timeout_ms;
    return talk_ask(&runtime.talk, &question, answer);
}

AC_TEST(question_is_answered)
{
    struct fake_host fake;
    FILES_AUTO_BLOB answer = { 0 };
    SPEAKER("hello\n\n");

    AC_REQUIRE(ask(&fake, "show version\n", 5000, &answer) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(answer.bytes, "hello\n\n");
    CU_ASSERT_STRING_EQUAL(speaker_record(), "show version\n");
}

AC_TEST(nobody_there_is_no_failure_to_tell)
{
    struct fake_host fake;
    FILES_AUTO_BLOB answer = { 0 };

    CU_ASSERT_EQUAL(ask(&fake, "x\n", 5000, &answer), ACMECORE_E_NOTFOUND);
    CU_ASSERT_EQUAL(fake.ctx.failure_count, 0);
}

AC_TEST(one_that_hangs_is_left)
{
    struct fake_host fake;
    FILES_AUTO_BLOB answer = { 0 };
    SPEAKER(SPEAKER_HANGS);

    AC_REQUIRE(ask(&fake, "x\n", 100, &answer) == ACMECORE_E_TIMEOUT);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "read the answer of HAProxy"));
}

AC_TEST(answer_that_floods_is_cut)
{
    static char flood[TALK_ANSWER_MAX + 2];
    struct fake_host fake;
    FILES_AUTO_BLOB answer = { 0 };

    memset(flood, 'x', sizeof(flood) - 1);
    SPEAKER(flood);

    CU_ASSERT_EQUAL(ask(&fake, "x\n", 5000, &answer), ACMECORE_E_NETWORK);
    CU_ASSERT_TRUE(answer.size <= TALK_ANSWER_MAX);
}

AC_SUITE("installer-haproxy/talk", AC_CASE(question_is_answered),
         AC_CASE(nobody_there_is_no_failure_to_tell), AC_CASE(one_that_hangs_is_left),
         AC_CASE(answer_that_floods_is_cut))
