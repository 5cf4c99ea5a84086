/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing through the host, with the owner kept, and links.
 */
#ifndef APACHE_DISK_H
#define APACHE_DISK_H

#include "text.h"

#include <sys/types.h>

#define APACHE_DISK_NOBODY ((uid_t)-1) /* an owner or group that does not matter */

struct apache_disk_file {
    const char *path;
    mode_t mode;
    uid_t owner;
    gid_t group;
};

/* Replaces it as a whole; its owner and group become those given. */
int apache_disk_write(const struct acmecore_host *host,
                      const struct apache_disk_file *file, const char *bytes,
                      size_t size);

/* Makes a symbolic link; one with this target may be there. */
int apache_disk_link(const struct acmecore_host *host, const char *path,
                     const char *target);
bool apache_disk_has_link(const char *path, const char *target);

bool apache_disk_is_same(const struct apache_text *a, const struct apache_text *b);

#endif
