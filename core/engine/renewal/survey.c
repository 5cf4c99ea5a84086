/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/survey.h"

#include "base/log.h"
#include "base/path.h"
#include "engine/deploy/deployment.h"
#include "engine/held/held.h"
#include "engine/journal/journal.h"
#include "engine/notify/owed.h"
#include "engine/renewal/damage.h"
#include "store/version.h"

#include <string.h>

void ac_survey_done(struct ac_survey *survey)
{
    ac_crl_calendar_done(&survey->calendar);
}

static enum ac_upkeep_end end_of(const struct ac_state *state)
{
    const char *then = ac_state_then(state);

    if (!then)
        return AC_UPKEEP_STAYS;
    return strcmp(then, AC_STATE_THEN_ARCHIVE) == 0 ? AC_UPKEEP_ARCHIVED
                                                    : AC_UPKEEP_DELETED;
}

/* state.json speaks of the version that `current` leads to. */
static void take_state(struct ac_survey *survey, const struct ac_state *state)
{
    struct ac_plan_facts *facts = &survey->facts;
    const char *fingerprint = state->origin.fingerprint;

    facts->is_held = true;
    facts->not_before = state->origin.not_before;
    facts->not_after = state->origin.not_after;
    facts->suggested_at = ac_state_selected_at(state, state->origin.serial);
    facts->window_start = state->renewal.start;
    facts->window_end = state->renewal.end;
    facts->is_revoked = ac_state_find_revoked_set(state, fingerprint) != NULL;
    survey->item->end = end_of(state);
    survey->item->wants_check = ac_state_wants_check(state, survey->settings->utc);
    if (state->origin.renewal_id && state->origin.not_after > survey->settings->utc)
        survey->item->check_at = state->renewal.next_check_at;
}

static bool speaks_of(const struct ac_state *state, unsigned version)
{
    const struct ac_state_origin *origin = &state->origin;

    return origin->version == (int64_t)version && origin->serial && origin->fingerprint
           && origin->not_after > origin->not_before;
}

/* The files themselves are asked, because nothing else speaks of them. */
static enum ac_code take_files(struct ac_survey *survey, struct ac_error *err)
{
    AC_AUTO(ac_held) held = { 0 };
    struct ac_plan_facts *facts = &survey->facts;
    struct ac_error why = { 0 };
    enum ac_code code =
        ac_held_load(survey->settings->store, survey->item->name, &held, &why);

    facts->is_held = code == AC_OK;
    facts->is_damaged = code != AC_OK && code != AC_E_NOTFOUND;
    survey->item->is_unnoted = facts->is_held;
    if (code == AC_E_NOTFOUND)
        return AC_OK;
    if (code != AC_OK)
        return ac_damage_note(survey->item->name, &why, &survey->item->damage, err);
    facts->not_before = held.not_before;
    facts->not_after = held.not_after;
    facts->is_revoked = held.revoked != NULL;
    facts->suggested_at = ac_state_selected_at(&held.state, held.serial);
    facts->window_start = held.state.renewal.start;
    facts->window_end = held.state.renewal.end;
    return AC_OK;
}

/* What is revoked already needs no list to say so, and what has expired is not in any.
 */
static enum ac_code look_for_list(struct ac_survey *survey,
                                  const struct ac_state *state, struct ac_error *err)
{
    struct ac_upkeep_item *item = survey->item;
    int64_t utc = survey->settings->utc;

    if (!survey->settings->checks_crls || survey->facts.is_revoked
        || state->origin.not_after <= utc)
        return AC_OK;
    AC_TRY(ac_crl_calendar_find(&survey->calendar, state, utc, &item->crl_at, err));
    item->wants_crl = item->crl_at <= utc;
    return AC_OK;
}

/* A state that is lost says nothing; then what was asked for last counts: the loss of
 * a note is no reason to order again. */
static enum ac_code differs(const struct ac_survey *survey, const char *known,
                            const char *identity, bool *ret_differs,
                            struct ac_error *err)
{
    AC_AUTO(ac_wanted) remembered = { 0 };
    char asked[AC_SHA256_HEX_SIZE];
    struct ac_error why = { 0 };

