/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a version came from, as state.json notes it: what its leaf says of itself,
 * and what stays noted when another version is the current one again.
 */
#ifndef AC_ENGINE_ORIGIN_H
#define AC_ENGINE_ORIGIN_H

#include "crypto/chain.h"
#include "engine/held/state.h"

/* Validity, serial number, fingerprint and renewal id. Issued when it became valid. */
AC_MUST enum ac_code ac_origin_read(const struct ac_chain *chain,
                                    struct ac_state_origin *origin,
                                    struct ac_error *err);
/*
 * This version is to be the current one, of those that state knows or not. What was
 * wanted stays, or the survey would see a change and undo it at once; of whom it is is
 * as that version has it, where that is known.
 */
AC_MUST enum ac_code ac_origin_inherit(const struct ac_state *state, int64_t version,
                                       struct ac_state_origin *origin,
                                       struct ac_error *err);
/* A copy of what may not be known: NULL stays NULL. */
AC_MUST enum ac_code ac_origin_copy(const char *text, char **ret_copy,
                                    struct ac_error *err);

#endif
