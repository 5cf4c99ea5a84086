/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command of the user's as a value: a section of the configuration (notify, hook), or
 * the absolute path of a program, which then gets no arguments. There is no shell.
 */
#ifndef AC_ENGINE_USER_COMMAND_H
#define AC_ENGINE_USER_COMMAND_H

#include "config/config.h"

#define AC_USER_COMMAND_NONE          "none" /* the reference that means: nobody */
#define AC_USER_COMMAND_TIMEOUT_MAX_S 3600

struct ac_user_command {
    char *name;            /* of its section, or its path */
    struct ac_words words; /* the first is its path */
    int64_t timeout_ms;
};

/* timeout_ms: where the section does not say it. AC_E_USAGE: its timeout is none. */
AC_MUST enum ac_code ac_user_command_read(const struct ac_config_command *section,
                                          int64_t timeout_ms,
                                          struct ac_user_command *ret_command,
                                          struct ac_error *err);
AC_MUST enum ac_code ac_user_command_of_path(const char *path, int64_t timeout_ms,
                                             struct ac_user_command *ret_command,
                                             struct ac_error *err);
void ac_user_command_done(struct ac_user_command *command);
AC_DEFINE_DROP_VALUE(ac_user_command, ac_user_command_done)

/* Can this refer to a command: an absolute path, the name of a section, or "none"?
 * AC_E_USAGE: no. */
AC_MUST enum ac_code ac_user_command_check_reference(const char *reference,
                                                     struct ac_error *err);
/* Can this program be run now, and only root or we change it? AC_E_USAGE: no. */
AC_MUST enum ac_code ac_user_command_check_file(const char *path, struct ac_error *err);

#endif
