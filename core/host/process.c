/* SPDX-License-Identifier: Apache-2.0 */
#include "host/process.h"

#include "base/clock.h"
#include "host/call.h"
#include "host/child.h"
#include "host/event.h"
#include "host/load.h"
#include "host/output.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGES_MAX  256 /* read in one step: the loop has others to serve */
#define LOOK_AGAIN_MS 20  /* for its end, when it is silent or there is no pidfd */
#define TITLE_SIZE    200

struct ac_process {
    char *name;
    pid_t pid;                  /* 0: reaped */
    int pid_fd;                 /* -1: no pidfd here */
    struct ac_channel *channel; /* NULL: it closed its end, or has ended */
    struct ac_output output;
    struct ac_calls calls;
    struct ac_call *loading; /* lent by calls until freed */
    struct ac_rate event_rate;
    bool has_more;           /* that was read, and waits for the next step */
    int64_t silent_since_ms; /* its end of the socket is closed since then, or 0 */
    struct ac_error death;   /* how it ended; code AC_OK: it has not */
    char folder[AC_CHILD_FOLDER_SIZE]; /* its private one as it sees it; "": as we do */
};

/* "plugin NAME VERB in OPERATION"; between them a solver may watch and serve. */
static const char *title(const struct ac_process *process, const char *verb,
                         char buffer[TITLE_SIZE])
{
    const struct ac_call *call = ac_calls_running(&process->calls);

    (void)snprintf(buffer, TITLE_SIZE, "plugin %s %s %s%s", process->name, verb,
                   call ? "in " : "between operations", call ? call->op : "");
    return buffer;
}

static void describe_exit(struct ac_process *process, int status)
{
    char buffer[TITLE_SIZE];
    struct ac_error *death = &process->death;
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    const char *abbreviation = number ? sigabbrev_np(number) : NULL;

    if (number == SIGSYS) {
        (void)ac_fail(death, AC_E_PLUGIN,
                      "%s (SIGSYS): its sandbox ends a plugin that reaches into other "
                      "processes or the kernel; isolation = none lifts it",
                      title(process, "was killed", buffer));
    } else if (number) {
        (void)ac_fail(
            death, AC_E_PLUGIN, "%s (SIG%s)",
            title(process, number == SIGKILL ? "was killed" : "crashed", buffer),
            abbreviation ? abbreviation : "?");
    } else {
        (void)ac_fail(death, AC_E_PLUGIN, "%s with exit code %d",
                      title(process, "ended", buffer), WEXITSTATUS(status));
    }
}

static void end_process(struct ac_process *process)
{
    ac_calls_end_all(&process->calls, &process->death);
    ac_channel_free(AC_TAKE(process->channel));
    ac_output_done(&process->output, process->name);
}

/* Waits for a process that was sent SIGKILL; gives up on one the kernel holds. */
static void reap_killed(struct ac_process *process)
{
    struct pollfd end = { .fd = process->pid_fd, .events = POLLIN };

    if (process->pid_fd >= 0)
        (void)poll(&end, 1, AC_PROCESS_GRACE_MS);
    if (waitpid(process->pid, NULL, process->pid_fd >= 0 ? WNOHANG : 0) == process->pid)
        process->pid = 0;
}

/* The process, and all that it started. */
static void kill_process(struct ac_process *process)
{
    if (process->pid == 0)
        return;
    ac_child_end_session(process->pid);
    reap_killed(process);
}

/* process->death says why. */
static void condemn(struct ac_process *process)
{
    kill_process(process);
    end_process(process);
}

static void condemn_flood(struct ac_process *process, const char *what)
{
    char buffer[TITLE_SIZE];

    (void)ac_fail(&process->death, AC_E_PLUGIN, "%s (%s); it was killed",
                  title(process, "flooded its socket", buffer), what);
    condemn(process);
}

static void condemn_hung(struct ac_process *process, const struct ac_call *call)
{
    int64_t span_ms = call->deadline_ms - call->began_ms;
    bool is_long = span_ms >= 1000;

    (void)ac_fail(&process->death, AC_E_PLUGIN,
                  "plugin %s hung in %s: no answer within %" PRId64
                  " %s; it was killed",
                  process->name, call->op, is_long ? (span_ms + 500) / 1000 : span_ms,
                  is_long ? "s" : "ms");
    condemn(process);
}

