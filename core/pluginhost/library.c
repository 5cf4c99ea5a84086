/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/library.h"

#include <dlfcn.h>
#include <string.h>

_Static_assert(sizeof(void *) == sizeof(void (*)(void)), "dlsym gives functions");

static enum ac_code fail_missing(const struct ac_library *library, struct ac_error *err)
{
    const char *message = dlerror();

    return ac_fail(err, AC_E_SYSTEM, "%s: %s; install the package %s", library->purpose,
                   message ? message : "unknown reason", library->package);
}

enum ac_code ac_library_open(const struct ac_library *library, void *table,
                             struct ac_error *err)
{
    void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);

    if (!handle)
        return fail_missing(library, err);
    for (size_t i = 0; i < library->count; i++) {
        void *symbol = dlsym(handle, library->entries[i].symbol);

        if (!symbol)
            return fail_missing(library, err);
        /* ISO C has no cast from an object pointer to a function pointer. */
        memcpy((unsigned char *)table + library->entries[i].offset, &symbol,
               sizeof symbol);
    }
    return AC_OK;
}
