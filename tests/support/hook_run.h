/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that tests write, and a host->run that really runs them: a process group of
 * its own, what it prints to the sinks, killed when its time is over.
 */
#ifndef AC_TESTS_SUPPORT_HOOK_RUN_H
#define AC_TESTS_SUPPORT_HOOK_RUN_H

#include "check.h"
#include "fake_host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct hook_child {
    pid_t pid;
    int in, out, err; /* our ends */
};

/* Each hook begins with this; $R is a file in the folder of the test. */
#define HOOK_HEAD                                                                      \
    "#!/bin/sh\n"                                                                      \
    "R='%s'\n"                                                                         \
    "words() { for a; do printf '<%%s>' \"$a\"; done >> \"$R\"; echo >> \"$R\"; }\n"

/* The path of a new hook; its body may use `words` to write down its arguments. */
__attribute__((unused)) static const char *hook_write(const char *name,
                                                      const char *body)
{
    char text[4096];
    const char *path = ac_test_path(name);
    int size =
        snprintf(text, sizeof(text), HOOK_HEAD "%s\n", ac_test_path("record"), body);

    if (!ac_test_write_file(path, text, (size_t)size) || chmod(path, 0700) != 0)
        return "/nonexistent";
    return path;
}

/* What hooks wrote down; "" if nothing. */
__attribute__((unused)) static const char *hook_record(void)
{
    static char text[65536];

    if (ac_test_read_file(ac_test_path("record"), text, sizeof(text)) < 0)
        text[0] = '\0';
    return text;
}

static void hook_become(const struct acmecore_command *command, const int in[2],
                        const int out[2], const int err[2])
{
    char *const *argv = NULL;
    char *const *env = NULL;

    memcpy(&argv, &command->argv, sizeof(argv));
    memcpy(&env, &command->env, sizeof(env));
    (void)setpgid(0, 0);
    (void)dup2(in[0], STDIN_FILENO);
    (void)dup2(out[1], STDOUT_FILENO);
    (void)dup2(err[1], STDERR_FILENO);
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);
    (void)execve(argv[0], argv, env);
    _exit(127);
}

static bool hook_start(const struct acmecore_command *command, struct hook_child *child)
{
    int in[2];
    int out[2];
    int err[2];

    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0
        || pipe2(err, O_CLOEXEC) != 0)
        return false;
    child->pid = fork();
    if (child->pid == 0)
        hook_become(command, in, out, err);
    (void)setpgid(child->pid, child->pid);
    (void)close(in[0]);
    (void)close(out[1]);
    (void)close(err[1]);
    child->in = in[1];
    child->out = out[0];
    child->err = err[0];
    (void)fcntl(child->out, F_SETFL, O_NONBLOCK);
    (void)fcntl(child->err, F_SETFL, O_NONBLOCK);
    return child->pid > 0;
}

static bool hook_read(int fd, acmecore_sink *sink, void *arg)
{
    char bytes[65536];
    ssize_t got = read(fd, bytes, sizeof(bytes));

    if (got > 0)
        (void)sink(arg, bytes, (size_t)got);
    return got > 0;
}

static int64_t hook_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool hook_has_ended(const struct hook_child *child)
{
    siginfo_t info = { 0 };

    return waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0
           || info.si_pid == child->pid;
}

/* As core/pluginhost/services_run.c does it, in little. */
__attribute__((unused)) static int hook_run(void *arg,
                                            const struct acmecore_command *command,
                                            int *ret_exit, acmecore_sink *output,
                                            void *output_arg)
{
    struct hook_child child = { 0 };
    int64_t end_ms = hook_now_ms() + command->timeout_ms;
    int status = 0;
    bool is_over = false;
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);

    (void)arg;
    if (!hook_start(command, &child))
        return ACMECORE_E_SYSTEM;
    /* Smaller than a pipe in all these tests. */
    (void)!write(child.in, command->input ? command->input : "", command->input_size);
    (void)close(child.in);
    while (!hook_has_ended(&child) && !is_over) {
        struct pollfd fds[] = { { .fd = child.out, .events = POLLIN },
                                { .fd = child.err, .events = POLLIN } };

        (void)poll(fds, 2, 2);
        (void)hook_read(child.out, output, output_arg);
        (void)hook_read(child.err, command->errors, command->errors_arg);
        is_over = hook_now_ms() >= end_ms;
    }
    (void)kill(-child.pid, SIGKILL);
    (void)waitpid(child.pid, &status, 0);
    while (hook_read(child.out, output, output_arg))
        ;
    while (hook_read(child.err, command->errors, command->errors_arg))
        ;
    (void)close(child.out);
    (void)close(child.err);
    (void)signal(SIGPIPE, before);
    if (is_over)
        return ACMECORE_E_TIMEOUT;
    *ret_exit = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return ACMECORE_OK;
}

#endif
