/* SPDX-License-Identifier: Apache-2.0 */
#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PART_MAX    255 /* bytes of a file name (NAME_MAX) */
#define RENAME_RACE 16  /* openat2 says EAGAIN while somebody renames folders */

static int open_in_kernel(int root_fd, const char *path, int flags);
static int open_by_parts(int root_fd, const char *path, int flags);
static int open_part(int folder_fd, const char *part, size_t size, int flags);

void webroot_fd_drop(const int *fd)
{
    int error = errno; /* the caller still reports it */

    if (*fd >= 0)
        (void)close(*fd);
    errno = error;
}

int webroot_fd_take(int *fd)
{
    int taken = *fd;

    *fd = -1;
    return taken;
}

int webroot_open_beneath(int root_fd, const char *path, int flags)
{
    int fd = open_in_kernel(root_fd, path, flags);

    /* Old kernels say ENOSYS; seccomp filters that do not know openat2 say EPERM. */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return open_by_parts(root_fd, path, flags);
    return fd;
}

static int open_in_kernel(int root_fd, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    long fd = -1;

    for (int attempt = 0; attempt < RENAME_RACE; attempt++) {
        fd = syscall(SYS_openat2, root_fd, path, &how, sizeof how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            break;
    }
    return (int)fd;
}

/* One openat a component, and no link is followed in any of them. */
static int open_by_parts(int root_fd, const char *path, int flags)
{
    WEBROOT_AUTO_FD folder_fd = openat(root_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    const char *slash = NULL;

    while (folder_fd >= 0 && (slash = strchr(path, '/')) != NULL) {
        int next =
            open_part(folder_fd, path, (size_t)(slash - path), O_PATH | O_DIRECTORY);

        webroot_fd_drop(&folder_fd);
        folder_fd = next;
        path = slash + 1;
    }
    return folder_fd < 0 ? -1 : open_part(folder_fd, path, strlen(path), flags);
}

static int open_part(int folder_fd, const char *part, size_t size, int flags)
{
    char name[PART_MAX + 1];

    if (size > PART_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name, part, size);
    name[size] = '\0';
    if (strcmp(name, "..") == 0) {
        errno = EXDEV;
        return -1;
    }
    return openat(folder_fd, name, flags | O_NOFOLLOW | O_CLOEXEC);
}
