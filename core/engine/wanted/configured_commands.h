/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of a configuration: are the sections notify and hook as they must be,
 * and do the settings that name them lead somewhere? What is wrong is a fault.
 */
#ifndef AC_ENGINE_CONFIGURED_COMMANDS_H
#define AC_ENGINE_CONFIGURED_COMMANDS_H

#include "config/config.h"

/* Looks at words alone: whenever a configuration is loaded. */
AC_MUST enum ac_code ac_configured_check_commands(const struct ac_config *config,
                                                  struct ac_faults *faults,
                                                  struct ac_error *err);
/* Are the programs there, can they be run, and can nobody else change them? */
AC_MUST enum ac_code ac_configured_check_programs(const struct ac_config *config,
                                                  struct ac_faults *faults,
                                                  struct ac_error *err);

#endif
