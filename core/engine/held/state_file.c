/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/state.h"

#include "base/clock.h"
#include "engine/held/aside.h"

#include <string.h>

#define DOCUMENT "state.json"
#define RENEWAL  "renewal"
#define TROUBLE  "trouble"
#define REVOKED  "revoked"
#define EARLIER  "earlier"
#define DEPLOYED "deployments"
#define CRL      "crl"
#define LISTED   "certificates"

/* The members of each object as a table. What is 0, NULL or false is left out. */
enum kind {
    KIND_TEXT,  /* char *, owned */
    KIND_TIME,  /* int64_t, UTC seconds; RFC 3339 in the document */
    KIND_COUNT, /* int64_t, not negative */
    KIND_FLAG   /* bool */
};

struct member {
    const char *name;
    enum kind kind;
    size_t offset;
};

#define OF_ORIGIN(member)     offsetof(struct ac_state_origin, member)
#define OF_RENEWAL(member)    offsetof(struct ac_state_renewal, member)
#define OF_TROUBLE(member)    offsetof(struct ac_state_trouble, member)
#define OF_REVOKED(member)    offsetof(struct ac_state_revoked, member)
#define OF_DEPLOYMENT(member) offsetof(struct ac_state_deployment, member)
#define OF_CRL(member)        offsetof(struct ac_state_crl, member)
#define OF_LISTED(member)     offsetof(struct ac_state_listed, member)

static const struct member origin_members[] = {
    { "version", KIND_COUNT, OF_ORIGIN(version) },
    { "issued", KIND_TIME, OF_ORIGIN(issued_at) },
    { "not_before", KIND_TIME, OF_ORIGIN(not_before) },
    { "not_after", KIND_TIME, OF_ORIGIN(not_after) },
    { "directory", KIND_TEXT, OF_ORIGIN(directory_url) },
    { "account", KIND_TEXT, OF_ORIGIN(account_url) },
    { "serial", KIND_TEXT, OF_ORIGIN(serial) },
    { "sha256", KIND_TEXT, OF_ORIGIN(fingerprint) },
    { "identity", KIND_TEXT, OF_ORIGIN(identity) },
    { "configuration", KIND_TEXT, OF_ORIGIN(configuration) },
    { "renewal_id", KIND_TEXT, OF_ORIGIN(renewal_id) },
    { "profile", KIND_TEXT, OF_ORIGIN(profile) },
    { "silent", KIND_FLAG, OF_ORIGIN(is_silent) },
    { "given_up", KIND_FLAG, OF_ORIGIN(is_given_up) },
};

/* Of an earlier version only what goes with it when it comes back: the survey of
 * thousands reads all of this. */
static const struct member earlier_members[] = {
    { "version", KIND_COUNT, OF_ORIGIN(version) },
    { "directory", KIND_TEXT, OF_ORIGIN(directory_url) },
    { "account", KIND_TEXT, OF_ORIGIN(account_url) },
};

static const struct member renewal_members[] = {
    { "start", KIND_TIME, OF_RENEWAL(start) },
    { "end", KIND_TIME, OF_RENEWAL(end) },
    { "selected_at", KIND_TIME, OF_RENEWAL(selected_at) },
    { "checked_at", KIND_TIME, OF_RENEWAL(checked_at) },
    { "next_check_at", KIND_TIME, OF_RENEWAL(next_check_at) },
    { "urgent_since", KIND_TIME, OF_RENEWAL(urgent_at) },
    { "urgent_before", KIND_FLAG, OF_RENEWAL(was_urgent) },
    { "explanation_url", KIND_TEXT, OF_RENEWAL(explanation_url) },
};

static const struct member trouble_members[] = {
    { "failures", KIND_COUNT, OF_TROUBLE(failures) },
    { "failed_at", KIND_TIME, OF_TROUBLE(failed_at) },
    { "next_attempt_at", KIND_TIME, OF_TROUBLE(next_attempt_at) },
    { "code", KIND_TEXT, OF_TROUBLE(code) },
    { "problem", KIND_TEXT, OF_TROUBLE(problem) },
    { "identity", KIND_TEXT, OF_TROUBLE(identity) },
    { "message", KIND_TEXT, OF_TROUBLE(message) },
};

static const struct member revoked_members[] = {
    { "sha256", KIND_TEXT, OF_REVOKED(fingerprint) },
    { "key_sha256", KIND_TEXT, OF_REVOKED(key_fingerprint) },
    { "reason", KIND_TEXT, OF_REVOKED(reason) },
    { "version", KIND_COUNT, OF_REVOKED(version) },
    { "revoked_at", KIND_TIME, OF_REVOKED(revoked_at) },
    { "noted_at", KIND_TIME, OF_REVOKED(noted_at) },
    { "then", KIND_TEXT, OF_REVOKED(then) },
    { "key_compromised", KIND_FLAG, OF_REVOKED(is_key_compromised) },
};

