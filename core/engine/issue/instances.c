/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/instances.h"

#include <stdlib.h>
#include <string.h>

struct instance {
    struct ac_solver *solver;
    bool is_retired;
    bool is_described;
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
        if (!instances->items[i].is_retired && !instances->items[i].is_described
            && strcmp(ac_solver_name(solver), spec->name) == 0
            && strcmp(ac_solver_plugin(solver), spec->plugin) == 0
            && ac_section_is_equal(ac_solver_section(solver), &spec->section))
            return solver;
    }
    return NULL;
}

static enum ac_code start(struct ac_instances *instances,
                          const struct ac_plugin_settings *settings,
                          struct ac_solver **ret_solver, struct ac_error *err)
{
    AC_AUTO(ac_solver) *solver = NULL;

    AC_TRY(ac_memory_grow(&instances->items, &instances->capacity, instances->count + 1,
                          sizeof *instances->items, err));
    AC_TRY(ac_solver_start(settings, &solver, err));
    AC_TRY(ac_loop_attach_solver(instances->settings.loop, solver, err));
    *ret_solver = solver;
    instances->items[instances->count++] =
        (struct instance){ .solver = AC_TAKE(solver),
                           .is_described = settings->is_described };
    return AC_OK;
}

enum ac_code ac_instances_get(struct ac_instances *instances,
                              const struct ac_solver_spec *spec,
                              struct ac_solver **ret_solver, struct ac_error *err)
{
    const struct ac_plugin_settings settings = {
        .name = spec->name,
        .plugin = spec->plugin,
        .section = &spec->section,
        .plugin_folders = instances->settings.plugin_folders,
        .host_path = instances->settings.host_path,
        .state_folder = instances->settings.state_folder,
        .closed_folder = instances->settings.closed_folder,
    };

    *ret_solver = find(instances, spec);
    return *ret_solver ? AC_OK : start(instances, &settings, ret_solver, err);
}

static struct ac_solver *find_described(const struct ac_instances *instances,
                                        const char *plugin)
{
    for (size_t i = 0; i < instances->count; i++) {
        if (instances->items[i].is_described
            && strcmp(ac_solver_plugin(instances->items[i].solver), plugin) == 0)
            return instances->items[i].solver;
    }
    return NULL;
}

static const char *closed_folder(const struct ac_instances *instances)
{
    const struct ac_instances_settings *settings = &instances->settings;

    return settings->closed_folder ? settings->closed_folder : settings->state_folder;
}

enum ac_code ac_instances_describe(struct ac_instances *instances, const char *plugin,
                                   struct ac_solver **ret_solver, struct ac_error *err)
{
    static const struct ac_section none = { 0 };
    const struct ac_plugin_settings settings = {
        .name = plugin,
        .plugin = plugin,
        .section = &none,
        .plugin_folders = instances->settings.plugin_folders,
        .host_path = instances->settings.host_path,
        .closed_folder = closed_folder(instances),
        .is_described = true,
    };

    *ret_solver = find_described(instances, plugin);
    return *ret_solver ? AC_OK : start(instances, &settings, ret_solver, err);
}

void ac_instances_retire(struct ac_instances *instances, const struct ac_solver *solver)
{
    for (size_t i = 0; i < instances->count; i++) {
        if (instances->items[i].solver == solver)
            instances->items[i].is_retired = true;
    }
}
