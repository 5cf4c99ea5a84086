/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/answer_check.h"

#include <string.h>

static void fail(struct ac_answer *answer, const struct ac_error *why)
{
    answer->status = AC_ANSWER_FAILED;
    answer->error = *why;
}

void ac_answer_check_begin(struct ac_answer *answer)
{
    bool is_looked_at = answer->self_check != AC_SELFCHECK_OFF
                        && strcmp(ac_answer_challenge(answer)->type, "http-01") == 0;

    answer->status = is_looked_at ? AC_ANSWER_CHECKING : AC_ANSWER_READY;
}

static void start(struct ac_http *http, struct ac_answer *answer)
{
    const struct acmecore_challenge *challenge = ac_answer_challenge(answer);
    struct ac_error why = { 0 };

    enum ac_code code =
        ac_selfcheck_begin(http, challenge->identifier, challenge->token,
                           answer->self_check_via, &answer->exchange, &why);
    if (code != AC_OK)
        fail(answer, &why);
}

static void finish(struct ac_answer *answer)
{
    const struct acmecore_challenge *challenge = ac_answer_challenge(answer);
    struct ac_error why = { 0 };

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

static bool waits(const struct ac_answer *answer)
{
    return answer->status == AC_ANSWER_CHECKING && !answer->exchange;
}

bool ac_answer_check_step(struct ac_http *http, struct ac_answer *const *answers,
                          size_t count)
{
    size_t under_way = 0;
    size_t waiting = 0;
    bool has_failed = false;

    for (size_t i = 0; i < count; i++) {
        if (answers[i]->status != AC_ANSWER_CHECKING)
            continue;
        if (answers[i]->exchange && ac_exchange_is_done(answers[i]->exchange))
            finish(answers[i]);
        under_way += answers[i]->exchange != NULL;
        waiting += waits(answers[i]);
    }
    for (size_t i = 0; waiting > 0 && under_way < AC_ANSWER_CHECKS_MAX; i++) {
        if (!waits(answers[i]))
            continue;
        start(http, answers[i]);
        waiting--;
        under_way += answers[i]->exchange != NULL;
        has_failed |= !answers[i]->exchange;
    }
    return has_failed;
}

bool ac_answer_check_can_start(struct ac_answer *const *answers, size_t count)
{
    size_t under_way = 0;
    bool is_any = false;

    for (size_t i = 0; i < count; i++) {
        under_way += answers[i]->exchange != NULL;
        is_any |= waits(answers[i]);
    }
    return is_any && under_way < AC_ANSWER_CHECKS_MAX;
}
