/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/answer_check.h"

#include <string.h>

static void fail(struct ac_answer *answer, const struct ac_error *why)
{
    answer->status = AC_ANSWER_FAILED;
    answer->error = *why;
}

void ac_answer_check_begin(struct ac_http *http, struct ac_answer *answer)
{
    const struct acmecore_challenge *challenge = ac_answer_challenge(answer);
    struct ac_error why = { 0 };

    answer->status = AC_ANSWER_READY;
    if (answer->self_check == AC_SELFCHECK_OFF
        || strcmp(challenge->type, "http-01") != 0)
        return;
    answer->status = AC_ANSWER_CHECKING;
    enum ac_code code =
        ac_selfcheck_begin(http, challenge->identifier, challenge->token,
                           answer->self_check_via, &answer->exchange, &why);
    if (code != AC_OK)
        fail(answer, &why);
}

void ac_answer_check_finish(struct ac_answer *answer)
{
    const struct acmecore_challenge *challenge = ac_answer_challenge(answer);
    struct ac_error why = { 0 };

    if (!ac_exchange_is_done(answer->exchange))
        return;
    enum ac_code code =
        ac_selfcheck_finish(answer->exchange, challenge->key_authorization, &why);
    ac_exchange_free(answer->exchange);
    answer->exchange = NULL;
    answer->status = AC_ANSWER_READY;
    if (code == AC_OK)
        return;
    ac_error_about(&why, "%s", challenge->identifier);
    answer->warning = why;
    if (answer->self_check == AC_SELFCHECK_REQUIRE)
        fail(answer, &why);
}
