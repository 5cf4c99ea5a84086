/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/held_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/deploy/deployment_report.h"
#include "engine/held/held_files.h"
#include "engine/renewal/plan.h"
#include "engine/wanted/wanted_keys.h"

#include <string.h>

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool ac_held_is_as_wanted(const struct ac_held *held, const struct ac_wanted *wanted,
                          const struct ac_wanted *remembered)
{
    return ac_identifiers_is_same_set(&held->identifiers, &wanted->identifiers)
           && ac_wanted_has_same_keys(wanted, remembered)
           && ac_held_has_types(held, wanted)
           && strcmp(remembered->directory_url, wanted->directory_url) == 0
           && is_same(remembered->profile, wanted->profile)
           && is_same(remembered->required_profile, wanted->required_profile)
           && is_same(remembered->preferred_chain, wanted->preferred_chain);
}

bool ac_held_is_fresh(const struct ac_held *held, const struct ac_wanted *wanted,
                      const struct ac_wanted *remembered, int64_t utc)
{
    return ac_held_is_as_wanted(held, wanted, remembered) && !held->revoked
           && utc < held->renew_at;
}

/* ---- for held.c */

/* What is known only adds to what is held: damage there costs no certificate. */
enum ac_code ac_held_read_state(const struct ac_store *store, struct ac_held *held,
                                struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_state_load(store, held->name, &held->state, &why);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK) {
        ac_log_say(AC_LOG_WARN, "%s; what it says of certificate \"%s\" is not used",
                   why.detail, held->name);
    }
    held->revoked = ac_state_find_revoked_set(&held->state, held->fingerprint);
    const struct ac_plan_facts facts = {
        .name = held->name,
        .is_held = true,
        .not_before = held->not_before,
        .not_after = held->not_after,
        .suggested_at = ac_state_selected_at(&held->state, held->serial),
    };
    held->renew_at = ac_plan_make(&facts, 0).due_at;
    return AC_OK;
}

/* What is known beside what the files say. */
enum ac_code ac_held_add_known(struct ac_json *json, const struct ac_held *held,
                               struct ac_error *err)
{
    AC_AUTO(ac_json) *renewal = NULL;
    AC_AUTO(ac_json) *revoked = NULL;
    const char *profile = held->state.origin.profile;

    if (profile && ac_state_is_of(&held->state, held->serial))
        AC_TRY(ac_json_set_text(json, "profile", profile, err));
    if (ac_state_selected_at(&held->state, held->serial)) {
        AC_TRY(ac_state_renewal_to_json(&held->state, &renewal, err));
        AC_TRY(ac_json_set(json, "renewal", &renewal, err));
    }
    AC_TRY(ac_deployments_to_json(&held->state, held->version, json, err));
    if (!held->revoked)
        return AC_OK;
    AC_TRY(ac_json_new(&revoked, err, "{s:s, s:b}", "reason", held->revoked->reason,
                       "key_compromised", (int)held->revoked->is_key_compromised));
    AC_TRY(ac_json_set_time(revoked, "revoked_at", held->revoked->revoked_at, err));
    return ac_json_set(json, "revoked", &revoked, err);
}
