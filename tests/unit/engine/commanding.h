/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the place of engine/run/run_commands: what would be run is kept, and ends as the
 * test says. And a configuration from a text. Included by one source of a program.
 */
#ifndef AC_TESTS_UNIT_ENGINE_COMMANDING_H
#define AC_TESTS_UNIT_ENGINE_COMMANDING_H

#include "check.h"
#include "engine/run/run_commands.h"
#include "engine/wanted/configured.h"

#include <stdio.h>
#include <string.h>

static struct {
    const char *failing; /* the program that fails, or NULL */
    size_t calls;
    char told[2048];    /* "about name|…" */
    char input[262144]; /* of the last one */
} commanding;

static inline void commanding_reset(void)
{
    memset(&commanding, 0, sizeof commanding);
}

static enum ac_code keep_command(struct ac_run_command *command, struct ac_error *err)
{
    size_t used = strlen(commanding.told);
    const char *program = command->command->words.items[0];
    AC_AUTO_TEXT char *input = NULL;

    commanding.calls++;
    (void)snprintf(commanding.told + used, sizeof commanding.told - used, "%s %s|",
                   command->about, command->command->name);
    AC_TRY(ac_json_write(command->input, &input, err));
    (void)snprintf(commanding.input, sizeof commanding.input, "%s", input);
    command->why = (struct ac_error){ 0 };
    if (commanding.failing && strcmp(commanding.failing, program) == 0)
        (void)ac_fail(&command->why, AC_E_PLUGIN, "%s fails", program);
    return AC_OK;
}

enum ac_code ac_run_commands(struct ac_run *run, struct ac_run_command *commands,
                             size_t count, int64_t grace_ms, struct ac_error *err)
{
    (void)run, (void)grace_ms;
    for (size_t i = 0; i < count; i++)
        AC_TRY(keep_command(&commands[i], err));
    return AC_OK;
}

enum ac_code ac_run_pause(struct ac_run *run, int64_t pause_ms, struct ac_error *err)
{
    (void)run, (void)pause_ms, (void)err;
    return AC_OK;
}

/* The words of the error alone. */
static inline enum ac_code describe_error(const struct ac_error *why,
                                          struct ac_json **ret_json,
                                          struct ac_error *err)
{
    return ac_json_new(ret_json, err, "{s:s, s:s, s:s}", "code",
                       ac_code_name(why->code), "message", why->detail, "problem_type",
                       why->problem);
}

static inline enum ac_code configure(const char *text, struct ac_config **ret_config,
                                     struct ac_error *err)
{
    const char *path = ac_test_path("acmecore.conf");
    AC_AUTO(ac_faults) faults = { 0 };

    if (!ac_test_write_file(path, text, strlen(text)))
        return ac_fail(err, AC_E_SYSTEM, "the test cannot write");
    AC_TRY(ac_configured_load(path, &faults, ret_config, err));
    enum ac_code code = ac_faults_fail(&faults, err);
    if (code != AC_OK) {
        ac_config_free(*ret_config);
        *ret_config = NULL;
    }
    return code;
}

#endif
