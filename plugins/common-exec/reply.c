/* SPDX-License-Identifier: Apache-2.0 */
#include "reply.h"

static bool says_only_ok(const struct exec_answers *answers, size_t count);

struct exec_reply exec_reply_of(const struct exec_process *process, size_t count)
{
    struct exec_reply reply = { 0 };
    const struct exec_stream *output = &process->output;

    if (process->status != ACMECORE_OK)
        return reply;
    reply.wrong =
        exec_answers_parse(output->head, output->head_size, count, &reply.answers);
    if (reply.wrong && output->total > output->head_size)
        reply.wrong = "it printed more than 64 KiB, which is no answer";
    /* The exit code is believed when it is the worse, and tells more than bad JSON. */
    if (process->exit_code != 0
        && (reply.wrong || says_only_ok(reply.answers, count))) {
        exec_reply_drop(&reply);
        reply = (struct exec_reply){ 0 };
    }
    return reply;
}

void exec_reply_drop(const struct exec_reply *reply)
{
    exec_answers_drop(&reply->answers);
}

static bool says_only_ok(const struct exec_answers *answers, size_t count)
{
    for (size_t i = 0; answers && i < count; i++) {
        if (exec_answers_at(answers, i).status != ACMECORE_OK)
            return false;
    }
    return true;
}
