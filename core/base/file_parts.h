/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What file.c, file_read.c, folder.c, lock.c and trust.c, which keep the promise of
 * file.h together, need of each other. Nobody else includes it.
 */
#ifndef AC_BASE_FILE_PARTS_H
#define AC_BASE_FILE_PARTS_H

#include "base/memory.h"

#include <sys/types.h>

/* What is not yet under its own name: ".acmecore-", hexadecimal digits, ".tmp". */
#define AC_FILE_DRAFT_PREFIX ".acmecore-"
#define AC_FILE_DRAFT_DIGITS 16
#define AC_FILE_DRAFT_SUFFIX ".tmp"

#define AC_FILE_MODE_BITS 07777u

/*
 * Reads errno: "cannot <action> <path>", what a person can do, and errno's text.
 * AC_E_STORE, or AC_E_NOMEM for ENOMEM.
 */
enum ac_code ac_file_fail(struct ac_error *err, const char *where, const char *action,
                          const char *path);

/* Opens the folder that holds path; *ret_base is the last component, within path. */
AC_MUST enum ac_code ac_file_open_folder(const char *path, const char **ret_base,
                                         int *ret_fd, struct ac_error *err);

/* Makes a folder that is not there yet, 0700, and opens it; no folder is synced. */
AC_MUST enum ac_code ac_file_make_new_folder(const char *path, int *ret_fd,
                                             struct ac_error *err);

/* Opens or makes a regular file, mode 0600, for reading and writing. */
AC_MUST enum ac_code ac_file_open_lock(const char *path, int *ret_fd,
                                       struct ac_error *err);

/* Of what is just made with that mode: only where a folder's default ACL or set-gid bit
 * had its say there is something to change. 0, or -1 and errno. */
AC_MUST int ac_file_set_mode(int fd, mode_t mode);

/* write(2) until all is written; 0, or -1 and errno. */
AC_MUST int ac_file_write_all(int fd, const void *bytes, size_t size);

#endif
