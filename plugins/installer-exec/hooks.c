/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"

#include "command.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0700

static int is_hook(const struct dirent *entry);
static int add_hook(const struct acmecore_host *host, const char *folder,
                    const char *name, struct exec_words *paths);
static bool is_link_to(const char *path, const char *target);

int hooks_list(const struct acmecore_host *host, const char *folder,
               struct exec_words *ret_paths)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_hook, alphasort);
    int status = ACMECORE_OK;

    if (count < 0) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG, "option command: %s: %s",
                          folder, strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        if (status == ACMECORE_OK)
            status = add_hook(host, folder, entries[i]->d_name, ret_paths);
        free(entries[i]);
    }
    free(entries);
    return status;
}

int hooks_link_lineage(const struct acmecore_host *host, const char *name,
                       const char *folder_path, char *lineage)
{
    char folder[PATH_MAX];
    int size = snprintf(folder, sizeof folder, "%s/" HOOKS_LIVE, host->folder);

    if (size >= PATH_MAX || strchr(name, '/') || strcmp(name, "..") == 0
        || strcmp(name, ".") == 0
        || snprintf(lineage, PATH_MAX, "%s/" HOOKS_LIVE "/%s", host->folder, name)
               >= PATH_MAX) {
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "%s: the name cannot be that of a folder", name);
    }
    if (is_link_to(lineage, folder_path))
        return ACMECORE_OK;
    if ((mkdir(folder, FOLDER_MODE) != 0 && errno != EEXIST)
        || (unlink(lineage) != 0 && errno != ENOENT)
        || symlink(folder_path, lineage) != 0) {
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "cannot make the link %s: %s",
                          lineage, strerror(errno));
    }
    return ACMECORE_OK;
}

static int is_hook(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);

    return entry->d_name[0] != '.' && entry->d_name[size - 1] != '~';
}

/* A folder in it, or a file that cannot be run, is no hook. */
static int add_hook(const struct acmecore_host *host, const char *folder,
                    const char *name, struct exec_words *paths)
{
    char path[PATH_MAX];
    struct stat status;
    const char *why = NULL;

    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX
        || stat(path, &status) != 0 || !S_ISREG(status.st_mode)
        || access(path, X_OK) != 0)
        return ACMECORE_OK;
    why = paths->count == HOOKS_MAX ? "there are more than 100 hooks in the folder"
                                    : exec_command_check(path);
    if (!why)
        exec_words_add(paths, path);
    if (!why && !paths->wrong)
        return ACMECORE_OK;
    return host->fail(host->ctx, why ? ACMECORE_E_CONFIG : ACMECORE_E_SYSTEM,
                      "option command: %s: %s", path, why ? why : paths->wrong);
}

static bool is_link_to(const char *path, const char *target)
{
    char found[PATH_MAX];
    ssize_t size = readlink(path, found, sizeof found);

    return size >= 0 && (size_t)size == strlen(target)
           && memcmp(found, target, (size_t)size) == 0;
}
