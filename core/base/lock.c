/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/file.h"
#include "base/file_parts.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOLDER_SIZE 384 /* "pid N since TIME host NAME\n" */
#define TAKE_TRIES  8

struct ac_lock {
    int fd;
    bool is_shared; /* others hold it, too: what it says is not ours to change */
};

static enum ac_code fail_held(int fd, const char *path, struct ac_error *err)
{
    char bytes[HOLDER_SIZE];
    char holder[HOLDER_SIZE];
    ssize_t size = pread(fd, bytes, sizeof bytes, 0);
    size_t line_size = 0;

    while ((ssize_t)line_size < size && bytes[line_size] != '\n')
        line_size++;
    (void)ac_text_clean(holder, sizeof holder, bytes, line_size);
    return ac_fail(err, AC_E_LOCKED, "another run holds %s: %s", path,
                   line_size == 0 ? "it does not say which" : holder);
}

/* Whoever deletes the folder takes the file away under our hands: then try again. */
static bool is_still_there(int fd, const char *path)
{
    struct stat ours;
    struct stat theirs;

    return fstat(fd, &ours) == 0 && lstat(path, &theirs) == 0
           && ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static enum ac_code lock_once(const char *path, int operation, int *ret_fd,
                              struct ac_error *err)
{
    AC_AUTO_FD int fd = -1;

    AC_TRY(ac_file_open_lock(path, &fd, err));
    if (flock(fd, operation | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return fail_held(fd, path, err);
        return ac_file_fail(err, AC_HERE, "lock", path);
    }
    if (!is_still_there(fd, path))
        return AC_OK;
    *ret_fd = fd;
    fd = -1;
    return AC_OK;
}

/* Written over the last holder's line and cut then: a reader never sees nothing. */
static enum ac_code sign(int fd, const char *path, struct ac_error *err)
{
    char host[HOST_NAME_MAX + 1] = "?";
    char since[AC_CLOCK_TEXT_SIZE];
    char line[HOLDER_SIZE];
    int size;

    (void)gethostname(host, sizeof host - 1);
    size = snprintf(line, sizeof line, "pid %ld since %s host %s\n", (long)getpid(),
                    ac_clock_format(ac_clock_utc(), since), host);
    if (size < 0)
        return ac_fail(err, AC_E_SYSTEM, "the line of a lock cannot be made");
    if (ac_file_write_all(fd, line, (size_t)size) == 0 && ftruncate(fd, size) == 0)
        return AC_OK;
    if (errno != ENOSPC && errno != EDQUOT)
        return ac_file_fail(err, AC_HERE, "write", path);
    /* What holds is flock; the line is for people. A full disk must not keep anybody
     * from deleting something. */
    (void)!ftruncate(fd, 0);
    return AC_OK;
}

static enum ac_code take(const char *path, int operation, struct ac_lock **ret_lock,
                         struct ac_error *err)
{
    AC_AUTO(ac_lock) *lock = NULL;

    AC_TRY(ac_memory_new(1, sizeof *lock, &lock, err));
    lock->fd = -1;
    lock->is_shared = operation == LOCK_SH;
    for (int tries = 0; tries < TAKE_TRIES && lock->fd < 0; tries++)
        AC_TRY(lock_once(path, operation, &lock->fd, err));
    if (lock->fd < 0)
        return ac_fail(err, AC_E_LOCKED, "another run keeps removing %s", path);
    *ret_lock = AC_TAKE(lock);
    return AC_OK;
}

enum ac_code ac_lock_take(const char *path, struct ac_lock **ret_lock,
                          struct ac_error *err)
{
    AC_AUTO(ac_lock) *lock = NULL;

    AC_TRY(take(path, LOCK_EX, &lock, err));
    AC_TRY(sign(lock->fd, path, err));
    *ret_lock = AC_TAKE(lock);
    return AC_OK;
}

enum ac_code ac_lock_share(const char *path, struct ac_lock **ret_lock,
                           struct ac_error *err)
{
    return take(path, LOCK_SH, ret_lock, err);
}

void ac_lock_free(struct ac_lock *lock)
{
    if (lock == NULL)
        return;
    if (lock->fd >= 0 && !lock->is_shared)
        (void)!ftruncate(lock->fd, 0); /* a name that holds no longer misleads */
    ac_memory_drop_fd(&lock->fd);
    free(lock);
}
