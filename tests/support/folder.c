/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#define PATH_BUFFERS     8
#define OPEN_FOLDERS_MAX 16

static char folder[PATH_MAX / 2];
static char nest[PATH_MAX / 2];

const char *ac_test_folder(void)
{
    const char *parent = getenv("TMPDIR");
    int length;

    if (folder[0] != '\0')
        return folder;
    length = snprintf(folder, sizeof(folder), "%s/acmecore-test-XXXXXX",
                      parent != NULL ? parent : "/tmp");
    if (length < 0 || (size_t)length >= sizeof(folder) || mkdtemp(folder) == NULL) {
        folder[0] = '\0';
        return NULL;
    }
    return folder;
}

const char *ac_test_path(const char *name)
{
    static char paths[PATH_BUFFERS][PATH_MAX];
    static size_t next;
    char *path = paths[next++ % PATH_BUFFERS];
    const char *parent = ac_test_folder();
    int length =
        snprintf(path, PATH_MAX, "%s/%s", parent != NULL ? parent : "/nowhere", name);

    return length > 0 && length < PATH_MAX ? path : "/nowhere";
}

bool ac_test_write_file(const char *path, const void *data, size_t size)
{
    const char *bytes = data;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        return false;
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);

        if (written <= 0)
            break;
        bytes += written;
        size -= (size_t)written;
    }
    return close(fd) == 0 && size == 0;
}

ssize_t ac_test_read_file(const char *path, char *buffer, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    ssize_t count = -1;

    if (fd < 0)
        return -1;
    while (used < size) {
        count = read(fd, buffer + used, size - used);
        if (count <= 0)
            break;
        used += (size_t)count;
    }
    (void)close(fd);
    if (count != 0 || used >= size)
        return -1;
    buffer[used] = '\0';
    return (ssize_t)used;
}

static int remove_one(const char *path, const struct stat *status, int type,
                      struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static void remove_tree(char *path)
{
    if (path[0] == '\0')
        return;
    (void)chmod(path, 0700);
    (void)nftw(path, remove_one, OPEN_FOLDERS_MAX, FTW_DEPTH | FTW_PHYS);
    path[0] = '\0';
}

void ac_folder_remove(void)
{
    remove_tree(folder);
}

void ac_folder_nest(void)
{
    if (ac_test_folder() == NULL || setenv("TMPDIR", folder, 1) != 0)
        return;
    memcpy(nest, folder, sizeof(nest));
    folder[0] = '\0';
}

void ac_folder_unnest(void)
{
    remove_tree(folder);
    remove_tree(nest);
}
