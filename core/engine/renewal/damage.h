/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is damaged of a certificate that is not due yet, found while there is time to
 * mend it. For thousands.
 */
#ifndef AC_ENGINE_DAMAGE_H
#define AC_ENGINE_DAMAGE_H

#include "store/store.h"

/* Says it, and keeps the first in *damage: what follows may come of it. Free it with
 * free(). Fails for want of memory alone, as all here. */
AC_MUST enum ac_code ac_damage_note(const char *name, const struct ac_error *why,
                                    char **damage, struct ac_error *err);
/* Is a file of the version in use gone? Another issue mends that: *ret_is_damaged. That
 * nobody could look is noted, and is no such damage. */
AC_MUST enum ac_code ac_damage_find_files(const struct ac_store *store,
                                          const char *name, unsigned version,
                                          char **damage, bool *ret_is_damaged,
                                          struct ac_error *err);
/* Can it be read what the certificate is to be? Nothing here can mend that. reads: it
 * is; else it is seen that it is there, and not empty. */
AC_MUST enum ac_code ac_damage_find_wish(const struct ac_store *store, const char *name,
                                         bool reads, char **damage,
                                         struct ac_error *err);

#endif
