/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include "base/file_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define DRAFT_NAME_SIZE 40
#define DRAFT_TRIES     16
#define HINT_SIZE       64

static const char *hint_for(int errno_value, char buffer[HINT_SIZE])
{
    switch (errno_value) {
    case ENOSPC:
    case EDQUOT:
        return " (the disk is full; make room and run again)";
    case EROFS:
        return " (the file system is mounted read-only)";
    case EACCES:
    case EPERM:
        (void)snprintf(buffer, HINT_SIZE, " (we run as user id %ju)",
                       (uintmax_t)geteuid());
        return buffer;
    default:
        return "";
    }
}

enum ac_code ac_file_fail(struct ac_error *err, const char *where, const char *action,
                          const char *path)
{
    int errno_value = errno;
    char buffer[HINT_SIZE] = "";

    return ac_error_set_errno(err, errno_value == ENOMEM ? AC_E_NOMEM : AC_E_STORE,
                              errno_value, where, "cannot %s %s%s", action, path,
                              hint_for(errno_value, buffer));
}

enum ac_code ac_file_open_lock(const char *path, int *ret_fd, struct ac_error *err)
{
    struct stat status;
    AC_AUTO_FD int fd = open(
        path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);

    if (fd < 0 || fstat(fd, &status) != 0)
        return ac_file_fail(err, AC_HERE, "lock", path);
    if (!S_ISREG(status.st_mode)) {
        return ac_fail(err, AC_E_STORE, "cannot lock %s: it is not a regular file",
                       path);
    }
    *ret_fd = fd;
    fd = -1;
    return AC_OK;
}

/* ---- writing: what is not yet under its own name */

struct draft {
    const char *path; /* what it becomes; borrowed */
    const char *base; /* its last component, within path */
    int folder_fd;
    char name[DRAFT_NAME_SIZE]; /* "" while there is nothing to remove */
};

static void discard_draft(struct draft *draft)
{
    if (draft->name[0] != '\0')
        (void)unlinkat(draft->folder_fd, draft->name, 0);
    ac_memory_drop_fd(&draft->folder_fd);
}

AC_DEFINE_DROP_VALUE(draft, discard_draft)

enum ac_code ac_file_open_folder(const char *path, const char **ret_base, int *ret_fd,
                                 struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;
    const char *slash = strrchr(path, '/');
    const char *base = slash == NULL ? path : slash + 1;
    int fd;

    if (base[0] == '\0' || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
        return ac_fail(err, AC_E_STORE, "\"%s\" does not end in a name", path);
    AC_TRY(ac_memory_copy_text(path, &folder, err));
    fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ac_file_fail(err, AC_HERE, "open the folder of", path);
    *ret_base = base;
    *ret_fd = fd;
    return AC_OK;
}

static enum ac_code draw_name(char name[DRAFT_NAME_SIZE], struct ac_error *err)
{
    uint64_t number;

    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "no random numbers");
    (void)snprintf(name, DRAFT_NAME_SIZE,
                   AC_FILE_DRAFT_PREFIX "%0*" PRIx64 AC_FILE_DRAFT_SUFFIX,
                   AC_FILE_DRAFT_DIGITS, number);
    return AC_OK;
}

/* The mode is that of its making: a confined plugin host may not change any. */
static int make_file(int folder_fd, const char *name, mode_t mode)
{
    mode_t mask = umask(0);
    int fd =
        openat(folder_fd, name,
               O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, mode);

    (void)umask(mask); /* leaves errno alone */
    return fd;
}

/* Makes the file, or a symbolic link when there is a target, under a free name. */
static int make_named(int folder_fd, const char *name, const char *target, mode_t mode)
{
    if (target != NULL)
        return symlinkat(target, folder_fd, name);
    return make_file(folder_fd, name, mode);
}

static enum ac_code make_draft(const char *path, const char *target, mode_t mode,
                               struct draft *draft, int *ret_fd, struct ac_error *err)
{
    char name[DRAFT_NAME_SIZE];
    int result = -1;