    if (!known) {
        if (ac_wanted_load(survey->settings->store, survey->item->name, &remembered,
                           &why)
            != AC_OK) {
            return why.code == AC_E_NOMEM ? ac_fail(err, why.code, "%s", why.detail)
                                          : AC_OK;
        }
        AC_TRY(ac_wanted_identity(&remembered, asked, err));
        known = asked;
    }
    *ret_differs = strcmp(known, identity) != 0;
    return AC_OK;
}

/* Is there one that state.json does not know of yet? */
static enum ac_code look_at_installers(struct ac_survey *survey,
                                       const struct ac_state *state,
                                       const struct ac_wanted *wanted,
                                       struct ac_error *err)
{
    bool are_noted = true;

    AC_TRY(ac_deployments_are_noted(state, wanted, &are_noted, err));
    if (!are_noted)
        survey->item->deploy_at = 0;
    return AC_OK;
}

/* state.json is behind the version: who is to be told of it, the wish says. */
static enum ac_code ask_wish(struct ac_survey *survey, const struct ac_state *state,
                             struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_error why = { 0 };
    enum ac_code code =
        ac_wanted_load(survey->settings->store, survey->item->name, &wanted, &why);

    if (code != AC_OK)
        return code == AC_E_NOMEM ? ac_fail(err, code, "%s", why.detail) : AC_OK;
    return look_at_installers(survey, state, &wanted, err);
}

/* Is what the configuration wants still what is held? */
static enum ac_code compare(struct ac_survey *survey, const struct ac_state *state,
                            struct ac_error *err)
{
    const struct ac_upkeep_source *source = survey->source;
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_error why = { 0 };
    char identity[AC_SHA256_HEX_SIZE];

    if (survey->item->configured == AC_UPKEEP_NOT_CONFIGURED || !source->load)
        return AC_OK;
    /* One that cannot be made is due: its renewal says why. */
    survey->facts.is_changed = survey->facts.is_held;
    if (source->load(source->arg, survey->item->configured, &wanted, &why) != AC_OK) {
        return why.code == AC_E_NOMEM ? ac_fail(err, why.code, "%s", why.detail)
                                      : AC_OK;
    }
    AC_TRY(ac_wanted_identity(&wanted, identity, err));
    if (survey->facts.is_held)
        AC_TRY(look_at_installers(survey, state, &wanted, err));
    /* What failed was another wish: this one has not been tried. */
    if (state->trouble.identity && strcmp(state->trouble.identity, identity) != 0) {
        survey->facts.failures = 0;
        survey->facts.next_attempt_at = 0;
    }
    if (!survey->facts.is_held)
        return AC_OK;
    return differs(survey, state->origin.identity, identity, &survey->facts.is_changed,
                   err);
}

/* It came from this configuration, which has it no more; or had not, when it could be
 * read. */
static bool is_unwanted(const struct ac_survey *survey, const struct ac_state *state)
{
    const char *path = survey->source->path;

    if (survey->source->is_wrong)
        return state->origin.is_given_up;
    return path && survey->item->configured == AC_UPKEEP_NOT_CONFIGURED
           && state->origin.configuration
           && ac_path_is_same(state->origin.configuration, path);
}

static enum ac_code load_state(struct ac_survey *survey, struct ac_state *state,
                               struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code =
        ac_state_load(survey->settings->store, survey->item->name, state, &why);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code == AC_OK)
        return AC_OK;
    ac_log_say(AC_LOG_WARN, "%s; what it says is not used", why.detail);
    return ac_memory_copy_text(why.detail, &survey->item->damage, err);
}

/* That its files are what they were is not asked. */
static enum ac_code look_for_damage(struct ac_survey *survey, struct ac_error *err)
{
    const struct ac_upkeep_settings *settings = survey->settings;
    struct ac_upkeep_item *item = survey->item;

