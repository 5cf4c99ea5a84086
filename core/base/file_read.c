/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include "base/file_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_SIZE 16384

/* Whoever else may read or write: not the owner. */
#define MODE_OTHERS_READ_WRITE (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)

struct ac_file_at ac_file_at(const char *path)
{
    return (struct ac_file_at){ .path = path, .folder_fd = AT_FDCWD, .name = path };
}

/* A FIFO without a writer must not hang us, nor a terminal become ours. */
static enum ac_code open_at(const struct ac_file_at *file, int *ret_fd,
                            struct stat *ret_status, struct ac_error *err)
{
    const char *path = file->path;
    AC_AUTO_FD int fd = openat(file->folder_fd, file->name,
                               O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT)
        return ac_fail_errno(err, AC_E_NOTFOUND, errno, "cannot read %s", path);
    if (fd < 0 && errno != ENXIO) /* that one is a socket's */
        return ac_file_fail(err, AC_HERE, "read", path);
    if (fd >= 0 && fstat(fd, ret_status) != 0)
        return ac_file_fail(err, AC_HERE, "read", path);
    if (fd < 0 || !S_ISREG(ret_status->st_mode)) {
        return ac_fail(err, AC_E_INVALID, "cannot read %s: it is not a regular file",
                       path);
    }
    *ret_fd = fd;
    fd = -1;
    return AC_OK;
}

static enum ac_code open_regular(const char *path, int *ret_fd, struct stat *ret_status,
                                 struct ac_error *err)
{
    const struct ac_file_at file = ac_file_at(path);

    return open_at(&file, ret_fd, ret_status, err);
}

static ssize_t read_again(int fd, void *bytes, size_t size)
{
    ssize_t got;

    do {
        got = read(fd, bytes, size);
    } while (got < 0 && errno == EINTR);
    return got;
}

static enum ac_code fail_too_long(struct ac_error *err, const char *path, size_t limit)
{
    return ac_fail(err, AC_E_INVALID, "cannot read %s: it is longer than %zu bytes",
                   path, limit);
}

/* Until its end; the call that would only find that is spared where st_size says it.
 * Files of /proc say 0. */
static enum ac_code read_all(int fd, const char *path, off_t size, struct ac_text *text,
                             struct ac_error *err)
{
    char chunk[CHUNK_SIZE];

    for (;;) {
        ssize_t got = read_again(fd, chunk, sizeof chunk);

        if (got < 0)
            return ac_file_fail(err, AC_HERE, "read", path);
        if (got == 0)
            return AC_OK;
        if ((size_t)got > text->limit - text->size)
            return fail_too_long(err, path, text->limit);
        AC_TRY(ac_text_add(text, chunk, (size_t)got, err));
        if (size > 0 && text->size == (size_t)size)
            return AC_OK;
    }
}

/* What its size promises; an empty file is "", not NULL. */
static enum ac_code prepare(off_t size, size_t limit, struct ac_text *ret_text,
                            struct ac_error *err)
{
    size_t capacity = (size_t)size + 1;
    char *bytes = NULL;

    AC_TRY(ac_memory_new(capacity, 1, (void *)&bytes, err));
    *ret_text =
        (struct ac_text){ .bytes = bytes, .capacity = capacity, .limit = limit };
    return AC_OK;
}

enum ac_code ac_file_read_at(const struct ac_file_at *file, size_t limit,
                             struct ac_text *ret_text, struct ac_error *err)
{
    AC_AUTO_FD int fd = -1;
    AC_AUTO(ac_text) text = { 0 };
    struct stat status = { 0 };

    AC_TRY(open_at(file, &fd, &status, err));
    if ((uintmax_t)status.st_size > limit)
        return fail_too_long(err, file->path, limit);
    AC_TRY(prepare(status.st_size, limit, &text, err));
    AC_TRY(read_all(fd, file->path, status.st_size, &text, err));
    *ret_text = text;
    text = (struct ac_text){ 0 };
    return AC_OK;
}

enum ac_code ac_file_read(const char *path, size_t limit, struct ac_text *ret_text,
                          struct ac_error *err)
{
    const struct ac_file_at file = ac_file_at(path);

    return ac_file_read_at(&file, limit, ret_text, err);
}