static const struct member deployment_members[] = {
    { "installer", KIND_TEXT, OF_DEPLOYMENT(installer) },
    { "settings", KIND_TEXT, OF_DEPLOYMENT(settings) },
    { "staged_version", KIND_COUNT, OF_DEPLOYMENT(staged_version) },
    { "proven", KIND_FLAG, OF_DEPLOYMENT(is_proven) },
    { "live_version", KIND_COUNT, OF_DEPLOYMENT(live_version) },
    { "live_at", KIND_TIME, OF_DEPLOYMENT(live_at) },
    { "outdated", KIND_FLAG, OF_DEPLOYMENT(is_outdated) },
    { "tried_version", KIND_COUNT, OF_DEPLOYMENT(tried_version) },
    { "failures", KIND_COUNT, OF_DEPLOYMENT(failures) },
    { "failed_at", KIND_TIME, OF_DEPLOYMENT(failed_at) },
    { "next_attempt_at", KIND_TIME, OF_DEPLOYMENT(next_attempt_at) },
    { "code", KIND_TEXT, OF_DEPLOYMENT(code) },
    { "message", KIND_TEXT, OF_DEPLOYMENT(message) },
    { "unwanted", KIND_FLAG, OF_DEPLOYMENT(is_unwanted) },
};

static const struct member crl_members[] = {
    { "version", KIND_COUNT, OF_CRL(version) },
};

static const struct member listed_members[] = {
    { "url", KIND_TEXT, OF_LISTED(url) },
    { "issuer_key_sha256", KIND_TEXT, OF_LISTED(issuer) },
    { "serial", KIND_TEXT, OF_LISTED(serial) },
    { "on_hold_since", KIND_TIME, OF_LISTED(on_hold_at) },
};

/* ---- reading: what is odd is not known */

static int64_t read_time(const struct ac_json *json, const char *name)
{
    const char *text = ac_json_text_or(json, name, NULL);
    struct ac_error ignored = { 0 };
    int64_t utc = 0;

    if (!text || ac_clock_parse(text, &utc, &ignored) != AC_OK || utc < 0)
        return 0;
    return utc;
}

static int64_t read_count(const struct ac_json *json, const char *name)
{
    int64_t count = ac_json_number_or(json, name, 0);

    return count > 0 ? count : 0;
}

static enum ac_code read_member(const struct ac_json *json, const struct member *member,
                                void *value, struct ac_error *err)
{
    void *place = (char *)value + member->offset;
    const char *text;

    switch (member->kind) {
    case KIND_TIME:
        *(int64_t *)place = read_time(json, member->name);
        break;
    case KIND_COUNT:
        *(int64_t *)place = read_count(json, member->name);
        break;
    case KIND_FLAG:
        *(bool *)place = ac_json_bool_or(json, member->name, false);
        break;
    case KIND_TEXT:
        text = ac_json_text_or(json, member->name, NULL);
        return text ? ac_memory_copy_text(text, (char **)place, err) : AC_OK;
    }
    return AC_OK;
}

static enum ac_code read_members(const struct ac_json *json,
                                 const struct member *members, size_t count,
                                 void *value, struct ac_error *err)
{
    for (size_t i = 0; i < count; i++)
        AC_TRY(read_member(json, &members[i], value, err));
    return AC_OK;
}

static enum ac_code read_revoked(const struct ac_json *json, struct ac_state *state,
                                 struct ac_error *err)
{
    AC_AUTO(ac_state_revoked) revoked = { 0 };

    AC_TRY(
        read_members(json, revoked_members, AC_COUNT(revoked_members), &revoked, err));
    if (!revoked.fingerprint || !revoked.key_fingerprint || !revoked.reason)
        return AC_OK;
    if (revoked.noted_at == 0) /* written before there was that member */
        revoked.noted_at = revoked.revoked_at;
    return ac_state_add_revoked(state, &revoked, err);
}

static enum ac_code read_earlier(const struct ac_json *list, struct ac_state *state,
                                 struct ac_error *err)
{
    size_t count = ac_json_is_array(list) ? ac_json_count(list) : 0;

    for (size_t i = 0; i < count && state->earlier_count < AC_STATE_EARLIER_MAX; i++) {
        struct ac_state_origin *origin = &state->earlier[state->earlier_count++];

        AC_TRY(read_members(ac_json_at(list, i), earlier_members,
                            AC_COUNT(earlier_members), origin, err));
    }
    return AC_OK;
}

/* One without a name is nobody's. */
static enum ac_code read_deployment(const struct ac_json *json, struct ac_state *state,
                                    struct ac_error *err)
{
    const char *installer = ac_json_text_or(json, "installer", NULL);
    struct ac_state_deployment *deployment;

