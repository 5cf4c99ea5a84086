/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/command/user_command.h"

#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_ALPHABET                                                                  \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:@"
#define NAME_MAX_SIZE 200 /* of a section, as config.c has it */

static enum ac_code read_timeout(const struct ac_config_command *section,
                                 int64_t *timeout_ms, struct ac_error *err)
{
    const char *text = ac_values_text(&section->timeout, NULL);
    int64_t seconds;

    if (!text)
        return AC_OK;
    if (ac_text_parse_number(text, 1, AC_USER_COMMAND_TIMEOUT_MAX_S, &seconds, err)
        != AC_OK) {
        return ac_fail(err, AC_E_USAGE, "timeout is a number of seconds from 1 to %d",
                       AC_USER_COMMAND_TIMEOUT_MAX_S);
    }
    *timeout_ms = seconds * 1000;
    return AC_OK;
}

enum ac_code ac_user_command_read(const struct ac_config_command *section,
                                  int64_t timeout_ms,
                                  struct ac_user_command *ret_command,
                                  struct ac_error *err)
{
    AC_AUTO(ac_user_command) command = { .timeout_ms = timeout_ms };

    AC_TRY(read_timeout(section, &command.timeout_ms, err));
    AC_TRY(ac_memory_copy_text(section->name, &command.name, err));
    for (size_t i = 0; i < section->command.count; i++)
        AC_TRY(ac_words_add(&command.words, section->command.items[i].text, err));
    *ret_command = command;
    command = (struct ac_user_command){ 0 };
    return AC_OK;
}

enum ac_code ac_user_command_of_path(const char *path, int64_t timeout_ms,
                                     struct ac_user_command *ret_command,
                                     struct ac_error *err)
{
    AC_AUTO(ac_user_command) command = { .timeout_ms = timeout_ms };

    AC_TRY(ac_memory_copy_text(path, &command.name, err));
    AC_TRY(ac_words_add(&command.words, path, err));
    *ret_command = command;
    command = (struct ac_user_command){ 0 };
    return AC_OK;
}

void ac_user_command_done(struct ac_user_command *command)
{
    free(command->name);
    ac_words_done(&command->words);
    *command = (struct ac_user_command){ 0 };
}

enum ac_code ac_user_command_check_reference(const char *reference,
                                             struct ac_error *err)
{
    if (reference[0] == '/'
        || ac_text_is_made_of(reference, NAME_ALPHABET, 1, NAME_MAX_SIZE))
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "\"%s\" is neither the absolute path of a program nor the name of a "
                   "section of the configuration",
                   reference);
}

enum ac_code ac_user_command_check_file(const char *path, struct ac_error *err)
{
    struct stat status;

    if (path[0] != '/') {
        return ac_fail(err, AC_E_USAGE,
                       "the configuration has no section of the name \"%s\", and an "
                       "absolute path it is not",
                       path);
    }
    enum ac_code code = ac_file_check_trust(path, err);
    if (code == AC_E_NOMEM)
        return code;
    if (code != AC_OK)
        return err->code = AC_E_USAGE;
    if (stat(path, &status) != 0)
        return ac_fail_errno(err, AC_E_USAGE, errno, "cannot look at %s", path);
    if (!S_ISREG(status.st_mode) || access(path, X_OK) != 0)
        return ac_fail(err, AC_E_USAGE, "%s is no program that can be run", path);
    return AC_OK;
}
