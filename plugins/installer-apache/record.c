/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include "disk.h"
#include "file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORD_MODE 0600

static bool path_of(const struct acmecore_host *host, char path[PATH_MAX])
{
    int size = snprintf(path, PATH_MAX, "%s/%s", host->folder, APACHE_RECORD_FILE);

    return size > 0 && size < PATH_MAX;
}

/* "/path/to/fullchain.pem\texample.com\twww.example.com" */
static bool read_holder(struct apache_record *record, const char *line, size_t size)
{
    struct apache_holder *holder = NULL;
    const char *end = line + size;
    const char *tab = memchr(line, '\t', size);

    if (!tab || tab == line)
        return true;
    if (!apache_grow(&record->holders, &record->room, record->count,
                     sizeof *record->holders))
        return false;
    holder = &record->holders[record->count];
    *holder = (struct apache_holder){ .path = apache_copy(line, (size_t)(tab - line)) };
    if (!holder->path)
        return false;
    record->count++;
    while (tab && tab < end) {
        const char *word = tab + 1;
        tab = memchr(word, '\t', (size_t)(end - word));
        if (!apache_list_add(&holder->identifiers, word,
                             (size_t)((tab ? tab : end) - word)))
            return false;
    }
    return true;
}

static bool read_all(struct apache_record *record, const struct apache_text *text)
{
    const char *at = text->bytes;
    const char *end = text->bytes + text->size;

    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop)
            return true; /* a line without its end is no line */
        if (!read_holder(record, at, (size_t)(stop - at)))
            return false;
        at = stop + 1;
    }
    return true;
}

int apache_record_load(const struct acmecore_host *host,
                       struct apache_record *ret_record)
{
    APACHE_AUTO_FILE file = { 0 };
    APACHE_AUTO_RECORD record = { 0 };
    char path[PATH_MAX];
    int status =
        path_of(host, path) ? apache_file_read(host, path, &file) : ACMECORE_E_NOTFOUND;

    *ret_record = record;
    if (status == ACMECORE_E_NOTFOUND)
        return ACMECORE_OK;
    if (status != ACMECORE_OK)
        return status;
    if (!read_all(&record, &file.text))
        return apache_no_memory(host);
    *ret_record = record;
    record = (struct apache_record){ 0 };
    return ACMECORE_OK;
}

static void holder_done(struct apache_holder *holder)
{
    free(holder->path);
    apache_list_done(&holder->identifiers);
    *holder = (struct apache_holder){ 0 };
}

void apache_record_done(struct apache_record *record)
{
    for (size_t i = 0; i < record->count; i++)
        holder_done(&record->holders[i]);
    free(record->holders);
    *record = (struct apache_record){ 0 };
}

const struct apache_holder *apache_record_find(const struct apache_record *record,
                                               const char *path)
{
    for (size_t i = 0; i < record->count; i++) {
        if (!strcmp(record->holders[i].path, path) && access(path, F_OK) == 0)
            return &record->holders[i];
    }
    return NULL;
}

static bool is_in(const struct acmecore_certificate *const *certificates, size_t count,
                  const char *path)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(certificates[i]->fullchain_path, path))
            return true;
    }
    return false;
}

static bool write_holder(struct apache_text *text, const char *path,
                         const char *const *identifiers, size_t count)
{
    bool is_good = apache_text_add(text, path, strlen(path));

    for (size_t i = 0; i < count && is_good; i++)
        is_good = apache_text_format(text, "\t%s", identifiers[i]);
    return is_good && apache_text_add(text, "\n", 1);
}

static bool write_all(const struct apache_record *record,
                      const struct acmecore_certificate *const *certificates,
                      size_t count, struct apache_text *text)
{
    bool is_good = true;

    for (size_t i = 0; i < record->count && is_good; i++) {
        const struct apache_holder *holder = &record->holders[i];
        if (!is_in(certificates, count, holder->path)
            && access(holder->path, F_OK) == 0) {
            is_good = write_holder(text, holder->path,
                                   (const char *const *)holder->identifiers.items,
                                   holder->identifiers.count);
        }
    }
    for (size_t i = 0; i < count && is_good; i++) {
        const char *const *identifiers = certificates[i]->identifiers;
        size_t named = 0;
        while (identifiers[named])
            named++;
        is_good =
            write_holder(text, certificates[i]->fullchain_path, identifiers, named);
    }
    return is_good;
}

int apache_record_update(const struct acmecore_host *host, struct apache_record *record,
                         const struct acmecore_certificate *const *certificates,
                         size_t count)
{
    APACHE_AUTO_TEXT text = { 0 };
    APACHE_AUTO_FILE file = { 0 };
    char path[PATH_MAX];
    int status = ACMECORE_OK;

    if (!path_of(host, path)) {
        return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                          "the state folder's path is "
                          "too long");
    }
    if (!write_all(record, certificates, count, &text))
        return apache_no_memory(host);
    status = apache_file_read(host, path, &file);
    if (status == ACMECORE_OK && apache_disk_is_same(&file.text, &text))
        return ACMECORE_OK;
    if (status == ACMECORE_E_SYSTEM)
        return status;
    return host->write_file(host->ctx, path, RECORD_MODE, text.bytes, text.size);
}
