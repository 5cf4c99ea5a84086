/* SPDX-License-Identifier: Apache-2.0 */
#include "exec.h"

#include "batch.h"
#include "challenge.h"
#include "settle.h"
#include "verdict.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "_acme-challenge."

struct exec {
    const struct acmecore_host *host;
    const char *plugin;
    struct exec_settings settings;
    struct exec_settle settle;
    struct exec_call call; /* large, so not on the stack */
};

static int operate(struct exec *self, enum exec_operation operation,
                   const struct acmecore_challenge *const *challenges, size_t count,
                   int *results);
static int run_all(struct exec *self, struct exec_job *job,
                   const struct exec_batch *batch, int *results);
static void run(struct exec *self, struct exec_job *job);
static int refuse(const struct exec *self, const struct exec_job *job,
                  const struct acmecore_challenge *challenge, const char *why);
static void warn_of_alias(const struct exec *self, const struct exec_job *job);
static int settle_all(const struct exec *self, int64_t left_ms,
                      const struct acmecore_challenge *const *challenges, size_t count,
                      int *results);

int exec_open(const struct acmecore_host *host, const char *plugin, bool is_http,
              void **ret_self)
{
    struct exec *self = calloc(1, sizeof *self);
    int status = ACMECORE_OK;

    if (!self)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, EXEC_NO_MEMORY);
    self->host = host;
    self->plugin = plugin;
    status = exec_settings_read(host, is_http, &self->settings);
    if (status != ACMECORE_OK) {
        exec_close(self);
        return status;
    }
    self->settle.span_ms = self->settings.settle_ms;
    self->call.process.host = host;
    self->call.process.secrets = &self->settings.extra;
    self->call.settings = &self->settings;
    *ret_self = self;
    return ACMECORE_OK;
}

void exec_close(void *self)
{
    struct exec *exec = self;

    exec_settings_drop(&exec->settings);
    exec_stream_reset(&exec->call.process.output);
    exec_stream_reset(&exec->call.process.errors);
    free(exec);
}

int exec_present(void *self, const struct acmecore_challenge *const *challenges,
                 size_t count, int *results)
{
    return operate(self, EXEC_PRESENT, challenges, count, results);
}

int exec_cleanup(void *self, const struct acmecore_challenge *const *challenges,
                 size_t count, int *results)
{
    return operate(self, EXEC_CLEANUP, challenges, count, results);
}

int exec_probe(void *self, const struct acmecore_challenge *const *challenges,
               size_t count, int *results)
{
    struct exec *exec = self;
    int64_t left_ms = exec_settle_left_ms(exec->host, &exec->settle);

    if (left_ms > 0)
        return settle_all(exec, left_ms, challenges, count, results);
    if (exec->settings.dialect->flags & EXEC_JSON)
        return operate(exec, EXEC_PROBE, challenges, count, results);
    for (size_t i = 0; i < count; i++)
        results[i] = ACMECORE_OK;
    return ACMECORE_OK;
}

static int operate(struct exec *self, enum exec_operation operation,
                   const struct acmecore_challenge *const *challenges, size_t count,
                   int *results)
{
    EXEC_AUTO_BATCH batch = { 0 };
    const struct exec_settings *settings = &self->settings;
    bool has_own = operation == EXEC_CLEANUP && settings->cleanup.count > 0;
    struct exec_job job = {
        .operation = operation,
        .plugin = self->plugin,
        .command = has_own ? &settings->cleanup : &settings->command,
        .provider = settings->provider,
        .script = settings->script,
        .folder = self->host->folder,
    };

    if (count == 0)
        return ACMECORE_OK;
    if (!exec_batch_sort(&batch, settings->dialect, challenges, count))
        return self->host->fail(self->host->ctx, ACMECORE_E_SYSTEM, EXEC_NO_MEMORY);
    if (operation != EXEC_PRESENT
        && (settings->dialect->flags & (EXEC_OUTPUT | EXEC_DECLINES)))
        exec_batch_load_notes(&batch, self->host);
    job.challenges = batch.items;
    job.count = batch.count;
    job.notes = (const char *const *)batch.notes;
    return run_all(self, &job, &batch, results);
}

/* One after the other: scripts that set a whole RRset would lose a sibling's value. */
static int run_all(struct exec *self, struct exec_job *job,
                   const struct exec_batch *batch, int *results)
{
    EXEC_AUTO_REPLY reply = { 0 };
    bool is_whole = self->settings.dialect->flags & EXEC_WHOLE;
    bool is_presented = false;
    int status = ACMECORE_OK;

    if (is_whole && job->count > 0) {
        run(self, job);
        reply = exec_reply_read(&self->call, job);
    }
    for (size_t i = 0; i < batch->total; i++) {
        if (batch->refusals[i]) {
            results[i] = refuse(self, job, batch->all[i], batch->refusals[i]);
        } else {
            warn_of_alias(self, job);
            if (!is_whole)
                run(self, job);
            results[i] = exec_verdict(&self->call, job, &reply);
            is_presented |= results[i] == ACMECORE_OK;
            job->index++;
        }
        if (results[i] != ACMECORE_OK)
            status = results[i];
    }
    if (is_presented && job->operation == EXEC_PRESENT)
        exec_settle_begin(self->host, &self->settle);
    return status;
}

static void run(struct exec *self, struct exec_job *job)
{
    if (exec_verdict_is_declined(&self->call, job)) {
        exec_call_skip(&self->call);
        return;
    }
    exec_call_run(&self->call, job);
}

static int refuse(const struct exec *self, const struct exec_job *job,
                  const struct acmecore_challenge *challenge, const char *why)
{
    const struct acmecore_host *host = self->host;

    /* What we would have refused to present cannot be there. */
    if (job->operation == EXEC_CLEANUP)
        return ACMECORE_OK;
    /* With a challenge that is fine it is the dialect that a person must change. */
    bool is_setting = !exec_challenge_check(challenge);
    return host->fail(host->ctx, is_setting ? ACMECORE_E_CONFIG : ACMECORE_E_INVALID,
                      "nothing was run for %s (dialect %s): %s", challenge->identifier,
                      self->settings.dialect->name, why);
}

/* Some of these hooks know about aliases themselves, so it is no error. */
static void warn_of_alias(const struct exec *self, const struct exec_job *job)
{
    const struct acmecore_host *host = self->host;
    const struct acmecore_challenge *challenge = exec_job_challenge(job);
    const char *name = challenge->record_name;
    bool is_own = self->settings.dialect->flags & EXEC_BUILDS_NAME;

    if (job->operation != EXEC_PRESENT || !is_own || exec_is_http(challenge)
        || (strncmp(name, PREFIX, sizeof PREFIX - 1) == 0
            && strcmp(name + sizeof PREFIX - 1, challenge->identifier) == 0))
        return;
    host->log(host->ctx, ACMECORE_WARN,
              "the record for %s belongs at %s, but dialect %s does not tell its hook "
              "so; it finds the name in ACMECORE_RECORD_NAME",
              challenge->identifier, name, self->settings.dialect->name);
}

static int settle_all(const struct exec *self, int64_t left_ms,
                      const struct acmecore_challenge *const *challenges, size_t count,
                      int *results)
{
    const struct acmecore_host *host = self->host;

    for (size_t i = 0; i < count; i++) {
        results[i] = host->fail(host->ctx, ACMECORE_PENDING,
                                "%s: settle-seconds has %" PRId64 " s to go",
                                challenges[i]->identifier, (left_ms + 999) / 1000);
    }
    return count > 0 ? ACMECORE_PENDING : ACMECORE_OK;
}
