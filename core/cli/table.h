/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to options*.c: the tables of commands and options.
 */
#ifndef AC_CLI_TABLE_H
#define AC_CLI_TABLE_H

#include "cli/options.h"

#include <stddef.h>

struct ac_command_rule {
    const char *words;     /* "account register" */
    const char *arguments; /* "NAME", or "" when there are none */
    const char *summary;
    size_t minimum, maximum; /* number of arguments */
};
extern const struct ac_command_rule ac_command_rules[AC_COMMAND_COUNT];

enum ac_option_kind {
    AC_OPTION_FLAG,  /* bool = true */
    AC_OPTION_COUNT, /* unsigned + 1 */
    AC_OPTION_TEXT,  /* char *; may be given once */
    AC_OPTION_WORDS, /* struct ac_words; may be repeated */
    AC_OPTION_NUMBER /* int64_t in [minimum, maximum] */
};

#define AC_OPTION_RULES_MAX 128

#define AC_BIT(command) (1u << AC_COMMAND_##command)
#define AC_FOR_ALL      (~0u)

struct ac_option_rule {
    const char *name; /* without "--" */
    char letter;      /* 0: none */
    enum ac_option_kind kind;
    size_t offset; /* in struct ac_options */
    unsigned commands;
    const char *argument; /* "NAME"; NULL for flags */
    int64_t minimum, maximum;
    const char *help;
};
extern const struct ac_option_rule ac_option_rules[];
extern const size_t ac_option_rule_count;

#endif
