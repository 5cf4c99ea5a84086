/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE_BITS 0777u
#define READ_SIZE 65536

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

#define AUTO_FD __attribute__((cleanup(close_fd))) int

static int read_all(const struct acmecore_host *host, int fd, struct apache_file *file)
{
    char bytes[READ_SIZE];
    ssize_t got = 0;

    do {
        got = read(fd, bytes, sizeof bytes);
        if (got > 0 && !apache_text_add(&file->text, bytes, (size_t)got))
            return apache_no_memory(host);
    } while (file->text.size <= APACHE_FILE_MAX
             && (got > 0 || (got < 0 && errno == EINTR)));
    if (got < 0) {
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "%s cannot be read: %s",
                          file->path, strerror(errno));
    }
    if (file->text.size > APACHE_FILE_MAX) {
        return host->fail(host->ctx, ACMECORE_E_REFUSED, "%s is longer than %u bytes",
                          file->path, APACHE_FILE_MAX);
    }
    return apache_text_add(&file->text, "", 0) ? ACMECORE_OK : apache_no_memory(host);
}

static int read_open(const struct acmecore_host *host, int fd, struct apache_file *file)
{
    struct stat info;
    int status = ACMECORE_OK;

    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        return host->fail(host->ctx, ACMECORE_E_REFUSED, "%s is not a regular file",
                          file->path);
    }
    file->mode = info.st_mode & MODE_BITS;
    file->owner = info.st_uid;
    file->group = info.st_gid;
    status = read_all(host, fd, file);
    if (status == ACMECORE_OK && file->text.size > 0
        && memchr(file->text.bytes, '\0', file->text.size)) {
        return host->fail(host->ctx, ACMECORE_E_REFUSED, "%s has a NUL byte in it",
                          file->path);
    }
    return status;
}

int apache_file_read(const struct acmecore_host *host, const char *path,
                     struct apache_file *ret_file)
{
    APACHE_AUTO_FILE file = { 0 };
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int status = ACMECORE_OK;

    if (fd < 0 && errno == ENOENT)
        return ACMECORE_E_NOTFOUND;
    if (fd < 0) {
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "%s cannot be opened: %s", path,
                          strerror(errno));
    }
    file.path = apache_copy(path, strlen(path));
    status = file.path ? read_open(host, fd, &file) : apache_no_memory(host);
    if (status != ACMECORE_OK)
        return status;
    *ret_file = file;
    file = (struct apache_file){ 0 };
    return ACMECORE_OK;
}

void apache_file_done(struct apache_file *file)
{
    for (size_t i = 0; i < file->edit_count; i++)
        free(file->edits[i].text);
    free(file->edits);
    free(file->path);
    apache_text_done(&file->text);
    *file = (struct apache_file){ 0 };
}

static struct apache_file *find(const struct apache_files *files, const char *path)
{
    for (size_t i = files->count; i > 0; i--) {
        if (!strcmp(files->items[i - 1]->path, path))
            return files->items[i - 1];
    }
    return NULL;
}

static int add(const struct acmecore_host *host, struct apache_files *files,
               const char *path, struct apache_file **ret_file)
{
    struct apache_file *file = NULL;
    int status = ACMECORE_OK;

    if (!apache_grow(&files->items, &files->room, files->count,
                     sizeof(struct apache_file *)))
        return apache_no_memory(host);
    file = calloc(1, sizeof *file);
    if (!file)
        return apache_no_memory(host);
    status = apache_file_read(host, path, file);
    if (status != ACMECORE_OK) {
        free(file);
        return status;
    }
    files->items[files->count++] = file;
    *ret_file = file;
    return ACMECORE_OK;
}

int apache_files_get(const struct acmecore_host *host, struct apache_files *files,
                     const char *path, struct apache_file **ret_file)
{
    char real[PATH_MAX];
    struct apache_file *file = NULL;

    /* sites-enabled has links to sites-available: the link stays, its target changes.
     */
    if (!realpath(path, real)) {
        return host->fail(host->ctx, ACMECORE_E_REFUSED, "%s cannot be read: %s", path,
                          strerror(errno));
    }
    file = find(files, real);
    if (!file)
        return add(host, files, real, ret_file);
    *ret_file = file;
    return ACMECORE_OK;
}

void apache_files_done(struct apache_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        apache_file_done(files->items[i]);
        free(files->items[i]);
    }
    free(files->items);
    *files = (struct apache_files){ 0 };
}

bool apache_file_edit(struct apache_file *file, size_t at, size_t removed,
                      const char *text)
{
    size_t place = file->edit_count;
    struct apache_edit edit = { .at = at, .removed = removed };

    if (!apache_grow(&file->edits, &file->edit_room, file->edit_count,
                     sizeof *file->edits))
        return false;
    edit.text = apache_copy(text, strlen(text));
    if (!edit.text)
        return false;
    while (place > 0 && file->edits[place - 1].at > at) {
        file->edits[place] = file->edits[place - 1];
        place--;
    }
    file->edits[place] = edit;
    file->edit_count++;
    return true;
}

bool apache_file_edited(const struct apache_file *file, struct apache_text *ret_text)
{
    size_t at = 0;

    for (size_t i = 0; i < file->edit_count; i++) {
        const struct apache_edit *edit = &file->edits[i];
        if (!apache_text_add(ret_text, file->text.bytes + at, edit->at - at)
            || !apache_text_add(ret_text, edit->text, strlen(edit->text)))
            return false;
        at = edit->at + edit->removed;
    }
    return apache_text_add(ret_text, file->text.bytes + at, file->text.size - at);
}
