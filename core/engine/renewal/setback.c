/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/setback.h"

#include "base/clock.h"
#include "engine/renewal/plan.h"

#include <string.h>

/* An outage costs the CA nothing when it is looked for again, and must not be slept
 * over by a certificate that is due. */
#define OUTAGE_MAX_S 3600

/* Our own disk: whoever has mended it need not wait, and the order that was begun is
 * continued. */
static bool is_ours(const struct ac_error *why)
{
    return why->code == AC_E_STORE;
}

/* Longer than that a run would not keep to the CA's word either (issue_limits). */
static uint32_t retry_after_of(const struct ac_state *state, const struct ac_error *why)
{
    int64_t patience_s = ac_plan_patience_s(state->origin.not_before,
                                            state->origin.not_after, ac_clock_utc());

    return why->retry_after < patience_s ? why->retry_after : (uint32_t)patience_s;
}

static int64_t back_off_s(const struct ac_state *state, const struct ac_error *why)
{
    if (is_ours(why))
        return 0;
    bool is_outage = why->code == AC_E_NETWORK || why->http_status >= 500;
    int64_t delay_s = ac_plan_back_off_s(
        (unsigned)state->trouble.failures + 1, retry_after_of(state, why),
        state->origin.not_after - state->origin.not_before);

    return is_outage && why->retry_after == 0 && delay_s > OUTAGE_MAX_S ? OUTAGE_MAX_S
                                                                        : delay_s;
}

bool ac_setback_is_noted(const struct ac_state *state, const struct ac_wanted *wanted)
{
    return state->origin.serial || wanted->configuration;
}

enum ac_code ac_setback_take(struct ac_state *state, const struct ac_wanted *wanted,
                             const struct ac_error *why, struct ac_error *err)
{
    int64_t utc = ac_clock_utc();
    char identity[AC_SHA256_HEX_SIZE];

    AC_TRY(ac_wanted_identity(wanted, identity, err));
    /* Those before were another wish's, which somebody has mended. */
    if (state->trouble.identity && strcmp(state->trouble.identity, identity) != 0)
        state->trouble.failures = 0;
    int64_t failures = state->trouble.failures;
    AC_TRY(ac_state_note_failure(state, why, utc, utc + back_off_s(state, why), err));
    /* The CA's next refusal is not to cost more for them. */
    if (is_ours(why) && failures > 0)
        state->trouble.failures = failures;
    return ac_memory_copy_text(identity, &state->trouble.identity, err);
}

enum ac_code ac_setback_note(struct ac_store *store, const struct ac_wanted *wanted,
                             const struct ac_error *why, struct ac_error *err)
{
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_TRY(ac_store_lock(store, AC_STORE_CERTIFICATES, wanted->name, &lock, err));
    AC_TRY(ac_state_load(store, wanted->name, &state, err));
    if (!ac_setback_is_noted(&state, wanted))
        return AC_OK;
    AC_TRY(ac_setback_take(&state, wanted, why, err));
    return ac_state_save(&state, store, wanted->name, err);
}
