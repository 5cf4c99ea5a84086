/* SPDX-License-Identifier: Apache-2.0 */
#include "host/trial.h"

#include "base/clock.h"

#include <stdlib.h>

struct ac_trial {
    struct ac_plugin plugin;
    struct ac_call *call; /* the operation; NULL: none */
};

enum ac_code ac_trial_start(const struct ac_plugin_settings *settings, uint32_t kind,
                            struct ac_trial **ret_trial, struct ac_error *err)
{
    AC_AUTO(ac_trial) *trial = NULL;

    AC_TRY(ac_memory_new(1, sizeof *trial, &trial, err));
    AC_TRY(ac_plugin_start(&trial->plugin, kind, settings, err));
    *ret_trial = AC_TAKE(trial);
    return AC_OK;
}

void ac_trial_free(struct ac_trial *trial)
{
    if (!trial)
        return;
    ac_call_free(trial->call);
    ac_plugin_done(&trial->plugin);
    free(trial);
}

size_t ac_trial_fds(const struct ac_trial *trial, struct pollfd *fds)
{
    return ac_plugin_fds(&trial->plugin, fds);
}

int64_t ac_trial_wake_at_ms(const struct ac_trial *trial)
{
    const struct ac_process *process = trial->plugin.process;

    return process ? ac_process_wake_at_ms(process) : AC_CLOCK_NEVER;
}

static enum ac_code advance(struct ac_trial *trial, struct ac_error *err)
{
    struct ac_plugin *plugin = &trial->plugin;

    do {
        AC_TRY(ac_plugin_advance(plugin, err));
    } while (ac_plugin_has_answer(plugin));
    if (plugin->state == AC_PLUGIN_OPEN)
        return ac_plugin_check_alive(plugin, err);
    return AC_OK;
}

void ac_trial_step(struct ac_trial *trial)
{
    struct ac_plugin *plugin = &trial->plugin;
    struct ac_error err = { 0 };

    if (!plugin->process)
        return;
    ac_process_step(plugin->process);
    /* Its end is the result of the operation, too, if there is one. */
    if (advance(trial, &err) != AC_OK && plugin->state != AC_PLUGIN_OPEN)
        ac_plugin_fail(plugin, &err);
    if (plugin->process)
        ac_process_send(plugin->process);
}

bool ac_trial_is_open(const struct ac_trial *trial)
{
    return trial->plugin.state == AC_PLUGIN_OPEN
           || trial->plugin.state == AC_PLUGIN_FAILED;
}

enum ac_code ac_trial_state(const struct ac_trial *trial, struct ac_error *err)
{
    if (trial->plugin.state != AC_PLUGIN_FAILED)
        return AC_OK;
    *err = trial->plugin.error;
    return err->code;
}

const struct ac_descriptor *ac_trial_descriptor(const struct ac_trial *trial)
{
    return trial->plugin.has_descriptor ? &trial->plugin.descriptor : NULL;
}

size_t ac_trial_printed(const struct ac_trial *trial)
{
    return trial->plugin.process ? ac_process_printed(trial->plugin.process) : 0;
}

enum ac_code ac_trial_begin(struct ac_trial *trial, const char *op,
                            const struct ac_batch *batch, bool is_spent,
                            int64_t deadline_ms, struct ac_error *err)
{
    AC_AUTO(ac_message) message = { 0 };
    AC_AUTO(ac_json) *challenges = NULL;

    ac_call_free(AC_TAKE(trial->call));
    if (!trial->plugin.process)
        return ac_fail(err, AC_E_PLUGIN, "%s", trial->plugin.error.detail);
    AC_TRY(ac_json_new(&message.json, err, "{s:s, s:b}", "op", op, "spent", is_spent));
    if (batch) {
        AC_TRY(ac_batch_to_json(batch, &challenges, err));
        AC_TRY(ac_json_set(message.json, "challenges", &challenges, err));
    }
    return ac_process_call(trial->plugin.process, op, &message, deadline_ms,
                           &trial->call, err);
}

bool ac_trial_is_done(const struct ac_trial *trial)
{
    return trial->call && ac_call_is_done(trial->call);
}

enum ac_code ac_trial_reply(const struct ac_trial *trial,
                            const struct ac_json **ret_reply, struct ac_error *err)
{
    return ac_call_result(trial->call, ret_reply, err);
}
