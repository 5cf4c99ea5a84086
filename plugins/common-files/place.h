/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file of the user's that is to be replaced: what is there, the new one beside it
 * under a temporary name, and the rename.
 *
 * The folder is opened once, so nobody can turn a path under our feet, and the file's
 * own name is never followed when it is a symbolic link.
 */
#ifndef FILES_PLACE_H
#define FILES_PLACE_H

#include "access.h"
#include "blob.h"

#include <limits.h>

#define FILES_TEMPORARY ".acmecore-" /* and the name; servers skip such names */

struct files_place {
    const struct acmecore_host *host;
    const char *path; /* lent */
    const char *name; /* its last part */
    int folder_fd;
    char temporary[NAME_MAX + 1]; /* the same each time, so that a later process finds
                                   * what a killed one left */
};

#define FILES_AUTO_PLACE __attribute__((cleanup(files_place_drop))) struct files_place

/* What is there. */
struct files_found {
    bool is_there;
    struct webroot_access access; /* owner, group and mode */
    struct files_blob blob;
};

#define FILES_AUTO_FOUND __attribute__((cleanup(files_found_drop))) struct files_found

void files_found_drop(struct files_found *found);

/* E_CONFIG: no such folder, or everybody may write into it. */
int files_place_open(const struct acmecore_host *host, const char *path,
                     struct files_place *ret_place);
void files_place_drop(const struct files_place *place);

/* E_CONFIG: a symbolic link, a folder or a device has the name. */
int files_place_read(const struct files_place *place, struct files_found *found);

/* Writes the temporary file, on disk with its owner and mode before this returns. */
int files_place_write(const struct files_place *place, const struct files_blob *blob,
                      const struct webroot_access *access);

/* Gives it the name; E_NOTFOUND, not recorded: there is no temporary file. */
int files_place_publish(const struct files_place *place);

/* Removes the temporary file, or the file itself; missing is success. */
int files_place_discard(const struct files_place *place);
int files_place_remove(const struct files_place *place);

#endif