    if (!installer || ac_state_find_deployment(state, installer))
        return AC_OK;
    AC_TRY(ac_state_have_deployment(state, installer, &deployment, err));
    return read_members(json, deployment_members + 1, AC_COUNT(deployment_members) - 1,
                        deployment, err);
}

/* One without a serial number is none: then the version is read again. */
static enum ac_code read_crl(const struct ac_json *json, struct ac_state *state,
                             struct ac_error *err)
{
    const struct ac_json *list = ac_json_get(json, LISTED);
    size_t count = ac_json_is_array(list) ? ac_json_count(list) : 0;

    AC_TRY(read_members(json, crl_members, AC_COUNT(crl_members), &state->crl, err));
    for (size_t i = 0; i < count && i < AC_STATE_LISTED_MAX; i++) {
        struct ac_state_listed *listed = &state->crl.items[state->crl.count++];

        AC_TRY(read_members(ac_json_at(list, i), listed_members,
                            AC_COUNT(listed_members), listed, err));
        if (!listed->serial || !listed->url != !listed->issuer)
            state->crl.version = 0;
    }
    return AC_OK;
}

static enum ac_code read_document(const struct ac_json *json, struct ac_state *state,
                                  struct ac_error *err)
{
    const struct ac_json *list = ac_json_get(json, REVOKED);

    AC_TRY(read_members(json, origin_members, AC_COUNT(origin_members), &state->origin,
                        err));
    AC_TRY(read_members(ac_json_get(json, RENEWAL), renewal_members,
                        AC_COUNT(renewal_members), &state->renewal, err));
    AC_TRY(read_members(ac_json_get(json, TROUBLE), trouble_members,
                        AC_COUNT(trouble_members), &state->trouble, err));
    for (size_t i = 0; ac_json_is_array(list) && i < ac_json_count(list); i++)
        AC_TRY(read_revoked(ac_json_at(list, i), state, err));
    list = ac_json_get(json, DEPLOYED);
    for (size_t i = 0; ac_json_is_array(list) && i < ac_json_count(list); i++)
        AC_TRY(read_deployment(ac_json_at(list, i), state, err));
    AC_TRY(read_crl(ac_json_get(json, CRL), state, err));
    return read_earlier(ac_json_get(json, EARLIER), state, err);
}

enum ac_code ac_state_load(const struct ac_store *store, const char *name,
                           struct ac_state *ret_state, struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    enum ac_code code = ac_store_load(store, AC_STORE_CERTIFICATES, name, DOCUMENT,
                                      &state.document, err);

    if (code != AC_OK && code != AC_E_NOTFOUND)
        return code;
    if (code == AC_OK)
        AC_TRY(read_document(state.document, &state, err));
    *ret_state = state;
    state = (struct ac_state){ 0 };
    return AC_OK;
}

/* ---- writing */

static enum ac_code write_member(struct ac_json *json, const struct member *member,
                                 const void *value, struct ac_error *err)
{
    const void *place = (const char *)value + member->offset;
    const char *text;
    int64_t number;

    ac_json_unset(json, member->name);
    switch (member->kind) {
    case KIND_TEXT:
        text = *(char *const *)place;
        return text ? ac_json_set_text(json, member->name, text, err) : AC_OK;
    case KIND_TIME:
        number = *(const int64_t *)place;
        return number ? ac_json_set_time(json, member->name, number, err) : AC_OK;
    case KIND_COUNT:
        number = *(const int64_t *)place;
        return number ? ac_json_set_number(json, member->name, number, err) : AC_OK;
    case KIND_FLAG:
        return *(const bool *)place ? ac_json_set_bool(json, member->name, true, err)
                                    : AC_OK;
    }
    return AC_OK;
}

static enum ac_code write_members(struct ac_json *json, const struct member *members,
                                  size_t count, const void *value, struct ac_error *err)
{
    for (size_t i = 0; i < count; i++)
        AC_TRY(write_member(json, &members[i], value, err));
    return AC_OK;
}

/* An object that has nothing to say is left out. */
static enum ac_code write_object(struct ac_json *document, const char *name,
                                 struct ac_json **object, struct ac_error *err)
{
    if (ac_json_count(*object) > 0)
        return ac_json_set(document, name, object, err);
    ac_json_unset(document, name);
    return AC_OK;
}

