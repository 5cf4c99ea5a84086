/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as the kernel's */

/*
 * A walk as the kernel does it, from "/" on. realpath would not do: a link that
 * somebody else can replace may point at a fine file now.
 */
struct walk {
    const char *path;    /* as given, for messages; borrowed */
    char done[PATH_MAX]; /* resolved and trusted; "" is "/" */
    char rest[PATH_MAX]; /* not looked at yet */
    int links;
};

static enum ac_code fail_too_long(const struct walk *walk, struct ac_error *err)
{
    return ac_fail_errno(err, AC_E_STORE, ENAMETOOLONG, "cannot look at %s",
                         walk->path);
}

/* Puts what the link says before the rest. */
static enum ac_code prepend(struct walk *walk, const char *text, struct ac_error *err)
{
    size_t size = strlen(text);
    size_t rest_size = strlen(walk->rest);

    if (size + 1 + rest_size + 1 > sizeof walk->rest)
        return fail_too_long(walk, err);
    memmove(walk->rest + size + 1, walk->rest, rest_size + 1);
    memcpy(walk->rest, text, size);
    walk->rest[size] = '/';
    return AC_OK;
}

static void drop_last(struct walk *walk)
{
    char *slash = strrchr(walk->done, '/');

    if (slash != NULL)
        *slash = '\0';
}

/* Is it what was asked for, and not a folder or a link on the way? */
static bool is_last(const struct walk *walk)
{
    return walk->rest[strspn(walk->rest, "/")] == '\0';
}

static enum ac_code check_owner(const struct walk *walk, const char *part,
                                const struct stat *status, struct ac_error *err)
{
    if (status->st_uid == 0 || status->st_uid == geteuid())
        return AC_OK;
    if (is_last(walk)) {
        return ac_fail(err, AC_E_USAGE,
                       "%s is not to be trusted: it belongs to user id %ju; chown root "
                       "%s",
                       part, (uintmax_t)status->st_uid, part);
    }
    /* Nobody's home is to become root's: what is in it is somewhere else then. */
    return ac_fail(
        err, AC_E_USAGE,
        "%s is not to be trusted: it belongs to user id %ju, who can replace "
        "what is below it; install it (cmake --install) or put it below a "
        "folder of root's",
        part, (uintmax_t)status->st_uid);
}

static enum ac_code check_mode(const char *part, const struct stat *status,
                               struct ac_error *err)
{
    bool is_sticky = S_ISDIR(status->st_mode) && (status->st_mode & S_ISVTX) != 0;

    if ((status->st_mode & (S_IWGRP | S_IWOTH)) == 0 || is_sticky)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "%s is not to be trusted: others can write it (mode %04o); chmod "
                   "go-w %s",
                   part, (unsigned)(status->st_mode & 07777), part);
}

static enum ac_code follow(struct walk *walk, struct ac_error *err)
{
    char target[PATH_MAX];
    ssize_t size = readlink(walk->done, target, sizeof target);

    if (size < 0 || ++walk->links > LINKS_MAX) {
        return ac_fail_errno(err, AC_E_STORE, size < 0 ? errno : ELOOP,
                             "cannot look at %s", walk->path);
    }
    if ((size_t)size >= sizeof target)
        return fail_too_long(walk, err);
    target[size] = '\0';
    if (target[0] == '/') {
        walk->done[0] = '\0';
    } else {
        drop_last(walk);
    }
    return prepend(walk, target, err);
}

static enum ac_code check_part(struct walk *walk, struct ac_error *err)
{
    const char *part = walk->done[0] == '\0' ? "/" : walk->done;
    struct stat status;

    if (lstat(part, &status) != 0) {
        return ac_fail_errno(err, errno == ENOENT ? AC_E_NOTFOUND : AC_E_STORE, errno,
                             "cannot look at %s", part);
    }
    AC_TRY(check_owner(walk, part, &status, err));
    if (S_ISLNK(status.st_mode)) /* its mode says nothing */
        return follow(walk, err);
    return check_mode(part, &status, err);
}

static enum ac_code add_part(struct walk *walk, const char *name, size_t size,
                             struct ac_error *err)
{
    size_t done_size = strlen(walk->done);

    if (done_size + 1 + size + 1 > sizeof walk->done)
        return fail_too_long(walk, err);
    walk->done[done_size] = '/';
    memcpy(walk->done + done_size + 1, name, size);
    walk->done[done_size + 1 + size] = '\0';
    return AC_OK;
}

static enum ac_code step(struct walk *walk, struct ac_error *err)
{
    char name[NAME_MAX + 1] = "";
    size_t skipped = strspn(walk->rest, "/");
    size_t size = strcspn(walk->rest + skipped, "/");
    size_t taken = skipped + size;

    if (size > NAME_MAX)
        return fail_too_long(walk, err);
    memcpy(name, walk->rest + skipped, size);
    memmove(walk->rest, walk->rest + taken, strlen(walk->rest + taken) + 1);
    if (size == 0 || strcmp(name, ".") == 0)
        return AC_OK;
    if (strcmp(name, "..") == 0) {
        drop_last(walk);
        return AC_OK;
    }
    AC_TRY(add_part(walk, name, size, err));
    return check_part(walk, err);
}

enum ac_code ac_file_check_trust(const char *path, struct ac_error *err)
{
    struct walk walk = { .path = path };
    char here[PATH_MAX];

    AC_TRY(prepend(&walk, path, err));
    if (path[0] != '/') {
        if (getcwd(here, sizeof here) == NULL)
            return ac_fail_errno(err, AC_E_STORE, errno, "cannot look at %s", path);
        AC_TRY(prepend(&walk, here, err));
    }
    AC_TRY(check_part(&walk, err));
    while (walk.rest[0] != '\0')
        AC_TRY(step(&walk, err));
    return AC_OK;
}
