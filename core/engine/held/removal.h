/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates that are held no more: removed with their keys, or moved to the archive.
 */
#ifndef AC_ENGINE_REMOVAL_H
#define AC_ENGINE_REMOVAL_H

#include "store/store.h"

#define AC_STORE_ARCHIVE "archive"
#define AC_STORE_DELETED "deleted" /* only while something is removed */

/* AC_E_NOTFOUND: there is none of this name. */
AC_MUST enum ac_code ac_removal_check(const struct ac_store *store, const char *name,
                                      struct ac_error *err);
/* AC_E_USAGE: the configuration of a server names its files (engine/deploy). */
AC_MUST enum ac_code ac_removal_check_servers(const struct ac_store *store,
                                              const char *name, struct ac_error *err);
/*
 * Removes a certificate, all its versions and keys, and what is known of it: by one
 * rename out of sight first, so that a run that is killed leaves no half of it.
 * AC_E_NOTFOUND: there is none. AC_E_LOCKED: a run works on it.
 */
AC_MUST enum ac_code ac_removal_delete(struct ac_store *store, const char *name,
                                       struct ac_error *err);
/* Removes what a run that was killed amid a removal left out of sight: there are keys
 * in it. What another run removes just now is passed over. */
AC_MUST enum ac_code ac_removal_sweep(struct ac_store *store, struct ac_error *err);
/* Moves it to STATE/archive/NAME, or NAME:2 and so on where that is taken, by one
 * rename. *ret_path is where it is now; free with free(). Fails as above. */
AC_MUST enum ac_code ac_removal_archive(struct ac_store *store, const char *name,
                                        char **ret_path, struct ac_error *err);

#endif
