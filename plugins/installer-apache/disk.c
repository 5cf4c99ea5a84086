/* SPDX-License-Identifier: Apache-2.0 */
#include "disk.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUTPUT_MAX 4096

/* Under --dry-run nothing was replaced, so its owner is the right one still. */
static int keep_owner(const struct acmecore_host *host,
                      const struct apache_disk_file *file)
{
    struct stat info;

    if (stat(file->path, &info) != 0)
        return ACMECORE_OK;
    if ((file->owner == APACHE_DISK_NOBODY || info.st_uid == file->owner)
        && (file->group == APACHE_DISK_NOBODY || info.st_gid == file->group))
        return ACMECORE_OK;
    if (chown(file->path, file->owner, file->group) == 0)
        return ACMECORE_OK;
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
