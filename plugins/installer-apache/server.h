/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running server, as /proc shows it. `httpd -k graceful` only sends a signal: when
 * the new configuration cannot be used, the server ends afterwards. So somebody has to
 * look whether it came through: its parent is there still, with children that are
 * younger than the signal.
 */
#ifndef APACHE_SERVER_H
#define APACHE_SERVER_H

#include "text.h"
#include "unit.h"

#include <sys/types.h>

#define APACHE_RELOAD_FILE "reload"
#define APACHE_BOOT_SIZE   40 /* bytes; a UUID as text with NUL is 37 */

/* A moment in the life of a server. */
struct apache_server {
    pid_t pid;
    unsigned long long born_at;  /* ticks since boot; 0: not known */
    unsigned long long told_at;  /* the same, when it was told to reload */
    char boot[APACHE_BOOT_SIZE]; /* since which one that is; "": not known */
    char unit[APACHE_UNIT_SIZE]; /* systemd's service of it; "": none */
};

/* The server of this PidFile. E_REFUSED: it is not running; recorded. */
int apache_server_find(const struct acmecore_host *host, const char *pid_file,
                       struct apache_server *ret_server);

/* Is this very process there still? */
bool apache_server_is_alive(const struct apache_server *server);

/* Has the machine been started anew since it was told to reload? */
bool apache_server_is_of_other_boot(const struct apache_server *server);

/* Has it a child that began after told_at? True, too, where /proc does not show it. */
bool apache_server_has_reloaded(const struct apache_server *server);

/* In host->folder: it is about to be told to reload, now. */
int apache_server_remember(const struct acmecore_host *host,
                           struct apache_server *server);
/* ACMECORE_E_NOTFOUND: it was not told; nothing is recorded. */
int apache_server_recall(const struct acmecore_host *host,
                         struct apache_server *ret_server);
int apache_server_forget(const struct acmecore_host *host);

#endif
