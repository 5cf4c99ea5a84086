/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An attempt that failed, as it is noted in state.json: what was asked for, what went
 * wrong, and how long the certificate is left alone.
 */
#ifndef AC_ENGINE_SETBACK_H
#define AC_ENGINE_SETBACK_H

#include "engine/held/state.h"
#include "engine/wanted/wanted.h"

/* Into a state that somebody else saves. */
AC_MUST enum ac_code ac_setback_take(struct ac_state *state,
                                     const struct ac_wanted *wanted,
                                     const struct ac_error *why, struct ac_error *err);
/* Is a failure something to come back to? One that was asked for once, in vain, is
 * not. */
bool ac_setback_is_noted(const struct ac_state *state, const struct ac_wanted *wanted);
/* The same for an attempt that could not even be begun; takes the lock.
 * AC_E_LOCKED: another run works on it, and nothing is noted. */
AC_MUST enum ac_code ac_setback_note(struct ac_store *store,
                                     const struct ac_wanted *wanted,
                                     const struct ac_error *why, struct ac_error *err);

#endif
