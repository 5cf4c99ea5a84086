/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"

static struct exec_report label_of(const struct exec_call *call,
                                   const struct exec_job *job,
                                   const struct acmecore_challenge *challenge);

void exec_call_run(struct exec_call *call, struct exec_job *job)
{
    EXEC_AUTO_CHILD child = { 0 };
    const struct exec_settings *settings = call->settings;

    if (!exec_process_begin(&call->process, settings->timeout_ms))
        return;
    job->remaining_ms = call->process.limit_ms;
    exec_dialect_write(settings->dialect, job, &settings->extra, &child);
    exec_process_run(&call->process, &child);
}

void exec_call_skip(struct exec_call *call)
{
    exec_process_reset(&call->process);
}

bool exec_call_is_good(const struct exec_call *call)
{
    return exec_process_is_good(&call->process);
}

int exec_call_explain(const struct exec_call *call, const struct exec_job *job,
                      const struct acmecore_challenge *challenge)
{
    struct exec_report label = label_of(call, job, challenge);

    return exec_process_explain(&call->process, &label);
}

int exec_call_quote(const struct exec_call *call, const struct exec_job *job,
                    const struct acmecore_challenge *challenge, int status,
                    const char *why)
{
    struct exec_report label = label_of(call, job, challenge);

    return exec_process_quote(&call->process, &label, status, why);
}

static struct exec_report label_of(const struct exec_call *call,
                                   const struct exec_job *job,
                                   const struct acmecore_challenge *challenge)
{
    const struct exec_dialect *dialect = call->settings->dialect;
    const char *program = exec_words_next(job->command, NULL);

    return (struct exec_report){ .program = program ? program : "",
                                 .dialect = dialect->name,
                                 .verb = dialect->verbs[job->operation],
                                 .name = challenge->identifier };
}
