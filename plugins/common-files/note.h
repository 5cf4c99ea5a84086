/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which versions a server was told of: what its files say is not what it has read. A
 * configuration names paths that stay the same at a renewal, and a file may have come
 * where nobody told the server. Lines NAME FINGERPRINT.
 *
 *     staged   what a commit is to tell it of
 *     told     it may have been told; a rollback must tell it once more
 *     live     what was proven
 *     taken    the reload ended well (empty)
 */
#ifndef NOTE_H
#define NOTE_H

#include "blob.h"

enum note {
    NOTE_STAGED,
    NOTE_TOLD,
    NOTE_LIVE,
    NOTE_TAKEN
};

/* Notes as staged those certificates that are not live in this version. */
int note_stage(const struct acmecore_host *host,
               const struct acmecore_certificate *const *certificates, size_t count,
               const int *results);

/* Adds its text; without a note nothing. */
int note_load(const struct acmecore_host *host, enum note note,
              struct files_blob *text);

bool note_is(const struct acmecore_host *host, enum note note);

/* From one to the next; harmless when there is none. */
int note_move(const struct acmecore_host *host, enum note from, enum note to);

/* Writes an empty one. */
int note_mark(const struct acmecore_host *host, enum note note);

int note_remove(const struct acmecore_host *host, enum note note);

#endif
