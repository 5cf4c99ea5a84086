/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/instances.h"

#include <stdlib.h>
#include <string.h>

struct instance {
    struct ac_solver *solver;
    bool is_retired;
};

struct ac_instances {
    struct ac_instances_settings settings;
    struct instance *items;
    size_t count, capacity;
};

enum ac_code ac_instances_new(const struct ac_instances_settings *settings,
                              struct ac_instances **ret_instances, struct ac_error *err)
{
    struct ac_instances *instances = NULL;

    AC_TRY(ac_memory_new(1, sizeof *instances, (void *)&instances, err));
    instances->settings = *settings;
    *ret_instances = instances;
    return AC_OK;
}

void ac_instances_free(struct ac_instances *instances)
{
    if (!instances)
        return;
    for (size_t i = 0; i < instances->count; i++) {
        ac_loop_detach_solver(instances->settings.loop, instances->items[i].solver);
        ac_solver_free(instances->items[i].solver);
    }
    free(instances->items);
    free(instances);
}

static struct ac_solver *find(const struct ac_instances *instances,
                              const struct ac_solver_spec *spec)
{
    for (size_t i = 0; i < instances->count; i++) {
        struct ac_solver *solver = instances->items[i].solver;

        /* The name too: the plugin's private folder is the instance's. */
        if (!instances->items[i].is_retired
            && strcmp(ac_solver_name(solver), spec->name) == 0
            && strcmp(ac_solver_plugin(solver), spec->plugin) == 0
            && ac_section_is_equal(ac_solver_section(solver), &spec->section))
            return solver;
    }
    return NULL;
}

enum ac_code ac_instances_get(struct ac_instances *instances,
                              const struct ac_solver_spec *spec,
                              struct ac_solver **ret_solver, struct ac_error *err)
{
    struct ac_plugin_settings settings = {
        .name = spec->name,
        .plugin = spec->plugin,
        .section = &spec->section,
        .plugin_folders = instances->settings.plugin_folders,
        .host_path = instances->settings.host_path,
        .state_folder = instances->settings.state_folder,
    };
    AC_AUTO(ac_solver) *solver = NULL;

    *ret_solver = find(instances, spec);
    if (*ret_solver)
        return AC_OK;
    AC_TRY(ac_memory_grow(&instances->items, &instances->capacity, instances->count + 1,
                          sizeof *instances->items, err));
    AC_TRY(ac_solver_start(&settings, &solver, err));
    AC_TRY(ac_loop_attach_solver(instances->settings.loop, solver, err));
    *ret_solver = solver;
    instances->items[instances->count++].solver = AC_TAKE(solver);
    return AC_OK;
}

void ac_instances_retire(struct ac_instances *instances, const struct ac_solver *solver)
{
    for (size_t i = 0; i < instances->count; i++) {
        if (instances->items[i].solver == solver)
            instances->items[i].is_retired = true;
    }
}
