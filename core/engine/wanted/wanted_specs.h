/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plugin instances of a wish, solvers and installers, as certificate.json has them.
 * A part of engine/wanted.
 */
#ifndef AC_ENGINE_WANTED_SPECS_H
#define AC_ENGINE_WANTED_SPECS_H

#include "engine/wanted/wanted.h"

/* [{"name","plugin","options"},…] */
AC_MUST enum ac_code ac_wanted_specs_to_json(const struct ac_solver_spec *specs,
                                             size_t count, struct ac_json **ret_json,
                                             struct ac_error *err);
/* ac_wanted_add_spec, or ac_wanted_add_installer. */
typedef enum ac_code ac_wanted_add(struct ac_wanted *wanted, const char *name,
                                   const char *plugin, struct ac_solver_spec **ret_spec,
                                   struct ac_error *err);
/* And back; array NULL: none. origin: of the settings, for messages. */
AC_MUST enum ac_code ac_wanted_specs_from_json(struct ac_wanted *wanted,
                                               ac_wanted_add *add,
                                               const struct ac_json *array,
                                               const char *origin,
                                               struct ac_error *err);

#endif
