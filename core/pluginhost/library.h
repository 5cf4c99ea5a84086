/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Libraries that are opened when they are first needed, and stay open: linking them
 * would cost every plugin host their start, also those that never use them.
 */
#ifndef AC_PLUGINHOST_LIBRARY_H
#define AC_PLUGINHOST_LIBRARY_H

#include "base/error.h"

#include <stddef.h>

struct ac_library_entry {
    const char *symbol;
    size_t offset; /* of its pointer in the table */
};

struct ac_library {
    const char *soname;
    const char *purpose; /* "libldns is needed to ask name servers" */
    const char *package; /* "libldns3 (Debian) or ldns 1.7 or newer" */
    const struct ac_library_entry *entries;
    size_t count;
};

/* Fills the table with its functions. AC_E_SYSTEM: the library or one of them is
 * missing; says which package has it. */
AC_MUST enum ac_code ac_library_open(const struct ac_library *library, void *table,
                                     struct ac_error *err);

#endif
