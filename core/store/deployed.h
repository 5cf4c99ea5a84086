/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which version of a certificate an installer has put to use: one link for each of
 * them, which servers' configurations name.
 *
 *   certs/<name>/deployed/<installer> -> ../versions/0007
 *
 * The link is turned by one rename, and a version that one leads to is never removed.
 */
#ifndef AC_STORE_DEPLOYED_H
#define AC_STORE_DEPLOYED_H

#include "store/store.h"

#define AC_STORE_DEPLOYED "deployed" /* below a name */

/* STATE/certs/<name>/deployed/<installer>[/<item>]; item may be NULL. Free with free().
 */
AC_MUST enum ac_code ac_deployed_path(const struct ac_store *store, const char *name,
                                      const char *installer, const char *item,
                                      char **ret_path, struct ac_error *err);
/* Leads the link, which is made when it is not there, to a version. */
AC_MUST enum ac_code ac_deployed_turn(struct ac_store *store, const char *name,
                                      const char *installer, unsigned number,
                                      struct ac_error *err);
/* The number it leads to. AC_E_NOTFOUND: there is none. AC_E_STORE: it leads astray. */
AC_MUST enum ac_code ac_deployed_version(const struct ac_store *store, const char *name,
                                         const char *installer, unsigned *ret_number,
                                         struct ac_error *err);
/* Missing is fine. */
AC_MUST enum ac_code ac_deployed_remove(struct ac_store *store, const char *name,
                                        const char *installer, struct ac_error *err);
/* The installers that have a link, sorted. */
AC_MUST enum ac_code ac_deployed_list(const struct ac_store *store, const char *name,
                                      struct ac_words *ret_installers,
                                      struct ac_error *err);

#endif
