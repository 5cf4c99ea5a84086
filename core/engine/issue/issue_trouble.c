/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"
#include "engine/renewal/plan.h"

/* An outage costs the CA nothing when it is looked for again, and must not be slept
 * over by a certificate that is due. */
#define OUTAGE_MAX_S 3600

/* A failure that says something about this certificate at this CA. */
static bool is_trouble(const struct ac_issue *issue)
{
    const struct ac_issue_settings *settings = &issue->settings;

    return issue->outcome.code != AC_OK && issue->outcome.code != AC_E_CANCELLED
           && issue->outcome.code != AC_E_NOMEM && !settings->only_recovers
           && !settings->only_opens;
}

/* Our own disk: whoever has mended it need not wait, and the order that was begun is
 * continued. */
static bool is_ours(const struct ac_error *why)
{
    return why->code == AC_E_STORE;
}

static int64_t back_off_s(const struct ac_issue *issue)
{
    const struct ac_state *state = &issue->state;
    const struct ac_error *why = &issue->outcome.error;

    if (is_ours(why))
        return 0;
    bool is_outage = why->code == AC_E_NETWORK || why->http_status >= 500;
    int64_t delay_s =
        ac_plan_back_off_s((unsigned)state->trouble.failures + 1, why->retry_after,
                           state->origin.not_after - state->origin.not_before);

    return is_outage && why->retry_after == 0 && delay_s > OUTAGE_MAX_S ? OUTAGE_MAX_S
                                                                        : delay_s;
}

static enum ac_code note(struct ac_issue *issue, struct ac_error *err)
{
    int64_t utc = ac_clock_utc();
    char identity[AC_SHA256_HEX_SIZE];

    AC_TRY(ac_issue_load_state(issue, err));
    int64_t failures = issue->state.trouble.failures;
    /* One that was asked for once, in vain, is nothing to come back to. */
    if (!issue->state.origin.serial && !issue->here.configuration)
        return AC_OK;
    AC_TRY(ac_state_note_failure(&issue->state, &issue->outcome.error, utc,
                                 utc + back_off_s(issue), err));
    /* The CA's next refusal is not to cost more for them. */
    if (is_ours(&issue->outcome.error) && failures > 0)
        issue->state.trouble.failures = failures;
    AC_TRY(ac_wanted_identity(issue->settings.wish, identity, err));
    AC_TRY(ac_memory_copy_text(identity, &issue->state.trouble.identity, err));
    return ac_issue_save_state(issue, err);
}

void ac_issue_note_trouble(struct ac_issue *issue)
{
    struct ac_error why = { 0 };

    if (!is_trouble(issue))
        return;
    if (note(issue, &why) != AC_OK && issue->outcome.code != AC_E_STORE)
        ac_issue_warn(issue, "the failure could not be noted: %s", why.detail);
}