static void take_message(struct ac_process *process, struct ac_message *message)
{
    struct ac_call *call = ac_calls_running(&process->calls);
    bool is_reply = ac_json_get(message->json, "reply") != NULL;
    const char *fault = NULL;

    if (message->blob.size > 0) {
        condemn_flood(process, "unasked bytes");
    } else if (!is_reply) {
        fault = ac_event_take(&process->event_rate, process->name, message);
        if (fault)
            condemn_flood(process, fault);
    } else if (!call || ac_json_number_or(message->json, "reply", -1) != call->id) {
        condemn_flood(process, "a reply nobody asked for");
    } else {
        ac_calls_end(&process->calls, call, &message->json, NULL);
    }
}

/* It closed its end: there is nothing more to say to it, and it has to end. */
static void lose_channel(struct ac_process *process)
{
    ac_channel_free(AC_TAKE(process->channel));
    process->silent_since_ms = ac_clock_now_ms();
}

static void fail_reading(struct ac_process *process, const struct ac_error *why)
{
    if (why->code == AC_E_NETWORK) {
        lose_channel(process);
    } else if (why->code == AC_E_PROTOCOL) {
        condemn_flood(process, why->detail);
    } else {
        process->death = *why;
        condemn(process);
    }
}

/* False: nothing more is there now. */
static bool read_message(struct ac_process *process)
{
    AC_AUTO(ac_message) message = { 0 };
    struct ac_error err = { 0 };
    enum ac_code code = ac_channel_get(process->channel, &message, &err);

    if (code == AC_OK) {
        take_message(process, &message);
        return true;
    }
    if (code != AC_E_NOTFOUND)
        fail_reading(process, &err);
    return false;
}

/* No descriptor tells of what is left: it may be in the socket no more. */
static void read_messages(struct ac_process *process)
{
    process->has_more = false;
    for (int i = 0; i < MESSAGES_MAX && process->channel; i++) {
        if (!read_message(process))
            return;
    }
    process->has_more = process->channel != NULL;
}

static void read_output(struct ac_process *process)
{
    char buffer[TITLE_SIZE];

    if (process->output.fd < 0 || ac_output_read(&process->output, process->name))
        return;
    (void)ac_fail(&process->death, AC_E_PLUGIN, "%s; it was killed",
                  title(process, "flooded its output", buffer));
    condemn(process);
}

static enum ac_code send_call(struct ac_process *process, struct ac_call *call,
                              struct ac_error *err)
{
    int left_ms = ac_clock_left_ms(call->deadline_ms);

    if (call->deadline_ms != AC_CLOCK_NEVER)
        AC_TRY(ac_json_set_number(call->message.json, "remaining_ms", left_ms, err));
    AC_TRY(ac_channel_put(process->channel, &call->message, err));
    call->is_sent = true;
    return AC_OK;
}

/* One at a time: what waits here has not spent its plugin's time. */
static void send_next(struct ac_process *process)
{
    struct ac_call *call = ac_calls_next(&process->calls);
    struct ac_error err = { 0 };

    if (!process->channel)
        return;
    if (call && send_call(process, call, &err) != AC_OK)
        ac_calls_end(&process->calls, call, NULL, &err);
    if (ac_calls_tell(&process->calls, process->channel, &err) != AC_OK
        || ac_channel_flush(process->channel, &err) != AC_OK)
        lose_channel(process);
}

static void end_late_calls(struct ac_process *process)
{
    struct ac_call *running = ac_calls_running(&process->calls);
    struct ac_call *late = NULL;
    struct ac_error err = { 0 };

    while ((late = ac_calls_late(&process->calls)) != NULL) {
        (void)ac_fail(&err, AC_E_PLUGIN, "plugin %s had no time left for %s%s%s",
                      process->name, late->op, running ? ", it is in " : "",
                      running ? running->op : "");
        ac_calls_end(&process->calls, late, NULL, &err);
    }
    if (running && running->deadline_ms != AC_CLOCK_NEVER
        && ac_clock_now_ms() >= running->deadline_ms + AC_PROCESS_GRACE_MS)
        condemn_hung(process, running);
}

