/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/plan.h"

#include "crypto/digest.h"

#include <string.h>

#define SPREAD_PARTS 30 /* of the lifetime: so much is the spread */
#define STEP_S       60 /* after the first failure; ten times after each further one */
#define STEP_FACTOR  10
/* Under a day, so that a daily timer does not come a moment too early. */
#define BACK_OFF_MAX_S   ((int64_t)20 * 3600)
#define BACK_OFF_PARTS   24 /* of the lifetime, at most */
#define RETRY_PARTS      8  /* the same for what the CA asks: it may be absurd */
#define REST_DAY_S       ((int64_t)86400) /* after a rollback it is one */
#define REST_SLACK_S     3600             /* a clock may be wrong by so much */
#define PATIENCE_DAY_S   ((int64_t)86400) /* for what was never held */
#define PATIENCE_LEAST_S 3600             /* when its end is near, or was */
#define EARLY_PARTS      5 /* the same for what is renewed before it is due */
#define LOOKS_LEFT       4 /* for failures, before the end */
#define LIFETIME_ASSUMED ((int64_t)90 * 86400) /* of what was never held */

static const char *const reason_names[] = {
    [AC_PLAN_FRESH] = "fresh",         [AC_PLAN_MISSING] = "missing",
    [AC_PLAN_DAMAGED] = "damaged",     [AC_PLAN_INTERRUPTED] = "interrupted",
    [AC_PLAN_CHANGED] = "changed",     [AC_PLAN_REVOKED] = "revoked",
    [AC_PLAN_SUGGESTED] = "suggested", [AC_PLAN_LIFETIME] = "lifetime",
    [AC_PLAN_FORCED] = "forced",
};

const char *ac_plan_reason_name(enum ac_plan_reason reason)
{
    return reason_names[reason];
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A number of the name, evenly spread over [0, range). */
static int64_t spread_of(const char *name, int64_t range)
{
    unsigned char digest[AC_SHA256_SIZE];
    uint64_t number = 0;

    ac_sha256(name, strlen(name), digest);
    for (size_t i = 0; i < 6; i++) /* 48 bits: the product below does not overflow */
        number = number << 8 | digest[i];
    return range > 0 ? (int64_t)(number % (uint64_t)range) : 0;
}

int64_t ac_plan_renew_at(const char *name, int64_t not_before, int64_t not_after)
{
    int64_t lifetime = not_after - not_before;

    if (lifetime <= 0)
        return not_before;
    int64_t rule =
        lifetime < AC_PLAN_SHORT_LIFETIME_S ? lifetime / 2 : lifetime / 3 * 2;
    return not_before + rule - spread_of(name, lifetime / SPREAD_PARTS);
}

int64_t ac_plan_back_off_s(unsigned failures, uint32_t retry_after, int64_t lifetime_s)
{
    int64_t delay = STEP_S;

    if (lifetime_s <= 0)
        lifetime_s = LIFETIME_ASSUMED;
    for (unsigned i = 1; i < failures && delay < BACK_OFF_MAX_S; i++)
        delay *= STEP_FACTOR;
    delay = least(delay, least(BACK_OFF_MAX_S, lifetime_s / BACK_OFF_PARTS));
    return most(delay, least(retry_after, lifetime_s / RETRY_PARTS));
}

int64_t ac_plan_patience_s(int64_t not_before, int64_t not_after, int64_t utc)
{
    int64_t part_s = (not_after - not_before) / RETRY_PARTS;

    if (part_s <= 0)
        return PATIENCE_DAY_S;
    return least(part_s, most(PATIENCE_LEAST_S, (not_after - utc) / 2));
}

int64_t ac_plan_rest_until(int64_t failed_at, int64_t next_attempt_at,
                           int64_t lifetime_s, int64_t utc)
{
    if (lifetime_s <= 0)
        lifetime_s = LIFETIME_ASSUMED;
    int64_t longest_s = most(REST_DAY_S, lifetime_s / RETRY_PARTS);
    bool is_odd = failed_at > utc + REST_SLACK_S
                  || next_attempt_at > utc + longest_s + REST_SLACK_S;

    return is_odd ? 0 : next_attempt_at;
}

/* The strongest reason first. */
static enum ac_plan_reason urgent(const struct ac_plan_facts *facts)
{
    if (facts->is_interrupted)
        return AC_PLAN_INTERRUPTED;
    if (facts->is_damaged)
        return AC_PLAN_DAMAGED;
    if (!facts->is_held)
        return AC_PLAN_MISSING;
    if (facts->is_revoked)
        return AC_PLAN_REVOKED;
    if (facts->is_changed)
        return AC_PLAN_CHANGED;
    return facts->is_forced ? AC_PLAN_FORCED : AC_PLAN_FRESH;
}

/* By the CA's window or by its age, whichever comes first: a window beyond the end of
 * its life must not let it die. */
static struct ac_plan by_time(const struct ac_plan_facts *facts)
{
    int64_t by_age = ac_plan_renew_at(facts->name, facts->not_before, facts->not_after);
    /* A CA that manages the load by its windows may ask for later than our rule, but
     * there must be time for failures: a tenth of the lifetime. */
    int64_t latest = facts->not_after - (facts->not_after - facts->not_before) / 10;

    if (facts->suggested_at > 0 && facts->suggested_at <= latest) {
        return (struct ac_plan){ .reason = AC_PLAN_SUGGESTED,
                                 .due_at = facts->suggested_at };
    }
    return (struct ac_plan){ .reason = AC_PLAN_LIFETIME, .due_at = by_age };
}

/* Would too few follow, when this is left to the next look? */
static bool are_few_left(const struct ac_plan_facts *facts, int64_t utc)
{
    int64_t gap_s = facts->next_look_at - utc;

    return facts->not_after - facts->next_look_at <= (LOOKS_LEFT - 1) * gap_s;
}

static bool is_for_this_look(const struct ac_plan_facts *facts,
                             const struct ac_plan *plan, int64_t utc)
{
    int64_t early_s = (facts->not_after - facts->not_before) / EARLY_PARTS;
    int64_t next_at = facts->next_look_at;

    if (plan->due_at <= utc)
        return true;
    if (next_at <= utc || plan->due_at - utc > early_s)
        return false;
    if (are_few_left(facts, utc))
        return true;
    /* Between this look and a window that the next one is in, that one is meant. */
    return plan->due_at < next_at
           && (plan->reason != AC_PLAN_SUGGESTED || utc >= facts->window_start
               || next_at >= facts->window_end);
}

struct ac_plan ac_plan_make(const struct ac_plan_facts *facts, int64_t utc)
{
    struct ac_plan plan = { .reason = urgent(facts), .due_at = utc };

    if (plan.reason == AC_PLAN_FRESH) {
        plan = by_time(facts);
    } else if (facts->is_held) {
        plan.due_at = least(utc, by_time(facts).due_at);
    }
    bool is_now = is_for_this_look(facts, &plan, utc);
    plan.attempt_at = is_now ? least(plan.due_at, utc) : plan.due_at;
    if (!facts->is_forced) /* after a failure, or a version that was gone back to */
        plan.attempt_at = most(plan.attempt_at, facts->next_attempt_at);
    if (!is_now)
        plan.reason = AC_PLAN_FRESH;
    return plan;
}
