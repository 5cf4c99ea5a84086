/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes by descent, as /proc has them. Makes system calls only and allocates
 * nothing, so that a process may use it that was forked from one with threads.
 */
#ifndef AC_BASE_FAMILY_H
#define AC_BASE_FAMILY_H

#include <stdbool.h>
#include <sys/types.h>

#define AC_FAMILY_MAX        4096 /* processes of one family that are kept track of */
#define AC_FAMILY_PASSES_MAX 16   /* looks for what was started while we looked */

struct ac_relative {
    pid_t pid, parent, session;
};

typedef void ac_family_visit(void *arg, const struct ac_relative *relative);

/* Calls visit for each process that can be seen. False: /proc cannot be read. */
bool ac_family_look(ac_family_visit *visit, void *arg);
/* "PID (NAME) STATE PARENT GROUP SESSION …", as in /proc/PID/stat; `text` ends with
 * NUL. A name may have blanks and parentheses. */
bool ac_family_parse(const char *text, struct ac_relative *ret_relative);
/* Sends SIGKILL to all children of a process; false: /proc cannot be read. */
bool ac_family_kill_children(pid_t parent);
/*
 * Kills all of a session, and all that descends from it and has gone to a session of
 * its own. They are stopped before the first is killed, because the children of a dead
 * process are nobody's. Never ourselves.
 */
void ac_family_end(pid_t session);

#endif
