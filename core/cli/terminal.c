/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include "base/clock.h"
#include "cli/output.h"
#include "cli/prose.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 80
#define ANSWER_SIZE     16
#define LOOK_MS         100 /* how often a question looks for signals */
#define PROSE_SIZE      2048
#define CLEAR           "\033[K" /* to the end of the line */

void ac_terminal_guard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

/* Set and not empty: https://no-color.org/ */
static bool wants_color(void)
{
    const char *no_color = getenv("NO_COLOR");

    return !no_color || no_color[0] == '\0';
}

void ac_terminal_init(struct ac_terminal *terminal, bool is_quiet, bool has_color)
{
    const char *kind = getenv("TERM");
    bool is_terminal = isatty(STDERR_FILENO) == 1;
    bool is_live = is_terminal && kind && strcmp(kind, "dumb") != 0;
    bool is_heard = ac_output_is_heard(); /* by whom a status is no record */

    *terminal = (struct ac_terminal){
        .is_live = is_live,
        .is_plain = is_terminal && !is_live,
        .can_ask = is_terminal && isatty(STDIN_FILENO) == 1,
        .has_color = is_live && has_color && wants_color(),
        .is_quiet = is_quiet || is_heard,
        .started_ms = ac_clock_now_ms(),
    };
}

void ac_terminal_clear(struct ac_terminal *terminal)
{
    /* To the end of the line: the terminal itself may have put a "^C" there. */
    if (terminal->shown_size > 0)
        ac_output_say("\r" CLEAR);
    terminal->shown_size = 0;
    if (terminal->is_live)
        terminal->last[0] = '\0';
}

void ac_terminal_log(void *arg, enum ac_log_level level, const char *line)
{
    struct ac_terminal *terminal = arg;
    static const char *const colors[] = {
        [AC_LOG_ERROR] = "\033[31m", [AC_LOG_WARN] = "\033[33m", [AC_LOG_INFO] = "",
        [AC_LOG_DEBUG] = "\033[2m",  [AC_LOG_TRACE] = "",
    };
    const char *color = terminal->has_color ? colors[level] : "";
    const char *reset = color[0] != '\0' ? "\033[0m" : "";
    char sentence[PROSE_SIZE];

    ac_terminal_clear(terminal);
    if (terminal->is_verbose || level > AC_LOG_WARN) {
        ac_output_say("%s%s%s\n", color, line, reset);
        return;
    }
    ac_output_say("acmecore: %s%s:%s %s\n", color,
                  level == AC_LOG_WARN ? "warning" : "error", reset,
                  ac_prose(line, sentence, sizeof sentence));
}

static size_t columns(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        return (size_t)size.ws_col;
    return COLUMNS_DEFAULT;
}

/* One line, cut to the terminal's width so that it can be rewritten. */
static void rewrite(struct ac_terminal *terminal, const char *text)
{
    char line[sizeof terminal->last];
    int64_t elapsed_ms = ac_clock_now_ms() - terminal->started_ms;

    (void)snprintf(line, sizeof line, "[%3d.%d s] %s", (int)(elapsed_ms / 1000),
                   (int)(elapsed_ms % 1000 / 100), text);
    size_t size = strnlen(line, columns() - 1);
    while (size > 0 && ((unsigned char)line[size] & 0xC0u) == 0x80u)
        size--; /* not within a character */
    line[size] = '\0';
    if (strcmp(terminal->last, line) == 0)
        return;
    /* In one write, so that nobody sees it empty. */
    ac_output_say("\r%s" CLEAR, line);
    terminal->shown_size = size;
    memcpy(terminal->last, line, size + 1);
}

void ac_terminal_status(struct ac_terminal *terminal, const char *text)
{
    if (terminal->is_quiet)
        return;
    if (terminal->is_live) {
        rewrite(terminal, text);
        return;
    }
    if (!terminal->is_plain || terminal->is_verbose
        || strncmp(terminal->last, text, sizeof terminal->last - 1) == 0)
        return;
    (void)snprintf(terminal->last, sizeof terminal->last, "%s", text);
    ac_output_say("%s\n", text);
}

/* The loop has blocked the signals; one that waits means no, and the end of the run. */
static bool note_signal(void)
{
    const struct timespec at_once = { 0 };
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGHUP);
    int number = sigtimedwait(&signals, NULL, &at_once);
    if (number <= 0)
        return false;
    ac_clock_cancel(number);
    return true;
}

/* A line of standard input, with its newline; "" for none. */
static void read_answer(char answer[ANSWER_SIZE], int64_t deadline_ms)
{
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

    answer[0] = '\0';
    while (poll(&input, 1, LOOK_MS) <= 0) {
        if (note_signal() || ac_clock_now_ms() >= deadline_ms)
            return;
    }
    ssize_t size = read(STDIN_FILENO, answer, ANSWER_SIZE - 1);
    answer[size > 0 ? size : 0] = '\0';
}

bool ac_terminal_ask(struct ac_terminal *terminal, const char *question,
                     int64_t deadline_ms)
{
    char answer[ANSWER_SIZE];

    if (!terminal->can_ask)
        return false;
    ac_terminal_clear(terminal);
    ac_output_say("%s [y/N] ", question);
    read_answer(answer, deadline_ms);
    if (!strchr(answer, '\n')) {
        /* Nobody ended the line; and what is left of it is not for the shell. */
        ac_output_tell("\n");
        (void)tcflush(STDIN_FILENO, TCIFLUSH);
    }
    return strcasecmp(answer, "y\n") == 0 || strcasecmp(answer, "yes\n") == 0;
}
