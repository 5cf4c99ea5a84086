/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_parts.h"

#include "host/catalogue.h"

enum ac_code ac_run_plugins(const struct ac_words *plugin_folders,
                            struct ac_words *ret_names, struct ac_error *err)
{
    return ac_catalogue_list(plugin_folders, ret_names, err);
}

enum ac_code ac_run_describe(struct ac_run *run, const char *plugin,
                             const struct ac_descriptor **ret_descriptor,
                             struct ac_error *err)
{
    struct ac_solver *solver;

    AC_TRY(ac_instances_describe(run->instances, plugin, &solver, err));
    while (!ac_solver_is_loaded(solver)) {
        AC_TRY(ac_run_check_time(run->settings.deadline_ms, err));
        AC_TRY(ac_run_turn(run, run->settings.deadline_ms, err));
    }
    *ret_descriptor = ac_solver_descriptor(solver);
    if (*ret_descriptor)
        return AC_OK;
    return ac_solver_state(solver, err);
}
