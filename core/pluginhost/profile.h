/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process that runs a plugin may do: decided before any code of the plugin runs,
 * by what it says it uses, and by the paths that its settings name. Each part that the
 * kernel lacks is left out.
 *
 * With ACMECORE_USES_COMMANDS nearly all stays open: what a command needs, nobody
 * knows.
 */
#ifndef AC_PLUGINHOST_PROFILE_H
#define AC_PLUGINHOST_PROFILE_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct ac_profile {
    uint32_t uses;                /* ACMECORE_USES_* */
    const char *plugin_path;      /* its folder may be read; NULL: there is no plugin */
    const char *folder;           /* the private one; or NULL */
    const char *closed;           /* the store: nothing opens it; or NULL */
    bool has_own_user;            /* not that of the core: it has no other processes */
    const struct ac_words *named; /* paths of its settings: read, or with FILES also
                                     written; or NULL */
    const struct ac_words *read;  /* what else it may read; or NULL */
};

/* Is anything left to refuse? */
bool ac_profile_is_confined(const struct ac_profile *profile);
/*
 * Cannot be undone. The process must have one thread. AC_E_SYSTEM: the kernel has a
 * part and refused it all the same.
 */
AC_MUST enum ac_code ac_profile_enter(const struct ac_profile *profile,
                                      struct ac_error *err);
/*
 * What to add to a plugin's reason when the kernel said no ("Permission denied"): which
 * parts are closed, and what would open them. "": the kernel said no such thing, or
 * nothing is closed.
 */
const char *ac_profile_hint(uint32_t uses, const char *reason);

#endif
