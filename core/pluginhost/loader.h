/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a file to a plugin that can be called: checks before anything is mapped, dlopen,
 * checks of the descriptor in the order of the ABI's contract, and our own full-length
 * copies with no operation left NULL. The only user of dlopen for plugins.
 */
#ifndef AC_PLUGINHOST_LOADER_H
#define AC_PLUGINHOST_LOADER_H

#include "base/json.h"

#include <acmecore/plugin.h>

/* Never unloaded: thread-local destructors of a library outlive dlclose. */
struct ac_loaded {
    struct acmecore_plugin plugin; /* zero where the plugin is older than we are */
    struct acmecore_solver solver; /* of kind ACMECORE_SOLVER */
    struct acmecore_installer installer; /* of kind ACMECORE_INSTALLER */
    bool has_probe;                      /* its own, not our default */
    bool has_watch;
};

/*
 * path  absolute; trust was checked by the core (host/catalogue)
 * name  the file name without ".so"
 * AC_E_PLUGIN: refused; the detail is a sentence without the plugin's name.
 */
AC_MUST enum ac_code ac_loader_load(const char *path, const char *name,
                                    struct ac_loaded *ret_loaded, struct ac_error *err);
/*
 * What the plugin says it uses (ACMECORE_USES_*), as its file has it: nothing of it is
 * mapped. 0 of one too short to say; ac_loader_load tells what is wrong with it.
 * AC_E_PLUGIN: it is no plugin, or one of another major.
 */
AC_MUST enum ac_code ac_loader_uses(const char *path, uint32_t *ret_uses,
                                    struct ac_error *err);
/*
 * The checks of the descriptor alone; declared for tests.
 *
 * size  bytes the descriptor object has, as the symbol table says
 */
AC_MUST enum ac_code ac_loader_adopt(const struct acmecore_plugin *plugin, size_t size,
                                     const char *name, struct ac_loaded *ret_loaded,
                                     struct ac_error *err);
/* Option `index`, by the plugin's own stride, in a full-length copy. */
void ac_loader_option(const struct ac_loaded *loaded, size_t index,
                      struct acmecore_option *ret_option);

#endif
