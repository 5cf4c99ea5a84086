/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who owns what we create, and who may read it: options `owner`, `group`, `mode`.
 */
#ifndef WEBROOT_ACCESS_H
#define WEBROOT_ACCESS_H

#include <acmecore/plugin.h>

#include <sys/types.h>

#define WEBROOT_FOLDER_MODE 0755

struct webroot_access {
    uid_t owner; /* (uid_t)-1: not given, stays ours */
    gid_t group; /* (gid_t)-1: not given, stays ours */
    mode_t mode; /* of the challenge file */
};

/*
 * Reads the three options and tries once, in the host's folder, whether we may give
 * files away. ACMECORE_E_CONFIG says what is wrong.
 */
int webroot_access_read(const struct acmecore_host *host,
                        struct webroot_access *ret_access);

/* Sets owner, group and mode of an open file. Returns 0, or -1 with errno. */
int webroot_access_apply(const struct webroot_access *access, int fd, mode_t mode);

#endif