    AC_TRY(ac_damage_find_files(settings->store, item->name, item->version,
                                &item->damage, &survey->facts.is_damaged, err));
    if (item->configured != AC_UPKEEP_NOT_CONFIGURED)
        return AC_OK;
    return ac_damage_find_wish(settings->store, item->name, settings->reads_wishes,
                               &item->damage, err);
}

static void take_trouble(struct ac_survey *survey, const struct ac_state *state)
{
    const struct ac_state_trouble *trouble = &state->trouble;
    struct ac_plan_facts *facts = &survey->facts;
    int64_t lifetime_s = facts->not_after - facts->not_before;

    facts->failures = (unsigned)trouble->failures;
    facts->next_attempt_at =
        ac_plan_rest_until(trouble->failed_at, trouble->next_attempt_at, lifetime_s,
                           survey->settings->utc);
}

static enum ac_code look_at(struct ac_survey *survey, const struct ac_state *state,
                            struct ac_error *err)
{
    const struct ac_store *store = survey->settings->store;
    const char *name = survey->item->name;
    struct ac_error why = { 0 };
    unsigned version = 0;
    enum ac_code code = ac_version_current(store, name, &version, &why);

    if (code == AC_OK && speaks_of(state, version)) {
        take_state(survey, state);
        AC_TRY(look_for_list(survey, state, err));
    } else {
        AC_TRY(take_files(survey, err));
        if (survey->facts.is_held)
            AC_TRY(ask_wish(survey, state, err));
    }
    survey->item->version = version;
    if (survey->facts.is_held)
        AC_TRY(look_for_damage(survey, err));
    if (survey->facts.is_held && survey->item->deploy_at == AC_PLAN_NEVER) {
        survey->item->deploy_at =
            ac_deployments_due_at(state, version, survey->settings->utc);
    }
    survey->is_ours = survey->facts.is_held || survey->facts.is_damaged
                      || survey->item->configured != AC_UPKEEP_NOT_CONFIGURED;
    if (!survey->is_ours && survey->settings->has_unissued)
        survey->is_ours = survey->item->is_unissued = true;
    take_trouble(survey, state);
    if (ac_journal_is_there(store, name)) {
        survey->facts.is_interrupted =
            ac_held_is_in_flight(store, name, survey->settings->utc);
        survey->item->has_leftovers = ac_journal_has_leftovers(store, name);
    }
    survey->item->is_unwanted = is_unwanted(survey, state);
    survey->item->was_given_up = state->origin.is_given_up;
    return compare(survey, state, err);
}

/* What failed in a look that took it before its moment is due since then. */
static struct ac_plan make_plan(struct ac_survey *survey)
{
    const struct ac_upkeep_settings *settings = survey->settings;
    struct ac_plan_facts *facts = &survey->facts;

    facts->next_look_at = settings->looked_at == 0 ? settings->next_look_at : 0;
    struct ac_plan plan = ac_plan_make(facts, settings->utc);
    if (plan.reason != AC_PLAN_FRESH || settings->looked_at == 0
        || facts->failures == 0)
        return plan;
    facts->next_look_at = settings->next_look_at;
    struct ac_plan early = ac_plan_make(facts, settings->looked_at);
    return early.reason == AC_PLAN_FRESH ? plan : early;
}

enum ac_code ac_survey_one(struct ac_survey *survey, struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };

    survey->facts = (struct ac_plan_facts){ .name = survey->item->name,
                                            .is_forced = survey->settings->is_forced };
    AC_TRY(load_state(survey, &state, err));
    AC_TRY(look_at(survey, &state, err));
    survey->item->not_before = survey->facts.not_before;
    survey->item->not_after = survey->facts.not_after;
    survey->item->plan = make_plan(survey);
    survey->item->has_news =
        ac_owed_may_be(&state, survey->item->plan.reason, survey->settings->utc);
    survey->item->is_silent =
        ac_owed_is_silent(&state, survey->item->plan.reason, survey->settings->utc);
    survey->item->is_resting = survey->facts.failures > 0
                               && survey->item->plan.reason != AC_PLAN_FRESH
                               && survey->item->plan.attempt_at > survey->settings->utc;
    return AC_OK;
}
