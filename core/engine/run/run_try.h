/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Are the plugins of a certificate there, and do they open with their settings? Before
 * a CA is asked, so that a mistake costs nothing.
 */
#ifndef AC_ENGINE_RUN_TRY_H
#define AC_ENGINE_RUN_TRY_H

#include "engine/run/run.h"

/*
 * Opens an installer, once in a run for the same settings, and asks nothing more of it.
 * AC_E_USAGE: a setting is wrong; AC_E_PLUGIN: the plugin is.
 */
AC_MUST enum ac_code ac_run_try_installer(struct ac_run *run,
                                          const struct ac_solver_spec *spec,
                                          struct ac_error *err);
/* The same for all installers of a certificate. */
AC_MUST enum ac_code ac_run_check_installers(struct ac_run *run,
                                             const struct ac_wanted *wanted,
                                             struct ac_error *err);
/* The same for a solver; it stays open for the run. */
AC_MUST enum ac_code ac_run_try_solver(struct ac_run *run,
                                       const struct ac_solver_spec *spec,
                                       struct ac_error *err);

#endif
