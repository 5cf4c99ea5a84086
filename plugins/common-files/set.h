/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that are replaced together. Each step may be in a process of its own:
 *
 *     plan    compares what is wanted with what is there
 *     stage   writes down how to undo it, then the new files beside the old ones
 *     commit  renames them, one after the other
 *     undo    removes the new files, or restores the old ones
 *     forget  what was written down may go
 *
 * What somebody else writes meanwhile is not overwritten: a commit refuses then, and an
 * undo leaves that file alone and keeps how it was in the host's folder.
 */
#ifndef FILES_SET_H
#define FILES_SET_H

#include "record.h"

struct files_set {
    const struct acmecore_host *host;
    struct files_record record;
    bool is_dry_run; /* stage lets the host tell what would be written, no more */
};

#define FILES_AUTO_SET __attribute__((cleanup(files_set_drop))) struct files_set

#define FILES_MODE_AS_IS ((mode_t)-1)

struct files_wanted {
    const char *path;
    /* Owner or group -1: as of the file that is there, else ours. Mode AS_IS: likewise,
     * else 0644. */
    struct webroot_access access;
    size_t tag; /* which certificate it is for: an index of results */
    /* NULL: bytes are compared; else whether what is there says the same. */
    bool (*is_same)(void *arg, const struct files_blob *there);
    void *arg;
};

/* Reads what an earlier process wrote down. */
int files_set_open(const struct acmecore_host *host, struct files_set *ret_set);
void files_set_drop(struct files_set *set);

/* Remembers the file unless it is in place already. Takes the bytes. */
int files_set_plan(struct files_set *set, const struct files_wanted *wanted,
                   struct files_blob *bytes);

/* Forgets what was planned for one certificate. */
void files_set_unplan(struct files_set *set, size_t tag);

/* Of what was planned; results[tag] of what failed says why. Returns OK, or one of
 * them. */
int files_set_stage(struct files_set *set, int *results);

/* *ret_changed: there was something to rename, so whoever reads the files must be
 * told. When that is done, call files_set_done.
 * E_REFUSED: somebody has changed one since it was staged; nothing was renamed. */
int files_set_commit(struct files_set *set, bool *ret_changed);
int files_set_done(struct files_set *set);

/* *ret_told: a commit had begun, so the server must be told once more. When that is
 * done, call files_set_forget. In the order opposite to that of the commit. */
int files_set_undo(struct files_set *set, bool *ret_told);

/* Somebody else has written what is there: an undo leaves it alone. */
bool files_set_is_foreign(const struct files_entry *entry,
                          const struct files_found *found);
int files_set_forget(struct files_set *set);

#endif