    draft->path = path;
    AC_TRY(ac_file_open_folder(path, &draft->base, &draft->folder_fd, err));
    for (int tries = 0; tries < DRAFT_TRIES && result < 0; tries++) {
        AC_TRY(draw_name(name, err));
        result = make_named(draft->folder_fd, name, target, mode);
        if (result < 0 && errno != EEXIST)
            break;
    }
    if (result < 0)
        return ac_file_fail(err, AC_HERE, "write", path);
    memcpy(draft->name, name, sizeof draft->name);
    *ret_fd = result;
    return AC_OK;
}

int ac_file_set_mode(int fd, mode_t mode)
{
    struct stat status;

    if (fstat(fd, &status) == 0 && (status.st_mode & AC_FILE_MODE_BITS) == mode)
        return 0;
    return fchmod(fd, mode);
}

int ac_file_write_all(int fd, const void *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t put = write(fd, (const char *)bytes + done, size - done);

        if (put < 0 && errno != EINTR)
            return -1;
        if (put > 0)
            done += (size_t)put;
    }
    return 0;
}

static enum ac_code fill(int fd, mode_t mode, const void *bytes, size_t size,
                         const char *path, struct ac_error *err)
{
    if (ac_file_set_mode(fd, mode) != 0)
        return ac_file_fail(err, AC_HERE, "set the mode of", path);
    if (ac_file_write_all(fd, bytes, size) != 0)
        return ac_file_fail(err, AC_HERE, "write", path);
    return AC_OK;
}

/* Gives fd up in any case. */
static enum ac_code sync_and_close(int fd, const char *path, struct ac_error *err)
{
    enum ac_code code = AC_OK;

    if (fsync(fd) != 0)
        code = ac_file_fail(err, AC_HERE, "write", path);
    if (close(fd) != 0 && code == AC_OK) /* where NFS reports a full disk */
        code = ac_file_fail(err, AC_HERE, "write", path);
    return code;
}

static enum ac_code sync_fd(int folder_fd, const char *path, struct ac_error *err)
{
    if (fsync(folder_fd) == 0 || errno == EINVAL) /* not every file system has it */
        return AC_OK;
    return ac_file_fail(err, AC_HERE, "sync the folder of", path);
}

static enum ac_code write_draft(const char *path, mode_t mode, const void *bytes,
                                size_t size, struct draft *draft, struct ac_error *err)
{
    AC_AUTO_FD int fd = -1;

    AC_TRY(make_draft(path, NULL, mode, draft, &fd, err));
    AC_TRY(fill(fd, mode, bytes, size, path, err));
    int full_fd = fd;
    fd = -1;
    return sync_and_close(full_fd, path, err);
}

static enum ac_code publish(struct draft *draft, struct ac_error *err)
{
    if (renameat(draft->folder_fd, draft->name, draft->folder_fd, draft->base) != 0)
        return ac_file_fail(err, AC_HERE, "write", draft->path);
    draft->name[0] = '\0';
    return sync_fd(draft->folder_fd, draft->path, err);
}

/* Hard links are the way where the file system has no RENAME_NOREPLACE. */
static enum ac_code publish_new(struct draft *draft, struct ac_error *err)
{
    int folder_fd = draft->folder_fd;
    int result =
        renameat2(folder_fd, draft->name, folder_fd, draft->base, RENAME_NOREPLACE);

    if (result == 0) {
        draft->name[0] = '\0';
    } else if (errno == EINVAL || errno == ENOSYS) {
        result = linkat(folder_fd, draft->name, folder_fd, draft->base, 0);
    }
    if (result != 0 && errno == EEXIST) {
        return ac_fail(err, AC_E_STORE, "cannot write %s: it exists already",
                       draft->path);
    }
    if (result != 0)
        return ac_file_fail(err, AC_HERE, "write", draft->path);
    return sync_fd(folder_fd, draft->path, err);
}

enum ac_code ac_file_replace(const char *path, mode_t mode, const void *bytes,
                             size_t size, struct ac_error *err)
{
    AC_AUTO(draft) draft = { .folder_fd = -1 };

    AC_TRY(write_draft(path, mode, bytes, size, &draft, err));
    return publish(&draft, err);
}

enum ac_code ac_file_create(const char *path, mode_t mode, const void *bytes,
                            size_t size, struct ac_error *err)
{
    AC_AUTO(draft) draft = { .folder_fd = -1 };

    AC_TRY(write_draft(path, mode, bytes, size, &draft, err));
    return publish_new(&draft, err);
}

