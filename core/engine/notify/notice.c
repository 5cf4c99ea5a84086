/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/notice.h"

#include "base/clock.h"
#include "engine/deploy/deployment.h"

#include <stdio.h>
#include <string.h>

/* ---- parts */

static enum ac_code set_text(struct ac_json *json, const char *member, const char *text,
                             struct ac_error *err)
{
    return text ? ac_json_set_text(json, member, text, err) : AC_OK;
}

static enum ac_code add_names(const struct ac_notice_subject *subject,
                              struct ac_json *json, struct ac_error *err)
{
    const struct ac_identifiers *identifiers = subject->identifiers;
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_json_set_number(json, "identifiers_count", (int64_t)identifiers->count,
                              err));
    for (size_t i = 0; i < identifiers->count && i < AC_NOTICE_NAMES_MAX; i++)
        AC_TRY(ac_words_add(&names, identifiers->items[i].value, err));
    return ac_json_set_words(json, "identifiers", &names, err);
}

/* Of what is held: the version that the state speaks of. */
static enum ac_code add_held(const struct ac_notice_subject *subject,
                             struct ac_json *json, struct ac_error *err)
{
    const struct ac_owed_facts *facts = subject->facts;
    const struct ac_state_origin *origin = &facts->state->origin;

    AC_TRY(set_text(json, "directory", origin->directory_url, err));
    if (facts->not_after == 0)
        return AC_OK;
    if (origin->version > 0)
        AC_TRY(ac_json_set_number(json, "version", origin->version, err));
    AC_TRY(set_text(json, "serial", origin->serial, err));
    AC_TRY(set_text(json, "sha256", origin->fingerprint, err));
    AC_TRY(ac_json_set_time(json, "not_before", facts->not_before, err));
    AC_TRY(ac_json_set_time(json, "not_after", facts->not_after, err));
    return ac_json_set_number(json, "expires_in_s", facts->not_after - facts->utc, err);
}

/* ---- what went wrong */

/* What is kept of a failure, as the error that it was. */
static void recall(const struct ac_state_trouble *trouble, struct ac_error *ret_why)
{
    enum ac_code code = AC_E_INVALID;

    for (int i = 1; trouble->code && i < AC_CODE_COUNT; i++) {
        if (strcmp(ac_code_name((enum ac_code)i), trouble->code) == 0)
            code = (enum ac_code)i;
    }
    (void)ac_fail(ret_why, code, "%s", trouble->message ? trouble->message : "");
    if (trouble->problem) {
        (void)snprintf(ret_why->problem, sizeof ret_why->problem, "%s",
                       trouble->problem);
    }
}

/* The CA's words, unless they are a flood. */
static enum ac_code add_details(const struct ac_json *details, const char *member,
                                struct ac_json *error, struct ac_error *err)
{
    struct ac_json *shared = ac_json_share(details);
    AC_AUTO_TEXT char *text = NULL;

    if (!details)
        return AC_OK;
    enum ac_code code = ac_json_write(details, &text, err);
    if (code == AC_OK && strlen(text) <= AC_NOTICE_DETAILS_MAX)
        return ac_json_set(error, member, &shared, err);
    ac_json_free(shared);
    return code;
}

static enum ac_code add_error(const struct ac_notice_subject *subject,
                              struct ac_json *json, struct ac_error *err)
{
    const struct ac_notice_failure *failure = subject->failure;
    AC_AUTO(ac_json) *error = NULL;
    struct ac_error recalled;

    recall(&subject->facts->state->trouble, &recalled);
    AC_TRY(subject->describe(failure ? failure->why : &recalled, &error, err));
    if (failure) {
        AC_TRY(add_details(failure->problem, "problem", error, err));
        AC_TRY(add_details(failure->identifiers, "identifiers", error, err));
    }
    return ac_json_set(json, "error", &error, err);
}

static enum ac_code add_trouble(const struct ac_notice_subject *subject,
                                struct ac_json *json, struct ac_error *err)
{
    const struct ac_state_trouble *trouble = &subject->facts->state->trouble;

    if (trouble->failures == 0 && !subject->failure)
        return AC_OK;
    AC_TRY(ac_json_set_number(json, "failures",
                              trouble->failures > 0 ? trouble->failures : 1, err));
    AC_TRY(ac_json_set_time(
        json, "failed_at",
        trouble->failures > 0 ? trouble->failed_at : subject->facts->utc, err));
    AC_TRY(ac_json_set_time(json, "next_attempt_at", trouble->next_attempt_at, err));
    return add_error(subject, json, err);
}

/* ---- each event */

static enum ac_code add_recovery(const struct ac_notice_subject *subject,
                                 struct ac_json *json, struct ac_error *err)
{
    const struct ac_told *told = subject->told;

    if (told->failed_at == 0 && told->expiring_at == 0)
        return AC_OK;
    AC_TRY(ac_json_set_bool(json, "recovered", true, err));
    if (told->failures == 0)
        return AC_OK;
    return ac_json_set_number(json, "recovered_after", told->failures, err);
}

