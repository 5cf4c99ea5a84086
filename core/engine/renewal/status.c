/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/status.h"

#include "base/clock.h"
#include "crypto/chain.h"
#include "engine/deploy/deployment_report.h"
#include "engine/held/held.h"
#include "store/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So long may something be due before somebody should have done it. A timer runs daily
 * at the least; what lives for days needs it sooner. */
#define OVERDUE_S         ((int64_t)36 * 3600)
#define OVERDUE_LEAST_S   ((int64_t)3600)
#define OVERDUE_OF_LIFE   12
#define VERSION_ITEM_SIZE 64

static const char *const level_names[AC_STATUS_LEVELS] = {
    [AC_STATUS_FINE] = "fine",
    [AC_STATUS_DUE] = "due",
    [AC_STATUS_FAILING] = "failing",
    [AC_STATUS_EXPIRED] = "expired",
};

const char *ac_status_level_name(enum ac_status_level level)
{
    return level_names[level];
}

void ac_status_done(struct ac_status *status)
{
    for (size_t i = 0; i < status->count; i++) {
        ac_state_done(&status->items[i].state);
        free(status->items[i].lives);
    }
    free(status->items);
    ac_upkeep_done(&status->upkeep);
    *status = (struct ac_status){ 0 };
}

int ac_status_used(const struct ac_status_item *item, int64_t utc)
{
    int64_t whole = item->not_after - item->not_before;
    int64_t used = utc - item->not_before;

    if (whole <= 0 || used >= whole)
        return 1000;
    return used <= 0 ? 0 : (int)(used * 1000 / whole);
}

/* ---- judging */

/* It is due for a reason that has no date, and the look that should have seen to it did
 * not come: nobody looks any more. */
static bool is_overlooked(const struct ac_status_item *item,
                          const struct ac_upkeep_settings *settings)
{
    return item->plan.attempt_at >= settings->utc && item->plan.due_at <= settings->utc
           && item->state.trouble.failures == 0 && settings->expected_at > 0
           && settings->utc - settings->expected_at > OVERDUE_S;
}

static bool is_overdue(const struct ac_status_item *item,
                       const struct ac_upkeep_settings *settings)
{
    int64_t life = item->not_after - item->not_before;
    int64_t grace = OVERDUE_S;

    if (item->plan.reason == AC_PLAN_FRESH || item->is_unwanted || item->is_unissued)
        return false;
    if (is_overlooked(item, settings))
        return true;
    if (life > 0 && life / OVERDUE_OF_LIFE < grace)
        grace = life / OVERDUE_OF_LIFE;
    if (grace < OVERDUE_LEAST_S)
        grace = OVERDUE_LEAST_S;
    return item->plan.attempt_at > 0 && settings->utc - item->plan.attempt_at > grace;
}

const struct ac_state_deployment *ac_status_undeployed(
    const struct ac_status_item *item)
{
    for (size_t i = 0; i < item->state.deployment_count; i++) {
        const struct ac_state_deployment *deployment = &item->state.deployments[i];

        if (ac_deployment_status(deployment, item->version) == AC_DEPLOYMENT_FAILED)
            return deployment;
    }
    return NULL;
}

/* A certificate that is renewed and not served is an outage to come. */
static enum ac_status_level judge_deployments(const struct ac_status_item *item)
{
    if (item->is_unwanted)
        return AC_STATUS_FINE;
    if (ac_status_undeployed(item))
        return AC_STATUS_FAILING;
    return item->deploy_at == AC_PLAN_NEVER ? AC_STATUS_FINE : AC_STATUS_DUE;
}

static enum ac_status_level judge(const struct ac_status_item *item, int64_t utc)
{
    enum ac_status_level deployed = judge_deployments(item);
    bool is_due =
        item->plan.reason != AC_PLAN_FRESH && !item->is_unwanted && !item->is_unissued;

