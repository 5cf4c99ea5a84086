/* SPDX-License-Identifier: Apache-2.0 */
/*
 * That a configuration has a certificate no more is noted with it, so that it is left
 * alone also while the configuration cannot be read.
 */
#ifndef AC_ENGINE_GIVEN_UP_H
#define AC_ENGINE_GIVEN_UP_H

#include "engine/renewal/upkeep.h"

/* Notes what a look at a configuration that is right found, where it is not noted yet.
 * AC_E_LOCKED: somebody works on the certificate; the next look notes it. */
AC_MUST enum ac_code ac_given_up_note(struct ac_store *store,
                                      const struct ac_upkeep_item *item,
                                      struct ac_error *err);

#endif