/* An open socket is how a living plugin host looks; one that closed it may end. */
static void end_silent(struct ac_process *process)
{
    char buffer[TITLE_SIZE];

    if (process->silent_since_ms == 0
        || ac_clock_now_ms() < process->silent_since_ms + AC_PROCESS_GRACE_MS)
        return;
    (void)ac_fail(&process->death, AC_E_PLUGIN, "%s; it was killed",
                  title(process, "closed its socket", buffer));
    condemn(process);
}

/* What it sent before it ended still counts. */
static void notice_end(struct ac_process *process)
{
    siginfo_t info = { 0 };
    int status = 0;

    if (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0
        || info.si_pid != process->pid)
        return;
    /* Before it is reaped, its number is its own: what it left running goes too. */
    if (info.si_code == CLD_EXITED && info.si_status == 0) {
        (void)kill(-process->pid, SIGKILL);
    } else {
        ac_child_end_session(process->pid);
    }
    (void)waitpid(process->pid, &status, 0);
    process->pid = 0;
    read_messages(process);
    if (process->death.code == AC_OK)
        read_output(process);
    if (process->death.code != AC_OK)
        return;
    describe_exit(process, status);
    end_process(process);
}

void ac_process_step(struct ac_process *process)
{
    static void (*const steps[])(struct ac_process *) = {
        read_output, read_messages, notice_end, end_late_calls, end_silent, send_next,
    };

    for (size_t i = 0; i < AC_COUNT(steps); i++) {
        if (process->death.code == AC_OK)
            steps[i](process);
    }
}

void ac_process_send(struct ac_process *process)
{
    if (ac_process_is_alive(process))
        end_late_calls(process);
    if (ac_process_is_alive(process))
        send_next(process);
}

bool ac_process_is_alive(const struct ac_process *process)
{
    return process->death.code == AC_OK;
}

size_t ac_process_printed(const struct ac_process *process)
{
    return process->output.read;
}

size_t ac_process_fds(const struct ac_process *process, struct pollfd *fds)
{
    size_t count = 0;

    if (!ac_process_is_alive(process))
        return 0;
    if (process->channel) {
        fds[count++] =
            (struct pollfd){ .fd = ac_channel_fd(process->channel),
                             .events = ac_channel_has_output(process->channel)
                                           ? POLLIN | POLLOUT
                                           : POLLIN };
    }
    if (process->output.fd >= 0)
        fds[count++] = (struct pollfd){ .fd = process->output.fd, .events = POLLIN };
    if (process->pid_fd >= 0)
        fds[count++] = (struct pollfd){ .fd = process->pid_fd, .events = POLLIN };
    return count;
}

static int64_t wake_for_silence_ms(const struct ac_process *process)
{
    return process->silent_since_ms ? ac_clock_after_ms(LOOK_AGAIN_MS) : AC_CLOCK_NEVER;
}

int64_t ac_process_wake_at_ms(const struct ac_process *process)
{
    int64_t wake_at_ms = wake_for_silence_ms(process);

    if (!ac_process_is_alive(process))
        return AC_CLOCK_NEVER;
    if (process->has_more || (process->channel && ac_calls_next(&process->calls)))
        return ac_clock_now_ms();
    int64_t late_at_ms = ac_calls_late_at_ms(&process->calls);
    return late_at_ms < wake_at_ms ? late_at_ms : wake_at_ms;
}

static enum ac_code launch(struct ac_process *process,
                           const struct ac_process_settings *settings,
                           struct ac_error *err)
{
    AC_AUTO_FD int control_fd = -1;
    struct ac_child child;

