/* SPDX-License-Identifier: Apache-2.0 */
#include "trouble.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct advice {
    int error;
    const char *text;
};

static const struct advice advices[] = {
    { ELOOP, "a symbolic link stands there and is not followed: remove it" },
    { EXDEV, "a symbolic link there leads out of the web root: remove it" },
    { ENOTDIR, "a file or symbolic link stands where a folder belongs: remove it" },
    { EISDIR, "a folder stands where the challenge file belongs: remove it" },
    { ENOENT, "it does not exist: create it, or correct the option `path`" },
    { EROFS, "the file system is read-only: remount it, or name another web root" },
    { ENOSPC, "the disk is full: make room and run again" },
    { EDQUOT, "the disk quota is used up: make room and run again" },
    { ENAMETOOLONG, "the path is too long: name a shorter web root" },
};

static const char *advice_for(int error);

int webroot_trouble(const struct acmecore_host *host, int status, const char *act,
                    const char *path, int error)
{
    if (error == EACCES || error == EPERM) {
        return host->fail(host->ctx, status,
                          "cannot %s %s: permission denied for user id %u, group id "
                          "%u: give it access there, or run as a user that has it",
                          act, path, (unsigned)geteuid(), (unsigned)getegid());
    }
    return host->fail(host->ctx, status, "cannot %s %s: %s", act, path,
                      advice_for(error));
}

static const char *advice_for(int error)
{
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++) {
        if (advices[i].error == error)
            return advices[i].text;
    }
    return strerror(error);
}
