/* SPDX-License-Identifier: Apache-2.0 */
/* What a look sees is in test_answer.c and test_selfcheck.c. */
#include "engine/issue/answer_check.h"

#include "check.h"

/* What becomes of an answer of this type when it is in place. */
static enum ac_answer_status status_of(const char *type, enum ac_selfcheck_mode mode,
                                       struct ac_error *err)
{
    const struct acmecore_challenge challenge = { .struct_size = sizeof challenge,
                                                  .type = type,
                                                  .identifier = "a.test",
                                                  .token = "token",
                                                  .key_authorization = "token.print" };
    struct ac_answer answer = { .self_check = mode };
    enum ac_answer_status status = AC_ANSWER_GONE;

    if (ac_batch_add(&answer.one, &challenge, err) == AC_OK) {
        ac_answer_check_begin(NULL, &answer);
        status = answer.status;
    }
    ac_answer_done(&answer);
    return status;
}

AC_TEST(what_is_not_looked_at_is_ready)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());

    CU_ASSERT_EQUAL(status_of("http-01", AC_SELFCHECK_OFF, &err), AC_ANSWER_READY);
    CU_ASSERT_EQUAL(status_of("dns-01", AC_SELFCHECK_REQUIRE, &err), AC_ANSWER_READY);
}

AC_SUITE("engine/answer_check", AC_CASE(what_is_not_looked_at_is_ready))
