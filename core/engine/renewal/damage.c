/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/damage.h"

#include "base/log.h"
#include "engine/held/held.h"

enum ac_code ac_damage_note(const char *name, const struct ac_error *why, char **damage,
                            struct ac_error *err)
{
    if (why->code == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "%s", why->detail);
    ac_log_say(AC_LOG_WARN, "certificate \"%s\" is damaged: %s", name, why->detail);
    return *damage ? AC_OK : ac_memory_copy_text(why->detail, damage, err);
}

enum ac_code ac_damage_find_files(const struct ac_store *store, const char *name,
                                  unsigned version, char **damage, bool *ret_is_damaged,
                                  struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_held_look(store, name, version, &why);

    /* A folder that cannot be looked into now makes nothing due: it would make all of a
     * fleet due at once. */
    *ret_is_damaged = code == AC_E_STORE;
    return code == AC_OK ? AC_OK : ac_damage_note(name, &why, damage, err);
}

static bool has_wish(const struct ac_store *store, const char *name)
{
    return ac_store_size(store, AC_STORE_CERTIFICATES, name, "certificate.json") > 0;
}

enum ac_code ac_damage_find_wish(const struct ac_store *store, const char *name,
                                 bool reads, char **damage, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_error why = { 0 };

    if (!reads && has_wish(store, name))
        return AC_OK;
    if (ac_wanted_load(store, name, &wanted, &why) == AC_OK)
        return AC_OK;
    return ac_damage_note(name, &why, damage, err);
}
