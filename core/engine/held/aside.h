/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Damaged documents of a certificate: kept beside, told, and made anew.
 */
#ifndef AC_ENGINE_ASIDE_H
#define AC_ENGINE_ASIDE_H

#include "store/store.h"

/* ac_store_make_way, with a warning of what was set aside; was_damaged says whether it
 * was. For whoever holds the lock of the name. */
AC_MUST enum ac_code ac_aside_make_way(struct ac_store *store, const char *name,
                                       const char *item, bool *ret_was_damaged,
                                       struct ac_error *err);
/* The same for a file that is of no use without one that was damaged. */
AC_MUST enum ac_code ac_aside_take(struct ac_store *store, const char *name,
                                   const char *item, struct ac_error *err);

#endif
