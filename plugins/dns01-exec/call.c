/* SPDX-License-Identifier: Apache-2.0 */
#include "call.h"

#include <stdlib.h>
#include <string.h>

#define MARGIN_PART   10  /* of the time left stays ours, to say what happened */
#define MARGIN_MAX_MS 500 /* but no more than this */
#define EXIT_CANNOT   126
#define EXIT_NOTFOUND 127

static bool set_limit(struct exec_call *call, int64_t remaining_ms);
static void run_child(struct exec_call *call, const struct exec_child *child);
static void refuse(struct exec_call *call, int status, const char *why);
static struct exec_tail last_words(const struct exec_call *call);
static void name_parts(const struct exec_call *call, const struct exec_job *job,
                       const struct acmecore_challenge *challenge,
                       struct exec_report *report);

void exec_call_run(struct exec_call *call, struct exec_job *job)
{
    EXEC_AUTO_CHILD child = { 0 };
    const struct exec_settings *settings = call->settings;
    const char *wrong = NULL;

    exec_call_skip(call);
    if (!set_limit(call, call->host->remaining_ms(call->host->ctx)))
        return;
    job->remaining_ms = call->limit_ms;
    exec_dialect_write(settings->dialect, job, &settings->extra, &child);
    wrong = child.argv.wrong ? child.argv.wrong : child.env.wrong;
    if (wrong) {
        refuse(call,
               strcmp(wrong, EXEC_NO_MEMORY) == 0 ? ACMECORE_E_SYSTEM
                                                  : ACMECORE_E_INVALID,
               wrong);
        return;
    }
    run_child(call, &child);
}

void exec_call_skip(struct exec_call *call)
{
    exec_stream_reset(&call->output);
    exec_stream_reset(&call->errors);
    call->status = ACMECORE_OK;
    call->is_told = false;
    call->exit_code = 0;
}

bool exec_call_is_good(const struct exec_call *call)
{
    return call->status == ACMECORE_OK && call->exit_code == 0;
}

int exec_call_explain(const struct exec_call *call, const struct exec_job *job,
                      const struct acmecore_challenge *challenge)
{
    struct exec_tail tail = last_words(call);
    struct exec_report report = {
        .kind = call->kind,
        .exit_code = call->exit_code,
        .limit_ms = call->limit_ms,
        .why = call->why,
        .tail = tail.text,
        .printed = call->output.total + call->errors.total,
    };
    int status = call->status;

    if (call->is_told)
        return status;
    if (status == ACMECORE_OK) {
        bool is_missing =
            call->exit_code == EXIT_CANNOT || call->exit_code == EXIT_NOTFOUND;

        status = is_missing ? ACMECORE_E_CONFIG : ACMECORE_E_REFUSED;
    }
    name_parts(call, job, challenge, &report);
    return call->host->fail(call->host->ctx, status, "%s",
                            exec_report_write(&report).text);
}

int exec_call_quote(const struct exec_call *call, const struct exec_job *job,
                    const struct acmecore_challenge *challenge, int status,
                    const char *why)
{
    struct exec_report report = { .kind = EXEC_SAID, .why = why, .tail = "" };

    name_parts(call, job, challenge, &report);
    return call->host->fail(call->host->ctx, status, "%s",
                            exec_report_write(&report).text);
}

/* False: there is no time. The limit ends before the call's own deadline, so that the
 * command is killed by us, who know what to say, and not together with us. */
static bool set_limit(struct exec_call *call, int64_t remaining_ms)
{
    int64_t margin_ms = remaining_ms / MARGIN_PART;

    if (margin_ms > MARGIN_MAX_MS)
        margin_ms = MARGIN_MAX_MS;
    call->kind = EXEC_OVER_LIMIT;
    call->limit_ms = call->settings->timeout_ms;
    if (remaining_ms - margin_ms < call->limit_ms) {
        call->kind = EXEC_OVER_RUN;
        call->limit_ms = remaining_ms - margin_ms;
    }
    if (call->limit_ms > 0)
        return true;
    call->kind = EXEC_NO_TIME;
    call->status = ACMECORE_E_TIMEOUT;
    return false;
}

static void run_child(struct exec_call *call, const struct exec_child *child)
{
    const struct acmecore_host *host = call->host;
    const char **argv = exec_words_pointers(&child->argv);
    const char **env = exec_words_pointers(&child->env);
    struct acmecore_command command = {
        .struct_size = sizeof command,
        .max_output = UINT32_MAX, /* the streams keep what they need, and count */
        .timeout_ms = (uint32_t)call->limit_ms,
        .argv = argv,
        .env = env,
        .input = child->input,
        .input_size = child->input_size,
        .errors = exec_stream_take,
        .errors_arg = &call->errors,
    };

    if (argv && env) {
        call->status = host->run(host->ctx, &command, &call->exit_code,
                                 exec_stream_take, &call->output);
        call->is_told =
            call->status != ACMECORE_OK && call->status != ACMECORE_E_TIMEOUT;
        if (call->status == ACMECORE_OK)
            call->kind = EXEC_ENDED;
    } else {
        refuse(call, ACMECORE_E_SYSTEM, EXEC_NO_MEMORY);
    }
    free(argv);
    free(env);
}

static void refuse(struct exec_call *call, int status, const char *why)
{
    call->kind = EXEC_NOT_STARTED;
    call->status = status;
    call->why = why;
}

/* stderr is where reasons are; some hooks put them on stdout. */
static struct exec_tail last_words(const struct exec_call *call)
{
    struct exec_tail tail = exec_stream_tail(&call->errors);

    return *tail.text ? tail : exec_stream_tail(&call->output);
}

static void name_parts(const struct exec_call *call, const struct exec_job *job,
                       const struct acmecore_challenge *challenge,
                       struct exec_report *report)
{
    const struct exec_dialect *dialect = call->settings->dialect;
    const char *program = exec_words_next(job->command, NULL);

    report->program = program ? program : "";
    report->dialect = dialect->name;
    report->verb = dialect->verbs[job->operation];
    report->name = challenge->identifier;
}
