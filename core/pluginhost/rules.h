/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock: which files a process may read and write. Of a kernel that knows less of
 * it, less is asked; of one that knows nothing, nothing.
 */
#ifndef AC_PLUGINHOST_RULES_H
#define AC_PLUGINHOST_RULES_H

#include "pluginhost/profile.h"

/* AC_E_SYSTEM: the kernel has Landlock and refused it. */
AC_MUST enum ac_code ac_rules_enter(const struct ac_profile *profile,
                                    struct ac_error *err);

#endif
