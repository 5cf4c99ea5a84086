/* SPDX-License-Identifier: Apache-2.0 */
/*
 *     acmecore-undo 2
 *     TOLD DONE COUNT
 *     THERE MODE OWNER GROUP PATH-SIZE SIZE FRESH-SIZE FORMER-SIZE
 *     PATH
 *     the file, as it was
 *     as it becomes
 *     as an earlier commit made it, or an empty line
 *
 * Numbers are decimal; what has a size has so many bytes, and a newline after them.
 */
#include "record.h"

#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC       "acmecore-undo 2"
#define RECORD_MODE 0600
#define HEAD_MAX    160

/* What is left to be read. */
struct text {
    const char *at, *end;
};

static bool path_of(const struct acmecore_host *host, char path[PATH_MAX]);
static bool write_record(const struct files_record *record, struct files_blob *blob);
static bool write_entry(const struct files_entry *entry, struct files_blob *blob);
static bool write_bytes(const struct files_blob *bytes, struct files_blob *blob);
static bool parse_entry(struct text *text, struct files_record *record);
static bool take_numbers(struct text *text, uint64_t *numbers, size_t count);
static bool take_bytes(struct text *text, size_t size, const char **ret_bytes);
static bool take_blob(struct text *text, size_t size, struct files_blob *blob);
static void entry_drop(struct files_entry *entry);

int files_record_load(const struct acmecore_host *host, struct files_record *record)
{
    FILES_AUTO_BLOB blob = { 0 };
    char path[PATH_MAX];
    bool is_path = path_of(host, path);
    WEBROOT_AUTO_FD fd = is_path ? open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;

    if (!is_path) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "this installer needs a folder of its own, and the host "
                          "gives none");
    }
    if (fd < 0 && errno == ENOENT)
        return ACMECORE_OK;
    if (fd < 0 || files_blob_fill(&blob, fd, FILES_RECORD_MAX) != 0) {
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "cannot read %s: %s", path,
                          strerror(errno));
    }
    if (files_record_parse(blob.bytes ? blob.bytes : "", blob.size, record))
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                      "%s, which says how the files were before, is damaged: look at "
                      "them yourself, then remove it",
                      path);
}

int files_record_save(const struct acmecore_host *host,
                      const struct files_record *record)
{
    FILES_AUTO_BLOB blob = { 0 };
    char path[PATH_MAX];

    if (!path_of(host, path))
        return ACMECORE_E_CONFIG;
    if (record->count == 0)
        return host->remove_file(host->ctx, path);
    if (!write_record(record, &blob))
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    if (blob.size > FILES_RECORD_MAX) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "the files to be replaced have more than %u bytes together",
                          FILES_RECORD_MAX);
    }
    return host->write_file(host->ctx, path, RECORD_MODE, blob.bytes, blob.size);
}

void files_record_drop(struct files_record *record)
{
    for (size_t i = 0; i < record->count; i++)
        entry_drop(&record->entries[i]);
    free(record->entries);
    *record = (struct files_record){ 0 };
}

struct files_entry *files_record_find(const struct files_record *record,
                                      const char *path)
{
    for (size_t i = 0; i < record->count; i++) {
        if (strcmp(record->entries[i].path, path) == 0)
            return &record->entries[i];
    }
    return NULL;
}

struct files_entry *files_record_add(struct files_record *record, const char *path)
{
    struct files_entry entry = { 0 };

    if (record->count == record->room) {
        size_t room = record->room * 2 + 8;
        struct files_entry *larger =
            reallocarray(record->entries, room, sizeof *larger);

        if (!larger)
            return NULL;
        record->entries = larger;
        record->room = room;
    }
    entry.path = strdup(path);
    if (!entry.path)
        return NULL;
    record->entries[record->count] = entry;
    return &record->entries[record->count++];
}

void files_record_remove(struct files_record *record, struct files_entry *entry)
{
    size_t after = record->count - (size_t)(entry - record->entries) - 1;

    entry_drop(entry);
    memmove(entry, entry + 1, after * sizeof *entry);
    record->count--;
}

bool files_record_parse(const char *text, size_t size, struct files_record *record)
{
    struct text rest = { text, text + size };
    const char *magic = NULL;
    uint64_t head[3];

    if (!take_bytes(&rest, sizeof MAGIC - 1, &magic)
        || memcmp(magic, MAGIC, sizeof MAGIC - 1) != 0 || !take_numbers(&rest, head, 3)
        || head[0] > 1 || head[1] > 1 || head[2] > FILES_ENTRIES_MAX)
        return false;
    record->is_told = head[0];
    record->is_done = head[1];
    for (uint64_t i = 0; i < head[2]; i++) {
        if (!parse_entry(&rest, record))
            return false;
    }
    return rest.at == rest.end;
}

