/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include "base/clock.h"
#include "base/file_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far deeper than anything that we write. */
#define REMOVE_DEPTH_MAX 32

/* Our folders have a dozen entries; somebody else's are not ours to walk through. */
#define SWEEP_MAX 4096

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* As a file is made (file.c); 0700 always, so that we can open it. */
static int make_one(int parent_fd, const char *base, mode_t mode)
{
    mode_t mask = umask(0);
    int result = mkdirat(parent_fd, base, mode | 0700);

    (void)umask(mask); /* leaves errno alone */
    return result;
}

static enum ac_code open_with_mode(int parent_fd, const char *base, mode_t mode,
                                   const char *path, int *ret_fd, struct ac_error *err)
{
    AC_AUTO_FD int fd =
        openat(parent_fd, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 || ac_file_set_mode(fd, mode) != 0)
        return ac_file_fail(err, AC_HERE, "set the mode of", path);
    *ret_fd = fd;
    fd = -1;
    return AC_OK;
}

enum ac_code ac_file_make_folder(const char *path, mode_t mode, struct ac_error *err)
{
    AC_AUTO_FD int parent_fd = -1;
    AC_AUTO_FD int fd = -1;
    const char *base = NULL;

    if (is_folder(path))
        return AC_OK;
    AC_TRY(ac_file_open_folder(path, &base, &parent_fd, err));
    if (make_one(parent_fd, base, mode) != 0) {
        if (errno == EEXIST && is_folder(path)) /* another run was faster */
            return AC_OK;
        return ac_file_fail(err, AC_HERE, "make the folder", path);
    }
    AC_TRY(open_with_mode(parent_fd, base, mode, path, &fd, err));
    if (fsync(parent_fd) != 0 && errno != EINVAL)
        return ac_file_fail(err, AC_HERE, "sync the folder of", path);
    return AC_OK;
}

enum ac_code ac_file_make_new_folder(const char *path, int *ret_fd,
                                     struct ac_error *err)
{
    AC_AUTO_FD int parent_fd = -1;
    const char *base = NULL;

    AC_TRY(ac_file_open_folder(path, &base, &parent_fd, err));
    if (make_one(parent_fd, base, 0700) != 0)
        return ac_file_fail(err, AC_HERE, "make the folder", path);
    return open_with_mode(parent_fd, base, 0700, path, ret_fd, err);
}

enum ac_code ac_file_make_folders(const char *path, mode_t mode, struct ac_error *err)
{
    AC_AUTO_TEXT char *prefix = NULL;
    size_t size = strlen(path);

    while (size > 1 && path[size - 1] == '/')
        size--;
    AC_TRY(ac_memory_copy_bytes(path, size, &prefix, err));
    for (char *slash = strchr(prefix + (size > 0), '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        if (slash[-1] == '/')
            continue;
        *slash = '\0';
        AC_TRY(ac_file_make_folder(prefix, mode, err));
        *slash = '/';
    }
    return ac_file_make_folder(prefix, mode, err);
}

/* ---- removal: a stack of open folders instead of recursion, and no path twice */

struct level {
    DIR *stream;
    char name[NAME_MAX + 1]; /* within the level below */
};

struct removal {
    const char *path; /* for messages */
    int parent_fd;
    size_t depth;
    struct level levels[REMOVE_DEPTH_MAX];
};

static void end_removal(struct removal *removal)
{
    while (removal->depth > 0)
        (void)closedir(removal->levels[--removal->depth].stream);
    ac_memory_drop_fd(&removal->parent_fd);
}

AC_DEFINE_DROP_VALUE(removal, end_removal)

static int top_fd(const struct removal *removal)
{
    if (removal->depth == 0)
        return removal->parent_fd;
    return dirfd(removal->levels[removal->depth - 1].stream);
}

static enum ac_code enter(struct removal *removal, const char *name,
                          struct ac_error *err)
{
    struct level *level = &removal->levels[removal->depth];
    int fd;

    if (removal->depth == REMOVE_DEPTH_MAX || strlen(name) > NAME_MAX) {
        return ac_fail(err, AC_E_STORE, "cannot remove %s: nested deeper than %d",
                       removal->path, REMOVE_DEPTH_MAX);
    }
    fd = openat(top_fd(removal), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return ac_file_fail(err, AC_HERE, "remove", removal->path);
    level->stream = fdopendir(fd);
    if (level->stream == NULL) {
        ac_memory_drop_fd(&fd);
        return ac_file_fail(err, AC_HERE, "remove", removal->path);
    }
    memcpy(level->name, name, strlen(name) + 1);
    removal->depth++;
    return AC_OK;
}

static enum ac_code leave(struct removal *removal, struct ac_error *err)
{
    const struct level *level = &removal->levels[--removal->depth];

