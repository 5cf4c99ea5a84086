/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the current version came from, noted again from its files. Of one whose
 * state.json is lost, or speaks of another version, no CA would be asked for its window
 * or its revocation list.
 */
#ifndef AC_ENGINE_RECALL_H
#define AC_ENGINE_RECALL_H

#include "engine/held/state.h"

/* What is noted already stays. AC_E_LOCKED: a run works on it, and notes it itself. */
AC_MUST enum ac_code ac_recall_origin(struct ac_store *store, const char *name,
                                      struct ac_error *err);

#endif
