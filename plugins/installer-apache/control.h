/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program that controls Apache: apache2ctl, httpd or apachectl. All that is asked
 * of the server goes through it.
 */
#ifndef APACHE_CONTROL_H
#define APACHE_CONTROL_H

#include "dump.h"

#include <limits.h>

struct apache_control {
    const struct acmecore_host *host;
    char program[PATH_MAX];
    const char *config;              /* the main file; NULL: the program's own */
    char environment[PATH_MAX + 32]; /* "APACHE_CONFDIR=/etc/apache2-x", or "" */
};

/* Finds it, as the options `control` and `config` say. E_CONFIG: there is none. */
int apache_control_find(const struct acmecore_host *host,
                        struct apache_control *ret_control);

/*
 * What the configuration comes to. E_CONFIG: Apache does not accept it; that is
 * recorded in these words ("Apache does not accept …"), followed by Apache's own.
 *
 * load   a directive to be read before all others ("LoadModule ssl_module …"); or NULL
 */
int apache_control_dump(const struct apache_control *control, const char *load,
                        const char *words, struct apache_dump *ret_dump);

/* Does Apache accept its configuration? E_CONFIG as above. */
int apache_control_test(const struct apache_control *control, const char *words);

/* Reads the configuration anew without dropping a request. Apache must be running. */
int apache_control_graceful(const struct apache_control *control);

/* For a server that ended. unit: the service of systemd that it was in; or "". */
int apache_control_start(const struct apache_control *control, const char *unit);

enum apache_activity {
    APACHE_INACTIVE, /* or nobody knows */
    APACHE_ACTIVATING,
    APACHE_ACTIVE
};

/* How far this service of systemd is. */
enum apache_activity apache_control_look(const struct apache_control *control,
                                         const char *unit);

#endif
