/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One challenge file: published whole or not at all, never over somebody else's.
 */
#ifndef WEBROOT_FILE_H
#define WEBROOT_FILE_H

#include "access.h"

struct webroot_file {
    int folder_fd;       /* the challenge folder */
    const char *path;    /* for messages */
    const char *token;   /* a safe one: it becomes the file's name */
    const char *content; /* the key authorization */
};

/*
 * Writes the file. One with the same content may be there already.
 *
 * ACMECORE_E_CONFIG    something else has the name; it is left alone
 * ACMECORE_E_NOTFOUND  the folder is gone: make it again (no message)
 */
int webroot_file_put(const struct acmecore_host *host,
                     const struct webroot_access *access,
                     const struct webroot_file *file);

/* Removes the file when its content is ours; anything else stays, and is success. */
int webroot_file_remove(const struct acmecore_host *host,
                        const struct webroot_file *file);

#endif
