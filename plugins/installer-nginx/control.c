/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include "command.h"
#include "option.h"
#include "process.h"
#include "reload.h"

#include <stdlib.h>

static int run(const struct control *control, const char *first, const char *second);
static const char *or_else(const char *text, const char *otherwise);

int control_open(const struct acmecore_host *host, struct control *ret_control)
{
    struct control control = {
        .host = host,
        .program = or_else(host->option(host->ctx, "control", 0), CONTROL_PROGRAM),
        .config = or_else(host->option(host->ctx, "config", 0), CONTROL_CONFIG),
        .prefix = host->option(host->ctx, "prefix", 0),
    };
    const char *why = exec_command_check(control.program);

    *ret_control = control;
    return why ? exec_option_refuse(host, "control", control.program, why)
               : reload_check(host);
}

int control_test(const struct control *control)
{
    int status = run(control, "-t", "-q");

    return status == ACMECORE_E_REFUSED ? ACMECORE_E_CONFIG : status;
}

int control_reload(const struct control *control)
{
    const struct acmecore_host *host = control->host;

    return host->option(host->ctx, "reload", 0) ? reload_run(host)
                                                : run(control, "-s", "reload");
}

int control_reload_back(const struct control *control, bool *ret_was_taken)
{
    const struct acmecore_host *host = control->host;

    *ret_was_taken = false;
    return host->option(host->ctx, "reload", 0) ? reload_back(host, ret_was_taken)
                                                : run(control, "-s", "reload");
}

static int run(const struct control *control, const char *first, const char *second)
{
    const struct acmecore_host *host = control->host;
    struct exec_process *process = calloc(1, sizeof *process); /* large */
    EXEC_AUTO_CHILD child = { 0 };
    EXEC_AUTO_WORDS extra = { 0 };
    struct exec_report label = { .program =
                                     first[1] == 't' ? "nginx -t" : "nginx -s reload" };
    int status = ACMECORE_OK;

    if (!process)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, EXEC_NO_MEMORY);
    process->host = host;
    exec_child_begin(&child, &extra);
    child.flags = first[1] == 't' ? ACMECORE_HARMLESS : 0;
    exec_words_add(&child.argv, control->program);
    exec_words_add(&child.argv, "-c");
    exec_words_add(&child.argv, control->config);
    if (control->prefix) {
        exec_words_add(&child.argv, "-p");
        exec_words_add(&child.argv, control->prefix);
    }
    exec_words_add(&child.argv, first);
    exec_words_add(&child.argv, second);
    if (exec_process_begin(process, exec_option_ms(host, "timeout")))
        exec_process_run(process, &child);
    if (!exec_process_is_good(process))
        status = exec_process_explain(process, &label);
    exec_process_reset(process);
    free(process);
    return status;
}

static const char *or_else(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}
