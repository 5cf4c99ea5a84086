/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/aside.h"

#include "base/log.h"

static void tell(const char *name, const char *item, const char *path)
{
    ac_log_say(
        AC_LOG_WARN,
        "%s of certificate \"%s\" was damaged; it is kept as %s, and what it said "
        "is not used",
        item, name, path);
}

enum ac_code ac_aside_make_way(struct ac_store *store, const char *name,
                               const char *item, bool *ret_was_damaged,
                               struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_store_make_way(store, AC_STORE_CERTIFICATES, name, item, &path, err));
    *ret_was_damaged = path != NULL;
    if (path)
        tell(name, item, path);
    return AC_OK;
}

enum ac_code ac_aside_take(struct ac_store *store, const char *name, const char *item,
                           struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_store_keep_damaged(store, AC_STORE_CERTIFICATES, name, item, &path, err));
    if (path) {
        ac_log_say(AC_LOG_WARN, "%s of certificate \"%s\" is kept as %s", item, name,
                   path);
    }
    return AC_OK;
}
