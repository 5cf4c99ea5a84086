/* SPDX-License-Identifier: Apache-2.0 */
#include "set.h"

#include <stdio.h>
#include <string.h>

#define MODE_NEW  0644
#define MODE_KEPT 0600

#define ACCESS_BITS 0777u

static bool is_in_place(const struct files_wanted *wanted,
                        const struct webroot_access *access,
                        const struct files_found *found,
                        const struct files_blob *bytes);
static struct webroot_access complete(const struct webroot_access *wanted,
                                      const struct files_found *found);
static int leave(struct files_set *set, const struct files_place *place);
static int add(struct files_set *set, const struct files_wanted *wanted,
               struct files_found *found, struct files_blob *bytes);
static int tell_all(const struct files_set *set, int *results);
static int fail_fresh(const struct files_set *set, int *results, int status);
static int write_entry(const struct files_set *set, const struct files_entry *entry);
static int unstage(struct files_set *set, const int *results, int status);
static void drop_entry(struct files_set *set, struct files_entry *entry);
static int discard_entry(const struct files_set *set, const struct files_entry *entry);
static int check_entry(const struct files_set *set, const struct files_entry *entry);
static bool is_as_it_was(const struct files_entry *entry,
                         const struct files_found *found);
static bool is_ours(const struct files_entry *entry, const struct files_found *found);
static int publish_entry(const struct files_set *set, const struct files_entry *entry,
                         bool may_be_done);
static int restore_entry(const struct files_set *set, const struct files_entry *entry);
static int restore(const struct files_place *place, const struct files_entry *entry,
                   size_t number);
static int keep(const struct acmecore_host *host, const struct files_entry *entry,
                size_t number);
static bool is_time(const struct files_set *set, int *ret_status);

int files_set_open(const struct acmecore_host *host, struct files_set *ret_set)
{
    *ret_set = (struct files_set){
        .host = host,
        .is_dry_run = (host->flags & ACMECORE_DRY_RUN) != 0,
    };
    return files_record_load(host, &ret_set->record);
}

void files_set_drop(struct files_set *set)
{
    files_record_drop(&set->record);
}

int files_set_plan(struct files_set *set, const struct files_wanted *wanted,
                   struct files_blob *bytes)
{
    FILES_AUTO_PLACE place = { .folder_fd = -1 };
    FILES_AUTO_FOUND found = { 0 };
    struct webroot_access access;
    int status = files_place_open(set->host, wanted->path, &place);

    if (status == ACMECORE_OK)
        status = files_place_read(&place, &found);
    if (status != ACMECORE_OK)
        return status;
    access = complete(&wanted->access, &found);
    if (is_in_place(wanted, &access, &found, bytes))
        return leave(set, &place);
    status = add(set, wanted, &found, bytes);
    if (status == ACMECORE_OK)
        files_record_find(&set->record, wanted->path)->access = access;
    return status;
}

void files_set_unplan(struct files_set *set, size_t tag)
{
    for (size_t i = set->record.count; i-- > 0;) {
        struct files_entry *entry = &set->record.entries[i];

        if (entry->is_fresh && entry->tag == tag)
            drop_entry(set, entry);
    }
}

int files_set_stage(struct files_set *set, int *results)
{
    int status = ACMECORE_OK;

    /* Of an earlier deployment, which stays: nothing of it is to be undone when there
     * is nothing new to be done. */
    if (set->record.is_done)
        files_record_drop(&set->record);
    if (set->is_dry_run)
        return tell_all(set, results);
    status = files_record_save(set->host, &set->record);
    if (status != ACMECORE_OK)
        return fail_fresh(set, results, status);
    for (size_t i = 0; i < set->record.count; i++) {
        const struct files_entry *entry = &set->record.entries[i];
        int result = entry->is_fresh && results[entry->tag] == ACMECORE_OK
                         ? write_entry(set, entry)
                         : ACMECORE_OK;

        if (result != ACMECORE_OK)
            status = results[entry->tag] = result;
    }
    return status == ACMECORE_OK ? ACMECORE_OK : unstage(set, results, status);
}

int files_set_commit(struct files_set *set, bool *ret_changed)
{
    struct files_record *record = &set->record;
    bool was_told = record->is_told;
    int status = ACMECORE_OK;

    *ret_changed = record->count > 0 && !record->is_done;
    if (!*ret_changed)
        return ACMECORE_OK;
    for (size_t i = 0; status == ACMECORE_OK && i < record->count; i++)
        status = check_entry(set, &record->entries[i]);
    if (status != ACMECORE_OK)
        return status;
    record->is_told = true;
    status = files_record_save(set->host, record);
    for (size_t i = 0; status == ACMECORE_OK && i < record->count; i++)
        status = publish_entry(set, &record->entries[i], was_told);
    return status;
}

int files_set_done(struct files_set *set)
{
    set->record.is_done = true;
    return files_record_save(set->host, &set->record);
}

