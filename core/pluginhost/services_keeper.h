/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process between us and a command, which knows all that the command starts: whoever
 * loses its parent becomes the keeper's child, also in a session of its own.
 *
 * It ends as the command does. When the command ends by itself, what is left in its
 * process group is killed after a moment, and all else lives on: a server that a hook
 * restarted has made a session of its own, and is no leftover. When the
 * keeper is told to end (SIGTERM), or we die, nothing of the command is left.
 */
#ifndef AC_PLUGINHOST_SERVICES_KEEPER_H
#define AC_PLUGINHOST_SERVICES_KEEPER_H

#include <stdbool.h>
#include <sys/types.h>

#define AC_KEEPER_LEAVE_MS 500 /* in which a server leaves the group it began in */
#define AC_KEEPER_KILL_MS  300 /* in which all of a command is killed and reaped */
#define AC_KEEPER_END_MS   400 /* in which a keeper that is told to has ended */

/* What the command's process does, between fork and exec; async-signal-safe. It leads a
 * process group of its own. */
struct ac_keeper_command {
    void (*become)(const void *arg, pid_t parent); /* never returns */
    const void *arg;
};

/* Starts a keeper and its command; -1: errno says why. Exit code of the keeper: that of
 * the command, or 128 + the signal. */
pid_t ac_keeper_start(const struct ac_keeper_command *command);
/* Ends it with all that the command started, and reaps it. pid_fd: -1: none. */
void ac_keeper_end(pid_t keeper, int pid_fd);

#endif
