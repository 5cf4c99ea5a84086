/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of dns-persist-01 that runs for a certificate wrote: persistent.json.
 * They stay when a run ends, so this note is how they are found again on the day that
 * somebody wants them to go. Written before the record is.
 */
#ifndef AC_ENGINE_PERSISTENT_H
#define AC_ENGINE_PERSISTENT_H

#include "engine/journal/journal.h"

#define AC_PERSISTENT_DOCUMENT "persistent.json"

/* This solver is about to write these records; what is noted already is not noted
 * twice. For whoever holds the lock of the name. */
AC_MUST enum ac_code ac_persistent_note(struct ac_store *store, const char *name,
                                        const struct ac_solver_spec *spec,
                                        const struct ac_batch *batch,
                                        struct ac_error *err);
/* Hands all that is noted to the journal as presented, where cleanup finds it, and
 * forgets it here. A run killed in between has it in both, which is harmless. */
AC_MUST enum ac_code ac_persistent_release(struct ac_store *store, const char *name,
                                           struct ac_journal *journal,
                                           struct ac_error *err);

#endif
