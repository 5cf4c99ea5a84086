/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include "beneath.h"
#include "path.h"
#include "trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Not base64url, so no token collides; the same for each attempt, so that cleanup finds
 * what a killed process left. */
struct temporary_name {
    char text[sizeof ".acmecore-" + WEBROOT_TOKEN_MAX];
};

enum content {
    CONTENT_UNREADABLE = -1, /* errno says why */
    CONTENT_OTHER,
    CONTENT_OURS
};

static struct temporary_name temporary_for(const struct webroot_file *file);
static int write_temporary(const struct webroot_access *access,
                           const struct webroot_file *file, const char *name);
static int create(int folder_fd, const char *name);
static int write_all(int fd, const char *data, size_t size);
static int publish(const struct webroot_file *file, const char *name);
static int explain_occupied(const struct acmecore_host *host,
                            const struct webroot_file *file);
static enum content read_content(const struct webroot_file *file);
static enum content compare(int fd, const char *content);

int webroot_file_put(const struct acmecore_host *host,
                     const struct webroot_access *access,
                     const struct webroot_file *file)
{
    struct temporary_name name = temporary_for(file);
    int error = 0;

    if (write_temporary(access, file, name.text) == 0
        && publish(file, name.text) == 0) {
        host->log(host->ctx, ACMECORE_DEBUG, "webroot.present file=%s", file->path);
        return ACMECORE_OK;
    }
    error = errno;
    (void)unlinkat(file->folder_fd, name.text, 0);
    if (error == EEXIST)
        return explain_occupied(host, file);
    if (error == ENOENT)
        return ACMECORE_E_NOTFOUND;
    return webroot_trouble(host, ACMECORE_E_SYSTEM, "write", file->path, error);
}

int webroot_file_remove(const struct acmecore_host *host,
                        const struct webroot_file *file)
{
    enum content content = read_content(file);
    int error = content == CONTENT_UNREADABLE ? errno : 0;

    (void)unlinkat(file->folder_fd, temporary_for(file).text, 0);
    if (content == CONTENT_UNREADABLE && error == ENOENT)
        return ACMECORE_OK;
    if (content == CONTENT_OTHER || error == ELOOP || error == EISDIR) {
        host->log(host->ctx, ACMECORE_WARN, "%s is not what we wrote; it stays",
                  file->path);
        return ACMECORE_OK;
    }
    if (content == CONTENT_UNREADABLE)
        return webroot_trouble(host, ACMECORE_E_SYSTEM, "read", file->path, error);
    if (unlinkat(file->folder_fd, file->token, 0) != 0 && errno != ENOENT)
        return webroot_trouble(host, ACMECORE_E_SYSTEM, "remove", file->path, errno);
    host->log(host->ctx, ACMECORE_DEBUG, "webroot.cleanup file=%s", file->path);
    return ACMECORE_OK;
}

static struct temporary_name temporary_for(const struct webroot_file *file)
{
    struct temporary_name name;

    (void)snprintf(name.text, sizeof name.text, ".acmecore-%.*s", WEBROOT_TOKEN_MAX,
                   file->token);
    return name;
}

/* Returns 0, or -1 with errno. */
static int write_temporary(const struct webroot_access *access,
                           const struct webroot_file *file, const char *name)
{
    WEBROOT_AUTO_FD fd = create(file->folder_fd, name);

    if (fd < 0 || write_all(fd, file->content, strlen(file->content)) != 0)
        return -1;
    return webroot_access_apply(access, fd, access->mode);
}

static int create(int folder_fd, const char *name)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(folder_fd, name, flags, 0600);

    if (fd >= 0 || errno != EEXIST)
        return fd;
    /* Left by a process that was killed. */
    return unlinkat(folder_fd, name, 0) == 0 ? openat(folder_fd, name, flags, 0600)
                                             : -1;
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        data += written;
        size -= (size_t)written;
    }
    return 0;
}

/* Gives the file its name unless something has it: EEXIST. */
static int publish(const struct webroot_file *file, const char *name)
{
    int folder_fd = file->folder_fd;

    if (renameat2(folder_fd, name, folder_fd, file->token, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    /* NFS and old kernels cannot rename without replacing, but they can link. */
    if (linkat(folder_fd, name, folder_fd, file->token, 0) != 0)
        return -1;
    return unlinkat(folder_fd, name, 0);
}

static int explain_occupied(const struct acmecore_host *host,
                            const struct webroot_file *file)
{
    enum content content = read_content(file);

    if (content == CONTENT_OURS)
        return ACMECORE_OK;
    if (content == CONTENT_UNREADABLE)
        return webroot_trouble(host, ACMECORE_E_CONFIG, "write", file->path, errno);
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "cannot write %s: a file with other content has that name and is "
                      "not overwritten: remove it if nobody needs it",
                      file->path);
}

static enum content read_content(const struct webroot_file *file)
{
    /* O_NONBLOCK: a pipe with that name must not hold us. */
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    WEBROOT_AUTO_FD fd = openat(file->folder_fd, file->token, flags);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) != 0)
        return CONTENT_UNREADABLE;
    if (!S_ISREG(status.st_mode)) {
        errno = EISDIR;
        return CONTENT_UNREADABLE;
    }
    return compare(fd, file->content);
}

static enum content compare(int fd, const char *content)
{
    char found[WEBROOT_KEY_AUTH_MAX + 1]; /* one more shows that there is more */
    size_t size = 0;
    ssize_t got = 0;

    do {
        got = read(fd, found + size, sizeof found - size);
        if (got < 0)
            return CONTENT_UNREADABLE;
        size += (size_t)got;
    } while (got > 0 && size < sizeof found);

    return size == strlen(content) && memcmp(found, content, size) == 0 ? CONTENT_OURS
                                                                        : CONTENT_OTHER;
}
