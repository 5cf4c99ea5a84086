/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/services_dry.h"

#include "base/clock.h"
#include "base/kernel.h"
#include "pluginhost/sandbox.h"
#include "pluginhost/services_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMAND_1_0   (offsetof(struct acmecore_command, input_size) + sizeof(size_t))
#define READ_SIZE     4096
#define LOOK_AGAIN_MS 20 /* for the end, where the kernel has no pidfd */
#define WAIT_MAX_MS   60000
#define EXIT_BROKEN   126
#define EXIT_EXEC     127
#define SIGNAL_BASE   128 /* as shells report a signal */

/* What it prints, on its way to a sink. */
struct stream {
    int fd; /* -1: closed */
    acmecore_sink *sink;
    void *arg;
    size_t received;
};

struct running {
    struct acmecore_host_ctx *ctx;
    struct acmecore_command command; /* full length */
    const char *program;             /* its argv[0], for messages */
    struct stream output;
    struct stream errors;
    pid_t pid;  /* of its keeper, which ends as it does; 0: none, or reaped */
    int pid_fd; /* -1: none */
    int to_fd;  /* its stdin; -1: closed */
    size_t sent;
    int64_t limit_ms; /* when its own time is over */
    int sink_status;
};

/* The child's ends of the pipes. */
struct ends {
    int in_fd;
    int out_fd;
    int err_fd; /* -1: it keeps ours */
};

static void close_fd(int *fd)
{
    ac_memory_drop_fd(fd);
    *fd = -1;
}

/* One that did not end by itself leaves nothing behind. */
static void running_done(struct running *running)
{
    if (running->pid > 0)
        ac_keeper_end(running->pid, running->pid_fd);
    close_fd(&running->pid_fd);
    close_fd(&running->to_fd);
    close_fd(&running->output.fd);
    close_fd(&running->errors.fd);
}

static void ends_done(struct ends *ends)
{
    close_fd(&ends->in_fd);
    close_fd(&ends->out_fd);
    close_fd(&ends->err_fd);
}

static int check_command(struct running *running,
                         const struct acmecore_command *command)
{
    struct acmecore_host_ctx *ctx = running->ctx;

    if (!command || command->struct_size < COMMAND_1_0 || !command->argv
        || !command->argv[0] || command->argv[0][0] != '/') {
        return ctx->host.fail(ctx, ACMECORE_E_INVALID,
                              "run takes an argv whose first word is an absolute path");
    }
    memcpy(&running->command, command,
           command->struct_size < sizeof *command ? command->struct_size
                                                  : sizeof *command);
    running->program = command->argv[0];
    if (access(command->argv[0], X_OK) != 0) {
        return ctx->host.fail(ctx, ACMECORE_E_CONFIG, "%s cannot be executed: %s",
                              command->argv[0], strerror(errno));
    }
    return ACMECORE_OK;
}

/* ---- the child ---------------------------------------------------------- */

static void restore_signals(void)
{
    static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
    struct sigaction plain = { .sa_handler = SIG_DFL };

    for (size_t i = 0; i < AC_COUNT(ignored); i++)
        (void)sigaction(ignored[i], &plain, NULL);
}

struct start {
    const struct running *running;
    const struct ends *ends;
};

/* Async-signal-safe, as all between fork and exec. */
static void become(const void *arg, pid_t parent)
{
    static char *const no_environment[] = { NULL };
    const struct start *start = arg;
    const struct ends *ends = start->ends;
    const struct acmecore_command *command = &start->running->command;
    char *const *argv = NULL;
    char *const *env = no_environment;

    /* execve takes them without const, and changes nothing. */
    memcpy(&argv, &command->argv, sizeof argv);
    if (command->env)
        memcpy(&env, &command->env, sizeof env);
    restore_signals();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent
        || !ac_sandbox_relax() || dup2(ends->in_fd, STDIN_FILENO) < 0
        || dup2(ends->out_fd, STDOUT_FILENO) < 0
        || (ends->err_fd >= 0 && dup2(ends->err_fd, STDERR_FILENO) < 0)
        || !ac_kernel_close_from(STDERR_FILENO + 1))
        _exit(EXIT_BROKEN);
    (void)execve(argv[0], argv, env);
    _exit(EXIT_EXEC);
}

/* A pipe whose end `ours` (0: to read, 1: to write) never blocks. */
static bool open_pipe(int ours, int *ret_ours, int *ret_theirs)
{
    int both[2];

    if (pipe2(both, O_CLOEXEC) != 0)
        return false;
    *ret_ours = both[ours];
    *ret_theirs = both[1 - ours];
    return fcntl(both[ours], F_SETFL, O_NONBLOCK) == 0;
}

static bool spawn(struct running *running)
{
    __attribute__((cleanup(ends_done))) struct ends ends = { -1, -1, -1 };
    const struct start start = { running, &ends };
    const struct ac_keeper_command command = { become, &start };

    if (!open_pipe(1, &running->to_fd, &ends.in_fd)
        || !open_pipe(0, &running->output.fd, &ends.out_fd)
        || (running->errors.sink && !open_pipe(0, &running->errors.fd, &ends.err_fd)))
        return false;
    pid_t pid = ac_keeper_start(&command);
    if (pid < 0)
        return false;
    running->pid = pid;
    running->pid_fd = (int)syscall(SYS_pidfd_open, pid, 0U);
    return true;
}

/* ---- while it runs ------------------------------------------------------ */

static void send_input(struct running *running)
{
    const struct acmecore_command *command = &running->command;

    while (running->to_fd >= 0 && running->sent < command->input_size) {
        ssize_t sent =
            write(running->to_fd, (const char *)command->input + running->sent,
                  command->input_size - running->sent);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (sent <= 0)
            break; /* it does not want the rest */
        running->sent += (size_t)sent;
    }
    close_fd(&running->to_fd);
}

