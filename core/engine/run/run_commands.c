/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_commands.h"

#include "base/clock.h"
#include "engine/run/run_parts.h"

#include <stdlib.h>

struct running {
    struct ac_run *run;
    struct ac_run_command *commands;
    struct ac_hook **hooks; /* NULL: not begun, or ended */
    size_t count;
    int64_t signal_at_ms; /* when the time after a signal is up; NEVER: no signal */
};

static void end_hook(struct running *running, size_t index)
{
    struct ac_hook *hook = running->hooks[index];

    ac_loop_detach_hook(running->run->loop, hook);
    ac_hook_free(hook);
    running->hooks[index] = NULL;
}

static void running_done(struct running *running)
{
    for (size_t i = 0; running->hooks && i < running->count; i++) {
        if (running->hooks[i])
            end_hook(running, i);
    }
    free(running->hooks);
}

/* What can be wrong with one is its own failure. */
static enum ac_code begin(struct running *running, size_t index, struct ac_error *why)
{
    const struct ac_run_command *command = &running->commands[index];
    const struct ac_hook_settings settings = {
        .host_path = running->run->settings.host_path,
        .about = command->about,
        .command = &command->command->words,
        .input = command->input,
        .deadline_ms = ac_clock_after_ms(command->command->timeout_ms),
    };
    AC_AUTO(ac_hook) *hook = NULL;

    AC_TRY(ac_user_command_check_file(command->command->words.items[0], why));
    AC_TRY(ac_hook_begin(&settings, &hook, why));
    AC_TRY(ac_loop_attach_hook(running->run->loop, hook, why));
    running->hooks[index] = AC_TAKE(hook);
    return AC_OK;
}

/* Whatever was wrong, it is the command's doing: one code for all. */
static void blame(struct ac_run_command *command, const struct ac_error *why)
{
    (void)ac_fail(&command->why, AC_E_PLUGIN, "%s", why->detail);
    ac_error_about(&command->why, "%s", command->about);
}

static void take_ended(struct running *running)
{
    for (size_t i = 0; i < running->count; i++) {
        struct ac_hook *hook = running->hooks[i];
        struct ac_error why = { 0 };

        if (!hook || !ac_hook_is_done(hook))
            continue;
        if (ac_hook_result(hook, &why) != AC_OK)
            blame(&running->commands[i], &why);
        end_hook(running, i);
    }
}

static bool has_running(const struct running *running)
{
    for (size_t i = 0; i < running->count; i++) {
        if (running->hooks[i])
            return true;
    }
    return false;
}

static void fail_rest(struct running *running, const char *sentence)
{
    for (size_t i = 0; i < running->count; i++) {
        if (!running->hooks[i])
            continue;
        (void)ac_fail(&running->commands[i].why, AC_E_PLUGIN, "%s: %s %s",
                      running->commands[i].about,
                      running->commands[i].command->words.items[0], sentence);
        end_hook(running, i);
    }
}

static enum ac_code wait_for_all(struct running *running, int64_t grace_ms,
                                 struct ac_error *err)
{
    for (;;) {
        take_ended(running);
        if (!has_running(running))
            return AC_OK;
        if (ac_clock_cancelled() && running->signal_at_ms == AC_CLOCK_NEVER)
            running->signal_at_ms = ac_clock_after_ms(grace_ms);
        if (ac_clock_now_ms() >= running->signal_at_ms) {
            fail_rest(running, "was ended, because a signal ended the run");
            return AC_OK;
        }
        AC_TRY(ac_run_turn(running->run, running->signal_at_ms, err));
    }
}

enum ac_code ac_run_commands(struct ac_run *run, struct ac_run_command *commands,
                             size_t count, int64_t grace_ms, struct ac_error *err)
{
    __attribute__((cleanup(running_done))) struct running running = {
        .run = run, .commands = commands, .count = count, .signal_at_ms = AC_CLOCK_NEVER
    };

    AC_TRY(ac_memory_new(count + 1, sizeof(struct ac_hook *), &running.hooks, err));
    for (size_t i = 0; i < count; i++) {
        struct ac_error why = { 0 };

        commands[i].why = (struct ac_error){ 0 };
        if (ac_clock_cancelled() && grace_ms == 0) {
            (void)ac_fail(&commands[i].why, AC_E_CANCELLED,
                          "%s: not begun, because a signal ended the run",
                          commands[i].about);
        } else if (begin(&running, i, &why) != AC_OK) {
            blame(&commands[i], &why);
        }
    }
    return wait_for_all(&running, grace_ms, err);
}

enum ac_code ac_run_pause(struct ac_run *run, int64_t pause_ms, struct ac_error *err)
{
    int64_t until_ms = ac_clock_after_ms(pause_ms);

    while (ac_clock_now_ms() < until_ms && !ac_clock_cancelled())
        AC_TRY(ac_run_turn(run, until_ms, err));
    return AC_OK;
}
