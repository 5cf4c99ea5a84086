/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/given_up.h"

static enum ac_code save(struct ac_store *store, const char *name, bool is_given_up,
                         struct ac_error *err)
{
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_TRY(ac_store_lock(store, AC_STORE_CERTIFICATES, name, &lock, err));
    AC_TRY(ac_state_load(store, name, &state, err));
    if (state.origin.version == 0 || state.origin.is_given_up == is_given_up)
        return AC_OK;
    state.origin.is_given_up = is_given_up;
    return ac_state_save(&state, store, name, err);
}

enum ac_code ac_given_up_note(struct ac_store *store, const struct ac_upkeep_item *item,
                              struct ac_error *err)
{
    bool is_wanted = item->configured != AC_UPKEEP_NOT_CONFIGURED;

    if (item->is_unwanted && !item->was_given_up)
        return save(store, item->name, true, err);
    if (is_wanted && item->was_given_up)
        return save(store, item->name, false, err);
    return AC_OK;
}
