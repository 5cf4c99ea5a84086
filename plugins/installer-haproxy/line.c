/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

#include "list.h"

static int remove_lines(const struct files_set *set, const struct files_entry *list,
                        struct files_blob *text);
static int look(const struct files_set *set, const struct files_entry *entry,
                bool *ret_goes);
static int write_list(const struct files_set *set, const struct files_place *place,
                      const struct files_found *found);

int line_take_out(const char *list_path, const struct files_set *set)
{
    const struct files_entry *list = files_record_find(&set->record, list_path);
    FILES_AUTO_PLACE place = { .folder_fd = -1 };
    FILES_AUTO_FOUND found = { 0 };
    int status = ACMECORE_OK;
    size_t before = 0;

    if (!list || !set->record.is_told)
        return ACMECORE_OK;
    status = files_place_open(set->host, list_path, &place);
    if (status == ACMECORE_OK)
        status = files_place_read(&place, &found);
    if (status != ACMECORE_OK || !files_set_is_foreign(list, &found))
        return status;
    before = found.blob.size;
    status = remove_lines(set, list, &found.blob);
    return status == ACMECORE_OK && found.blob.size != before
               ? write_list(set, &place, &found)
               : status;
}

static int remove_lines(const struct files_set *set, const struct files_entry *list,
                        struct files_blob *text)
{
    int status = ACMECORE_OK;

    for (size_t i = 0; status == ACMECORE_OK && i < set->record.count; i++) {
        const struct files_entry *entry = &set->record.entries[i];
        bool goes = false;

        if (entry == list || list_has(&list->old.blob, entry->path))
            continue;
        status = look(set, entry, &goes);
        if (status == ACMECORE_OK && goes)
            list_remove(text, entry->path);
    }
    return status;
}

/* What was there before stays, and what somebody else has put there. */
static int look(const struct files_set *set, const struct files_entry *entry,
                bool *ret_goes)
{
    FILES_AUTO_PLACE place = { .folder_fd = -1 };
    FILES_AUTO_FOUND found = { 0 };
    int status = files_place_open(set->host, entry->path, &place);

    if (status == ACMECORE_OK)
        status = files_place_read(&place, &found);
    *ret_goes = !entry->old.is_there && !files_set_is_foreign(entry, &found);
    return status;
}

static int write_list(const struct files_set *set, const struct files_place *place,
                      const struct files_found *found)
{
    const struct acmecore_host *host = set->host;
    int status = files_place_write(place, &found->blob, &found->access);

    if (status == ACMECORE_OK)
        status = files_place_publish(place);
    if (status == ACMECORE_OK) {
        host->log(host->ctx, ACMECORE_WARN,
                  "%s was changed by somebody since: the lines of ours are taken out, "
                  "because what they name goes",
                  place->path);
    }
    return status;
}
