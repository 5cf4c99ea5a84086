/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include "withhold.h"

#include <stdlib.h>
#include <string.h>

#define MARGIN_PART   10  /* of the time left stays ours, to say what happened */
#define MARGIN_MAX_MS 500 /* but no more than this */
#define EXIT_CANNOT   126
#define EXIT_NOTFOUND 127
#define PATH_DEFAULT  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void run_child(struct exec_process *process, const struct exec_child *child);
static void refuse(struct exec_process *process, int status, const char *why);
static struct exec_tail last_words(const struct exec_process *process);

void exec_child_drop(struct exec_child *child)
{
    exec_words_drop(&child->argv);
    exec_words_drop(&child->env);
    free(child->input);
    *child = (struct exec_child){ 0 };
}

void exec_child_begin(struct exec_child *child, const struct exec_words *extra)
{
    exec_words_copy(&child->env, extra);
    exec_words_default(&child->env, "PATH", PATH_DEFAULT);
    exec_words_default(&child->env, "LANG", "C.UTF-8");
}

void exec_process_reset(struct exec_process *process)
{
    exec_stream_reset(&process->output);
    exec_stream_reset(&process->errors);
    process->status = ACMECORE_OK;
    process->is_told = false;
    process->exit_code = 0;
}

/* The limit ends before the call's own deadline, so that the command is killed by us,
 * who know what to say, and not together with us. */
bool exec_process_begin(struct exec_process *process, int64_t timeout_ms)
{
    int64_t remaining_ms = process->host->remaining_ms(process->host->ctx);
    int64_t margin_ms = remaining_ms / MARGIN_PART;

    exec_process_reset(process);
    if (margin_ms > MARGIN_MAX_MS)
        margin_ms = MARGIN_MAX_MS;
    process->kind = EXEC_OVER_LIMIT;
    process->limit_ms = timeout_ms;
    if (remaining_ms - margin_ms < process->limit_ms) {
        process->kind = EXEC_OVER_RUN;
        process->limit_ms = remaining_ms - margin_ms;
    }
    if (process->limit_ms > 0)
        return true;
    process->kind = EXEC_NO_TIME;
    process->status = ACMECORE_E_TIMEOUT;
    return false;
}

void exec_process_run(struct exec_process *process, const struct exec_child *child)
{
    const char *wrong = child->argv.wrong ? child->argv.wrong : child->env.wrong;

    if (!wrong) {
        run_child(process, child);
        return;
    }
    refuse(process,
           strcmp(wrong, EXEC_NO_MEMORY) == 0 ? ACMECORE_E_SYSTEM : ACMECORE_E_INVALID,
           wrong);
}

bool exec_process_is_good(const struct exec_process *process)
{
    return process->status == ACMECORE_OK && process->exit_code == 0;
}

int exec_process_explain(const struct exec_process *process,
                         const struct exec_report *label)
{
    struct exec_tail tail = last_words(process);
    struct exec_report report = *label;
    int status = process->status;

    report.kind = process->kind;
    report.exit_code = process->exit_code;
    report.limit_ms = process->limit_ms;
    report.why = process->why;
    report.tail = tail.text;
    report.printed = process->output.total + process->errors.total;
    if (process->is_told)
        return status;
    if (status == ACMECORE_OK) {
        bool is_missing =
            process->exit_code == EXIT_CANNOT || process->exit_code == EXIT_NOTFOUND;

        status = is_missing ? ACMECORE_E_CONFIG : ACMECORE_E_REFUSED;
    }
    return process->host->fail(process->host->ctx, status, "%s",
                               exec_report_write(&report).text);
}

int exec_process_quote(const struct exec_process *process,
                       const struct exec_report *label, int status, const char *why)
{
    struct exec_report report = *label;
    char *shown = strdup(why);

    if (!shown) {
        return process->host->fail(process->host->ctx, ACMECORE_E_SYSTEM,
                                   EXEC_NO_MEMORY);
    }
    shown[exec_withhold(process->secrets, false, shown, strlen(shown))] = '\0';
    report.kind = EXEC_SAID;
    report.why = shown;
    report.tail = "";
    report.printed = 0;
    status = process->host->fail(process->host->ctx, status, "%s",
                                 exec_report_write(&report).text);
    free(shown);
    return status;
}

static void run_child(struct exec_process *process, const struct exec_child *child)
{
    const struct acmecore_host *host = process->host;
    const char **argv = exec_words_pointers(&child->argv);
    const char **env = exec_words_pointers(&child->env);
    struct acmecore_command command = {
        .struct_size = sizeof command,
        .max_output = UINT32_MAX, /* the streams keep what they need, and count */
        .flags = child->flags,
        .timeout_ms = (uint32_t)process->limit_ms,
        .argv = argv,
        .env = env,
        .input = child->input,
        .input_size = child->input_size,
        .errors = exec_stream_take,
        .errors_arg = &process->errors,
    };

    if (argv && env) {
        process->status = host->run(host->ctx, &command, &process->exit_code,
                                    exec_stream_take, &process->output);
        process->is_told =
            process->status != ACMECORE_OK && process->status != ACMECORE_E_TIMEOUT;
        if (process->status == ACMECORE_OK)
            process->kind = EXEC_ENDED;
    } else {
        refuse(process, ACMECORE_E_SYSTEM, EXEC_NO_MEMORY);
    }
    free(argv);
    free(env);
}

static void refuse(struct exec_process *process, int status, const char *why)
{
    process->kind = EXEC_NOT_STARTED;
    process->status = status;
    process->why = why;
}

/* stderr is where reasons are; some hooks put them on stdout. */
static struct exec_tail last_words(const struct exec_process *process)
{
    struct exec_tail tail = exec_stream_tail(&process->errors, process->secrets);

    return *tail.text ? tail : exec_stream_tail(&process->output, process->secrets);
}
