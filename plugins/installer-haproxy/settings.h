/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options, checked when the plugin is opened.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "access.h"
#include "runtime.h"

struct settings {
    const char *file; /* a pattern, lent */
    const char *list; /* path of the crt-list, lent; or NULL */
    bool has_socket;
    struct webroot_access access;
    struct runtime runtime;
};

extern const struct acmecore_option settings_options[];
#define SETTINGS_OPTION_COUNT 7

/* E_CONFIG says what is wrong. */
int settings_read(const struct acmecore_host *host, struct settings *ret_settings);

#endif
