/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was there before: of each file that an installer replaces its bytes, owner,
 * group and mode, in one file of the host's folder, so that a later process can restore
 * them after a crash; and what comes there, so that it can tell what somebody else has
 * written since.
 */
#ifndef FILES_RECORD_H
#define FILES_RECORD_H

#include "place.h"

#define FILES_RECORD_NAME "undo"
#define FILES_RECORD_MAX  (256u * 1024u * 1024u) /* bytes */
#define FILES_ENTRIES_MAX 100000

struct files_entry {
    char *path;
    struct files_found old;
    struct files_blob fresh;  /* what it becomes */
    struct files_blob former; /* what a commit before that did not end may have made */
    bool is_recorded;         /* an earlier process wrote it down */
    /* Only while it is staged; not recorded. */
    bool is_fresh;
    size_t tag; /* which certificate it belongs to */
    struct webroot_access access;
};

struct files_record {
    bool is_told; /* a commit has begun: the server may have been told */
    bool is_done; /* and it has ended well */
    struct files_entry *entries;
    size_t count, room;
};

#define FILES_AUTO_RECORD                                                              \
    __attribute__((cleanup(files_record_drop))) struct files_record

/* Without one in the folder it is empty. E_SYSTEM: it cannot be read. */
int files_record_load(const struct acmecore_host *host, struct files_record *record);

/* An empty one is removed. */
int files_record_save(const struct acmecore_host *host,
                      const struct files_record *record);

void files_record_drop(struct files_record *record);

/* NULL: there is none. Lent until one is added or removed. */
struct files_entry *files_record_find(const struct files_record *record,
                                      const char *path);
/* NULL: out of memory. */
struct files_entry *files_record_add(struct files_record *record, const char *path);
void files_record_remove(struct files_record *record, struct files_entry *entry);

/* False: it is not the text of a record, or there is no memory. */
bool files_record_parse(const char *text, size_t size, struct files_record *record);

#endif
