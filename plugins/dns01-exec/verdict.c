/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict.h"

#include "note.h"

#include <string.h>

#define DECLINED     "declined"
#define FAILED       "failed"
#define SIGNAL_BASE  128
#define EXIT_PENDING 75 /* EX_TEMPFAIL, from a probe */

static int judge(const struct exec_call *call, const struct exec_job *job,
                 const struct exec_reply *reply);
static int judge_answer(const struct exec_call *call, const struct exec_job *job,
                        const struct exec_answer *answer);
static int keep(struct exec_call *call, const struct exec_job *job,
                const struct exec_reply *reply);
static void keep_refusal(const struct exec_call *call, const struct exec_job *job);
static const char *output_of(struct exec_call *call);

struct exec_reply exec_reply_read(const struct exec_call *call,
                                  const struct exec_job *job)
{
    if (!(call->settings->dialect->flags & EXEC_JSON))
        return (struct exec_reply){ 0 };
    return exec_reply_of(&call->process, job->count);
}

int exec_verdict(struct exec_call *call, const struct exec_job *job,
                 const struct exec_reply *reply)
{
    const struct acmecore_challenge *challenge = exec_job_challenge(job);
    uint32_t flags = call->settings->dialect->flags;
    int status = judge(call, job, reply);

    if (!(flags & (EXEC_OUTPUT | EXEC_DECLINES)) || job->operation == EXEC_PROBE)
        return status;
    if (job->operation == EXEC_PRESENT && status == ACMECORE_OK)
        return keep(call, job, reply);
    if (job->operation == EXEC_PRESENT && (flags & EXEC_DECLINES))
        keep_refusal(call, job);
    if (job->operation == EXEC_CLEANUP && status == ACMECORE_OK)
        return exec_note_remove(call->process.host, challenge);
    return status;
}

bool exec_verdict_is_declined(const struct exec_call *call, const struct exec_job *job)
{
    return (call->settings->dialect->flags & EXEC_DECLINES)
           && job->operation == EXEC_CLEANUP
           && strcmp(exec_job_note(job), DECLINED) == 0;
}

static int judge(const struct exec_call *call, const struct exec_job *job,
                 const struct exec_reply *reply)
{
    const struct acmecore_challenge *challenge = exec_job_challenge(job);

    if (reply->wrong) {
        bool is_memory = strcmp(reply->wrong, EXEC_NO_MEMORY) == 0;

        return exec_call_quote(call, job, challenge,
                               is_memory ? ACMECORE_E_SYSTEM : ACMECORE_E_INVALID,
                               reply->wrong);
    }
    if (reply->answers) {
        struct exec_answer answer = exec_answers_at(reply->answers, job->index);

        return judge_answer(call, job, &answer);
    }
    if (job->operation == EXEC_PROBE && call->process.status == ACMECORE_OK
        && call->process.exit_code == EXIT_PENDING) {
        return exec_call_quote(call, job, challenge, ACMECORE_PENDING,
                               "not visible yet");
    }
    return exec_call_is_good(call) ? ACMECORE_OK
                                   : exec_call_explain(call, job, challenge);
}

static int judge_answer(const struct exec_call *call, const struct exec_job *job,
                        const struct exec_answer *answer)
{
    const struct acmecore_challenge *challenge = exec_job_challenge(job);
    const char *detail = answer->detail;

    if (answer->status == ACMECORE_OK)
        return ACMECORE_OK;
    if (answer->status == ACMECORE_PENDING && job->operation != EXEC_PROBE) {
        return exec_call_quote(call, job, challenge, ACMECORE_E_INVALID,
                               "it said \"pending\", which is for probe only");
    }
    if (!*detail) {
        detail = answer->status == ACMECORE_PENDING ? "not visible yet"
                                                    : "it failed, and did not say why";
    }
    return exec_call_quote(call, job, challenge, answer->status, detail);
}

/* A note of an earlier attempt must not stay either. */
static int keep(struct exec_call *call, const struct exec_job *job,
                const struct exec_reply *reply)
{
    const struct acmecore_challenge *challenge = exec_job_challenge(job);
    uint32_t flags = call->settings->dialect->flags;
    const char *text = NULL;

    if ((flags & EXEC_OUTPUT) && !(flags & EXEC_JSON))
        text = output_of(call);
    if (reply->answers)
        text = exec_answers_at(reply->answers, job->index).data;
    if (text && *text)
        return exec_note_put(call->process.host, challenge, text);
    return exec_note_remove(call->process.host, challenge);
}

/* Killed or timed out is not declined: such a hook may have done half of its work. */
static void keep_refusal(const struct exec_call *call, const struct exec_job *job)
{
    bool has_declined =
        call->process.status == ACMECORE_OK && call->process.exit_code <= SIGNAL_BASE;

    (void)exec_note_put(call->process.host, exec_job_challenge(job),
                        has_declined ? DECLINED : FAILED);
}

static const char *output_of(struct exec_call *call)
{
    if (!exec_stream_is_whole(&call->process.output)) {
        call->process.host->log(
            call->process.host->ctx, ACMECORE_WARN,
            "the hook printed more than 64 KiB or a NUL; cleanup gets what "
            "stands before that");
    }
    return exec_stream_trim(&call->process.output);
}
