/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options, checked when the plugin is opened.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "dialect.h"

#include <limits.h>

#define SETTINGS_PROVIDER_MAX 64

struct settings {
    const struct dialect *dialect;
    struct exec_words command;
    struct exec_words extra; /* environment-file, and HOME */
    bool is_folder;          /* of hooks, that are listed each time */
    char provider[SETTINGS_PROVIDER_MAX + 1];
    char script[PATH_MAX + SETTINGS_PROVIDER_MAX + 16]; /* acme.sh: of the provider */
    int64_t timeout_ms;                                 /* of one call */
};

extern const struct acmecore_option settings_options[];
#define SETTINGS_OPTION_COUNT 5

/* E_CONFIG says what is wrong. The settings are to be dropped in any case. */
int settings_read(const struct acmecore_host *host, struct settings *settings);
void settings_drop(struct settings *settings);

#endif
