/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What held.c and held_known.c need of each other. Nobody else includes it.
 */
#ifndef AC_ENGINE_HELD_PARTS_H
#define AC_ENGINE_HELD_PARTS_H

#include "engine/held/held.h"

/* state, revoked and renew_at of one whose chain has been read. */
AC_MUST enum ac_code ac_held_read_state(const struct ac_store *store,
                                        struct ac_held *held, struct ac_error *err);
/* "profile", "renewal" and "revoked", as far as they are known. */
AC_MUST enum ac_code ac_held_add_known(struct ac_json *json, const struct ac_held *held,
                                       struct ac_error *err);

#endif
