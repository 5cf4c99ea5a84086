/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens below a folder without ever leaving it, whatever symbolic links lie there.
 */
#ifndef WEBROOT_BENEATH_H
#define WEBROOT_BENEATH_H

/* A descriptor that closes itself at the end of its scope. */
#define WEBROOT_AUTO_FD __attribute__((cleanup(webroot_fd_drop))) int

void webroot_fd_drop(const int *fd);

/* Hands the descriptor over: *fd becomes -1. */
int webroot_fd_take(int *fd);

/*
 * Opens the existing `path` (relative, without "..") below `root_fd`.
 * Returns a descriptor, or -1 with errno: EXDEV, ELOOP or ENOTDIR where a symbolic
 * link would have to be followed out of the folder (or, on a kernel older than 5.6,
 * at all).
 */
int webroot_open_beneath(int root_fd, const char *path, int flags);

#endif
