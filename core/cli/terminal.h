/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standard error as people see it: log lines, one status line that is rewritten on a
 * terminal, and the one question that is ever asked.
 */
#ifndef AC_CLI_TERMINAL_H
#define AC_CLI_TERMINAL_H

#include "base/log.h"

#include <stddef.h>

struct ac_terminal {
    bool is_terminal;   /* standard error is one: a live status line */
    bool can_ask;       /* standard input is one, too */
    bool has_color;
    bool is_quiet;
    size_t shown_size;  /* columns of the status line that stands there now */
    int64_t started_ms;
    char last[128];     /* the last status, to print a change once elsewhere */
};

/* Looks at the descriptors. */
void ac_terminal_init(struct ac_terminal *terminal, bool is_quiet, bool has_color);
/* An ac_log_sink; arg is the terminal. */
void ac_terminal_log(void *arg, enum ac_log_level level, const char *line);
/* Shows what is going on: rewrites the line with the time elapsed on a terminal, prints a
 * line when it changed elsewhere. */
void ac_terminal_status(struct ac_terminal *terminal, const char *text);
/* Takes the status line away. */
void ac_terminal_clear(struct ac_terminal *terminal);
/*
 * Asks for a yes; anything else, the end of input, a signal and deadline_ms (monotonic)
 * are a no. Only when can_ask.
 */
bool ac_terminal_ask(struct ac_terminal *terminal, const char *question,
                     int64_t deadline_ms);

#endif
