/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that can be known to be wrong with a configuration without asking a CA:
 * certificates that cannot be, plugins that are not there or are of the other kind,
 * their options, and names for which no solver can answer.
 */
#ifndef AC_ENGINE_CONFIGURED_CHECK_H
#define AC_ENGINE_CONFIGURED_CHECK_H

#include "engine/run/run.h"
#include "engine/wanted/configured.h"

/* Starts the plugins' hosts, to know what they are; opens none. */
AC_MUST enum ac_code ac_configured_check(struct ac_run *run,
                                         const struct ac_config *config,
                                         struct ac_faults *faults,
                                         struct ac_error *err);

#endif