static void give_output(struct running *running, struct stream *stream,
                        const char *bytes, size_t size)
{
    size_t room = running->command.max_output - stream->received;

    if (size > room)
        size = room;
    stream->received += size;
    if (size > 0 && stream->sink)
        running->sink_status = stream->sink(stream->arg, bytes, size);
}

/* True while there may be more right now. */
static bool read_output(struct running *running, struct stream *stream)
{
    char bytes[READ_SIZE];
    ssize_t got = stream->fd >= 0 ? read(stream->fd, bytes, sizeof bytes) : 0;

    if (got > 0) {
        give_output(running, stream, bytes, (size_t)got);
        return running->sink_status == ACMECORE_OK;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR))
        close_fd(&stream->fd);
    return false;
}

static void read_both(struct running *running)
{
    (void)read_output(running, &running->output);
    if (running->sink_status == ACMECORE_OK)
        (void)read_output(running, &running->errors);
}

static void wait_for_something(const struct running *running, int64_t left_ms)
{
    /* poll leaves out negative descriptors. */
    struct pollfd fds[] = {
        { .fd = running->to_fd, .events = POLLOUT },
        { .fd = running->output.fd, .events = POLLIN },
        { .fd = running->errors.fd, .events = POLLIN },
        { .fd = running->pid_fd, .events = POLLIN },
        /* Once: after that it is the time that counts. */
        { .fd = running->ctx->stop_by_ms ? -1 : ac_services_stop_fd(running->ctx),
          .events = POLLIN },
    };
    int wait_ms = left_ms < WAIT_MAX_MS ? (int)left_ms : WAIT_MAX_MS;

    if (running->pid_fd < 0 && wait_ms > LOOK_AGAIN_MS)
        wait_ms = LOOK_AGAIN_MS;
    (void)poll(fds, AC_COUNT(fds), wait_ms);
}

static bool has_ended(const struct running *running)
{
    siginfo_t info = { 0 };

    return waitid(P_PID, (id_t)running->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0
           || info.si_pid == running->pid;
}

static int64_t own_left_ms(const struct running *running)
{
    return running->command.timeout_ms > 0 ? running->limit_ms - ac_clock_now_ms()
                                           : INT64_MAX;
}

static int wait_until_end(struct running *running)
{
    struct acmecore_host_ctx *ctx = running->ctx;

    while (!has_ended(running)) {
        int64_t own_ms = own_left_ms(running);
        int64_t left_ms = ac_services_left_ms(ctx);
        if (own_ms <= 0)
            return ACMECORE_E_TIMEOUT;
        if (left_ms <= 0) {
            return ctx->host.fail(ctx, ACMECORE_E_TIMEOUT,
                                  "%s did not end in time; it was killed",
                                  running->program);
        }
        wait_for_something(running, own_ms < left_ms ? own_ms : left_ms);
        send_input(running);
        read_both(running);
        if (running->sink_status != ACMECORE_OK)
            return running->sink_status;
    }
    return ACMECORE_OK;
}

static void drain(struct running *running, struct stream *stream)
{
    while (running->sink_status == ACMECORE_OK
           && stream->received < running->command.max_output
           && read_output(running, stream))
        ;
}

/* What it wrote before it ended; its keeper has killed who of its group still wrote. */
static int finish(struct running *running, int *ret_exit)
{
    int status = 0;
    pid_t pid = running->pid;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    running->pid = 0;
    drain(running, &running->output);
    drain(running, &running->errors);
    /* The command's own end is an exit code of its keeper, also when by a signal. */
    if (WIFSIGNALED(status)) {
        return running->ctx->host.fail(running->ctx, ACMECORE_E_SYSTEM,
                                       "%s could not be run to its end: no process "
                                       "could be made, or who watches it was killed",
                                       running->program);
    }
    if (ret_exit)
        *ret_exit = WEXITSTATUS(status);
    return running->sink_status;
}

int ac_service_run(struct acmecore_host_ctx *ctx,
                   const struct acmecore_command *command, int *ret_exit,
                   acmecore_sink *output, void *arg)
{
    __attribute__((cleanup(running_done))) struct running running = {
        .ctx = ctx,
        .output = { .fd = -1, .sink = output, .arg = arg },
        .errors = { .fd = -1 },
        .pid_fd = -1,
        .to_fd = -1,
    };
    int status = check_command(&running, command);

    if (status != ACMECORE_OK)
        return status;
    if (!(ctx->uses & ACMECORE_USES_COMMANDS)) {
        return ctx->host.fail(ctx, ACMECORE_E_UNSUPPORTED,
                              "%s is not run: the plugin does not say that it uses "
                              "commands (ACMECORE_USES_COMMANDS)",
                              command->argv[0]);
    }
    if (ctx->is_dry_run && !(running.command.flags & ACMECORE_HARMLESS))
        return ac_dry_run(ctx, command, ret_exit);
    if (ctx->host.remaining_ms(ctx) <= 0)
        return ctx->host.fail(ctx, ACMECORE_E_TIMEOUT, "run: no time is left");
    running.errors.sink = running.command.errors;
    running.errors.arg = running.command.errors_arg;
    running.limit_ms = ac_clock_after_ms(running.command.timeout_ms);
    if (!spawn(&running)) {
        return ctx->host.fail(ctx, ACMECORE_E_SYSTEM, "%s cannot be started: %s",
                              command->argv[0], strerror(errno));
    }
    status = wait_until_end(&running);
    return status == ACMECORE_OK ? finish(&running, ret_exit) : status;
}