static enum ac_code check_private(const char *path, const struct stat *status,
                                  struct ac_error *err)
{
    if (status->st_uid != geteuid() && status->st_uid != 0) {
        return ac_fail(err, AC_E_USAGE,
                       "%s holds a secret and belongs to user id %ju; chown %ju %s "
                       "mends it",
                       path, (uintmax_t)status->st_uid, (uintmax_t)geteuid(), path);
    }
    if ((status->st_mode & MODE_OTHERS_READ_WRITE) != 0) {
        return ac_fail(err, AC_E_USAGE,
                       "%s holds a secret and is open to others (mode %04o); chmod 600 "
                       "%s mends it",
                       path, (unsigned)(status->st_mode & 07777), path);
    }
    return AC_OK;
}

/* Straight into the secret: no copy stays in a buffer that nobody wipes. */
static enum ac_code read_secret(int fd, const char *path, struct ac_secret *secret,
                                struct ac_error *err)
{
    size_t size = 0;

    while (size < secret->size) {
        ssize_t got = read_again(fd, secret->bytes + size, secret->size - size);

        if (got < 0)
            return ac_file_fail(err, AC_HERE, "read", path);
        if (got == 0) {
            return ac_fail(err, AC_E_STORE, "%s became shorter while it was read",
                           path);
        }
        size += (size_t)got;
    }
    return AC_OK;
}

static enum ac_code read_whole_secret(int fd, const char *path, off_t size,
                                      size_t limit, struct ac_secret *ret_secret,
                                      struct ac_error *err)
{
    AC_AUTO(ac_secret) secret = { 0 };

    if ((uintmax_t)size > limit)
        return fail_too_long(err, path, limit);
    AC_TRY(ac_secret_new((size_t)size, &secret, err));
    AC_TRY(read_secret(fd, path, &secret, err));
    *ret_secret = secret;
    secret = (struct ac_secret){ 0 };
    return AC_OK;
}

enum ac_code ac_file_read_secret(const char *path, size_t limit,
                                 struct ac_secret *ret_secret, struct ac_error *err)
{
    AC_AUTO_FD int fd = -1;
    struct stat status = { 0 };

    AC_TRY(open_regular(path, &fd, &status, err));
    AC_TRY(check_private(path, &status, err));
    return read_whole_secret(fd, path, status.st_size, limit, ret_secret, err);
}

/* The end of the line is not part of it, whoever wrote it. */
static void cut_line_end(struct ac_secret *line)
{
    while (line->size > 0
           && (line->bytes[line->size - 1] == '\n'
               || line->bytes[line->size - 1] == '\r')) {
        line->size--;
        line->bytes[line->size] = 0;
    }
}

enum ac_code ac_file_read_password(const char *path, const char *option,
                                   struct ac_secret *ret_password, struct ac_error *err)
{
    AC_AUTO(ac_secret) line = { 0 };
    enum ac_code code = ac_file_read_secret(path, AC_PASSWORD_MAX + 2, &line, err);

    if (code != AC_OK && code != AC_E_NOMEM) {
        ac_error_about(err, "%s", option);
        return err->code = AC_E_USAGE;
    }
    AC_TRY(code);
    cut_line_end(&line);
    if (line.size == 0 || line.size > AC_PASSWORD_MAX
        || strcspn((const char *)line.bytes, "\r\n") != line.size) {
        return ac_fail(err, AC_E_USAGE,
                       "%s: %s must have one line of 1 to %d characters and nothing "
                       "else",
                       option, path, AC_PASSWORD_MAX);
    }
    *ret_password = line;
    line = (struct ac_secret){ 0 };
    return AC_OK;
}

enum ac_code ac_file_read_credential(const char *path, size_t limit,
                                     struct ac_secret *ret_secret, struct ac_error *err)
{
    AC_AUTO_FD int fd = -1;
    struct stat status = { 0 };

    AC_TRY(open_regular(path, &fd, &status, err));
    return read_whole_secret(fd, path, status.st_size, limit, ret_secret, err);
}

enum ac_code ac_file_stamp(const char *path, char **ret_stamp, struct ac_error *err)
{
    struct stat status;

    if (stat(path, &status) != 0 && errno == ENOENT)
        return ac_fail_errno(err, AC_E_NOTFOUND, errno, "cannot read %s", path);
    if (stat(path, &status) != 0)
        return ac_file_fail(err, AC_HERE, "read", path);
    return ac_memory_format(ret_stamp, err, "%ju-%jd.%09ld-%jd",
                            (uintmax_t)status.st_ino, (intmax_t)status.st_mtim.tv_sec,
                            status.st_mtim.tv_nsec, (intmax_t)status.st_size);
}
