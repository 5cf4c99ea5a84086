/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/known.h"

#include "base/clock.h"
#include "engine/deploy/deployment.h"

#include <inttypes.h>

static enum ac_code add_revoked(const struct ac_held *held, struct ac_text *text,
                                struct ac_error *err)
{
    const struct ac_state_revoked *revoked = held->revoked;
    char at[AC_CLOCK_TEXT_SIZE];

    if (!revoked)
        return AC_OK;
    return ac_text_addf(text, err, "  revoked      %s, %s%s\n",
                        ac_clock_format(revoked->revoked_at, at), revoked->reason,
                        revoked->is_key_compromised ? "; its key is not used again"
                                                    : "");
}

static enum ac_code add_profile(const struct ac_held *held, struct ac_text *text,
                                struct ac_error *err)
{
    const char *profile = held->state.origin.profile;

    return profile ? ac_text_addf(text, err, "  profile      %s\n", profile) : AC_OK;
}

static enum ac_code add_window(const struct ac_held *held, struct ac_text *text,
                               struct ac_error *err)
{
    const struct ac_state_renewal *renewal = &held->state.renewal;
    char start[AC_CLOCK_TEXT_SIZE];
    char end[AC_CLOCK_TEXT_SIZE];
    char selected[AC_CLOCK_TEXT_SIZE];

    if (!renewal->selected_at)
        return AC_OK;
    AC_TRY(ac_text_addf(
        text, err, "  window       %s to %s, as the CA suggests; chosen: %s\n",
        ac_clock_format(renewal->start, start), ac_clock_format(renewal->end, end),
        ac_clock_format(renewal->selected_at, selected)));
    if (!renewal->explanation_url)
        return AC_OK;
    return ac_text_addf(text, err, "               %s\n", renewal->explanation_url);
}

static enum ac_code add_trouble(const struct ac_held *held, struct ac_text *text,
                                struct ac_error *err)
{
    const struct ac_state_trouble *trouble = &held->state.trouble;
    char at[AC_CLOCK_TEXT_SIZE];
    char next[AC_CLOCK_TEXT_SIZE];

    if (!trouble->message)
        return AC_OK;
    return ac_text_addf(text, err,
                        "  failed       %s, %" PRId64 " in a row: %s\n"
                        "  next try     %s\n",
                        ac_clock_format(trouble->failed_at, at), trouble->failures,
                        trouble->message,
                        ac_clock_format(trouble->next_attempt_at, next));
}

static enum ac_code add_deployment(const struct ac_held *held,
                                   const struct ac_state_deployment *deployment,
                                   struct ac_text *text, struct ac_error *err)
{
    enum ac_deployment_status status = ac_deployment_status(deployment, held->version);
    char at[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_text_addf(text, err, "  deployment   %s: %s", deployment->installer,
                        ac_deployment_status_name(status)));
    if (deployment->live_version > 0) {
        AC_TRY(ac_text_addf(text, err, ", version %" PRId64 " since %s",
                            deployment->live_version,
                            ac_clock_format(deployment->live_at, at)));
    }
    AC_TRY(ac_text_addf(text, err, "\n"));
    if (!deployment->message)
        return AC_OK;
    AC_TRY(ac_text_addf(text, err, "               %" PRId64 " in a row: %s\n",
                        deployment->failures, deployment->message));
    return ac_text_addf(text, err, "               next try %s\n",
                        ac_clock_format(deployment->next_attempt_at, at));
}

static enum ac_code add_deployments(const struct ac_held *held, struct ac_text *text,
                                    struct ac_error *err)
{
    const struct ac_state *state = &held->state;

    for (size_t i = 0; i < state->deployment_count; i++)
        AC_TRY(add_deployment(held, &state->deployments[i], text, err));
    return AC_OK;
}

enum ac_code ac_known_add(const struct ac_held *held, struct ac_text *text,
                          struct ac_error *err)
{
    AC_TRY(add_revoked(held, text, err));
    if (ac_state_is_of(&held->state, held->serial)) {
        AC_TRY(add_profile(held, text, err));
        AC_TRY(add_window(held, text, err));
    }
    AC_TRY(add_trouble(held, text, err));
    return add_deployments(held, text, err);
}
