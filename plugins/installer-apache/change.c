/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include "disk.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEW_MODE  0644
#define UNDO_MODE 0600

struct apache_change *apache_changes_add(struct apache_changes *changes,
                                         const char *path)
{
    struct apache_change *change = NULL;

    if (!apache_grow(&changes->items, &changes->room, changes->count,
                     sizeof *changes->items))
        return NULL;
    change = &changes->items[changes->count];
    change->path = apache_copy(path, strlen(path));
    if (!change->path)
        return NULL;
    changes->count++;
    return change;
}

bool apache_changes_add_file(struct apache_changes *changes,
                             const struct apache_file *file,
                             const struct apache_text *after)
{
    struct apache_change *change = apache_changes_add(changes, file->path);

    if (!change)
        return false;
    change->mode = file->mode;
    change->owner = file->owner;
    change->group = file->group;
    return apache_text_add(&change->before, file->text.bytes, file->text.size)
           && apache_text_add(&change->after, after->bytes, after->size);
}

static bool add_absent(struct apache_changes *changes, const char *path,
                       const char *text, bool is_link)
{
    struct apache_change *change = apache_changes_add(changes, path);

    if (!change)
        return false;
    change->is_new = true;
    change->is_link = is_link;
    change->mode = NEW_MODE;
    change->owner = APACHE_DISK_NOBODY;
    change->group = APACHE_DISK_NOBODY;
    return apache_text_add(&change->before, "", 0)
           && apache_text_add(&change->after, text, strlen(text));
}

bool apache_changes_add_new(struct apache_changes *changes, const char *path,
                            const char *text)
{
    return add_absent(changes, path, text, false);
}

bool apache_changes_add_link(struct apache_changes *changes, const char *path,
                             const char *target)
{
    return add_absent(changes, path, target, true);
}

void apache_changes_done(struct apache_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        free(changes->items[i].path);
        apache_text_done(&changes->items[i].before);
        apache_text_done(&changes->items[i].after);
    }
    free(changes->items);
    *changes = (struct apache_changes){ 0 };
}

/* ---- made and taken back ---------------------------------------------------- */

static int put(const struct acmecore_host *host, const struct apache_change *change,
               const struct apache_text *text)
{
    return apache_disk_write(host,
                             &(struct apache_disk_file){
                                 .path = change->path,
                                 .mode = change->mode,
                                 .owner = change->owner,
                                 .group = change->group,
                             },
                             text->bytes, text->size);
}

static int check_one(const struct acmecore_host *host,
                     const struct apache_change *change)
{
    APACHE_AUTO_FILE now = { 0 };
    int status = change->is_link ? ACMECORE_E_NOTFOUND
                                 : apache_file_read(host, change->path, &now);
    bool is_as_read =
        status == ACMECORE_E_NOTFOUND
            ? change->is_new
            : !change->is_new && apache_disk_is_same(&now.text, &change->before);

    if (status != ACMECORE_OK && status != ACMECORE_E_NOTFOUND)
        return status;
    if (is_as_read)
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_REFUSED,
                      "%s was changed by somebody after it was read; nothing was "
                      "changed, the next run begins with that",
                      change->path);
}

int apache_changes_check(const struct acmecore_host *host,
                         const struct apache_changes *changes)
{
    int status = ACMECORE_OK;

    for (size_t i = 0; i < changes->count && status == ACMECORE_OK; i++)
        status = check_one(host, &changes->items[i]);
    return status;
}

int apache_changes_make(const struct acmecore_host *host,
                        const struct apache_changes *changes)
{
    int status = ACMECORE_OK;

    for (size_t i = 0; i < changes->count && status == ACMECORE_OK; i++) {
        const struct apache_change *change = &changes->items[i];
        status = change->is_link
                     ? apache_disk_link(host, change->path, change->after.bytes)
                     : put(host, change, &change->after);
    }
    return status;
}

/* Two files of one base name may both be kept. */
static int keep_copy(const struct acmecore_host *host,
                     const struct apache_change *change, size_t number)
{
    char path[PATH_MAX];
    const char *slash = strrchr(change->path, '/');
    int size = snprintf(path, sizeof path, "%s/kept-%zu-%s", host->folder, number,
                        slash ? slash + 1 : change->path);

    if (size < 0 || (size_t)size >= sizeof path) {
        return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                          "the path of a copy of %s is "
                          "too long",
                          change->path);
    }
    host->log(host->ctx, ACMECORE_ERROR,
              "%s was changed by somebody since; it stays as it is, what it was before "
              "the certificate came is in %s",
              change->path, path);
    return host->write_file(host->ctx, path, UNDO_MODE, change->before.bytes,
                            change->before.size);
}

static int revert_link(const struct acmecore_host *host,
                       const struct apache_change *change)
{
    if (!apache_disk_has_link(change->path, change->after.bytes))
        return ACMECORE_OK;
    return host->remove_file(host->ctx, change->path);
}

static int revert_file(const struct acmecore_host *host,
                       const struct apache_change *change, size_t number)
{
    APACHE_AUTO_FILE now = { 0 };
    int status = apache_file_read(host, change->path, &now);

    if (status == ACMECORE_E_NOTFOUND && change->is_new)
        return ACMECORE_OK;
    if (status == ACMECORE_E_NOTFOUND)
        return put(host, change, &change->before);
    if (status != ACMECORE_OK)
        return status;
    if (!change->is_new && apache_disk_is_same(&now.text, &change->before))
        return ACMECORE_OK;
    if (!apache_disk_is_same(&now.text, &change->after))
        return keep_copy(host, change, number);
    if (change->is_new)
        return host->remove_file(host->ctx, change->path);
    return put(host, change, &change->before);
}

int apache_changes_revert(const struct acmecore_host *host,
                          const struct apache_changes *changes)
{
    int result = ACMECORE_OK;

    /* One that cannot be taken back is no reason to leave the others. */
    for (size_t i = changes->count; i > 0; i--) {
        const struct apache_change *change = &changes->items[i - 1];
        int status =
            change->is_link ? revert_link(host, change) : revert_file(host, change, i);
        if (status != ACMECORE_OK)
            result = status;
    }
    return result;
}
