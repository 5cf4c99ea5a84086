/* SPDX-License-Identifier: Apache-2.0 */
/* A call on a fake host whose host->run is what the test says. */
#ifndef AC_TESTS_DNS01_EXEC_STAGE_H
#define AC_TESTS_DNS01_EXEC_STAGE_H

#include "call.h"
#include "fake_host.h"
#include "vector.h"

struct stage {
    struct fake_host fake;
    struct exec_settings settings;
    struct exec_job job;
    /* What host->run does. */
    int status;
    int exit_code;
    const char *output, *errors;
    size_t runs;
    uint32_t timeout_ms; /* it was given */
};

static struct exec_call stage_call; /* large */

__attribute__((unused)) static int stage_run(void *arg,
                                             const struct acmecore_command *command,
                                             int *ret_exit, acmecore_sink *output,
                                             void *output_arg)
{
    struct stage *stage = arg;

    stage->runs++;
    stage->timeout_ms = command->timeout_ms;
    if (stage->output)
        (void)output(output_arg, stage->output, strlen(stage->output));
    if (stage->errors)
        (void)command->errors(command->errors_arg, stage->errors,
                              strlen(stage->errors));
    *ret_exit = stage->exit_code;
    return stage->status;
}

__attribute__((unused)) static void stage_drop(struct stage *stage)
{
    exec_settings_drop(&stage->settings);
}

/* One challenge to present. */
__attribute__((unused)) static bool stage_set(struct stage *stage, const char *dialect)
{
    stage->settings.dialect = exec_dialect_find(dialect);
    stage->settings.timeout_ms = 5000;
    exec_words_add(&stage->settings.command, "/hook");
    stage->job = (struct exec_job){ .operation = EXEC_PRESENT,
                                    .plugin = "dns01-exec",
                                    .command = &stage->settings.command,
                                    .provider = "",
                                    .script = "",
                                    .folder = "",
                                    .challenges = two,
                                    .count = 1 };
    if (!fake_host_start(&stage->fake, NULL) || stage->settings.command.wrong)
        return false;
    stage->fake.ctx.run = stage_run;
    stage->fake.ctx.arg = stage;
    exec_call_skip(&stage_call);
    stage_call.process.host = &stage->fake.host;
    stage_call.settings = &stage->settings;
    return true;
}

#define STAGE(dialect)                                                                 \
    __attribute__((cleanup(stage_drop))) struct stage s = { .status = 0 };             \
                                                                                       \
    AC_REQUIRE(stage_set(&s, dialect))

#endif
