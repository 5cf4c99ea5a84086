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
    bool is_live;  /* standard error is a terminal that can rewrite a line */
    bool is_plain; /* it is a terminal that cannot: a line for each change */
    bool can_ask;  /* standard error and input are terminals */
    bool has_color;
    bool is_quiet;
    bool is_verbose;   /* the log is shown: as it is, and in the place of plain lines */
    size_t shown_size; /* columns of the status line that stands there now */
    int64_t started_ms;
    char last[512]; /* what was shown last, to write only what changed */
};

/*
 * Puts something that cannot be used in the place of a standard stream that was closed,
 * so that no file that is opened later takes its number and gets our output.
 */
void ac_terminal_guard(void);
/* Looks at the descriptors, and at NO_COLOR and TERM in the environment. */
void ac_terminal_init(struct ac_terminal *terminal, bool is_quiet, bool has_color);
/* An ac_log_sink; arg is the terminal. What people must know becomes a sentence. */
void ac_terminal_log(void *arg, enum ac_log_level level, const char *line);
/* Shows what is going on: rewrites the line with the time elapsed on a terminal, prints
 * a line when it changed on one that cannot, and nothing elsewhere: nobody watches. */
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
