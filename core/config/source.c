/* SPDX-License-Identifier: Apache-2.0 */
#include "config/source.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

#define NAME_ALPHABET       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
#define CREDENTIAL_ALPHABET NAME_ALPHABET "-.@:"
#define NAME_MAX_SIZE       255

/* What follows the scheme; NULL: it has another one. */
static const char *after(const char *source, const char *scheme)
{
    size_t size = strlen(scheme);

    return strncmp(source, scheme, size) == 0 ? source + size : NULL;
}

static const char *path_of(const char *source)
{
    const char *path = after(source, "file:");

    return path ? path : source;
}

static bool is_variable(const char *name)
{
    return ac_text_is_made_of(name, NAME_ALPHABET, 1, NAME_MAX_SIZE);
}

static bool is_credential(const char *name)
{
    return ac_text_is_made_of(name, CREDENTIAL_ALPHABET, 1, NAME_MAX_SIZE)
           && name[0] != '.';
}

enum ac_code ac_source_check(const char *source, struct ac_error *err)
{
    const char *variable = after(source, "env:");
    const char *credential = after(source, "credential:");
    bool is_good = variable     ? is_variable(variable)
                   : credential ? is_credential(credential)
                                : path_of(source)[0] == '/';

    if (is_good)
        return AC_OK;
    /* What was written may be the secret itself, so it is not repeated. */
    return ac_fail(err, AC_E_USAGE,
                   "where the secret is, is " AC_SOURCE_FORMS
                   "; the secret itself is not written here");
}

bool ac_source_is_here(const char *source)
{
    return !after(source, "credential:") || getenv("CREDENTIALS_DIRECTORY");
}

static enum ac_code read_variable(const char *name, size_t limit,
                                  struct ac_secret *ret_secret, struct ac_error *err)
{
    const char *value = getenv(name);

    if (!value || value[0] == '\0') {
        return ac_fail(err, AC_E_USAGE, "env:%s: the variable is not set, or is empty",
                       name);
    }
    if (strlen(value) > limit) {
        return ac_fail(err, AC_E_INVALID, "env:%s is longer than %zu bytes", name,
                       limit);
    }
    return ac_secret_copy(value, strlen(value), ret_secret, err);
}

static enum ac_code read_credential(const char *name, size_t limit,
                                    struct ac_secret *ret_secret, struct ac_error *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    AC_AUTO_TEXT char *path = NULL;

    if (!folder || folder[0] != '/') {
        return ac_fail(err, AC_E_USAGE,
                       "credential:%s: there are no credentials here "
                       "(CREDENTIALS_DIRECTORY is not set; a service gets them by "
                       "LoadCredential=)",
                       name);
    }
    AC_TRY(ac_memory_format(&path, err, "%s/%s", folder, name));
    return ac_file_read_credential(path, limit, ret_secret, err);
}

enum ac_code ac_source_read(const char *source, size_t limit,
                            struct ac_secret *ret_secret, struct ac_error *err)
{
    const char *variable = after(source, "env:");
    const char *credential = after(source, "credential:");

    AC_TRY(ac_source_check(source, err));
    if (variable)
        return read_variable(variable, limit, ret_secret, err);
    if (credential)
        return read_credential(credential, limit, ret_secret, err);
    return ac_file_read_secret(path_of(source), limit, ret_secret, err);
}
