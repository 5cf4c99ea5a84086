/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run brings certificates to where they serve.
 */
#ifndef AC_ENGINE_RUN_DEPLOY_H
#define AC_ENGINE_RUN_DEPLOY_H

#include "engine/deploy/deploy.h"
#include "engine/run/run.h"

/* ac_deploy with the run's store, loop, plugins and deadline. */
AC_MUST enum ac_code ac_run_deploy(struct ac_run *run,
                                   const struct ac_deploy_settings *wish,
                                   struct ac_error *err);

#endif
