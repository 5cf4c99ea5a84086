/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/ldns.h"

#include "base/memory.h"
#include "pluginhost/library.h"

#include <stdbool.h>

static const struct ac_library_entry entries[] = {
#define ENTRY(name) { "ldns_" #name, offsetof(struct ac_ldns, name) },
    AC_LDNS_FUNCTIONS(ENTRY)
#undef ENTRY
};

static const struct ac_library library = {
    .soname = "libldns.so.3",
    .purpose = "libldns is needed to ask name servers",
    .package = "libldns3 (Debian) or ldns 1.7 or newer",
    .entries = entries,
    .count = AC_COUNT(entries),
};

enum ac_code ac_ldns_get(const struct ac_ldns **ret_ldns, struct ac_error *err)
{
    static struct ac_ldns table;
    static bool is_open;

    if (!is_open) {
        AC_TRY(ac_library_open(&library, &table, err));
        is_open = true; /* and stays so for the life of the process */
    }
    *ret_ldns = &table;
    return AC_OK;
}
