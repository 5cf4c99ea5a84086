/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A loaded plugin's descriptor as the core is told of it (host/message).
 */
#ifndef AC_PLUGINHOST_LOADER_DESCRIBE_H
#define AC_PLUGINHOST_LOADER_DESCRIBE_H

#include "pluginhost/loader.h"

/* The "plugin" member of the reply to "load" (host/message). */
AC_MUST enum ac_code ac_loader_describe(const struct ac_loaded *loaded,
                                        const char *path, struct ac_json **ret_json,
                                        struct ac_error *err);
/* Adds to it those of the options, which are the plugin host's, that the plugin does
 * not declare itself. */
AC_MUST enum ac_code ac_loader_add_options(struct ac_json *plugin,
                                           const struct acmecore_option *options,
                                           size_t count, struct ac_error *err);
/* Has the plugin an option of that name of its own? */
bool ac_loader_declares(const struct ac_loaded *loaded, const char *name);

#endif
