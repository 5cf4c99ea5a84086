/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option `reload`: each item is a command line (see command.h), or the name of a
 * systemd unit, for which it is `systemctl reload UNIT`.
 */
#ifndef RELOAD_H
#define RELOAD_H

#include <acmecore/plugin.h>

#define RELOAD_SECONDS_MAX  86400
#define RELOAD_COMMANDS_MAX 16

/* E_CONFIG: one of them cannot be run. */
int reload_check(const struct acmecore_host *host);

/* One after the other, until one fails. */
int reload_run(const struct acmecore_host *host);

/* All of them, whatever becomes of one. Returns the first failure. */
int reload_all(const struct acmecore_host *host);

#endif