enum ac_code ac_file_check_room(const char *path, size_t size, struct ac_error *err)
{
    AC_AUTO(draft) draft = { .folder_fd = -1 };
    AC_AUTO_FD int fd = -1;

    AC_TRY(make_draft(path, NULL, 0600, &draft, &fd, err));
    errno = posix_fallocate(fd, 0, (off_t)size);
    return errno == 0 ? AC_OK : ac_file_fail(err, AC_HERE, "write", path);
}

/* Files that are filled and not yet on disk. */
struct filled {
    int *fds;
    size_t count;
};

static void close_filled(struct filled *filled)
{
    for (size_t i = 0; i < filled->count; i++)
        ac_memory_drop_fd(&filled->fds[i]);
    free(filled->fds);
}

AC_DEFINE_DROP_VALUE(filled, close_filled)

static enum ac_code fill_part(int folder_fd, const char *path,
                              const struct ac_file_part *part, struct filled *filled,
                              struct ac_error *err)
{
    int fd = make_named(folder_fd, part->name, NULL, part->mode);

    if (fd < 0)
        return ac_file_fail(err, AC_HERE, "write into", path);
    filled->fds[filled->count++] = fd;
    return fill(fd, part->mode, part->bytes, part->size, path, err);
}

static enum ac_code sync_all(struct filled *filled, const char *path,
                             struct ac_error *err)
{
    for (size_t i = 0; i < filled->count; i++) {
        int fd = filled->fds[i];

        filled->fds[i] = -1;
        AC_TRY(sync_and_close(fd, path, err));
    }
    return AC_OK;
}

/* All are filled before the first is synced: that takes the others' inodes along. */
enum ac_code ac_file_draft_folder(const char *path, const struct ac_file_part *parts,
                                  size_t count, struct ac_error *err)
{
    AC_AUTO_FD int fd = -1;
    AC_AUTO(filled) filled = { 0 };

    AC_TRY(ac_memory_new(count + 1, sizeof *filled.fds, &filled.fds, err));
    AC_TRY(ac_file_make_new_folder(path, &fd, err));
    for (size_t i = 0; i < count; i++)
        AC_TRY(fill_part(fd, path, &parts[i], &filled, err));
    AC_TRY(sync_all(&filled, path, err));
    return sync_fd(fd, path, err);
}

enum ac_code ac_file_rename(const char *from, const char *to, struct ac_error *err)
{
    AC_AUTO_FD int folder_fd = -1;
    const char *base = NULL;

    AC_TRY(ac_file_open_folder(to, &base, &folder_fd, err));
    if (renameat(AT_FDCWD, from, folder_fd, base) != 0)
        return ac_file_fail(err, AC_HERE, "rename to", to);
    return sync_fd(folder_fd, to, err);
}

enum ac_code ac_file_replace_link(const char *path, const char *target,
                                  struct ac_error *err)
{
    AC_AUTO(draft) draft = { .folder_fd = -1 };
    int result = -1;

    AC_TRY(make_draft(path, target, 0, &draft, &result, err));
    return publish(&draft, err);
}

enum ac_code ac_file_remove(const char *path, struct ac_error *err)
{
    AC_AUTO_FD int folder_fd = -1;
    const char *base = NULL;

    if (unlink(path) != 0)
        return errno == ENOENT ? AC_OK : ac_file_fail(err, AC_HERE, "remove", path);
    AC_TRY(ac_file_open_folder(path, &base, &folder_fd, err));
    return sync_fd(folder_fd, path, err);
}

bool ac_file_exists(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0;
}

int64_t ac_file_size_at(const struct ac_file_at *file)
{
    struct stat status;

    if (fstatat(file->folder_fd, file->name, &status, 0) != 0)
        return -1;
    return status.st_size;
}

bool ac_file_holds_at(const struct ac_file_at *folder, const char *const *names,
                      size_t count)
{
    AC_AUTO_FD int fd =
        openat(folder->folder_fd, folder->name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    size_t found = 0;

    if (fd < 0)
        return false;
    while (found < count && faccessat(fd, names[found], F_OK, 0) == 0)
        found++;
    return found == count;
}