int files_set_undo(struct files_set *set, bool *ret_told)
{
    int status = ACMECORE_OK;

    *ret_told = set->record.is_told && set->record.count > 0;
    /* The last one first: a list that names files goes before them. One that cannot be
     * restored is no reason to leave the others. */
    for (size_t i = set->record.count; i > 0; i--) {
        int result = restore_entry(set, &set->record.entries[i - 1]);

        if (result != ACMECORE_OK)
            status = result;
    }
    return status;
}

bool files_set_is_foreign(const struct files_entry *entry,
                          const struct files_found *found)
{
    return found->is_there && !is_as_it_was(entry, found) && !is_ours(entry, found);
}

int files_set_forget(struct files_set *set)
{
    files_record_drop(&set->record);
    return files_record_save(set->host, &set->record);
}

static struct webroot_access complete(const struct webroot_access *wanted,
                                      const struct files_found *found)
{
    struct webroot_access access = *wanted;

    if (found->is_there && access.owner == (uid_t)-1)
        access.owner = found->access.owner;
    if (found->is_there && access.group == (gid_t)-1)
        access.group = found->access.group;
    if (access.mode == FILES_MODE_AS_IS)
        access.mode = found->is_there ? found->access.mode : MODE_NEW;
    return access;
}

static bool is_in_place(const struct files_wanted *wanted,
                        const struct webroot_access *access,
                        const struct files_found *found, const struct files_blob *bytes)
{
    if (!found->is_there || found->access.mode != access->mode
        || found->access.owner != access->owner || found->access.group != access->group)
        return false;
    return wanted->is_same ? wanted->is_same(wanted->arg, &found->blob)
                           : files_blob_is(&found->blob, bytes);
}

/* What was staged for it before, and never committed, is not wanted any more. */
static int leave(struct files_set *set, const struct files_place *place)
{
    struct files_entry *entry = files_record_find(&set->record, place->path);

    if (!entry || set->record.is_told)
        return ACMECORE_OK;
    files_record_remove(&set->record, entry);
    return files_place_discard(place);
}

static int add(struct files_set *set, const struct files_wanted *wanted,
               struct files_found *found, struct files_blob *bytes)
{
    const struct acmecore_host *host = set->host;
    struct files_entry *entry = NULL;

    if (set->record.is_done) /* of an earlier deployment, which stays */
        files_record_drop(&set->record);
    entry = files_record_find(&set->record, wanted->path);
    if (entry && entry->is_fresh) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s would be written twice: each file needs a path of its "
                          "own; %%n in it stands for the certificate's name",
                          wanted->path);
    }
    if (!entry) {
        entry = files_record_add(&set->record, wanted->path);
        if (!entry)
            return host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
        entry->old = *found;
        *found = (struct files_found){ 0 };
    }
    if (set->record.is_told && entry->fresh.size > 0) {
        files_blob_drop(&entry->former);
        entry->former = entry->fresh;
        entry->fresh = (struct files_blob){ 0 };
    }
    files_blob_drop(&entry->fresh);
    entry->is_fresh = true;
    entry->tag = wanted->tag;
    entry->fresh = *bytes;
    *bytes = (struct files_blob){ 0 };
    return ACMECORE_OK;
}

/* In the words of the host, which shows no key. */
static int tell_all(const struct files_set *set, int *results)
{
    const struct acmecore_host *host = set->host;
    int status = ACMECORE_OK;

    for (size_t i = 0; i < set->record.count; i++) {
        const struct files_entry *entry = &set->record.entries[i];
        int result = host->write_file(host->ctx, entry->path,
                                      (uint32_t)entry->access.mode & ACCESS_BITS,
                                      entry->fresh.bytes, entry->fresh.size);

        if (result != ACMECORE_OK)
            status = results[entry->tag] = result;
    }
    return status;
}

/* One that another's failure hides would be taken for staged. */
static int fail_fresh(const struct files_set *set, int *results, int status)
{
    for (size_t i = 0; i < set->record.count; i++) {
        const struct files_entry *entry = &set->record.entries[i];

        if (entry->is_fresh)
            results[entry->tag] = status;
    }
    return status;
}

static int write_entry(const struct files_set *set, const struct files_entry *entry)
{
    FILES_AUTO_PLACE place = { .folder_fd = -1 };
    int status = ACMECORE_OK;

    if (is_time(set, &status))
        status = files_place_open(set->host, entry->path, &place);
    if (status == ACMECORE_OK)
        status = files_place_write(&place, &entry->fresh, &entry->access);
    return status;
}

/* Of a certificate that could not be staged nothing is committed. */
static int unstage(struct files_set *set, const int *results, int status)
{
    for (size_t i = set->record.count; i-- > 0;) {
        struct files_entry *entry = &set->record.entries[i];

        if (entry->is_fresh && results[entry->tag] != ACMECORE_OK) {
            (void)discard_entry(set, entry);
            drop_entry(set, entry);
        }
    }
    (void)files_record_save(set->host, &set->record); /* one too many is harmless */
    return status;
}

