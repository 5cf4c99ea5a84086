/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options that all plugins have who run commands.
 */
#ifndef EXEC_OPTION_H
#define EXEC_OPTION_H

#include "words.h"

#include <acmecore/plugin.h>

#include <stdint.h>

/* An item of an option as the words of a command that may be run. E_CONFIG says what is
 * wrong with it. */
int exec_option_command(const struct acmecore_host *host, const char *option,
                        size_t index, struct exec_words *words);

/* Records that the command of an option is not as it has to be. */
int exec_option_refuse(const struct acmecore_host *host, const char *option,
                       const char *text, const char *why);

/* The option `environment-file`, and HOME where it says none. */
int exec_option_environment(const struct acmecore_host *host, struct exec_words *extra);

/* A number of seconds as milliseconds; 0: not given. */
int64_t exec_option_ms(const struct acmecore_host *host, const char *option);

#endif
