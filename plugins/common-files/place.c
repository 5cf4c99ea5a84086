/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(const struct files_place *place, const char *why);
static int trouble(const struct files_place *place, const char *act);
static bool split(const char *path, char folder[PATH_MAX], const char **ret_name);
static int check_folder(const struct files_place *place);
static int create(const struct files_place *place);
static int write_all(int fd, const struct files_blob *blob);
static int unlink_name(const struct files_place *place, const char *name);

void files_found_drop(struct files_found *found)
{
    files_blob_drop(&found->blob);
}

int files_place_open(const struct acmecore_host *host, const char *path,
                     struct files_place *ret_place)
{
    struct files_place place = { .host = host, .path = path, .folder_fd = -1 };
    char folder[PATH_MAX];

    if (!split(path, folder, &place.name))
        return refuse(&place, "it is not the absolute path of a file");
    if (snprintf(place.temporary, sizeof place.temporary, FILES_TEMPORARY "%s",
                 place.name)
        > NAME_MAX)
        return refuse(&place, "its name is too long");
    place.folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (place.folder_fd < 0) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s: cannot open the folder %s: %s", path, folder,
                          strerror(errno));
    }
    if (check_folder(&place) != ACMECORE_OK) {
        files_place_drop(&place);
        return ACMECORE_E_CONFIG;
    }
    *ret_place = place;
    return ACMECORE_OK;
}

void files_place_drop(const struct files_place *place)
{
    if (place->folder_fd >= 0)
        (void)close(place->folder_fd);
}

int files_place_read(const struct files_place *place, struct files_found *found)
{
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    WEBROOT_AUTO_FD fd = openat(place->folder_fd, place->name, flags);
    struct stat status;

    if (fd < 0 && errno == ENOENT)
        return ACMECORE_OK;
    if (fd < 0 && errno == ELOOP) {
        return refuse(place, "it is a symbolic link, which is not followed: name the "
                             "file itself, or remove the link");
    }
    if (fd < 0 || fstat(fd, &status) != 0)
        return trouble(place, "read");
    if (!S_ISREG(status.st_mode))
        return refuse(place, "something that is no file has the name");
    if (files_blob_fill(&found->blob, fd, FILES_BLOB_MAX) != 0)
        return trouble(place, "read");
    found->is_there = true;
    found->access = (struct webroot_access){ .owner = status.st_uid,
                                             .group = status.st_gid,
                                             .mode = status.st_mode & 07777 };
    return ACMECORE_OK;
}

int files_place_write(const struct files_place *place, const struct files_blob *blob,
                      const struct webroot_access *access)
{
    WEBROOT_AUTO_FD fd = create(place);

    if (fd < 0 || write_all(fd, blob) != 0
        || webroot_access_apply(access, fd, access->mode) != 0 || fsync(fd) != 0)
        return trouble(place, "write");
    return ACMECORE_OK;
}

int files_place_publish(const struct files_place *place)
{
    int folder_fd = place->folder_fd;

    if (renameat(folder_fd, place->temporary, folder_fd, place->name) != 0) {
        return errno == ENOENT ? ACMECORE_E_NOTFOUND
                               : trouble(place, "rename the new file to");
    }
    return fsync(folder_fd) == 0 ? ACMECORE_OK : trouble(place, "write the folder of");
}

int files_place_discard(const struct files_place *place)
{
    return unlink_name(place, place->temporary);
}

int files_place_remove(const struct files_place *place)
{
    return unlink_name(place, place->name);
}

static int refuse(const struct files_place *place, const char *why)
{
    const struct acmecore_host *host = place->host;

    return host->fail(host->ctx, ACMECORE_E_CONFIG, "%s: %s", place->path, why);
}

static int trouble(const struct files_place *place, const char *act)
{
    const struct acmecore_host *host = place->host;

    return host->fail(host->ctx, ACMECORE_E_SYSTEM, "cannot %s %s: %s", act,
                      place->path, strerror(errno));
}

static bool split(const char *path, char folder[PATH_MAX], const char **ret_name)
{
    const char *slash = strrchr(path, '/');
    size_t size = slash ? (size_t)(slash - path) : 0;

    if (!slash || *path != '/' || size + 2 > PATH_MAX || slash[1] == '\0'
        || strcmp(slash, "/.") == 0 || strcmp(slash, "/..") == 0)
        return false;
    memcpy(folder, path, size + 1); /* with the slash: it may be all there is */
    folder[size + 1] = '\0';
    *ret_name = slash + 1;
    return true;
}

/* Who can write into the folder can put a key of their own there. */
static int check_folder(const struct files_place *place)
{
    struct stat status;

    if (fstat(place->folder_fd, &status) != 0)
        return refuse(place, strerror(errno));
    if ((status.st_mode & S_IWOTH) && !(status.st_mode & S_ISVTX))
        return refuse(place, "everybody may write into its folder: chmod o-w");
    return ACMECORE_OK;
}

static int create(const struct files_place *place)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

    /* Left by a process that was killed. */
    if (unlinkat(place->folder_fd, place->temporary, 0) != 0 && errno != ENOENT)
        return -1;
    return openat(place->folder_fd, place->temporary, flags, 0600);
}

static int write_all(int fd, const struct files_blob *blob)
{
    size_t done = 0;

    while (done < blob->size) {
        ssize_t written = write(fd, blob->bytes + done, blob->size - done);

        if (written < 0 && errno != EINTR)
            return -1;
        done += written > 0 ? (size_t)written : 0;
    }
    return 0;
}

static int unlink_name(const struct files_place *place, const char *name)
{
    if (unlinkat(place->folder_fd, name, 0) != 0) {
        return errno == ENOENT ? ACMECORE_OK : trouble(place, "remove");
    }
    return fsync(place->folder_fd) == 0 ? ACMECORE_OK
                                        : trouble(place, "write the folder of");
}
