/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/recall.h"

#include "engine/deploy/deployment.h"
#include "engine/held/held.h"
#include "engine/held/origin.h"

static enum ac_code read_files(const struct ac_held *held,
                               struct ac_state_origin *origin, struct ac_error *err)
{
    origin->version = held->version;
    origin->issued_at = held->not_before;
    origin->not_before = held->not_before;
    origin->not_after = held->not_after;
    AC_TRY(ac_memory_copy_text(held->serial, &origin->serial, err));
    AC_TRY(ac_memory_copy_text(held->fingerprint, &origin->fingerprint, err));
    return ac_origin_copy(held->renewal_id, &origin->renewal_id, err);
}

/* Where nothing was noted it came from where it was asked for last, and nobody knows
 * whether its installers have it. A wish that is lost, too, says nothing: then it is
 * looked for in its list alone. */
static enum ac_code read_wish(const struct ac_store *store, struct ac_held *held,
                              struct ac_state_origin *origin, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_error why = { 0 };
    enum ac_code code = ac_wanted_load(store, held->name, &wanted, &why);

    if (code != AC_OK)
        return code == AC_E_NOMEM ? ac_fail(err, code, "%s", why.detail) : AC_OK;
    origin->is_silent = wanted.notify.count == 0;
    AC_TRY(ac_deployments_note_wanted(&held->state, &wanted, NULL, err));
    AC_TRY(ac_origin_copy(wanted.configuration, &origin->configuration, err));
    return ac_memory_copy_text(wanted.directory_url, &origin->directory_url, err);
}

static bool is_noted(const struct ac_held *held)
{
    return held->state.origin.version == (int64_t)held->version
           && ac_state_is_of(&held->state, held->serial);
}

enum ac_code ac_recall_origin(struct ac_store *store, const char *name,
                              struct ac_error *err)
{
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_state) holder = { 0 };
    struct ac_state_origin *origin = &holder.origin;

    AC_TRY(ac_store_lock(store, AC_STORE_CERTIFICATES, name, &lock, err));
    AC_TRY(ac_held_load(store, name, &held, err));
    if (is_noted(&held))
        return AC_OK;
    AC_TRY(read_files(&held, origin, err));
    if (held.state.origin.version > 0) {
        AC_TRY(ac_origin_inherit(&held.state, held.version, origin, err));
    } else {
        AC_TRY(read_wish(store, &held, origin, err));
    }
    ac_state_begin_version(&held.state, origin);
    return ac_state_save(&held.state, store, name, err);
}
