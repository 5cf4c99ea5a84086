/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What store.c, lock.c, version.c and deployed.c, which keep what is below STATE
 * together, need of each other. Nobody else includes it.
 */
#ifndef AC_STORE_STORE_PARTS_H
#define AC_STORE_STORE_PARTS_H

#include "store/store.h"

/* Makes a folder below STATE and all above it, 0700. AC_E_STORE also when STATE turns
 * out to be open to others. */
AC_MUST enum ac_code ac_store_make_folders(const struct ac_store *store,
                                           const char *path, struct ac_error *err);

/* A path that ac_store_path gave for the group, from the folder that is held. */
struct ac_file_at ac_store_at(const struct ac_store *store, const char *group,
                              const char *path);

/* How a version's number is written as a folder's name. */
#define AC_STORE_NUMBER_TEXT "%04u"
/* "0007" or "12345": digits that print back to themselves. */
bool ac_store_parse_number(const char *text, unsigned *ret_number);

#endif