static enum ac_code write_renewal(const struct ac_state *state,
                                  struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{}"));
    AC_TRY(write_members(json, renewal_members, AC_COUNT(renewal_members),
                         &state->renewal, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code write_trouble(const struct ac_state *state,
                                  struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{}"));
    AC_TRY(write_members(json, trouble_members, AC_COUNT(trouble_members),
                         &state->trouble, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

/* An array of `count` structs of `size` bytes, each as an object. */
struct rows {
    const void *items;
    size_t count, size;
    const struct member *members;
    size_t member_count;
};

static enum ac_code write_rows(const struct rows *rows, struct ac_json **ret_json,
                               struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < rows->count; i++) {
        AC_AUTO(ac_json) *json = NULL;

        AC_TRY(ac_json_new(&json, err, "{}"));
        AC_TRY(write_members(json, rows->members, rows->member_count,
                             (const char *)rows->items + i * rows->size, err));
        AC_TRY(ac_json_append(array, &json, err));
    }
    *ret_json = AC_TAKE(array);
    return AC_OK;
}

static enum ac_code write_revoked(const struct ac_state *state,
                                  struct ac_json **ret_json, struct ac_error *err)
{
    const struct rows rows = { state->revoked, state->revoked_count,
                               sizeof *state->revoked, revoked_members,
                               AC_COUNT(revoked_members) };

    return write_rows(&rows, ret_json, err);
}

static enum ac_code write_earlier(const struct ac_state *state,
                                  struct ac_json **ret_json, struct ac_error *err)
{
    const struct rows rows = { state->earlier, state->earlier_count,
                               sizeof *state->earlier, earlier_members,
                               AC_COUNT(earlier_members) };

    return write_rows(&rows, ret_json, err);
}

static enum ac_code write_deployments(const struct ac_state *state,
                                      struct ac_json **ret_json, struct ac_error *err)
{
    const struct rows rows = { state->deployments, state->deployment_count,
                               sizeof *state->deployments, deployment_members,
                               AC_COUNT(deployment_members) };

    return write_rows(&rows, ret_json, err);
}

static enum ac_code write_listed(const struct ac_state *state,
                                 struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < state->crl.count; i++) {
        AC_AUTO(ac_json) *json = NULL;

        AC_TRY(ac_json_new(&json, err, "{}"));
        AC_TRY(write_members(json, listed_members, AC_COUNT(listed_members),
                             &state->crl.items[i], err));
        AC_TRY(ac_json_append(array, &json, err));
    }
    *ret_json = AC_TAKE(array);
    return AC_OK;
}

/* Of another version than the current it says nothing any more. */
static enum ac_code write_crl(const struct ac_state *state, struct ac_json **ret_json,
                              struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&json, err, "{}"));
    if (ac_state_knows_crl(state)) {
        AC_TRY(
            write_members(json, crl_members, AC_COUNT(crl_members), &state->crl, err));
        AC_TRY(write_listed(state, &array, err));
        AC_TRY(write_object(json, LISTED, &array, err));
    }
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code write_document(const struct ac_state *state,
                                   struct ac_json *document, struct ac_error *err)
{
    static const struct {
        const char *name;
        enum ac_code (*write)(const struct ac_state *state, struct ac_json **ret_json,
                              struct ac_error *err);
    } parts[] = {
        { RENEWAL, write_renewal },      { TROUBLE, write_trouble },
        { REVOKED, write_revoked },      { EARLIER, write_earlier },
        { DEPLOYED, write_deployments }, { CRL, write_crl },
    };

    AC_TRY(write_members(document, origin_members, AC_COUNT(origin_members),
                         &state->origin, err));
    for (size_t i = 0; i < AC_COUNT(parts); i++) {
        AC_AUTO(ac_json) *part = NULL;

        AC_TRY(parts[i].write(state, &part, err));
        AC_TRY(write_object(document, parts[i].name, &part, err));
    }
    return AC_OK;
}

/* What is there and could not be read for a moment only is not written over: it may say
 * what must not be forgotten, such as a key that is compromised. */
static enum ac_code begin_document(struct ac_state *state, struct ac_store *store,
                                   const char *name, struct ac_error *err)
{
    bool ignored;

    AC_TRY(ac_aside_make_way(store, name, DOCUMENT, &ignored, err));
    if (ac_store_has(store, AC_STORE_CERTIFICATES, name, DOCUMENT)) {
        return ac_fail(err, AC_E_STORE,
                       "%s/" AC_STORE_CERTIFICATES "/%s/" DOCUMENT
                       " could not be read a moment ago, and can be "
                       "now: it is left as it is",
                       ac_store_folder(store), name);
    }
    return ac_json_new(&state->document, err, "{}");
}

enum ac_code ac_state_save(struct ac_state *state, struct ac_store *store,
                           const char *name, struct ac_error *err)
{
    if (!state->document)
        AC_TRY(begin_document(state, store, name, err));
    AC_TRY(write_document(state, state->document, err));
    return ac_store_save(store, AC_STORE_CERTIFICATES, name, DOCUMENT, state->document,
                         err);
}

enum ac_code ac_state_renewal_to_json(const struct ac_state *state,
                                      struct ac_json **ret_json, struct ac_error *err)
{
    *ret_json = NULL;
    return state->renewal.selected_at ? write_renewal(state, ret_json, err) : AC_OK;
}
