/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The changes in one file of host->folder, from before the first one is made until the
 * last is proven: so that a later process can take all of it back.
 */
#ifndef APACHE_UNDO_H
#define APACHE_UNDO_H

#include "change.h"

#define APACHE_UNDO_FILE    "undo"
#define APACHE_REFUSED_FILE "refused"
#define APACHE_PROVEN_FILE  "proven"

/* Writes them down; then, and not before, they may be made. */
int apache_undo_save(const struct acmecore_host *host,
                     const struct apache_changes *changes);

/* ACMECORE_E_NOTFOUND: none are written down; nothing is recorded. */
int apache_undo_load(const struct acmecore_host *host,
                     struct apache_changes *ret_changes);

/*
 * Notes that Apache refused what several certificates changed together, and that it was
 * taken back: so that commit() fails, and the host tries half of them.
 */
int apache_undo_refuse(const struct acmecore_host *host);
bool apache_undo_is_refused(const struct acmecore_host *host);

/* Notes that all of it is served: whatever comes, it is not taken back any more.
 * Removed last, when the rest is forgotten. */
int apache_undo_prove(const struct acmecore_host *host);
bool apache_undo_is_proven(const struct acmecore_host *host);
int apache_undo_unprove(const struct acmecore_host *host);

/* There is nothing to take back any more. */
int apache_undo_forget(const struct acmecore_host *host);

/* The bytes of the file. False: no memory. */
bool apache_undo_write(const struct apache_changes *changes,
                       struct apache_text *ret_text);

/* False: it is not such a file, or no memory. */
bool apache_undo_parse(const struct apache_text *text,
                       struct apache_changes *ret_changes);

#endif
