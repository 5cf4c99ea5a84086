/* SPDX-License-Identifier: Apache-2.0 */
#include "undo.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODE        0600
#define MODE_BASE   8
#define NUMBER_BASE 10
#define HEAD        "acmecore installer-apache undo 1\n"
#define TAIL        "end\n"

/* How it was before: a file, nothing, or nothing and now a link. */
static const char *const kinds[] = { "file ", "new ", "link " };
enum kind {
    KIND_FILE,
    KIND_NEW,
    KIND_LINK
};

static enum kind kind_of(const struct apache_change *change)
{
    if (change->is_link)
        return KIND_LINK;
    return change->is_new ? KIND_NEW : KIND_FILE;
}

bool apache_undo_write(const struct apache_changes *changes,
                       struct apache_text *ret_text)
{
    bool is_good = apache_text_format(ret_text, HEAD);

    for (size_t i = 0; i < changes->count && is_good; i++) {
        const struct apache_change *change = &changes->items[i];
        is_good =
            apache_text_format(ret_text, "%s%o %u %u %zu %zu %zu\n%s\n",
                               kinds[kind_of(change)], (unsigned)change->mode,
                               (unsigned)change->owner, (unsigned)change->group,
                               strlen(change->path), change->before.size,
                               change->after.size, change->path)
            && apache_text_add(ret_text, change->before.bytes, change->before.size)
            && apache_text_add(ret_text, "\n", 1)
            && apache_text_add(ret_text, change->after.bytes, change->after.size)
            && apache_text_add(ret_text, "\n", 1);
    }
    return is_good && apache_text_format(ret_text, TAIL);
}

/* ---- read again --------------------------------------------------------------- */

struct reader {
    const char *at;
    const char *end;
};

static bool take(struct reader *reader, const char *word)
{
    size_t size = strlen(word);

    if ((size_t)(reader->end - reader->at) < size
        || strncmp(reader->at, word, size) != 0)
        return false;
    reader->at += size;
    return true;
}

/* The text ends with NUL, so strtoull ends. */
static bool take_number(struct reader *reader, int base, char after,
                        unsigned long long *ret_number)
{
    char *end = NULL;

    if (reader->at >= reader->end || *reader->at < '0' || *reader->at > '9')
        return false;
    *ret_number = strtoull(reader->at, &end, base);
    if (end >= reader->end || *end != after)
        return false;
    reader->at = end + 1;
    return true;
}

/* So many bytes and a line break. */
static const char *take_bytes(struct reader *reader, unsigned long long size)
{
    const char *bytes = reader->at;

    if (size >= (unsigned long long)(reader->end - reader->at) || bytes[size] != '\n')
        return NULL;
    reader->at += size + 1;
    return bytes;
}

struct numbers {
    unsigned long long mode, owner, group, path_size, before_size, after_size;
};

static bool take_numbers(struct reader *reader, struct numbers *numbers)
{
    return take_number(reader, MODE_BASE, ' ', &numbers->mode)
           && take_number(reader, NUMBER_BASE, ' ', &numbers->owner)
           && take_number(reader, NUMBER_BASE, ' ', &numbers->group)
           && take_number(reader, NUMBER_BASE, ' ', &numbers->path_size)
           && take_number(reader, NUMBER_BASE, ' ', &numbers->before_size)
           && take_number(reader, NUMBER_BASE, '\n', &numbers->after_size)
           && numbers->mode <= 0777 && numbers->owner <= UINT32_MAX
           && numbers->group <= UINT32_MAX && numbers->path_size < PATH_MAX;
}

static bool read_change(struct reader *reader, enum kind kind,
                        struct apache_changes *changes)
{
    struct numbers numbers = { 0 };
    struct apache_change *change = NULL;
    char path[PATH_MAX] = "";
    const char *bytes = NULL;

    if (!take_numbers(reader, &numbers)
        || !(bytes = take_bytes(reader, numbers.path_size)) || bytes[0] != '/')
        return false;
    memcpy(path, bytes, numbers.path_size);
    change = apache_changes_add(changes, path);
    if (!change)
        return false;
    change->is_new = kind != KIND_FILE;
    change->is_link = kind == KIND_LINK;
    change->mode = (mode_t)numbers.mode;
    change->owner = (uid_t)numbers.owner;
    change->group = (gid_t)numbers.group;
    bytes = take_bytes(reader, numbers.before_size);
    if (!bytes || !apache_text_add(&change->before, bytes, numbers.before_size))
        return false;
    bytes = take_bytes(reader, numbers.after_size);
    return bytes && apache_text_add(&change->after, bytes, numbers.after_size);
}

