/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The systemd unit that a server belongs to. What is started from within another unit
 * ends with that: so a server that had one of its own is started through systemd.
 */
#ifndef APACHE_UNIT_H
#define APACHE_UNIT_H

#include <stdbool.h>
#include <sys/types.h>

#define APACHE_UNIT_SIZE 256 /* bytes, with NUL: UNIT_NAME_MAX of systemd */

/* The service of this process; false: it has none, or ours, or there is no systemd. */
bool apache_unit_of(pid_t pid, char unit[APACHE_UNIT_SIZE]);

/* The same, of what /proc/PID/cgroup says. A service of a user's own systemd is none
 * that `systemctl start` of root knows. */
bool apache_unit_parse(const char *cgroups, char unit[APACHE_UNIT_SIZE]);

#endif
