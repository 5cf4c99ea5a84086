/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/state.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define SOON_PARTS 30 /* of its life: within so much a version has just begun */

/* ---- free */

static void origin_done(struct ac_state_origin *origin)
{
    free(origin->directory_url);
    free(origin->account_url);
    free(origin->serial);
    free(origin->fingerprint);
    free(origin->identity);
    free(origin->configuration);
    free(origin->renewal_id);
    free(origin->profile);
    *origin = (struct ac_state_origin){ 0 };
}

static void renewal_done(struct ac_state_renewal *renewal)
{
    free(renewal->explanation_url);
    *renewal = (struct ac_state_renewal){ 0 };
}

void ac_state_clear_trouble(struct ac_state *state)
{
    free(state->trouble.code);
    free(state->trouble.problem);
    free(state->trouble.message);
    free(state->trouble.identity);
    state->trouble = (struct ac_state_trouble){ 0 };
}

void ac_state_clear_crl(struct ac_state *state)
{
    for (size_t i = 0; i < state->crl.count; i++) {
        free(state->crl.items[i].url);
        free(state->crl.items[i].issuer);
        free(state->crl.items[i].serial);
    }
    state->crl = (struct ac_state_crl){ 0 };
}

void ac_state_revoked_done(struct ac_state_revoked *revoked)
{
    free(revoked->fingerprint);
    free(revoked->key_fingerprint);
    free(revoked->reason);
    free(revoked->then);
    *revoked = (struct ac_state_revoked){ 0 };
}

static void deployment_done(struct ac_state_deployment *deployment)
{
    free(deployment->installer);
    free(deployment->settings);
    free(deployment->code);
    free(deployment->message);
    *deployment = (struct ac_state_deployment){ 0 };
}

void ac_state_done(struct ac_state *state)
{
    origin_done(&state->origin);
    for (size_t i = 0; i < state->earlier_count; i++)
        origin_done(&state->earlier[i]);
    renewal_done(&state->renewal);
    ac_state_clear_trouble(state);
    ac_state_clear_crl(state);
    for (size_t i = 0; i < state->revoked_count; i++)
        ac_state_revoked_done(&state->revoked[i]);
    free(state->revoked);
    for (size_t i = 0; i < state->deployment_count; i++)
        deployment_done(&state->deployments[i]);
    free(state->deployments);
    ac_json_free(state->document);
    *state = (struct ac_state){ 0 };
}

/* ---- what changes */

static void forget_earlier(struct ac_state *state, size_t index)
{
    origin_done(&state->earlier[index]);
    state->earlier_count--;
    memmove(state->earlier + index, state->earlier + index + 1,
            (state->earlier_count - index) * sizeof *state->earlier);
}

/* Moves it among the earlier ones. One without a number cannot be found again. */
static void keep_earlier(struct ac_state *state)
{
    for (size_t i = 0; i < state->earlier_count; i++) {
        if (state->earlier[i].version == state->origin.version) {
            forget_earlier(state, i);
            break;
        }
    }
    if (state->origin.version == 0) {
        origin_done(&state->origin);
        return;
    }
    if (state->earlier_count == AC_STATE_EARLIER_MAX)
        forget_earlier(state, 0);
    state->earlier[state->earlier_count++] = state->origin;
    state->origin = (struct ac_state_origin){ 0 };
}

const struct ac_state_origin *ac_state_find_earlier(const struct ac_state *state,
                                                    int64_t version)
{
    for (size_t i = 0; i < state->earlier_count; i++) {
        if (state->earlier[i].version == version)
            return &state->earlier[i];
    }
    return NULL;
}

/* Did the CA want it renewed at once when it had just been issued? */
static bool is_urgent_at_once(const struct ac_state *state)
{
    const struct ac_state_origin *origin = &state->origin;
    int64_t soon_s = (origin->not_after - origin->not_before) / SOON_PARTS;

    return state->renewal.urgent_at > 0 && origin->issued_at > 0
           && state->renewal.urgent_at - origin->issued_at <= soon_s;
}

