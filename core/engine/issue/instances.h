/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The solver instances of a run: one process for each different name, plugin and
 * settings, started when first asked for, attached to the loop.
 */
#ifndef AC_ENGINE_INSTANCES_H
#define AC_ENGINE_INSTANCES_H

#include "engine/loop.h"
#include "engine/wanted/wanted.h"

struct ac_instances;

struct ac_instances_settings {
    struct ac_loop *loop; /* borrowed, as are all */
    const char *host_path;
    const struct ac_words *plugin_folders;
    const char *state_folder;  /* or NULL */
    const char *closed_folder; /* as in host/plugin.h */
};

AC_MUST enum ac_code ac_instances_new(const struct ac_instances_settings *settings,
                                      struct ac_instances **ret_instances,
                                      struct ac_error *err);
/* Ends the processes. Before the loop is freed. */
void ac_instances_free(struct ac_instances *instances);
AC_DEFINE_DROP(ac_instances, ac_instances_free)

/* The instance for these settings, lent; started when there is none yet. */
AC_MUST enum ac_code ac_instances_get(struct ac_instances *instances,
                                      const struct ac_solver_spec *spec,
                                      struct ac_solver **ret_solver,
                                      struct ac_error *err);
/* One that only says what the plugin is (ac_solver_descriptor), whatever its kind: none
 * of its settings is given to it, and it is never open. Lent. */
AC_MUST enum ac_code ac_instances_describe(struct ac_instances *instances,
                                           const char *plugin,
                                           struct ac_solver **ret_solver,
                                           struct ac_error *err);
/* It died: the next one asked for with these settings is another. This one stays until
 * the run ends, because it is lent. */
void ac_instances_retire(struct ac_instances *instances,
                         const struct ac_solver *solver);

#endif