static bool read_any(struct reader *reader, struct apache_changes *changes)
{
    for (size_t i = 0; i < APACHE_COUNT(kinds); i++) {
        if (take(reader, kinds[i]))
            return read_change(reader, (enum kind)i, changes);
    }
    return false;
}

bool apache_undo_parse(const struct apache_text *text,
                       struct apache_changes *ret_changes)
{
    struct reader reader = { text->bytes, text->bytes + text->size };
    APACHE_AUTO_CHANGES changes = { 0 };

    if (!take(&reader, HEAD))
        return false;
    while (!take(&reader, TAIL)) {
        if (!read_any(&reader, &changes))
            return false;
    }
    if (reader.at != reader.end)
        return false;
    *ret_changes = changes;
    changes = (struct apache_changes){ 0 };
    return true;
}

/* ---- on disk -------------------------------------------------------------------- */

static int path_of(const struct acmecore_host *host, const char *name,
                   char path[PATH_MAX])
{
    int size = snprintf(path, PATH_MAX, "%s/%s", host->folder, name);

    if (size > 0 && size < PATH_MAX)
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                      "the path of the state folder is too long");
}

int apache_undo_save(const struct acmecore_host *host,
                     const struct apache_changes *changes)
{
    APACHE_AUTO_TEXT text = { 0 };
    char path[PATH_MAX];
    int status = path_of(host, APACHE_UNDO_FILE, path);

    if (status != ACMECORE_OK)
        return status;
    if (!apache_undo_write(changes, &text))
        return apache_no_memory(host);
    if (text.size > APACHE_FILE_MAX) {
        return host->fail(host->ctx, ACMECORE_E_REFUSED,
                          "the files to be changed have more than %u bytes together",
                          APACHE_FILE_MAX);
    }
    return host->write_file(host->ctx, path, MODE, text.bytes, text.size);
}

int apache_undo_load(const struct acmecore_host *host,
                     struct apache_changes *ret_changes)
{
    APACHE_AUTO_FILE file = { 0 };
    char path[PATH_MAX];
    int status = path_of(host, APACHE_UNDO_FILE, path);

    if (status == ACMECORE_OK)
        status = apache_file_read(host, path, &file);
    if (status != ACMECORE_OK)
        return status;
    if (apache_undo_parse(&file.text, ret_changes))
        return ACMECORE_OK;
    return host->fail(
        host->ctx, ACMECORE_E_SYSTEM,
        "%s cannot be read as what this plugin wrote: look what is in it, "
        "restore the files by hand, and remove it",
        path);
}

static bool is_there(const struct acmecore_host *host, const char *name)
{
    char path[PATH_MAX];

    return path_of(host, name, path) == ACMECORE_OK && access(path, F_OK) == 0;
}

int apache_undo_refuse(const struct acmecore_host *host)
{
    const struct apache_changes none = { 0 };
    char path[PATH_MAX];
    int status = apache_undo_save(host, &none);

    if (status == ACMECORE_OK)
        status = path_of(host, APACHE_REFUSED_FILE, path);
    return status == ACMECORE_OK ? host->write_file(host->ctx, path, MODE, "", 0)
                                 : status;
}

bool apache_undo_is_refused(const struct acmecore_host *host)
{
    return is_there(host, APACHE_REFUSED_FILE);
}

/* Where nothing is written down there is nothing that a rollback would take back. */
int apache_undo_prove(const struct acmecore_host *host)
{
    char path[PATH_MAX];
    int status = path_of(host, APACHE_UNDO_FILE, path);

    if (status != ACMECORE_OK || access(path, F_OK) != 0)
        return status;
    status = path_of(host, APACHE_PROVEN_FILE, path);
    return status == ACMECORE_OK ? host->write_file(host->ctx, path, MODE, "", 0)
                                 : status;
}

bool apache_undo_is_proven(const struct acmecore_host *host)
{
    return is_there(host, APACHE_PROVEN_FILE);
}

static int forget(const struct acmecore_host *host, const char *name)
{
    char path[PATH_MAX];
    int status = path_of(host, name, path);

    return status == ACMECORE_OK ? host->remove_file(host->ctx, path) : status;
}

int apache_undo_forget(const struct acmecore_host *host)
{
    int status = forget(host, APACHE_REFUSED_FILE);

    return status == ACMECORE_OK ? forget(host, APACHE_UNDO_FILE) : status;
}

int apache_undo_unprove(const struct acmecore_host *host)
{
    return forget(host, APACHE_PROVEN_FILE);
}
