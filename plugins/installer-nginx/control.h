/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nginx as a program: its test of the configuration, and the reload.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <acmecore/plugin.h>

#include <stdbool.h>

/* The options control, config and prefix. */
struct control {
    const struct acmecore_host *host;
    const char *program, *config; /* lent */
    const char *prefix;           /* lent; or NULL */
};

#define CONTROL_PROGRAM "/usr/sbin/nginx"
#define CONTROL_CONFIG  "/etc/nginx/nginx.conf"

/* E_CONFIG: the program cannot be run. */
int control_open(const struct acmecore_host *host, struct control *ret_control);

/* nginx -t. E_CONFIG: it does not take its configuration; the reason has its words. */
int control_test(const struct control *control);

/* The option reload, or nginx -s reload. */
int control_reload(const struct control *control);

/* The same with the old configuration; see reload_back. */
int control_reload_back(const struct control *control, bool *ret_was_taken);

#endif
