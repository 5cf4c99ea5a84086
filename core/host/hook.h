/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command of the user's (a notification, a hook around a run), begun now, finished
 * later. It is run by a plugin host without a plugin: the process that holds keys forks
 * for nobody, and what the command prints, and how long it takes, is bounded.
 *
 * It gets a clean environment and its input on stdin; it belongs to a process group
 * that ends with it, but for what makes a session of its own; killed, it leaves
 * nothing. Its privileges are those of acmecore.
 */
#ifndef AC_HOST_HOOK_H
#define AC_HOST_HOOK_H

#include "host/process.h"

struct ac_hook_settings {
    const char *host_path;            /* acmecore-plugin-host */
    const char *about;                /* "notification", for messages */
    const struct ac_words *command;   /* the first word is an absolute path */
    const struct ac_words *variables; /* "NAME=value", beside PATH and LANG; or NULL */
    const struct ac_json *input;      /* written to its stdin as one line; or NULL */
    int64_t deadline_ms;              /* then it is killed */
};

struct ac_hook;

/* Everything is copied. AC_E_SYSTEM: no plugin host can be started. */
AC_MUST enum ac_code ac_hook_begin(const struct ac_hook_settings *settings,
                                   struct ac_hook **ret_hook, struct ac_error *err);
/* One that runs is killed. */
void ac_hook_free(struct ac_hook *hook);
AC_DEFINE_DROP(ac_hook, ac_hook_free)

/* For the loop; as in process.h. */
size_t ac_hook_fds(const struct ac_hook *hook, struct pollfd *fds);
int64_t ac_hook_wake_at_ms(const struct ac_hook *hook);
void ac_hook_step(struct ac_hook *hook);
bool ac_hook_is_done(const struct ac_hook *hook);

/*
 * AC_OK: it ended with 0. AC_E_PLUGIN: it could not be run, did not end in time, or
 * ended otherwise; the detail has the exit code and the last line it printed.
 */
AC_MUST enum ac_code ac_hook_result(const struct ac_hook *hook, struct ac_error *err);

#endif
