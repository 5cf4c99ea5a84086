/* SPDX-License-Identifier: Apache-2.0 */
#include "host/hook.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_MAX        8192 /* of its last bytes, as the plugin host gives them */
#define LINE_MAX          256
#define DETAIL_CLEAN_SIZE 512
#define END_SIZE          64
#define SIGNAL_BASE       128
#define SIGNAL_LAST       64

struct ac_hook {
    struct ac_process *process;
    struct ac_call *call;
    char *about, *program;
    bool is_done;
    struct ac_error error;
};

static enum ac_code describe(const struct ac_hook_settings *settings,
                             struct ac_json **ret_json, struct ac_error *err)
{
    static const struct ac_words none;
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *document = NULL;
    AC_AUTO_TEXT char *input = NULL;

    if (settings->input) {
        AC_TRY(ac_json_write(settings->input, &document, err));
        AC_TRY(ac_memory_format(&input, err, "%s\n", document));
    }
    AC_TRY(ac_json_new(&json, err, "{s:s, s:s*}", "op", "hook", "input", input));
    AC_TRY(ac_json_set_words(json, "command", settings->command, err));
    AC_TRY(ac_json_set_words(json, "variables",
                             settings->variables ? settings->variables : &none, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code begin(struct ac_hook *hook, const struct ac_hook_settings *settings,
                          struct ac_error *err)
{
    AC_AUTO(ac_message) message = { 0 };
    struct ac_process_settings process = { .host_path = settings->host_path,
                                           .name = "host",
                                           .runs_commands = true };

    AC_TRY(ac_memory_copy_text(settings->about, &hook->about, err));
    AC_TRY(ac_memory_copy_text(settings->command->items[0], &hook->program, err));
    AC_TRY(describe(settings, &message.json, err));
    AC_TRY(ac_process_start(&process, &hook->process, err));
    return ac_process_call(hook->process, "hook", &message, settings->deadline_ms,
                           &hook->call, err);
}

enum ac_code ac_hook_begin(const struct ac_hook_settings *settings,
                           struct ac_hook **ret_hook, struct ac_error *err)
{
    AC_AUTO(ac_hook) *hook = NULL;

    if (settings->command->count == 0)
        return ac_fail(err, AC_E_USAGE, "%s: no command is given", settings->about);
    AC_TRY(ac_memory_new(1, sizeof *hook, &hook, err));
    AC_TRY(begin(hook, settings, err));
    *ret_hook = AC_TAKE(hook);
    return AC_OK;
}

void ac_hook_free(struct ac_hook *hook)
{
    if (!hook)
        return;
    ac_call_free(hook->call);
    ac_process_free(hook->process);
    free(hook->about);
    free(hook->program);
    free(hook);
}

size_t ac_hook_fds(const struct ac_hook *hook, struct pollfd *fds)
{
    return hook->is_done ? 0 : ac_process_fds(hook->process, fds);
}

int64_t ac_hook_wake_at_ms(const struct ac_hook *hook)
{
    return hook->is_done ? AC_CLOCK_NEVER : ac_process_wake_at_ms(hook->process);
}

/* ": the last line", where there is one. */
static const char *last_line(const char *output, size_t *ret_size)
{
    size_t end = strnlen(output, OUTPUT_MAX);

    while (end > 0 && (output[end - 1] == '\n' || output[end - 1] == ' '))
        end--;
    size_t start = end;
    while (start > 0 && output[start - 1] != '\n')
        start--;
    *ret_size = end - start;
    return output + start;
}

/* 128 and more is a signal's, as shells report it (pluginhost/services). */
static const char *describe_code(int64_t code, char end[END_SIZE])
{
    bool is_signal = code > SIGNAL_BASE && code <= SIGNAL_BASE + SIGNAL_LAST;
    const char *name = is_signal ? sigabbrev_np((int)(code - SIGNAL_BASE)) : NULL;

    if (name) {
        (void)snprintf(end, END_SIZE, "was ended by signal %d (SIG%s)",
                       (int)(code - SIGNAL_BASE), name);
    } else {
        (void)snprintf(end, END_SIZE, "ended with exit code %" PRId64, code);
    }
    return end;
}

static enum ac_code fail_exit(const struct ac_hook *hook, const char *output,
                              int64_t code, struct ac_error *err)
{
    size_t size;
    const char *line = last_line(output, &size);
    char end[END_SIZE];

    if (size > LINE_MAX)
        size = LINE_MAX;
    return ac_fail(err, AC_E_PLUGIN, "%s: %s %s%s%.*s", hook->about, hook->program,
                   describe_code(code, end), size > 0 ? ": " : "", (int)size, line);
}

static enum ac_code take_reply(struct ac_hook *hook, struct ac_error *err)
{
    const struct ac_json *reply = NULL;
    char clean[DETAIL_CLEAN_SIZE];

    AC_TRY(ac_call_result(hook->call, &reply, err));
    if (ac_json_number_or(reply, "status", ACMECORE_E_INVALID) != ACMECORE_OK) {
        const char *detail = ac_json_text_or(reply, "detail", "no reason given");
        (void)ac_text_clean(clean, sizeof clean, detail,
                            strnlen(detail, AC_MESSAGE_DETAIL_MAX));
        return ac_fail(err, AC_E_PLUGIN, "%s: %s", hook->about, clean);
    }
    const struct ac_json *result = ac_json_get(reply, "result");
    int64_t code = ac_json_number_or(result, "exit", -1);
    if (code == 0)
        return AC_OK;
    return fail_exit(hook, ac_json_text_or(result, "output", ""), code, err);
}

void ac_hook_step(struct ac_hook *hook)
{
    if (hook->is_done)
        return;
    ac_process_step(hook->process);
    if (!ac_call_is_done(hook->call))
        return;
    (void)take_reply(hook, &hook->error); /* its code is kept there */
    hook->is_done = true;
}

bool ac_hook_is_done(const struct ac_hook *hook)
{
    return hook->is_done;
}

enum ac_code ac_hook_result(const struct ac_hook *hook, struct ac_error *err)
{
    if (!hook->is_done)
        return ac_fail(err, AC_E_PLUGIN, "%s has not ended yet", hook->about);
    if (hook->error.code != AC_OK)
        *err = hook->error;
    return hook->error.code;
}