static bool path_of(const struct acmecore_host *host, char path[PATH_MAX])
{
    int size = snprintf(path, PATH_MAX, "%s/" FILES_RECORD_NAME, host->folder);

    return *host->folder && size < PATH_MAX;
}

static bool write_record(const struct files_record *record, struct files_blob *blob)
{
    char head[HEAD_MAX];
    int size = snprintf(head, sizeof head, MAGIC "\n%d %d %zu\n", record->is_told,
                        record->is_done, record->count);

    if (!files_blob_add(blob, head, (size_t)size))
        return false;
    for (size_t i = 0; i < record->count; i++) {
        if (!write_entry(&record->entries[i], blob))
            return false;
    }
    return true;
}

static bool write_entry(const struct files_entry *entry, struct files_blob *blob)
{
    const struct files_found *old = &entry->old;
    char head[HEAD_MAX];
    int size =
        snprintf(head, sizeof head, "%d %u %u %u %zu %zu %zu %zu\n", old->is_there,
                 (unsigned)old->access.mode, (unsigned)old->access.owner,
                 (unsigned)old->access.group, strlen(entry->path), old->blob.size,
                 entry->fresh.size, entry->former.size);

    return files_blob_add(blob, head, (size_t)size)
           && files_blob_add(blob, entry->path, strlen(entry->path))
           && files_blob_add(blob, "\n", 1) && write_bytes(&old->blob, blob)
           && write_bytes(&entry->fresh, blob) && write_bytes(&entry->former, blob);
}

static bool write_bytes(const struct files_blob *bytes, struct files_blob *blob)
{
    return files_blob_add(blob, bytes->bytes, bytes->size)
           && files_blob_add(blob, "\n", 1);
}

static bool parse_entry(struct text *text, struct files_record *record)
{
    enum {
        THERE,
        MODE,
        OWNER,
        GROUP,
        PATH,
        SIZE,
        FRESH_SIZE,
        FORMER_SIZE,
        COUNT
    };
    uint64_t numbers[COUNT];
    struct files_entry *entry = NULL;
    char path[PATH_MAX] = "";
    const char *bytes = NULL;

    if (!take_numbers(text, numbers, COUNT) || numbers[THERE] > 1
        || numbers[MODE] > 07777 || numbers[OWNER] > UINT32_MAX
        || numbers[GROUP] > UINT32_MAX || numbers[PATH] >= PATH_MAX
        || !take_bytes(text, numbers[PATH], &bytes))
        return false;
    memcpy(path, bytes, numbers[PATH]);
    entry = files_record_add(record, path);
    if (!entry)
        return false;
    entry->is_recorded = true;
    entry->old.is_there = numbers[THERE];
    entry->old.access =
        (struct webroot_access){ (uid_t)numbers[OWNER], (gid_t)numbers[GROUP],
                                 (mode_t)numbers[MODE] };
    return take_blob(text, numbers[SIZE], &entry->old.blob)
           && take_blob(text, numbers[FRESH_SIZE], &entry->fresh)
           && take_blob(text, numbers[FORMER_SIZE], &entry->former);
}

/* `count` numbers with a blank between them, and a newline at the end. */
static bool take_numbers(struct text *text, uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t number = 0;
        size_t digits = 0;
        char wanted = i + 1 < count ? ' ' : '\n';

        for (; text->at < text->end && *text->at >= '0' && *text->at <= '9'; digits++) {
            number = number * 10 + (uint64_t)(*text->at++ - '0');
            if (number > FILES_RECORD_MAX && number > UINT32_MAX)
                return false;
        }
        if (digits == 0 || text->at == text->end || *text->at++ != wanted)
            return false;
        numbers[i] = number;
    }
    return true;
}

/* So many bytes, and a newline. */
static bool take_bytes(struct text *text, size_t size, const char **ret_bytes)
{
    if ((size_t)(text->end - text->at) <= size || text->at[size] != '\n')
        return false;
    *ret_bytes = text->at;
    text->at += size + 1;
    return true;
}

static bool take_blob(struct text *text, size_t size, struct files_blob *blob)
{
    const char *bytes = NULL;

    return size <= FILES_BLOB_MAX && take_bytes(text, size, &bytes)
           && files_blob_add(blob, bytes, size);
}

static void entry_drop(struct files_entry *entry)
{
    free(entry->path);
    files_found_drop(&entry->old);
    files_blob_drop(&entry->fresh);
    files_blob_drop(&entry->former);
}
