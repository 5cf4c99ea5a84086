/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/ldns.h"

#include "base/memory.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define SONAME "libldns.so.3"

struct entry {
    const char *symbol;
    size_t offset; /* of its pointer in struct ac_ldns */
};

static const struct entry entries[] = {
#define ENTRY(name) { "ldns_" #name, offsetof(struct ac_ldns, name) },
    AC_LDNS_FUNCTIONS(ENTRY)
#undef ENTRY
};

_Static_assert(sizeof(void *) == sizeof(void (*)(void)), "dlsym gives functions");

static enum ac_code fail_missing(struct ac_error *err)
{
    const char *message = dlerror();

    return ac_fail(err, AC_E_SYSTEM,
                   "libldns is needed to ask name servers: %s; install the package "
                   "libldns3 (Debian) or ldns 1.7 or newer",
                   message ? message : "unknown reason");
}

static enum ac_code fill_table(void *library, struct ac_ldns *table,
                               struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(entries); i++) {
        void *symbol = dlsym(library, entries[i].symbol);

        if (!symbol)
            return fail_missing(err);
        /* ISO C has no cast from an object pointer to a function pointer. */
        memcpy((unsigned char *)table + entries[i].offset, &symbol, sizeof symbol);
    }
    return AC_OK;
}

enum ac_code ac_ldns_get(const struct ac_ldns **ret_ldns, struct ac_error *err)
{
    static struct ac_ldns table;
    static bool is_open;

    if (!is_open) {
        void *library = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);
        if (!library)
            return fail_missing(err);
        AC_TRY(fill_table(library, &table, err));
        is_open = true; /* and stays so for the life of the process */
    }
    *ret_ldns = &table;
    return AC_OK;
}
