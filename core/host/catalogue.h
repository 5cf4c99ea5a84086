/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which file is this plugin, and may it be trusted? No plugin code runs here.
 */
#ifndef AC_HOST_CATALOGUE_H
#define AC_HOST_CATALOGUE_H

#include "base/text.h"

#define AC_PLUGIN_NAME_MAX 64

/*
 * Finds <folder>/<name>.so in the folders, in order. AC_E_USAGE: bad name (letters,
 * digits, "-", "_", "." but not first; no "/"), not found (the detail lists where it
 * was looked for and the nearest name there is), or not to be trusted
 * (ac_file_check_trust; which part and what to do).
 */
AC_MUST enum ac_code ac_catalogue_find(const struct ac_words *folders, const char *name,
                                       char **ret_path, struct ac_error *err);
/* The names of all <name>.so in the folders, sorted, each once. Trust is not checked.
 */
AC_MUST enum ac_code ac_catalogue_list(const struct ac_words *folders,
                                       struct ac_words *ret_names,
                                       struct ac_error *err);

#endif