    if (item->not_after > 0 && item->not_after <= utc && !item->is_unwanted)
        return AC_STATUS_EXPIRED;
    if (item->damage && !item->is_unwanted)
        return AC_STATUS_FAILING;
    if (!is_due || deployed == AC_STATUS_FAILING)
        return deployed;
    if (item->state.trouble.failures > 0 || item->is_overdue
        || item->plan.reason == AC_PLAN_DAMAGED || item->plan.reason == AC_PLAN_REVOKED)
        return AC_STATUS_FAILING;
    return AC_STATUS_DUE;
}

/* By level, then by what ends first; what is not wanted any more comes last. */
static int by_urgency(const void *a, const void *b)
{
    const struct ac_status_item *left = a;
    const struct ac_status_item *right = b;

    if (left->is_unwanted != right->is_unwanted)
        return left->is_unwanted ? 1 : -1;
    if (left->level != right->level)
        return left->level > right->level ? -1 : 1;
    if (left->not_after != right->not_after)
        return left->not_after < right->not_after ? -1 : 1;
    return strcmp(left->name, right->name);
}

/* ---- reading */

static enum ac_code read_life(const struct ac_store *store, const char *name,
                              struct ac_status_life *life, struct ac_error *err)
{
    char item[VERSION_ITEM_SIZE];
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;

    (void)snprintf(item, sizeof item, AC_STORE_VERSIONS "/%04u/cert.pem",
                   life->version);
    AC_TRY(ac_store_read(store, AC_STORE_CERTIFICATES, name, item, &pem, err));
    AC_TRY(ac_chain_parse(ac_text_get(&pem), pem.size, &chain, err));
    life->not_before = ac_chain_not_before(chain);
    life->not_after = ac_chain_not_after(chain);
    return AC_OK;
}

/* Of a version that cannot be read there is nothing to show. */
static enum ac_code read_lives(const struct ac_store *store,
                               struct ac_status_item *item, struct ac_error *err)
{
    AC_AUTO_TEXT char *held = NULL;
    unsigned *numbers = NULL;
    unsigned current = 0;
    size_t count = 0;
    struct ac_error why = { 0 };

    if (ac_version_current(store, item->name, &current, &why) == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "%s", why.detail);
    if (ac_version_list(store, item->name, &numbers, &count, &why) != AC_OK) {
        return why.code == AC_E_NOMEM ? ac_fail(err, AC_E_NOMEM, "%s", why.detail)
                                      : AC_OK;
    }
    held = (char *)numbers; /* freed with the scope */
    AC_TRY(ac_memory_new(count + 1, sizeof *item->lives, &item->lives, err));
    for (size_t i = 0; i < count; i++) {
        struct ac_status_life *life = &item->lives[item->life_count];
        enum ac_code code;

        *life = (struct ac_status_life){ .version = numbers[i],
                                         .is_current = numbers[i] == current };
        code = read_life(store, item->name, life, &why);
        if (code == AC_E_NOMEM)
            return ac_fail(err, code, "%s", why.detail);
        item->life_count += code == AC_OK;
    }
    return AC_OK;
}

/* When the version that is held began: state.json says, or the files. */
static enum ac_code find_beginning(const struct ac_store *store,
                                   struct ac_status_item *item, struct ac_error *err)
{
    const struct ac_state_origin *origin = &item->state.origin;
    AC_AUTO(ac_held) held = { 0 };
    struct ac_error why = { 0 };

    if (item->not_after == 0)
        return AC_OK;
    item->not_before = origin->not_before;
    if (origin->not_after == item->not_after)
        return AC_OK;
    enum ac_code code = ac_held_load(store, item->name, &held, &why);
    item->not_before = code == AC_OK ? held.not_before : item->not_after;
    return code == AC_E_NOMEM ? ac_fail(err, code, "%s", why.detail) : AC_OK;
}

static enum ac_code read_item(const struct ac_upkeep_settings *settings,
                              const struct ac_upkeep_item *found, bool has_lives,
                              struct ac_status_item *item, struct ac_error *err)
{
    struct ac_error why = { 0 };

