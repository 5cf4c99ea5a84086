/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A note is a symbolic link whose target is the path: the one kind of file whose whole
 * content appears at once, so that a kill at any instant leaves no half a note, and
 * two processes cannot lose each other's. Nobody ever follows it.
 */
#include "created.h"

#include "beneath.h"
#include "trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct note_name {
    char text[sizeof "created-" + 16];
};

static int open_folder(const struct acmecore_host *host);
static struct note_name name_for(const char *path);
static bool is_noted(int folder_fd, const char *name, const char *path);

int webroot_created_note(const struct acmecore_host *host, const char *path,
                         bool *ret_is_new)
{
    WEBROOT_AUTO_FD folder_fd = open_folder(host);
    struct note_name name = name_for(path);

    if (folder_fd >= 0 && symlinkat(path, folder_fd, name.text) == 0) {
        *ret_is_new = true;
        return ACMECORE_OK;
    }
    if (folder_fd < 0 || errno != EEXIST || !is_noted(folder_fd, name.text, path)) {
        return webroot_trouble(host, ACMECORE_E_SYSTEM, "write a note into",
                               host->folder, errno);
    }
    *ret_is_new = false;
    return ACMECORE_OK;
}

bool webroot_created_has(const struct acmecore_host *host, const char *path)
{
    WEBROOT_AUTO_FD folder_fd = open_folder(host);
    struct note_name name = name_for(path);

    return folder_fd >= 0 && is_noted(folder_fd, name.text, path);
}

void webroot_created_forget(const struct acmecore_host *host, const char *path)
{
    WEBROOT_AUTO_FD folder_fd = open_folder(host);
    struct note_name name = name_for(path);

    if (folder_fd >= 0 && is_noted(folder_fd, name.text, path))
        (void)unlinkat(folder_fd, name.text, 0);
}

static int open_folder(const struct acmecore_host *host)
{
    return open(host->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* FNV-1a: a path is longer than a file name may be. Two paths with one name are told
 * apart by the note's content. */
static struct note_name name_for(const char *path)
{
    struct note_name name;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *path; path++)
        hash = (hash ^ (unsigned char)*path) * UINT64_C(0x100000001b3);
    (void)snprintf(name.text, sizeof name.text, "created-%016" PRIx64, hash);
    return name;
}

static bool is_noted(int folder_fd, const char *name, const char *path)
{
    char noted[PATH_MAX];
    ssize_t size = readlinkat(folder_fd, name, noted, sizeof noted);

    return size >= 0 && (size_t)size == strlen(path)
           && memcmp(noted, path, (size_t)size) == 0;
}
