/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options, read and checked once, before a CA is asked for anything.
 */
#ifndef EXEC_SETTINGS_H
#define EXEC_SETTINGS_H

#include "dialect.h"

#include <limits.h>

#define EXEC_PROVIDER_MAX 64

struct exec_settings {
    const struct exec_dialect *dialect;
    struct exec_words command;
    struct exec_words cleanup; /* empty: the same */
    struct exec_words extra;   /* environment-file, and HOME */
    char provider[EXEC_PROVIDER_MAX + 1];
    char script[PATH_MAX + EXEC_PROVIDER_MAX + 16]; /* acme.sh: of the provider */
    int64_t timeout_ms;                             /* of one call */
    int64_t settle_ms;
};

extern const struct acmecore_option exec_options[];
#define EXEC_OPTION_COUNT 7

/* Only what has http-01 is taken for `is_http`. E_CONFIG says what is wrong. The
 * settings are to be dropped in any case. */
int exec_settings_read(const struct acmecore_host *host, bool is_http,
                       struct exec_settings *settings);
void exec_settings_drop(struct exec_settings *settings);

#endif
