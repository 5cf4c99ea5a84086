/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this kernel has to confine a process with, and what it may lack: asked of it,
 * never guessed from a version. And how many descriptors it lets us have.
 */
#ifndef AC_BASE_KERNEL_H
#define AC_BASE_KERNEL_H

#include <stdbool.h>

/* Versions of Landlock's interface that first had something. */
#define AC_LANDLOCK_FILES    1 /* rights to files and folders */
#define AC_LANDLOCK_REFER    2 /* renames between folders can be allowed */
#define AC_LANDLOCK_TRUNCATE 3
#define AC_LANDLOCK_TCP      4 /* bind and connect */
#define AC_LANDLOCK_DEVICES  5 /* ioctl on devices */
#define AC_LANDLOCK_SCOPES   6 /* signals and abstract sockets of others */

/* The version of Landlock's interface; 0: the kernel has none, or it is off. */
int ac_kernel_landlock(void);
bool ac_kernel_has_seccomp(void);
/* Closes all descriptors from `first` on, with close_range(2) or one by one. For a
 * child between fork and exec: async-signal-safe. */
bool ac_kernel_close_from(int first);
/*
 * Lets this process have as many descriptors as it may. The usual soft limit of 1024 is
 * for programs that use select(2): a thousand certificates at once, each with a lock
 * and a look at its answer, need more.
 */
void ac_kernel_raise_files(void);
/* What it was before, because what is executed may use select(2). For a child between
 * fork and exec: async-signal-safe. */
void ac_kernel_restore_files(void);

#endif
