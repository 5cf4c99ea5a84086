/* SPDX-License-Identifier: Apache-2.0 */
/* Those of live are merged with what is told. */
#include "note.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODE          0600
#define NOTE_LINE_MAX 1024

static void path_of(const struct acmecore_host *host, enum note note,
                    char path[PATH_MAX]);
static int save(const struct acmecore_host *host, enum note note,
                const struct files_blob *text);
static bool has_line(const struct files_blob *text, const char *line);
static bool add_others(struct files_blob *to, const struct files_blob *from);
static bool has_name(const struct files_blob *text, const char *name, size_t size);

int note_stage(const struct acmecore_host *host,
               const struct acmecore_certificate *const *certificates, size_t count,
               const int *results)
{
    FILES_AUTO_BLOB live = { 0 };
    FILES_AUTO_BLOB staged = { 0 };
    int status = note_load(host, NOTE_LIVE, &live);

    for (size_t i = 0; status == ACMECORE_OK && i < count; i++) {
        char line[NOTE_LINE_MAX];
        int size = snprintf(line, sizeof line, "%s %s\n", certificates[i]->name,
                            certificates[i]->fingerprint);

        if (results[i] == ACMECORE_OK && size < NOTE_LINE_MAX && !has_line(&live, line)
            && !files_blob_add(&staged, line, (size_t)size))
            status = host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    }
    if (status != ACMECORE_OK)
        return status;
    return staged.size > 0 ? save(host, NOTE_STAGED, &staged)
                           : note_remove(host, NOTE_STAGED);
}

int note_load(const struct acmecore_host *host, enum note note, struct files_blob *text)
{
    char path[PATH_MAX];

    path_of(host, note, path);
    return note_is(host, note) ? files_blob_load(host, path, text) : ACMECORE_OK;
}

bool note_is(const struct acmecore_host *host, enum note note)
{
    char path[PATH_MAX];

    path_of(host, note, path);
    return access(path, F_OK) == 0;
}

int note_move(const struct acmecore_host *host, enum note from, enum note to)
{
    FILES_AUTO_BLOB text = { 0 };
    FILES_AUTO_BLOB before = { 0 };
    int status =
        note_is(host, from) ? note_load(host, from, &text) : ACMECORE_E_NOTFOUND;

    if (status != ACMECORE_OK)
        return status == ACMECORE_E_NOTFOUND ? ACMECORE_OK : status;
    status = note_load(host, to, &before);
    if (status == ACMECORE_OK && !add_others(&text, &before))
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    if (status == ACMECORE_OK)
        status = save(host, to, &text);
    return status == ACMECORE_OK ? note_remove(host, from) : status;
}

int note_mark(const struct acmecore_host *host, enum note note)
{
    char path[PATH_MAX];

    path_of(host, note, path);
    return host->write_file(host->ctx, path, MODE, "", 0);
}

int note_remove(const struct acmecore_host *host, enum note note)
{
    char path[PATH_MAX];

    path_of(host, note, path);
    return host->remove_file(host->ctx, path);
}

static void path_of(const struct acmecore_host *host, enum note note,
                    char path[PATH_MAX])
{
    static const char *const names[] = {
        [NOTE_STAGED] = "staged",
        [NOTE_TOLD] = "told",
        [NOTE_LIVE] = "live",
        [NOTE_TAKEN] = "taken",
    };

    (void)snprintf(path, PATH_MAX, "%s/%s", host->folder, names[note]);
}

static int save(const struct acmecore_host *host, enum note note,
                const struct files_blob *text)
{
    char path[PATH_MAX];

    path_of(host, note, path);
    return host->write_file(host->ctx, path, MODE, text->bytes, text->size);
}

static bool has_line(const struct files_blob *text, const char *line)
{
    const char *found = text->bytes ? strstr(text->bytes, line) : NULL;

    return found && (found == text->bytes || found[-1] == '\n');
}

/* The lines of `from` for certificates that `to` does not have. */
static bool add_others(struct files_blob *to, const struct files_blob *from)
{
    const char *line = from->bytes;
    bool is_good = true;

    while (is_good && line && *line) {
        size_t size = strcspn(line, "\n");
        size_t name = strcspn(line, " \n");

        if (line[size] == '\n')
            size++;
        if (!has_name(to, line, name))
            is_good = files_blob_add(to, line, size);
        line += size;
    }
    return is_good;
}

static bool has_name(const struct files_blob *text, const char *name, size_t size)
{
    const char *line = text->bytes;

    while (line && *line) {
        if (strncmp(line, name, size) == 0 && line[size] == ' ')
            return true;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return false;
}
