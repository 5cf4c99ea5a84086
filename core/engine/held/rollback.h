/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Back to an earlier version of a certificate: one rename, once that version is known
 * to be whole and valid. state.json notes it, so that a renewal that is due leaves it
 * alone for a while.
 */
#ifndef AC_ENGINE_ROLLBACK_H
#define AC_ENGINE_ROLLBACK_H

#include "engine/held/state.h"

/* At most so long, and at most half of what is left of its life. */
#define AC_ROLLBACK_REST_S ((int64_t)86400)

struct ac_rollback {
    unsigned from, to;
    int64_t not_after, rest_until; /* UTC seconds */
};

/*
 * number 0: the latest one before the current. AC_E_USAGE: there is no such version, or
 * it is current. AC_E_STORE: it is not whole, or expired. AC_E_LOCKED: a run works on
 * the certificate.
 */
AC_MUST enum ac_code ac_rollback(struct ac_store *store, const char *name,
                                 unsigned number, int64_t utc,
                                 struct ac_rollback *ret_rollback,
                                 struct ac_error *err);

#endif
