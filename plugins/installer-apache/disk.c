/* SPDX-License-Identifier: Apache-2.0 */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUTPUT_MAX 4096

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static bool is_owned(const struct stat *info, const struct apache_disk_file *file)
{
    return (file->owner == APACHE_DISK_NOBODY || info->st_uid == file->owner)
           && (file->group == APACHE_DISK_NOBODY || info->st_gid == file->group);
}

/* A folder may belong to somebody who puts a link to another file in the place of ours:
 * so it is the very file that was written that is given away, or none. */
static bool is_ours(const struct stat *info)
{
    return S_ISREG(info->st_mode) && info->st_nlink == 1 && info->st_uid == geteuid();
}

/* Under --dry-run nothing was replaced, so its owner is the right one still. */
static int keep_owner(const struct acmecore_host *host,
                      const struct apache_disk_file *file)
{
    __attribute__((cleanup(close_fd))) int fd =
        open(file->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat info;

    if (fd < 0 && errno == ENOENT)
        return ACMECORE_OK;
    if (fd >= 0 && fstat(fd, &info) == 0) {
        if (is_owned(&info, file))
            return ACMECORE_OK;
        if (!is_ours(&info)) {
            return host->fail(host->ctx, ACMECORE_E_REFUSED,
                              "somebody has put another file in the place of %s",
                              file->path);
        }
        if (fchown(fd, file->owner, file->group) == 0)
            return ACMECORE_OK;
    }
    return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                      "%s cannot be given back to user %u and group %u: %s", file->path,
                      (unsigned)file->owner, (unsigned)file->group, strerror(errno));
}

int apache_disk_write(const struct acmecore_host *host,
                      const struct apache_disk_file *file, const char *bytes,
                      size_t size)
{
    int status =
        host->write_file(host->ctx, file->path, (uint32_t)file->mode, bytes, size);

    return status == ACMECORE_OK ? keep_owner(host, file) : status;
}

/* By a program, because the host has no word for it; so --dry-run leaves it, too. */
int apache_disk_link(const struct acmecore_host *host, const char *path,
                     const char *target)
{
    const char *const argv[] = { "/bin/ln", "-s", "--", target, path, NULL };
    APACHE_AUTO_TEXT errors = { 0 };
    int exit_code = 0;
    int status = ACMECORE_OK;

    if (apache_disk_has_link(path, target))
        return ACMECORE_OK;
    status = host->run(host->ctx,
                       &(struct acmecore_command){
                           .struct_size = sizeof(struct acmecore_command),
                           .max_output = OUTPUT_MAX,
                           .argv = argv,
                           .errors = apache_text_sink,
                           .errors_arg = &errors,
                       },
                       &exit_code, NULL, NULL);
    if (status != ACMECORE_OK || exit_code == 0)
        return status;
    return host->fail(host->ctx, ACMECORE_E_SYSTEM, "%s cannot be made: %s", path,
                      errors.bytes ? errors.bytes : "ln gives no reason");
}

bool apache_disk_has_link(const char *path, const char *target)
{
    char found[PATH_MAX];
    ssize_t size = readlink(path, found, sizeof found);

    return size >= 0 && (size_t)size == strlen(target)
           && !memcmp(found, target, (size_t)size);
}

bool apache_disk_is_same(const struct apache_text *a, const struct apache_text *b)
{
    return a->size == b->size && (a->size == 0 || !memcmp(a->bytes, b->bytes, a->size));
}
