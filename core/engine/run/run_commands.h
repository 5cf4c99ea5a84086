/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of the user's, run in the loop of a run: side by side, each with its own
 * time. What one does costs the others nothing.
 */
#ifndef AC_ENGINE_RUN_COMMANDS_H
#define AC_ENGINE_RUN_COMMANDS_H

#include "engine/command/user_command.h"
#include "engine/run/run.h"

struct ac_run_command {
    const char *about; /* "pre-hook", for messages */
    const struct ac_user_command *command;
    const struct ac_json *input; /* on its stdin, as one line */
    struct ac_error why;         /* what came of it; code AC_OK: it ended well */
};

/*
 * Ends when all have ended. After a signal they have grace_ms left; 0: none is begun
 * then, and those under way are killed. Fails only when the loop does.
 */
AC_MUST enum ac_code ac_run_commands(struct ac_run *run,
                                     struct ac_run_command *commands, size_t count,
                                     int64_t grace_ms, struct ac_error *err);
/* Lets the loop run for so long, or until a signal comes. */
AC_MUST enum ac_code ac_run_pause(struct ac_run *run, int64_t pause_ms,
                                  struct ac_error *err);

#endif