void ac_state_begin_version(struct ac_state *state, struct ac_state_origin *origin)
{
    bool was_urgent = is_urgent_at_once(state);

    keep_earlier(state);
    renewal_done(&state->renewal);
    ac_state_clear_trouble(state);
    state->origin = *origin;
    state->renewal.was_urgent = was_urgent;
    *origin = (struct ac_state_origin){ 0 };
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t choose(int64_t start, int64_t end)
{
    int64_t range = least(end - start, UINT32_MAX - 1);

    return start + ac_clock_jitter((uint32_t)range + 1);
}

/* A window that moves and stays over is the same haste. */
static void note_urgency(struct ac_state_renewal *known)
{
    int64_t utc = ac_clock_utc();

    if (known->selected_at > utc) {
        known->urgent_at = 0;
    } else if (known->urgent_at == 0) {
        known->urgent_at = utc;
    }
}

enum ac_code ac_state_take_renewal(struct ac_state *state,
                                   const struct ac_renewal *renewal,
                                   struct ac_error *err)
{
    struct ac_state_renewal *known = &state->renewal;
    int64_t not_after = state->origin.not_after;
    AC_AUTO_TEXT char *url = NULL;

    if (not_after > 0 && renewal->start >= not_after)
        return AC_OK;
    if (renewal->explanation_url)
        AC_TRY(ac_memory_copy_text(renewal->explanation_url, &url, err));
    free(known->explanation_url);
    known->explanation_url = AC_TAKE(url);
    if (known->selected_at != 0 && known->start == renewal->start
        && known->end == renewal->end)
        return AC_OK;
    known->start = renewal->start;
    known->end = renewal->end;
    known->selected_at = choose(
        renewal->start, not_after > 0 ? least(renewal->end, not_after) : renewal->end);
    note_urgency(known);
    return AC_OK;
}

void ac_state_note_check(struct ac_state *state, int64_t utc, int64_t check_after_s)
{
    state->renewal.checked_at = utc;
    state->renewal.next_check_at = utc + check_after_s;
}

bool ac_state_wants_check(const struct ac_state *state, int64_t utc)
{
    const struct ac_state_renewal *renewal = &state->renewal;

    if (!state->origin.renewal_id || state->origin.not_after <= utc)
        return false;
    /* A clock that was set back must not silence it for long. */
    return renewal->next_check_at <= utc
           || renewal->next_check_at > utc + AC_RENEWAL_CHECK_MAX_S;
}

bool ac_state_is_of(const struct ac_state *state, const char *serial)
{
    const char *known = state->origin.serial;

    return known && strcmp(known, serial) == 0;
}

bool ac_state_passes_over(const struct ac_state *state)
{
    return state->renewal.was_urgent && is_urgent_at_once(state);
}

int64_t ac_state_selected_at(const struct ac_state *state, const char *serial)
{
    if (!ac_state_is_of(state, serial) || ac_state_passes_over(state))
        return 0;
    return state->renewal.selected_at;
}

enum ac_code ac_state_note_failure(struct ac_state *state, const struct ac_error *why,
                                   int64_t utc, int64_t next_attempt_at,
                                   struct ac_error *err)
{
    struct ac_state_trouble *trouble = &state->trouble;
    AC_AUTO_TEXT char *code = NULL;
    AC_AUTO_TEXT char *problem = NULL;
    AC_AUTO_TEXT char *message = NULL;
    int64_t failures = trouble->failures;

    AC_TRY(ac_memory_copy_text(ac_code_name(why->code), &code, err));
    if (why->problem[0] != '\0')
        AC_TRY(ac_memory_copy_text(why->problem, &problem, err));
    AC_TRY(ac_memory_copy_text(why->detail, &message, err));
    ac_state_clear_trouble(state);
    trouble->failures = failures + 1;
    trouble->failed_at = utc;
    trouble->next_attempt_at = next_attempt_at;
    trouble->code = AC_TAKE(code);
    trouble->problem = AC_TAKE(problem);
    trouble->message = AC_TAKE(message);
    return AC_OK;
}

static struct ac_state_revoked *find_revoked(const struct ac_state *state,
                                             const char *fingerprint)
{
    for (size_t i = 0; i < state->revoked_count; i++) {
        if (strcmp(state->revoked[i].fingerprint, fingerprint) == 0)
            return &state->revoked[i];
    }
    return NULL;
}

static void forget_oldest(struct ac_state *state)
{
    ac_state_revoked_done(&state->revoked[0]);
    state->revoked_count--;
    memmove(state->revoked, state->revoked + 1,
            state->revoked_count * sizeof *state->revoked);
}

enum ac_code ac_state_add_revoked(struct ac_state *state,
                                  struct ac_state_revoked *revoked,
                                  struct ac_error *err)
{
    struct ac_state_revoked *place = find_revoked(state, revoked->fingerprint);
    const char *current = state->origin.fingerprint;

    /* A.10: there is no instant to wait for any more. */
    if (current && strcmp(current, revoked->fingerprint) == 0)
        renewal_done(&state->renewal);
    if (place && place->noted_at > 0) {
        revoked->noted_at = place->noted_at;
    } else if (revoked->noted_at == 0) {
        revoked->noted_at = ac_clock_utc();
    }
    if (place) {
        /* Once known to be compromised a key does not become good again. */
        revoked->is_key_compromised |= place->is_key_compromised;
        ac_state_revoked_done(place);
    } else {
        if (state->revoked_count == AC_STATE_REVOKED_MAX)
            forget_oldest(state);
        AC_TRY(ac_memory_grow(&state->revoked, &state->revoked_capacity,
                              state->revoked_count + 1, sizeof *state->revoked, err));
        place = &state->revoked[state->revoked_count++];
    }
    *place = *revoked;
    *revoked = (struct ac_state_revoked){ 0 };
    return AC_OK;
}

const struct ac_state_revoked *ac_state_find_revoked(const struct ac_state *state,
                                                     const char *fingerprint)
{
    return find_revoked(state, fingerprint);
}

const struct ac_state_revoked *ac_state_find_revoked_set(const struct ac_state *state,
                                                         const char *fingerprint)
{
    const struct ac_state_revoked *revoked = find_revoked(state, fingerprint);
    const char *current = state->origin.fingerprint;

    if (revoked || state->origin.version == 0 || !current
        || strcmp(current, fingerprint) != 0)
        return revoked;
    for (size_t i = 0; i < state->revoked_count; i++) {
        if (state->revoked[i].version == state->origin.version)
            return &state->revoked[i];
    }
    return NULL;
}

bool ac_state_is_compromised(const struct ac_state *state, const char *key_fingerprint)
{
    for (size_t i = 0; i < state->revoked_count; i++) {
        const struct ac_state_revoked *revoked = &state->revoked[i];

        if (revoked->is_key_compromised
            && strcmp(revoked->key_fingerprint, key_fingerprint) == 0)
            return true;
    }
    return false;
}

/* ---- deployments */

struct ac_state_deployment *ac_state_find_deployment(const struct ac_state *state,
                                                     const char *installer)
{
    for (size_t i = 0; i < state->deployment_count; i++) {
        if (strcmp(state->deployments[i].installer, installer) == 0)
            return &state->deployments[i];
    }
    return NULL;
}

enum ac_code ac_state_have_deployment(struct ac_state *state, const char *installer,
                                      struct ac_state_deployment **ret_deployment,
                                      struct ac_error *err)
{
    AC_AUTO_TEXT char *name = NULL;

    *ret_deployment = ac_state_find_deployment(state, installer);
    if (*ret_deployment)
        return AC_OK;
    AC_TRY(ac_memory_copy_text(installer, &name, err));
    AC_TRY(ac_memory_grow(&state->deployments, &state->deployment_capacity,
                          state->deployment_count + 1, sizeof *state->deployments,
                          err));
    *ret_deployment = &state->deployments[state->deployment_count++];
    **ret_deployment = (struct ac_state_deployment){ .installer = AC_TAKE(name) };
    return AC_OK;
}

void ac_state_drop_deployments(struct ac_state *state,
                               bool (*is)(const struct ac_state_deployment *deployment))
{
    size_t kept = 0;

    for (size_t i = 0; i < state->deployment_count; i++) {
        struct ac_state_deployment moved = state->deployments[i];

        if (is(&moved)) {
            deployment_done(&moved);
        } else {
            state->deployments[kept++] = moved;
        }
    }
    state->deployment_count = kept;
}

bool ac_state_knows_crl(const struct ac_state *state)
{
    return state->crl.version != 0 && state->crl.version == state->origin.version;
}

int64_t ac_state_on_hold_at(const struct ac_state *state)
{
    for (size_t i = 0; ac_state_knows_crl(state) && i < state->crl.count; i++) {
        if (state->crl.items[i].on_hold_at > 0)
            return state->crl.items[i].on_hold_at;
    }
    return 0;
}

const char *ac_state_then(const struct ac_state *state)
{
    for (size_t i = 0; i < state->revoked_count; i++) {
        const struct ac_state_revoked *revoked = &state->revoked[i];

        if (revoked->then && revoked->version != 0
            && revoked->version == state->origin.version)
            return revoked->then;
    }
    return NULL;
}
