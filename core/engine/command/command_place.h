/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the configuration speaks of a command of the user's, for those who are to mend
 * it. Pure.
 */
#ifndef AC_ENGINE_COMMAND_PLACE_H
#define AC_ENGINE_COMMAND_PLACE_H

#include "config/config.h"

/* What is looked for. All is lent. */
struct ac_command_mention {
    const char *setting;     /* "notify", "pre-hook" */
    const char *reference;   /* its value: a path, or the name of a section */
    const char *certificate; /* whose setting it may be */
    /* The section of that name; NULL: there is none. */
    const struct ac_config_command *section;
};

/* The command of the section, else where the reference is said. path NULL: nowhere. */
struct ac_place ac_command_place(const struct ac_config *config,
                                 const struct ac_command_mention *mention);
/*
 * Fails with AC_E_USAGE and, before `why`, that place and what is meant:
 * "acmecore.conf:7: pre-hook web: …", or, where no configuration says it, the option.
 */
AC_MUST enum ac_code ac_command_fail(const struct ac_config *config,
                                     const struct ac_command_mention *mention,
                                     const struct ac_error *why, struct ac_error *err);

#endif
