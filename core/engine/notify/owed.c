/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/owed.h"

/* A clock that was set back must not silence it. */
static bool is_again(int64_t told_at, int64_t utc)
{
    return told_at == 0 || utc - told_at >= AC_OWED_AGAIN_S || told_at > utc;
}

static bool is_lately(int64_t at, int64_t utc)
{
    return at > 0 && utc - at < AC_OWED_LATE_S;
}

/* The CA's own date may be long ago when its list is read first. */
static int64_t known_at(const struct ac_state_revoked *revoked)
{
    return revoked->noted_at > 0 ? revoked->noted_at : revoked->revoked_at;
}

const struct ac_state_revoked *ac_owed_revoked(const struct ac_state *state)
{
    const struct ac_state_revoked *newest = NULL;

    for (size_t i = 0; i < state->revoked_count; i++) {
        if (!newest || known_at(&state->revoked[i]) >= known_at(newest))
            newest = &state->revoked[i];
    }
    return newest;
}

/* When an installer proved something last; 0: none did. */
static int64_t newest_deployment(const struct ac_state *state)
{
    int64_t newest_at = 0;

    for (size_t i = 0; i < state->deployment_count; i++) {
        if (state->deployments[i].live_at > newest_at)
            newest_at = state->deployments[i].live_at;
    }
    return newest_at;
}

static bool has_failing_deployment(const struct ac_state *state)
{
    for (size_t i = 0; i < state->deployment_count; i++) {
        if (state->deployments[i].failures > 0 && !state->deployments[i].is_unwanted)
            return true;
    }
    return false;
}

/* Apart from that it was issued. */
static bool has_other_news(const struct ac_state *state, enum ac_plan_reason reason,
                           int64_t utc)
{
    const struct ac_state_revoked *revoked = ac_owed_revoked(state);

    return reason != AC_PLAN_FRESH || state->trouble.failures > 0
           || (revoked && is_lately(known_at(revoked), utc))
           || has_failing_deployment(state) || is_lately(newest_deployment(state), utc);
}

bool ac_owed_may_be(const struct ac_state *state, enum ac_plan_reason reason,
                    int64_t utc)
{
    return is_lately(state->origin.issued_at, utc)
           || has_other_news(state, reason, utc);
}

bool ac_owed_is_silent(const struct ac_state *state, enum ac_plan_reason reason,
                       int64_t utc)
{
    return state->origin.is_silent && !has_other_news(state, reason, utc);
}

/* ---- each */

/* Whoever was told that it goes wrong is told that it went well, asked for or not. */
static bool owes_renewed(const struct ac_notifier *notifier, const struct ac_told *told,
                         const struct ac_owed_facts *facts)
{
    const struct ac_state_origin *origin = &facts->state->origin;
    bool is_recovery = told->failed_at > 0 || told->expiring_at > 0;

    if (origin->version <= told->version)
        return false;
    return is_recovery
           || (notifier->wants[AC_EVENT_RENEWED]
               && is_lately(origin->issued_at, facts->utc));
}

static bool owes_failed(const struct ac_notifier *notifier, const struct ac_told *told,
                        const struct ac_owed_facts *facts)
{
    bool fails = facts->has_failed || facts->state->trouble.failures > 0;

    return notifier->wants[AC_EVENT_FAILED] && fails && !facts->is_unwanted
           && is_again(told->failed_at, facts->utc);
}

/* One that is not due yet is as its CA wants it. */
static bool owes_expiring(const struct ac_notifier *notifier,
                          const struct ac_told *told, const struct ac_owed_facts *facts)
{
    int64_t short_s =
        ac_expiry_of(&notifier->expiry, facts->not_after - facts->not_before);

    return notifier->wants[AC_EVENT_EXPIRING] && facts->not_after > 0
           && facts->reason != AC_PLAN_FRESH && !facts->is_unwanted
           && facts->not_after - facts->utc < short_s
           && is_again(told->expiring_at, facts->utc);
}

static bool owes_revoked(const struct ac_notifier *notifier, const struct ac_told *told,
                         const struct ac_owed_facts *facts)
{
    const struct ac_state_revoked *revoked = ac_owed_revoked(facts->state);

    return notifier->wants[AC_EVENT_REVOKED] && revoked
           && known_at(revoked) > told->revoked_at
           && is_lately(known_at(revoked), facts->utc);
}

static bool owes_deployed(const struct ac_notifier *notifier,
                          const struct ac_told *told, const struct ac_owed_facts *facts)
{
    int64_t newest_at = newest_deployment(facts->state);

    if (newest_at <= told->deployed_at || has_failing_deployment(facts->state))
        return false;
    return told->undeployed_at > 0
           || (notifier->wants[AC_EVENT_DEPLOYED] && is_lately(newest_at, facts->utc));
}

static bool owes_deploy_failed(const struct ac_notifier *notifier,
                               const struct ac_told *told,
                               const struct ac_owed_facts *facts)
{
    return notifier->wants[AC_EVENT_DEPLOY_FAILED] && !facts->is_unwanted
           && has_failing_deployment(facts->state)
           && is_again(told->undeployed_at, facts->utc);
}

static bool (*const owes[AC_EVENT_COUNT])(const struct ac_notifier *notifier,
                                          const struct ac_told *told,
                                          const struct ac_owed_facts *facts) = {
    [AC_EVENT_RENEWED] = owes_renewed,   [AC_EVENT_FAILED] = owes_failed,
    [AC_EVENT_EXPIRING] = owes_expiring, [AC_EVENT_REVOKED] = owes_revoked,
    [AC_EVENT_DEPLOYED] = owes_deployed, [AC_EVENT_DEPLOY_FAILED] = owes_deploy_failed,
};

size_t ac_owed_find(const struct ac_notifier *notifier, const struct ac_told *told,
                    const struct ac_owed_facts *facts, bool ret_owed[AC_EVENT_COUNT])
{
    size_t count = 0;

    for (size_t event = 0; event < AC_EVENT_COUNT; event++) {
        ret_owed[event] = owes[event](notifier, told, facts);
        count += ret_owed[event];
    }
    return count;
}

void ac_owed_settle(const struct ac_owed_facts *facts, const bool owed[AC_EVENT_COUNT],
                    struct ac_told *told)
{
    const struct ac_state *state = facts->state;

    /* Whatever was told: what comes after this version is news. */
    told->version = state->origin.version;
    if (owed[AC_EVENT_RENEWED])
        told->failed_at = told->failures = told->expiring_at = 0;
    if (owed[AC_EVENT_FAILED]) {
        told->failed_at = facts->utc;
        told->failures = state->trouble.failures > 0 ? state->trouble.failures : 1;
    }
    if (owed[AC_EVENT_EXPIRING])
        told->expiring_at = facts->utc;
    if (owed[AC_EVENT_REVOKED])
        told->revoked_at = known_at(ac_owed_revoked(state));
    if (owed[AC_EVENT_DEPLOYED]) {
        told->deployed_at = newest_deployment(state);
        told->undeployed_at = 0;
    }
    if (owed[AC_EVENT_DEPLOY_FAILED])
        told->undeployed_at = facts->utc;
}