    AC_TRY(ac_child_prepare(settings->host_path, &control_fd, &process->output.fd,
                            &child, err));
    child.argv[3] = settings->runs_commands ? ac_child_commands : NULL;
    enum ac_code code =
        ac_child_isolate(&child, settings->isolation, settings->folder, err);
    if (code == AC_OK)
        code = ac_child_start(&child, &process->pid, err);
    memcpy(process->folder, child.folder, sizeof process->folder);
    ac_child_done(&child);
    AC_TRY(code);
    /* It is ours and not reaped yet, so the number cannot be another's. */
    process->pid_fd = (int)syscall(SYS_pidfd_open, process->pid, 0U);
    return ac_channel_new(&control_fd, &process->channel, err);
}

static enum ac_code queue_load(struct ac_process *process,
                               const struct ac_process_settings *settings,
                               struct ac_error *err)
{
    AC_AUTO(ac_message) load = { 0 };

    AC_TRY(ac_load_new(
        settings, process->folder[0] ? process->folder : settings->folder, &load, err));
    return ac_process_call(process, "load", &load,
                           ac_clock_after_ms(AC_PROCESS_LOAD_MS), &process->loading,
                           err);
}

enum ac_code ac_process_start(const struct ac_process_settings *settings,
                              struct ac_process **ret_process, struct ac_error *err)
{
    AC_AUTO(ac_process) *process = NULL;

    AC_TRY(ac_child_check(settings->host_path, err));
    if (settings->folder)
        AC_TRY(ac_child_make_place(settings->folder, err));
    AC_TRY(ac_memory_new(1, sizeof *process, &process, err));
    process->pid_fd = -1;
    process->output.fd = -1;
    ac_event_rate_init(&process->event_rate);
    AC_TRY(ac_memory_copy_text(settings->title ? settings->title : settings->name,
                               &process->name, err));
    AC_TRY(launch(process, settings, err));
    if (settings->plugin_path)
        AC_TRY(queue_load(process, settings, err));
    send_next(process);
    *ret_process = AC_TAKE(process);
    return AC_OK;
}

enum ac_code ac_process_call(struct ac_process *process, const char *op,
                             struct ac_message *message, int64_t deadline_ms,
                             struct ac_call **ret_call, struct ac_error *err)
{
    if (!ac_process_is_alive(process)) {
        ac_message_done(message);
        *err = process->death;
        return err->code;
    }
    return ac_calls_add(&process->calls, op, message, deadline_ms, ret_call, err);
}

struct ac_call *ac_process_loading(struct ac_process *process)
{
    return process->loading;
}

static void wait_for_end(struct ac_process *process, int64_t until_ms)
{
    struct pollfd fds[AC_PROCESS_FDS];

    for (;;) {
        ac_process_step(process);
        int left_ms = ac_clock_left_ms(until_ms);
        if (!ac_process_is_alive(process) || left_ms == 0)
            return;
        if (process->pid_fd < 0 && left_ms > LOOK_AGAIN_MS)
            left_ms = LOOK_AGAIN_MS;
        if (process->has_more)
            left_ms = 0;
        (void)poll(fds, (nfds_t)ac_process_fds(process, fds), left_ms);
    }
}

/* Lets the plugin close its instance, if it does so at once. */
static void ask_to_close(struct ac_process *process)
{
    AC_AUTO(ac_message) message = { 0 };
    struct ac_error err = { 0 };
    struct ac_call *call = NULL;
    int64_t until_ms = ac_clock_after_ms(AC_PROCESS_GRACE_MS);

    if (ac_json_new(&message.json, &err, "{s:s}", "op", "close") != AC_OK
        || ac_process_call(process, "close", &message, until_ms, &call, &err) != AC_OK)
        return;
    ac_call_free(call);
    wait_for_end(process, until_ms);
}

void ac_process_free(struct ac_process *process)
{
    if (!process)
        return;
    if (ac_process_is_alive(process) && process->pid > 0)
        ask_to_close(process);
    if (ac_process_is_alive(process)) {
        char buffer[TITLE_SIZE];
        (void)ac_fail(&process->death, AC_E_PLUGIN, "%s",
                      title(process, "was stopped", buffer));
        condemn(process);
    }
    kill_process(process);
    ac_call_free(process->loading);
    ac_calls_done(&process->calls);
    ac_memory_drop_fd(&process->pid_fd);
    free(process->name);
    free(process);
}
