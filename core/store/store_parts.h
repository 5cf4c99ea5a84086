/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What store.c, lock.c and version.c, which keep what is below STATE together, need of
 * each other. Nobody else includes it.
 */
#ifndef AC_STORE_STORE_PARTS_H
#define AC_STORE_STORE_PARTS_H

#include "store/store.h"

/* Makes a folder below STATE and all above it, 0700. AC_E_STORE also when STATE turns
 * out to be open to others. */
AC_MUST enum ac_code ac_store_make_folders(const struct ac_store *store,
                                           const char *path, struct ac_error *err);

#endif
