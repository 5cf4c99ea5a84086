/* SPDX-License-Identifier: Apache-2.0 */
#include "store/deployed.h"

#include "store/store_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TARGET        "../" AC_STORE_VERSIONS "/"
#define LINK_MAX_SIZE 64

enum ac_code ac_deployed_path(const struct ac_store *store, const char *name,
                              const char *installer, const char *item, char **ret_path,
                              struct ac_error *err)
{
    AC_AUTO_TEXT char *below = NULL;

    AC_TRY(ac_store_check_name(installer, err));
    AC_TRY(ac_memory_format(&below, err, AC_STORE_DEPLOYED "/%s%s%s", installer,
                            item ? "/" : "", item ? item : ""));
    return ac_store_path(store, AC_STORE_CERTIFICATES, name, below, ret_path, err);
}

enum ac_code ac_deployed_turn(struct ac_store *store, const char *name,
                              const char *installer, unsigned number,
                              struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;
    AC_AUTO_TEXT char *path = NULL;
    char target[LINK_MAX_SIZE];

    AC_TRY(ac_deployed_path(store, name, installer, NULL, &path, err));
    AC_TRY(ac_store_path(store, AC_STORE_CERTIFICATES, name, AC_STORE_DEPLOYED, &folder,
                         err));
    AC_TRY(ac_store_make_folders(store, folder, err));
    (void)snprintf(target, sizeof target, TARGET AC_STORE_NUMBER_TEXT, number);
    return ac_file_replace_link(path, target, err);
}

enum ac_code ac_deployed_version(const struct ac_store *store, const char *name,
                                 const char *installer, unsigned *ret_number,
                                 struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    char target[LINK_MAX_SIZE] = "";

    AC_TRY(ac_deployed_path(store, name, installer, NULL, &path, err));
    ssize_t size = readlink(path, target, sizeof target - 1);
    if (size < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return ac_fail(err, AC_E_NOTFOUND, "%s has not been deployed by %s", name,
                       installer);
    }
    if (size < 0)
        return ac_fail_errno(err, AC_E_STORE, errno, "cannot read the link %s", path);
    target[size] = '\0';
    if (strncmp(target, TARGET, strlen(TARGET)) == 0
        && ac_store_parse_number(target + strlen(TARGET), ret_number))
        return AC_OK;
    return ac_fail(
        err, AC_E_STORE,
        "%s leads to \"%s\", which is no version; remove it and deploy again", path,
        target);
}

enum ac_code ac_deployed_remove(struct ac_store *store, const char *name,
                                const char *installer, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_deployed_path(store, name, installer, NULL, &path, err));
    return ac_file_remove(path, err);
}

enum ac_code ac_deployed_list(const struct ac_store *store, const char *name,
                              struct ac_words *ret_installers, struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;

    AC_TRY(ac_store_path(store, AC_STORE_CERTIFICATES, name, AC_STORE_DEPLOYED, &folder,
                         err));
    return ac_file_list(folder, ret_installers, err);
}