static enum ac_code add_revoked(const struct ac_notice_subject *subject,
                                struct ac_json *json, struct ac_error *err)
{
    const struct ac_state_revoked *revoked = ac_owed_revoked(subject->facts->state);
    AC_AUTO(ac_json) *one = NULL;

    AC_TRY(ac_json_new(&one, err, "{s:s, s:s}", "reason", revoked->reason, "sha256",
                       revoked->fingerprint));
    AC_TRY(ac_json_set_time(one, "revoked_at", revoked->revoked_at, err));
    if (revoked->version > 0)
        AC_TRY(ac_json_set_number(one, "version", revoked->version, err));
    if (revoked->is_key_compromised)
        AC_TRY(ac_json_set_bool(one, "key_compromised", true, err));
    return ac_json_set(json, "revoked", &one, err);
}

static enum ac_code deployment_json(const struct ac_state_deployment *deployment,
                                    int64_t version, struct ac_json **ret_json,
                                    struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    enum ac_deployment_status status =
        ac_deployment_status(deployment, (unsigned)version);

    AC_TRY(ac_json_new(
        &json, err, "{s:s, s:s, s:I}", "installer", deployment->installer, "status",
        ac_deployment_status_name(status), "live_version", deployment->live_version));
    AC_TRY(ac_json_set_time(json, "live_at", deployment->live_at, err));
    if (deployment->failures > 0) {
        AC_TRY(ac_json_set_number(json, "failures", deployment->failures, err));
        AC_TRY(ac_json_set_time(json, "failed_at", deployment->failed_at, err));
        AC_TRY(ac_json_set_time(json, "next_attempt_at", deployment->next_attempt_at,
                                err));
        AC_TRY(set_text(json, "code", deployment->code, err));
        AC_TRY(set_text(json, "message", deployment->message, err));
    }
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code add_deployments(const struct ac_notice_subject *subject,
                                    struct ac_json *json, struct ac_error *err)
{
    const struct ac_state *state = subject->facts->state;
    AC_AUTO(ac_json) *list = NULL;

    AC_TRY(ac_json_new(&list, err, "[]"));
    for (size_t i = 0; i < state->deployment_count; i++) {
        AC_AUTO(ac_json) *one = NULL;

        AC_TRY(
            deployment_json(&state->deployments[i], state->origin.version, &one, err));
        AC_TRY(ac_json_append(list, &one, err));
    }
    return ac_json_set(json, "deployments", &list, err);
}

/* What it is after an event. */
static const char *const state_words[AC_EVENT_COUNT] = {
    [AC_EVENT_RENEWED] = "fine",      [AC_EVENT_FAILED] = "failing",
    [AC_EVENT_EXPIRING] = "expiring", [AC_EVENT_REVOKED] = "revoked",
    [AC_EVENT_DEPLOYED] = "fine",     [AC_EVENT_DEPLOY_FAILED] = "not-live",
};

/* What it was when this notifier heard of it last. */
static const char *previous_word(const struct ac_notice_subject *subject,
                                 enum ac_event event)
{
    const struct ac_told *told = subject->told;
    int64_t version = subject->facts->state->origin.version;

    if (told->undeployed_at > 0 && event == AC_EVENT_DEPLOYED)
        return "not-live";
    if (told->expiring_at > 0 && told->expiring_at >= told->failed_at)
        return "expiring";
    if (told->failed_at > 0)
        return "failing";
    return version < (event == AC_EVENT_RENEWED ? 2 : 1) ? "missing" : "fine";
}

enum ac_code ac_notice_event(const struct ac_notice_subject *subject,
                             enum ac_event event, struct ac_json **ret_json,
                             struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s, s:s, s:s}", "event",
                       ac_event_name(event), "certificate", subject->name, "state",
                       state_words[event], "previous_state",
                       previous_word(subject, event)));
    AC_TRY(add_names(subject, json, err));
    AC_TRY(add_held(subject, json, err));
    if (event == AC_EVENT_FAILED || event == AC_EVENT_EXPIRING)
        AC_TRY(add_trouble(subject, json, err));
    if (event == AC_EVENT_RENEWED)
        AC_TRY(add_recovery(subject, json, err));
    if (event == AC_EVENT_REVOKED)
        AC_TRY(add_revoked(subject, json, err));
    if (event == AC_EVENT_DEPLOYED || event == AC_EVENT_DEPLOY_FAILED)
        AC_TRY(add_deployments(subject, json, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

enum ac_code ac_notice_document(const char *notifier, int64_t utc,
                                struct ac_json **events, struct ac_json **ret_json,
                                struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:i, s:s}", "schema", AC_NOTICE_SCHEMA, "notifier",
                       notifier));
    AC_TRY(ac_json_set_time(json, "time", utc, err));
    AC_TRY(ac_json_set(json, "events", events, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}
