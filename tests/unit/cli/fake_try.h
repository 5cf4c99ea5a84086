/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the place of engine/run/run_try: all plugins are there, and open. A part of
 * fake_run.h.
 */
#ifndef AC_TESTS_UNIT_CLI_FAKE_TRY_H
#define AC_TESTS_UNIT_CLI_FAKE_TRY_H

#include "engine/run/run_try.h"

enum ac_code ac_run_try_installer(struct ac_run *run, const struct ac_solver_spec *spec,
                                  struct ac_error *err)
{
    (void)run, (void)spec, (void)err;
    return AC_OK;
}

enum ac_code ac_run_check_installers(struct ac_run *run, const struct ac_wanted *wanted,
                                     struct ac_error *err)
{
    (void)run, (void)wanted, (void)err;
    return AC_OK;
}

enum ac_code ac_run_try_solver(struct ac_run *run, const struct ac_solver_spec *spec,
                               struct ac_error *err)
{
    (void)run, (void)spec, (void)err;
    return AC_OK;
}

#endif