    item->name = found->name;
    item->plan = found->plan;
    item->is_unwanted = found->is_unwanted;
    item->is_unissued = found->is_unissued;
    item->not_after = found->not_after;
    item->version = found->version;
    item->deploy_at = found->deploy_at;
    item->damage = found->damage;
    enum ac_code code = ac_state_load(settings->store, item->name, &item->state, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail); /* else the survey has said it */
    AC_TRY(find_beginning(settings->store, item, err));
    item->is_overdue = is_overdue(item, settings);
    item->level = judge(item, settings->utc);
    return has_lives ? read_lives(settings->store, item, err) : AC_OK;
}

enum ac_code ac_status_survey(const struct ac_upkeep_settings *settings, bool has_lives,
                              struct ac_status *ret_status, struct ac_error *err)
{
    AC_AUTO(ac_status) status = { .utc = settings->utc };
    struct ac_upkeep_settings closely = *settings;

    closely.reads_wishes = true;
    AC_TRY(ac_upkeep_survey(&closely, &status.upkeep, err));
    AC_TRY(ac_memory_new(status.upkeep.count + 1, sizeof *status.items, &status.items,
                         err));
    for (size_t i = 0; i < status.upkeep.count; i++) {
        status.count++;
        AC_TRY(read_item(settings, &status.upkeep.items[i], has_lives, &status.items[i],
                         err));
        status.at_level[status.items[i].level]++;
    }
    if (status.count > 1)
        qsort(status.items, status.count, sizeof *status.items, by_urgency);
    *ret_status = status;
    status = (struct ac_status){ 0 };
    return AC_OK;
}

/* ---- JSON */

static enum ac_code add_trouble(struct ac_json *json,
                                const struct ac_state_trouble *trouble,
                                struct ac_error *err)
{
    AC_AUTO(ac_json) *one = NULL;

    if (trouble->failures == 0)
        return AC_OK;
    AC_TRY(ac_json_new(&one, err, "{s:I, s:s?, s:s?}", "failures", trouble->failures,
                       "code", trouble->code, "message", trouble->message));
    AC_TRY(ac_json_set_time(one, "failed_at", trouble->failed_at, err));
    AC_TRY(ac_json_set_time(one, "next_attempt_at", trouble->next_attempt_at, err));
    return ac_json_set(json, "trouble", &one, err);
}

enum ac_code ac_status_item_to_json(const struct ac_status_item *item, int64_t utc,
                                    struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s, s:s, s:b, s:b}", "name", item->name,
                       "level", ac_status_level_name(item->level), "reason",
                       ac_plan_reason_name(item->plan.reason), "overdue",
                       (int)item->is_overdue, "unwanted", (int)item->is_unwanted));
    if (item->is_unissued)
        AC_TRY(ac_json_set_bool(json, "unissued", true, err));
    if (item->damage)
        AC_TRY(ac_json_set_text(json, "damage", item->damage, err));
    if (item->not_after > 0) {
        AC_TRY(ac_json_set_time(json, "not_before", item->not_before, err));
        AC_TRY(ac_json_set_time(json, "not_after", item->not_after, err));
        AC_TRY(ac_json_set_number(json, "life_used_permille", ac_status_used(item, utc),
                                  err));
    }
    if (item->plan.due_at > 0 && item->plan.due_at < AC_PLAN_NEVER)
        AC_TRY(ac_json_set_time(json, "due_at", item->plan.due_at, err));
    if (item->plan.attempt_at > 0 && item->plan.attempt_at < AC_PLAN_NEVER
        && !item->is_unissued)
        AC_TRY(ac_json_set_time(json, "next_attempt_at", item->plan.attempt_at, err));
    AC_TRY(add_trouble(json, &item->state.trouble, err));
    AC_TRY(ac_deployments_to_json(&item->state, item->version, json, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}
