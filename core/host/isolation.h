/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far one instance of a plugin is kept apart: the settings `user` and `isolation`
 * of its section, and the paths that its other settings name. In a section they stand
 * under names that no option of a plugin can have, so that they are kept and compared
 * with the rest.
 */
#ifndef AC_HOST_ISOLATION_H
#define AC_HOST_ISOLATION_H

#include "config/section.h"

#include <sys/types.h>

#define AC_IDENTITY_GROUPS_MAX 64

struct ac_descriptor; /* host/options.h */

/* Another user, as whom a plugin host is to run. */
struct ac_identity {
    uid_t uid;
    gid_t gid;
    gid_t groups[AC_IDENTITY_GROUPS_MAX];
    size_t group_count;
};

struct ac_isolation {
    bool is_none;      /* isolation = none: no sandbox */
    bool has_identity; /* user = NAME */
    struct ac_identity identity;
};

/* Is it one of ours, and no option of the plugin? */
bool ac_isolation_is_setting(const char *name);
/* One of ours alone; AC_E_USAGE names it, what is wrong, and what is allowed. */
AC_MUST enum ac_code ac_isolation_check(const struct ac_setting *setting,
                                        struct ac_error *err);
/* AC_E_USAGE: as above. AC_E_SYSTEM: the user cannot be looked up. */
AC_MUST enum ac_code ac_isolation_read(const struct ac_section *section,
                                       struct ac_isolation *ret_isolation,
                                       struct ac_error *err);
/*
 * The absolute paths among the values, and those of the form NAME=/PATH, but not where
 * a secret is: the core reads that.
 *
 * descriptor  says which are; NULL: it is not known yet, and then every file that only
 *             its owner can read may be one
 */
AC_MUST enum ac_code ac_isolation_paths(const struct ac_section *section,
                                        const struct ac_descriptor *descriptor,
                                        struct ac_words *ret_paths,
                                        struct ac_error *err);
/*
 * Gives a private folder, and what lies directly in it, to that user once. AC_E_USAGE:
 * it belongs to a third one, whose files must not become another's by our hand.
 */
AC_MUST enum ac_code ac_isolation_give(const char *folder,
                                       const struct ac_identity *identity,
                                       struct ac_error *err);

#endif