    (void)closedir(level->stream);
    if (unlinkat(top_fd(removal), level->name, AT_REMOVEDIR) != 0 && errno != ENOENT)
        return ac_file_fail(err, AC_HERE, "remove", removal->path);
    return AC_OK;
}

static enum ac_code remove_one(struct removal *removal, const char *name,
                               struct ac_error *err)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return AC_OK;
    if (unlinkat(top_fd(removal), name, 0) == 0 || errno == ENOENT)
        return AC_OK;
    if (errno == EISDIR)
        return enter(removal, name, err);
    return ac_file_fail(err, AC_HERE, "remove", removal->path);
}

static enum ac_code remove_next(struct removal *removal, struct ac_error *err)
{
    const struct dirent *entry;

    errno = 0;
    entry = readdir(removal->levels[removal->depth - 1].stream);
    if (entry == NULL && errno != 0)
        return ac_file_fail(err, AC_HERE, "remove", removal->path);
    return entry == NULL ? leave(removal, err)
                         : remove_one(removal, entry->d_name, err);
}

enum ac_code ac_file_remove_tree(const char *path, struct ac_error *err)
{
    AC_AUTO(removal) removal = { .path = path, .parent_fd = -1 };
    const char *base = NULL;
    struct stat status;

    if (lstat(path, &status) != 0 && errno == ENOENT)
        return AC_OK;
    AC_TRY(ac_file_open_folder(path, &base, &removal.parent_fd, err));
    AC_TRY(remove_one(&removal, base, err));
    while (removal.depth > 0)
        AC_TRY(remove_next(&removal, err));
    return AC_OK;
}

static enum ac_code list_stream(DIR *stream, const char *path, struct ac_words *names,
                                struct ac_error *err)
{
    for (;;) {
        const struct dirent *entry;

        errno = 0;
        entry = readdir(stream);
        if (entry == NULL && errno != 0)
            return ac_file_fail(err, AC_HERE, "list", path);
        if (entry == NULL)
            return AC_OK;
        if (entry->d_name[0] != '.')
            AC_TRY(ac_words_add(names, entry->d_name, err));
    }
}

enum ac_code ac_file_list(const char *path, struct ac_words *ret_names,
                          struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    DIR *stream = opendir(path);
    enum ac_code code = AC_OK;

    if (stream == NULL && errno != ENOENT)
        return ac_file_fail(err, AC_HERE, "list", path);
    if (stream != NULL) {
        code = list_stream(stream, path, &names, err);
        (void)closedir(stream);
    }
    AC_TRY(code);
    ac_words_sort(&names);
    *ret_names = names;
    names = (struct ac_words){ 0 };
    return AC_OK;
}

/* ---- what a killed run left */

static bool is_draft(const char *name)
{
    if (strncmp(name, AC_FILE_DRAFT_PREFIX, strlen(AC_FILE_DRAFT_PREFIX)) != 0)
        return false;
    name += strlen(AC_FILE_DRAFT_PREFIX);
    return strspn(name, "0123456789abcdef") == AC_FILE_DRAFT_DIGITS
           && strcmp(name + AC_FILE_DRAFT_DIGITS, AC_FILE_DRAFT_SUFFIX) == 0;
}

static bool is_old(const struct stat *status, int64_t age_s)
{
    return age_s == 0 || status->st_mtime <= ac_clock_utc() - age_s;
}

static enum ac_code sweep_one(int folder_fd, const char *name, int64_t age_s,
                              const char *path, struct ac_error *err)
{
    struct stat status;

    if (!is_draft(name))
        return AC_OK;
    if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) /* never a draft */
            return AC_OK;
        if (!is_old(&status, age_s))
            return AC_OK;
        if (unlinkat(folder_fd, name, 0) == 0)
            return AC_OK;
    }
    return errno == ENOENT ? AC_OK : ac_file_fail(err, AC_HERE, "sweep", path);
}

static enum ac_code sweep_stream(DIR *stream, int64_t age_s, const char *path,
                                 struct ac_error *err)
{
    for (size_t i = 0; i < SWEEP_MAX; i++) {
        const struct dirent *entry;

        errno = 0;
        entry = readdir(stream);
        if (entry == NULL && errno != 0)
            return ac_file_fail(err, AC_HERE, "sweep", path);
        if (entry == NULL)
            return AC_OK;
        AC_TRY(sweep_one(dirfd(stream), entry->d_name, age_s, path, err));
    }
    return AC_OK;
}

enum ac_code ac_file_sweep(const char *path, int64_t age_s, struct ac_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *stream;
    enum ac_code code;

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        return AC_OK;
    stream = fd < 0 ? NULL : fdopendir(fd);
    if (stream == NULL) {
        ac_memory_drop_fd(&fd);
        return ac_file_fail(err, AC_HERE, "sweep", path);
    }
    code = sweep_stream(stream, age_s, path, err);
    (void)closedir(stream);
    return code;
}
