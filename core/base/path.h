/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths as text: no disk is asked.
 */
#ifndef AC_BASE_PATH_H
#define AC_BASE_PATH_H

#include <stdbool.h>

/* Takes ".", ".." with what is before it, and doubled "/" out of an absolute path; any
 * other stays as it is. Where a folder on the way is a link, ".." may lead elsewhere
 * for the kernel. */
void ac_path_collapse(char *path);
/* Are both the same once they are collapsed? */
bool ac_path_is_same(const char *a, const char *b);

#endif
