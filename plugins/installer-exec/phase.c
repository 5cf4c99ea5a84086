/* SPDX-License-Identifier: Apache-2.0 */
#include "phase.h"

#include "hooks.h"
#include "reply.h"

#include <string.h>
#include <time.h>

static int run_whole(struct phase_call *call, struct job *job, int *results);
static int judge(const struct phase_call *call, const struct job *job,
                 const struct exec_reply *reply, size_t index);
static int run_each(struct phase_call *call, struct job *job, int *results);
static int run_certificate(struct phase_call *call, struct job *job);
static int link_files(struct phase_call *call, const json_t *certificate);
static int run_hooks(struct phase_call *call, struct job *job);
static int run_one(struct phase_call *call, struct job *job);
static void run(struct phase_call *call, struct job *job);
static struct exec_report label_of(const struct phase_call *call, const struct job *job,
                                   const char *name);

int phase_run(struct phase_call *call, enum phase phase, const struct batch *batch,
              int *results)
{
    const struct settings *settings = call->settings;
    struct job job = {
        .phase = phase,
        .verb = settings->dialect->verbs[phase],
        .command = &settings->command,
        .provider = settings->provider,
        .script = settings->script,
        .folder = call->host->folder,
        .lineage = call->lineage,
        .now_s = (int64_t)time(NULL),
        .certificates = batch->certificates,
    };

    call->is_none = !settings->dialect->verbs[phase];
    if (call->is_none || json_array_size(batch->certificates) == 0)
        return ACMECORE_OK;
    return settings->dialect->flags & DIALECT_WHOLE ? run_whole(call, &job, results)
                                                    : run_each(call, &job, results);
}

static int run_whole(struct phase_call *call, struct job *job, int *results)
{
    EXEC_AUTO_REPLY reply = { 0 };
    size_t count = json_array_size(job->certificates);
    int status = ACMECORE_OK;

    run(call, job);
    /* Without a commit nothing is installed, so that is not left out in silence. */
    call->is_none = call->process.status == ACMECORE_OK
                    && call->process.exit_code == PHASE_EXIT_NONE
                    && job->phase != PHASE_COMMIT;
    if (call->is_none)
        return ACMECORE_OK;
    reply = exec_reply_of(&call->process, count);
    for (size_t i = 0; i < count; i++) {
        results[i] = judge(call, job, &reply, i);
        if (results[i] != ACMECORE_OK)
            status = results[i];
    }
    return status;
}

static int judge(const struct phase_call *call, const struct job *job,
                 const struct exec_reply *reply, size_t index)
{
    const struct exec_process *process = &call->process;
    const char *name = batch_text(json_array_get(job->certificates, index), "name");
    struct exec_report label = label_of(call, job, name);
    struct exec_answer answer = { .detail = "" };

    if (reply->wrong) {
        bool is_memory = strcmp(reply->wrong, EXEC_NO_MEMORY) == 0;

        return exec_process_quote(process, &label,
                                  is_memory ? ACMECORE_E_SYSTEM : ACMECORE_E_INVALID,
                                  reply->wrong);
    }
    if (job->phase == PHASE_PROBE && process->status == ACMECORE_OK
        && process->exit_code == PHASE_EXIT_PENDING)
        return exec_process_quote(process, &label, ACMECORE_PENDING, "not served yet");
    if (!reply->answers) {
        return exec_process_is_good(process) ? ACMECORE_OK
                                             : exec_process_explain(process, &label);
    }
    answer = exec_answers_at(reply->answers, index);
    if (answer.status == ACMECORE_PENDING && job->phase != PHASE_PROBE) {
        return exec_process_quote(process, &label, ACMECORE_E_INVALID,
                                  "only a probe may be pending");
    }
    if (answer.status == ACMECORE_OK)
        return ACMECORE_OK;
    return exec_process_quote(process, &label, answer.status,
                              *answer.detail ? answer.detail : "it gave no reason");
}

static int run_each(struct phase_call *call, struct job *job, int *results)
{
    int status = ACMECORE_OK;

    for (; job->index < json_array_size(job->certificates); job->index++) {
        results[job->index] = run_certificate(call, job);
        if (results[job->index] != ACMECORE_OK)
            status = results[job->index];
    }
    return status;
}

static int run_certificate(struct phase_call *call, struct job *job)
{
    const struct settings *settings = call->settings;
    int status = link_files(call, job_certificate(job));

    if (status != ACMECORE_OK)
        return status;
    return (settings->dialect->flags & DIALECT_HOOKS) && settings->is_folder
               ? run_hooks(call, job)
               : run_one(call, job);
}

/* Just before it is about this one: another may have the same first name. */
static int link_files(struct phase_call *call, const json_t *certificate)
{
    uint32_t flags = call->settings->dialect->flags;
    const char *target = batch_text(certificate, "folder_path");
    int status = ACMECORE_OK;

    if (flags & DIALECT_DOMAIN) {
        status = hooks_link_lineage(call->host, batch_first_name(certificate), target,
                                    call->lineage);
    }
    if (status == ACMECORE_OK && (flags & DIALECT_LINEAGE)) {
        status = hooks_link_lineage(call->host, batch_text(certificate, "name"), target,
                                    call->lineage);
    }
    return status;
}

/* All of the folder, in order, until one fails. */
static int run_hooks(struct phase_call *call, struct job *job)
{
    EXEC_AUTO_WORDS paths = { 0 };
    const struct exec_words *folder = job->command;
    const char *path = NULL;
    int status = hooks_list(call->host, folder->bytes, &paths);

    while (status == ACMECORE_OK && (path = exec_words_next(&paths, path)) != NULL) {
        EXEC_AUTO_WORDS command = { 0 };

        exec_words_add(&command, path);
        job->command = &command;
        status = run_one(call, job);
        job->command = folder;
    }
    return status;
}

static int run_one(struct phase_call *call, struct job *job)
{
    struct exec_report label =
        label_of(call, job, batch_text(job_certificate(job), "name"));

    run(call, job);
    return exec_process_is_good(&call->process)
               ? ACMECORE_OK
               : exec_process_explain(&call->process, &label);
}

static void run(struct phase_call *call, struct job *job)
{
    EXEC_AUTO_CHILD child = { 0 };
    const struct settings *settings = call->settings;

    call->process.host = call->host;
    call->process.secrets = &settings->extra;
    if (!exec_process_begin(&call->process, settings->timeout_ms))
        return;
    job->remaining_ms = call->process.limit_ms;
    dialect_compose(settings->dialect, job, &settings->extra, &child);
    exec_process_run(&call->process, &child);
}

static struct exec_report label_of(const struct phase_call *call, const struct job *job,
                                   const char *name)
{
    const char *program = exec_words_next(job->command, NULL);

    return (struct exec_report){ .program = program ? program : "",
                                 .dialect = call->settings->dialect->name,
                                 .verb = job->verb,
                                 .name = name };
}
