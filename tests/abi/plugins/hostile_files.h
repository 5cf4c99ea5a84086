/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile plugin tries with files; hostile.c has the rest. */
#ifndef AC_TESTS_HOSTILE_FILES_H
#define AC_TESTS_HOSTILE_FILES_H

#include <acmecore/plugin.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define REPORT_SIZE 8192
#define SYSTEM_FILE "/etc/ld.so.cache" /* every profile may read it */

struct hostile {
    const struct acmecore_host *host;
    char report[REPORT_SIZE];
    size_t size;
};

/* 0, or what errno says. */
typedef int attempt(const struct hostile *hostile);

static const char *path_of(const struct hostile *hostile, const char *option)
{
    const char *value = hostile->host->option(hostile->host->ctx, option, 0);

    return value && strncmp(value, "at:", 3) == 0 ? value + 3 : "/nowhere";
}

static int result(long returned)
{
    return returned < 0 ? errno : 0;
}

/* One byte is enough to know. */
static int try_to_read(const char *path)
{
    char byte;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int error = fd < 0 ? errno : result(read(fd, &byte, 1));

    if (fd >= 0)
        (void)close(fd);
    return error;
}

static int try_to_list(const char *path)
{
    DIR *folder = opendir(path);

    return folder ? closedir(folder) : errno;
}

static int try_to_make(const char *folder)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/hostile-was-here", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    (void)close(fd);
    (void)unlink(path);
    return 0;
}

/* ---- files */

static int account_key(const struct hostile *hostile)
{
    return try_to_read(path_of(hostile, "account-key"));
}

static int certificate_key(const struct hostile *hostile)
{
    return try_to_read(path_of(hostile, "certificate-key"));
}

static int list_store(const struct hostile *hostile)
{
    return try_to_list(path_of(hostile, "store"));
}

static int write_store(const struct hostile *hostile)
{
    return try_to_make(path_of(hostile, "store"));
}

static int write_plugins(const struct hostile *hostile)
{
    return try_to_make(path_of(hostile, "plugins"));
}

static int write_program(const struct hostile *hostile)
{
    return try_to_make(path_of(hostile, "program"));
}

static int read_shadow(const struct hostile *hostile)
{
    (void)hostile;
    return try_to_read("/etc/shadow");
}

/* ---- what Landlock does not govern: each gives what is there already */

static int key_mode(const struct hostile *hostile)
{
    const char *path = path_of(hostile, "account-key");
    struct stat status;

    return stat(path, &status) != 0 ? errno : result(chmod(path, status.st_mode));
}

static int key_owner(const struct hostile *hostile)
{
    const char *path = path_of(hostile, "account-key");
    struct stat status;

    return stat(path, &status) != 0 ? errno
                                    : result(chown(path, status.st_uid, status.st_gid));
}

static int key_attribute(const struct hostile *hostile)
{
    const char *path = path_of(hostile, "account-key");
    int error = result(setxattr(path, "user.hostile", "x", 1, 0));

    if (error == 0)
        (void)removexattr(path, "user.hostile");
    return error;
}

static int key_times(const struct hostile *hostile)
{
    const char *path = path_of(hostile, "account-key");
    struct stat status;

    if (stat(path, &status) != 0)
        return errno;
    const struct timespec times[] = { status.st_atim, status.st_mtim };
    return result(utimensat(AT_FDCWD, path, times, 0));
}

static int key_truncate(const struct hostile *hostile)
{
    const char *path = path_of(hostile, "account-key");
    struct stat status;

    return stat(path, &status) != 0 ? errno : result(truncate(path, status.st_size));
}

static int system_mode(const struct hostile *hostile)
{
    struct stat status;
    int fd = open(SYSTEM_FILE, O_RDONLY | O_CLOEXEC);

    (void)hostile;
    if (fd < 0 || fstat(fd, &status) != 0)
        return ENOENT;
    int error = result(fchmod(fd, status.st_mode));
    (void)close(fd);
    return error;
}

/* Makes a file of its own, and takes it away. */
static int try_own(const struct hostile *hostile, int flags, mode_t mode)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/own", hostile->host->folder);
    int fd = open(path, flags | O_CREAT | O_CLOEXEC, mode);
    int error = fd < 0 ? errno : close(fd);
    (void)unlink(path);
    return error;
}

static int set_uid_file(const struct hostile *hostile)
{
    return try_own(hostile, O_WRONLY | O_EXCL, 04700);
}

static int truncate_to_read(const struct hostile *hostile)
{
    return try_own(hostile, O_RDONLY | O_TRUNC, 0600);
}

/* Access 3 is to neither read nor write. */
static int truncate_without_access(const struct hostile *hostile)
{
    return try_own(hostile, O_ACCMODE | O_TRUNC, 0600);
}

#endif
