/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The challenge folder of a web root: found or made, and unmade when it was ours.
 */
#ifndef WEBROOT_WELLKNOWN_H
#define WEBROOT_WELLKNOWN_H

#include "access.h"

#define WEBROOT_CHALLENGE_FOLDER ".well-known/acme-challenge"

/*
 * Can the challenge folder be made, or written into? ACMECORE_E_CONFIG: the root, or
 * what is there of the folders below it, is missing, no folder, closed to us, or a link
 * that leads out of the root.
 */
int webroot_root_check(const struct acmecore_host *host, const char *root);

/*
 * Opens the challenge folder below `root`, making what is missing (0755 whatever the
 * umask) and noting what was made.
 */
int webroot_folder_make(const struct acmecore_host *host,
                        const struct webroot_access *access, const char *root,
                        int *ret_fd);

/* As above, but makes nothing. ACMECORE_E_NOTFOUND, without a message: not there. */
int webroot_folder_find(const struct acmecore_host *host, const char *root,
                        int *ret_fd);

/* Removes the folders that we made, by this or an earlier process, once empty. */
void webroot_folder_unmake(const struct acmecore_host *host, const char *root);

#endif
