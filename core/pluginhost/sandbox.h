/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process gives up before it loads a plugin. It keeps an honest plugin's faults
 * small; against a hostile one, run the plugin as another user.
 */
#ifndef AC_PLUGINHOST_SANDBOX_H
#define AC_PLUGINHOST_SANDBOX_H

#include "base/error.h"

#include <stdbool.h>

#define AC_SANDBOX_FILES_MAX 4096                 /* open at once */
#define AC_SANDBOX_DATA_MAX  (512u * 1024 * 1024) /* bytes: a leak ends here */

enum ac_sandbox_kind {
    AC_SANDBOX_PLUGIN,
    AC_SANDBOX_COMMANDS, /* they may gain privileges, as mail programs do (setgid); no
                            plugin is loaded then */
    AC_SANDBOX_NONE      /* isolation = none: to debug, or within a sandbox of others */
};

/*
 * What is the same for all plugins; pluginhost/profile is for one.
 * AC_E_SYSTEM: the kernel refused.
 */
AC_MUST enum ac_code ac_sandbox_enter(enum ac_sandbox_kind kind, struct ac_error *err);
/* Gives a command that a plugin runs its ordinary limits again. Async-signal-safe. */
bool ac_sandbox_relax(void);

#endif
