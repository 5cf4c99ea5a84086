/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option `reload`: each item is a command line (see command.h), or the name of a
 * systemd unit, for which it is `systemctl reload UNIT`.
 */
#ifndef RELOAD_H
#define RELOAD_H

#include <acmecore/plugin.h>

#include <stdbool.h>

#define RELOAD_SECONDS_MAX  86400
#define RELOAD_COMMANDS_MAX 16

/* E_CONFIG: one of them cannot be run. */
int reload_check(const struct acmecore_host *host);

/* One after the other, until one fails: then those before it are noted in the host's
 * folder. */
int reload_run(const struct acmecore_host *host);

/* All of them once more, whatever becomes of one. Returns the first failure;
 * *ret_was_taken: one of those failed that had ended well in reload_run. */
int reload_back(const struct acmecore_host *host, bool *ret_was_taken);

/* What was noted may go. */
int reload_forget(const struct acmecore_host *host);

#endif