/* How it was before an earlier commit that did not end well must not be lost. */
static void drop_entry(struct files_set *set, struct files_entry *entry)
{
    if (!set->record.is_told || !entry->is_recorded) {
        files_record_remove(&set->record, entry);
        return;
    }
    entry->is_fresh = false;
    files_blob_drop(&entry->fresh);
}

static int discard_entry(const struct files_set *set, const struct files_entry *entry)
{
    FILES_AUTO_PLACE place = { .folder_fd = -1 };
    int status = files_place_open(set->host, entry->path, &place);

    return status == ACMECORE_OK ? files_place_discard(&place) : status;
}

/* Between its reading and now somebody may have written to it. */
static int check_entry(const struct files_set *set, const struct files_entry *entry)
{
    FILES_AUTO_PLACE place = { .folder_fd = -1 };
    FILES_AUTO_FOUND found = { 0 };
    const struct acmecore_host *host = set->host;
    int status = files_place_open(host, entry->path, &place);

    if (status == ACMECORE_OK)
        status = files_place_read(&place, &found);
    if (status != ACMECORE_OK || is_as_it_was(entry, &found) || is_ours(entry, &found))
        return status;
    return host->fail(host->ctx, ACMECORE_E_REFUSED,
                      "%s was changed by somebody while the certificate was on its way "
                      "there; it stays as it is, and the next run begins with that",
                      entry->path);
}

static bool is_as_it_was(const struct files_entry *entry,
                         const struct files_found *found)
{
    return found->is_there == entry->old.is_there
           && files_blob_is(&found->blob, &entry->old.blob);
}

/* Written by this commit, or by one before that did not come to its end. */
static bool is_ours(const struct files_entry *entry, const struct files_found *found)
{
    return found->is_there
           && (files_blob_is(&found->blob, &entry->fresh)
               || (entry->former.size > 0
                   && files_blob_is(&found->blob, &entry->former)));
}

static int publish_entry(const struct files_set *set, const struct files_entry *entry,
                         bool may_be_done)
{
    FILES_AUTO_PLACE place = { .folder_fd = -1 };
    const struct acmecore_host *host = set->host;
    int status = files_place_open(host, entry->path, &place);

    if (status == ACMECORE_OK)
        status = files_place_publish(&place);
    if (status != ACMECORE_E_NOTFOUND)
        return status;
    if (may_be_done) /* by a commit that did not come to its end */
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                      "what was staged for %s has been removed by somebody",
                      entry->path);
}

static int restore_entry(const struct files_set *set, const struct files_entry *entry)
{
    FILES_AUTO_PLACE place = { .folder_fd = -1 };
    int status = files_place_open(set->host, entry->path, &place);

    if (status == ACMECORE_OK)
        status = files_place_discard(&place);
    if (status == ACMECORE_OK && set->record.is_told)
        status = restore(&place, entry, (size_t)(entry - set->record.entries) + 1);
    return status;
}

static int restore(const struct files_place *place, const struct files_entry *entry,
                   size_t number)
{
    FILES_AUTO_FOUND found = { 0 };
    const struct files_found *old = &entry->old;
    int status = files_place_read(place, &found);

    if (status != ACMECORE_OK)
        return status;
    if (files_set_is_foreign(entry, &found))
        return keep(place->host, entry, number);
    if (!old->is_there)
        return files_place_remove(place);
    if (is_as_it_was(entry, &found) && found.access.mode == old->access.mode
        && found.access.owner == old->access.owner
        && found.access.group == old->access.group)
        return ACMECORE_OK;
    status = files_place_write(place, &old->blob, &old->access);
    return status == ACMECORE_OK ? files_place_publish(place) : status;
}

/* Somebody's later work is not lost, nor what was there before ours. Two files of one
 * base name may both be kept. */
static int keep(const struct acmecore_host *host, const struct files_entry *entry,
                size_t number)
{
    const char *slash = strrchr(entry->path, '/');
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/kept-%zu-%s", host->folder, number,
                        slash ? slash + 1 : entry->path);

    if (!entry->old.is_there) {
        host->log(host->ctx, ACMECORE_ERROR,
                  "%s was changed by somebody since; it stays as it is", entry->path);
        return ACMECORE_OK;
    }
    if (size < 0 || (size_t)size >= sizeof path) {
        return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                          "the path of a copy of %s is too long", entry->path);
    }
    host->log(host->ctx, ACMECORE_ERROR,
              "%s was changed by somebody since; it stays as it is, what it was before "
              "the certificate came is in %s",
              entry->path, path);
    return host->write_file(host->ctx, path, MODE_KEPT, entry->old.blob.bytes,
                            entry->old.blob.size);
}

static bool is_time(const struct files_set *set, int *ret_status)
{
    const struct acmecore_host *host = set->host;

    if (host->remaining_ms(host->ctx) > 0)
        return true;
    *ret_status = host->fail(
        host->ctx, ACMECORE_E_TIMEOUT,
        "the time was over before all files were written: is the disk slow?");
    return false;
}
