/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options, checked when the plugin is opened.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "access.h"

#include <stdbool.h>

/* What a file may hold. */
enum settings_kind {
    SETTINGS_KEY,
    SETTINGS_CERT,
    SETTINGS_CHAIN,
    SETTINGS_FULLCHAIN,
    SETTINGS_COMBINED, /* the key, then the leaf and what follows it */
    SETTINGS_PKCS12,
    SETTINGS_KINDS
};

struct settings {
    const char *paths[SETTINGS_KINDS]; /* patterns, lent; NULL: not wanted */
    struct webroot_access access;      /* mode: only if has_mode */
    bool has_mode;
};

extern const struct acmecore_option settings_options[];
#define SETTINGS_OPTION_COUNT 12

/* E_CONFIG says what is wrong. */
int settings_read(const struct acmecore_host *host, struct settings *ret_settings);

/* The name of the option. */
const char *settings_name_of(enum settings_kind kind);

bool settings_has_key(enum settings_kind kind);

/* Owner, group and mode of such a file. */
struct webroot_access settings_access_of(const struct settings *settings,
                                         enum settings_kind kind);

#endif
