/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_try.h"

#include "engine/deploy/deploy.h"
#include "engine/run/run_parts.h"

#include <string.h>

static const struct ac_tried *find_tried(const struct ac_run *run,
                                         const struct ac_solver_spec *spec)
{
    for (size_t i = 0; i < run->tried_count; i++) {
        const struct ac_tried *tried = &run->tried[i];

        if (strcmp(tried->spec.name, spec->name) == 0
            && strcmp(tried->spec.plugin, spec->plugin) == 0
            && ac_section_is_equal(&tried->spec.section, &spec->section))
            return tried;
    }
    return NULL;
}

static enum ac_code keep_tried(struct ac_run *run, const struct ac_solver_spec *spec,
                               const struct ac_error *why, struct ac_error *err)
{
    AC_AUTO(ac_solver_spec) copy = { 0 };

    AC_TRY(ac_memory_copy_text(spec->name, &copy.name, err));
    AC_TRY(ac_memory_copy_text(spec->plugin, &copy.plugin, err));
    AC_TRY(ac_section_copy(&spec->section, &copy.section, err));
    AC_TRY(ac_memory_grow(&run->tried, &run->tried_capacity, run->tried_count + 1,
                          sizeof *run->tried, err));
    run->tried[run->tried_count++] = (struct ac_tried){ copy, *why };
    copy = (struct ac_solver_spec){ 0 };
    return AC_OK;
}

enum ac_code ac_run_try_installer(struct ac_run *run, const struct ac_solver_spec *spec,
                                  struct ac_error *err)
{
    const struct ac_deploy_settings settings = {
        .store = run->settings.store,
        .loop = run->loop,
        .host_path = run->settings.host_path,
        .plugin_folders = run->settings.plugin_folders,
        .deadline_ms = run->settings.deadline_ms,
    };
    const struct ac_tried *tried = find_tried(run, spec);
    struct ac_error why = { 0 };

    if (tried) {
        why = tried->why;
    } else {
        (void)!ac_deploy_try(&settings, spec, &why); /* its code is kept there */
        AC_TRY(keep_tried(run, spec, &why, err));
    }
    if (why.code != AC_OK)
        *err = why;
    return why.code;
}

enum ac_code ac_run_check_installers(struct ac_run *run, const struct ac_wanted *wanted,
                                     struct ac_error *err)
{
    for (size_t i = 0; i < wanted->installer_count; i++)
        AC_TRY(ac_run_try_installer(run, &wanted->installers[i], err));
    return AC_OK;
}

enum ac_code ac_run_try_solver(struct ac_run *run, const struct ac_solver_spec *spec,
                               struct ac_error *err)
{
    struct ac_solver *solver;

    AC_TRY(ac_instances_get(run->instances, spec, &solver, err));
    while (!ac_solver_is_open(solver)) {
        AC_TRY(ac_run_check_time(run->settings.deadline_ms, err));
        AC_TRY(ac_run_turn(run, run->settings.deadline_ms, err));
    }
    return ac_solver_state(solver, err);
}
