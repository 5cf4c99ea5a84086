/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/plan.h"

#include "check.h"

#include <stdio.h>

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define BEGIN  INT64_C(1800000000)
#define LIFE   (90 * DAY)
#define END    (BEGIN + LIFE)

static int64_t renew_after(int64_t lifetime)
{
    return ac_plan_renew_at("www", BEGIN, BEGIN + lifetime) - BEGIN;
}

/* Is it the rule, or up to a thirtieth of the lifetime before it? */
static bool is_near(int64_t lifetime, int64_t rule)
{
    int64_t after = renew_after(lifetime);

    return after <= rule && after > rule - lifetime / 30 - 1;
}

static struct ac_plan_facts held(void)
{
    return (struct ac_plan_facts){
        .name = "www", .is_held = true, .not_before = BEGIN, .not_after = END
    };
}

/* ---- by its age */

AC_TEST(a_long_lifetime_is_renewed_after_two_thirds)
{
    CU_ASSERT_TRUE(is_near(398 * DAY, 398 * DAY / 3 * 2));
    CU_ASSERT_TRUE(is_near(90 * DAY, 60 * DAY));
    CU_ASSERT_TRUE(is_near(45 * DAY, 30 * DAY));
    CU_ASSERT_TRUE(is_near(10 * DAY, 10 * DAY / 3 * 2));
}

AC_TEST(a_lifetime_under_ten_days_is_renewed_at_its_half)
{
    CU_ASSERT_TRUE(is_near(10 * DAY - 2, 5 * DAY - 1));
    CU_ASSERT_TRUE(is_near(160 * HOUR, 80 * HOUR));
    CU_ASSERT_TRUE(is_near(24 * HOUR, 12 * HOUR));
    CU_ASSERT_TRUE(is_near(10 * MINUTE, 5 * MINUTE));
    CU_ASSERT_EQUAL(renew_after(1), 0);
}

AC_TEST(a_lifetime_that_is_none_is_due_at_once)
{
    CU_ASSERT_EQUAL(renew_after(0), 0);
    CU_ASSERT_EQUAL(renew_after(-1), 0);
    CU_ASSERT_EQUAL(renew_after(-90 * DAY), 0);
}

AC_TEST(the_renewal_is_never_after_the_end)
{
    for (int64_t lifetime = 1; lifetime < 400 * DAY; lifetime += 7919) {
        CU_ASSERT_TRUE(renew_after(lifetime) < lifetime);
        CU_ASSERT_TRUE(renew_after(lifetime) >= 0);
    }
}

AC_TEST(a_name_keeps_its_moment_and_a_fleet_is_spread)
{
    int64_t first = AC_PLAN_NEVER;
    int64_t last = 0;

    for (int i = 0; i < 200; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "host%d", i);
        int64_t at = ac_plan_renew_at(name, BEGIN, END);
        CU_ASSERT_EQUAL(at, ac_plan_renew_at(name, BEGIN, END));
        first = at < first ? at : first;
        last = at > last ? at : last;
    }

    CU_ASSERT_TRUE(last - first > 2 * DAY);
    CU_ASSERT_TRUE(last <= BEGIN + 60 * DAY && first > BEGIN + 57 * DAY - HOUR);
}

/* ---- the plan */

AC_TEST(what_is_fresh_is_left_alone_until_the_very_second)
{
    struct ac_plan_facts facts = held();
    int64_t at = ac_plan_renew_at("www", BEGIN, END);
    struct ac_plan before = ac_plan_make(&facts, at - 1);
    struct ac_plan then = ac_plan_make(&facts, at);

    CU_ASSERT_EQUAL(before.reason, AC_PLAN_FRESH);
    CU_ASSERT_EQUAL(before.attempt_at, at);
    CU_ASSERT_EQUAL(then.reason, AC_PLAN_LIFETIME);
    CU_ASSERT_EQUAL(then.attempt_at, at);
}

AC_TEST(each_reason_makes_it_due_at_once_the_strongest_first)
{
    struct ac_plan_facts facts = { .name = "www", .is_forced = true };

    CU_ASSERT_EQUAL(ac_plan_make(&facts, BEGIN).reason, AC_PLAN_MISSING);
    facts = held();
    facts.is_forced = true;
    CU_ASSERT_EQUAL(ac_plan_make(&facts, BEGIN).reason, AC_PLAN_FORCED);
    facts.is_changed = true;
    CU_ASSERT_EQUAL(ac_plan_make(&facts, BEGIN).reason, AC_PLAN_CHANGED);
    facts.is_revoked = true;
    CU_ASSERT_EQUAL(ac_plan_make(&facts, BEGIN).reason, AC_PLAN_REVOKED);
    facts.is_damaged = true;
    CU_ASSERT_EQUAL(ac_plan_make(&facts, BEGIN).reason, AC_PLAN_DAMAGED);
    facts.is_interrupted = true;
    CU_ASSERT_EQUAL(ac_plan_make(&facts, BEGIN).reason, AC_PLAN_INTERRUPTED);
    CU_ASSERT_EQUAL(ac_plan_make(&facts, BEGIN).attempt_at, BEGIN);
    CU_ASSERT_STRING_EQUAL(ac_plan_reason_name(AC_PLAN_INTERRUPTED), "interrupted");
}

AC_TEST(the_instant_in_the_cas_window_counts_when_there_is_one)
{
    struct ac_plan_facts facts = held();

    facts.suggested_at = BEGIN + 20 * DAY;
    CU_ASSERT_EQUAL(ac_plan_make(&facts, BEGIN + 19 * DAY).attempt_at,
                    BEGIN + 20 * DAY);
    CU_ASSERT_EQUAL(ac_plan_make(&facts, BEGIN + 20 * DAY).reason, AC_PLAN_SUGGESTED);
    facts.suggested_at = BEGIN + 75 * DAY;
    CU_ASSERT_EQUAL(ac_plan_make(&facts, BEGIN + 70 * DAY).reason, AC_PLAN_FRESH);
}

AC_TEST(a_window_too_near_to_the_end_is_not_waited_for)
{
    struct ac_plan_facts facts = held();

    facts.suggested_at = END - 8 * DAY;
    CU_ASSERT_EQUAL(ac_plan_make(&facts, BEGIN).due_at,
                    ac_plan_renew_at("www", BEGIN, END));
    facts.suggested_at = END + DAY;
    CU_ASSERT_EQUAL(ac_plan_make(&facts, BEGIN + 61 * DAY).reason, AC_PLAN_LIFETIME);
}

AC_TEST(after_a_failure_it_is_due_and_waits)
{
    struct ac_plan_facts facts = held();

    facts.failures = 2;
    facts.next_attempt_at = END - DAY;
    CU_ASSERT_EQUAL(ac_plan_make(&facts, END - 2 * DAY).reason, AC_PLAN_LIFETIME);
    CU_ASSERT_EQUAL(ac_plan_make(&facts, END - 2 * DAY).attempt_at, END - DAY);
    facts.is_forced = true;
    CU_ASSERT_TRUE(ac_plan_make(&facts, END - 2 * DAY).attempt_at <= END - 2 * DAY);
}

AC_TEST(a_version_that_was_gone_back_to_is_left_alone_for_a_while)
{
    struct ac_plan_facts facts = held();

    facts.next_attempt_at = END - DAY;
    CU_ASSERT_EQUAL(ac_plan_make(&facts, END - 2 * DAY).attempt_at, END - DAY);
    facts.next_attempt_at = 0;
    CU_ASSERT_TRUE(ac_plan_make(&facts, END - 2 * DAY).attempt_at <= END - 2 * DAY);
}

/* ---- the back-off */

AC_TEST(failures_back_off_to_almost_a_day)
{
    CU_ASSERT_EQUAL(ac_plan_back_off_s(1, 0, LIFE), MINUTE);
    CU_ASSERT_EQUAL(ac_plan_back_off_s(2, 0, LIFE), 10 * MINUTE);
    CU_ASSERT_EQUAL(ac_plan_back_off_s(3, 0, LIFE), 100 * MINUTE);
    CU_ASSERT_EQUAL(ac_plan_back_off_s(4, 0, LIFE), 1000 * MINUTE);
    CU_ASSERT_EQUAL(ac_plan_back_off_s(5, 0, LIFE), 20 * HOUR);
    CU_ASSERT_EQUAL(ac_plan_back_off_s(4000000000u, 0, LIFE), 20 * HOUR);
    CU_ASSERT_EQUAL(ac_plan_back_off_s(9, 0, 0), 20 * HOUR);
}

AC_TEST(a_short_lifetime_is_tried_often)
{
    CU_ASSERT_EQUAL(ac_plan_back_off_s(9, 0, 6 * DAY), 6 * HOUR);
    CU_ASSERT_EQUAL(ac_plan_back_off_s(9, 0, 24 * HOUR), HOUR);
}

AC_TEST(the_ca_may_ask_for_more_but_not_for_a_life)
{
    CU_ASSERT_EQUAL(ac_plan_back_off_s(1, 7200, LIFE), 2 * HOUR);
    CU_ASSERT_EQUAL(ac_plan_back_off_s(4, 60, LIFE), 1000 * MINUTE);
    CU_ASSERT_EQUAL(ac_plan_back_off_s(1, 4000000000u, LIFE), LIFE / 8);
    CU_ASSERT_EQUAL(ac_plan_back_off_s(1, 1000000, 6 * DAY), 18 * HOUR);
}

/* ---- a timer's rhythm */

static bool is_now(const struct ac_plan_facts *facts, int64_t utc, int64_t gap_s)
{
    struct ac_plan_facts with = *facts;

    with.next_look_at = utc + gap_s;
    struct ac_plan plan = ac_plan_make(&with, utc);
    return plan.reason != AC_PLAN_FRESH && plan.attempt_at <= utc;
}

AC_TEST(patience_is_a_part_of_the_lifetime_and_shrinks_towards_its_end)
{
    CU_ASSERT_EQUAL(ac_plan_patience_s(0, 0, BEGIN), DAY);
    CU_ASSERT_EQUAL(ac_plan_patience_s(BEGIN, END, BEGIN + 60 * DAY), LIFE / 8);
    CU_ASSERT_EQUAL(ac_plan_patience_s(BEGIN, END, END - 10 * DAY), 5 * DAY);
    CU_ASSERT_EQUAL(ac_plan_patience_s(BEGIN, END, END - HOUR), HOUR);
    CU_ASSERT_EQUAL(ac_plan_patience_s(BEGIN, END, END + 9 * DAY), HOUR);
    CU_ASSERT_EQUAL(ac_plan_patience_s(BEGIN, BEGIN + 16 * MINUTE, BEGIN + HOUR),
                    2 * MINUTE);
}

AC_TEST(what_is_due_before_the_next_look_is_for_this_one)
{
    struct ac_plan_facts facts = held();
    int64_t at = ac_plan_renew_at("www", BEGIN, END);

    CU_ASSERT_TRUE(is_now(&facts, at - DAY + 1, DAY));
    CU_ASSERT_FALSE(is_now(&facts, at - DAY, DAY));
    CU_ASSERT_FALSE(is_now(&facts, at - 1, 0));
    CU_ASSERT_EQUAL(ac_plan_make(&facts, at - DAY + 1).due_at, at);
}

AC_TEST(nothing_is_early_by_more_than_a_fifth_of_its_life)
{
    struct ac_plan_facts facts = held();
    int64_t at = ac_plan_renew_at("www", BEGIN, END);

    CU_ASSERT_TRUE(is_now(&facts, at - LIFE / 5, 60 * DAY));
    CU_ASSERT_FALSE(is_now(&facts, at - LIFE / 5 - 1, 60 * DAY));
    CU_ASSERT_FALSE(is_now(&facts, BEGIN, 400 * DAY));
}

AC_TEST(look_within_the_window_is_waited_for)
{
    struct ac_plan_facts facts = held();

    facts.window_start = BEGIN + 59 * DAY;
    facts.window_end = BEGIN + 61 * DAY;
    facts.suggested_at = BEGIN + 59 * DAY + HOUR;

    /* The next look is in the window, though after the instant. */
    CU_ASSERT_FALSE(is_now(&facts, BEGIN + 58 * DAY + 12 * HOUR, DAY));
    /* It would be after the window. */
    CU_ASSERT_TRUE(is_now(&facts, BEGIN + 58 * DAY + 12 * HOUR, 3 * DAY));
    /* This one is in it, too. */
    CU_ASSERT_TRUE(is_now(&facts, facts.window_start, DAY));
}

/* Six days, a look a day, three days without a CA: the half would be too late. */
AC_TEST(four_looks_are_left_before_the_end_of_a_short_life)
{
    struct ac_plan_facts facts = held();

    facts.not_after = BEGIN + 6 * DAY;
    facts.window_start = BEGIN + 70 * HOUR;
    facts.window_end = BEGIN + 74 * HOUR;
    facts.suggested_at = BEGIN + 73 * HOUR;

    CU_ASSERT_FALSE(is_now(&facts, BEGIN + 24 * HOUR, DAY));
    CU_ASSERT_TRUE(is_now(&facts, BEGIN + 49 * HOUR, DAY));
    CU_ASSERT_FALSE(is_now(&facts, BEGIN + 49 * HOUR, 12 * HOUR));
}

AC_TEST(early_or_not_a_failure_is_waited_out)
{
    struct ac_plan_facts facts = held();
    int64_t utc = ac_plan_renew_at("www", BEGIN, END) - HOUR;

    facts.failures = 1;
    facts.next_attempt_at = utc + MINUTE;

    CU_ASSERT_FALSE(is_now(&facts, utc, DAY));
    CU_ASSERT_TRUE(is_now(&facts, utc + MINUTE, DAY));
}

AC_TEST(a_rest_that_a_clock_ahead_has_noted_is_none)
{
    const int64_t now = BEGIN + 61 * DAY;

    CU_ASSERT_EQUAL(ac_plan_rest_until(now - HOUR, now + HOUR, LIFE, now), now + HOUR);
    CU_ASSERT_EQUAL(ac_plan_rest_until(now, now + LIFE / 8, LIFE, now), now + LIFE / 8);
    CU_ASSERT_EQUAL(ac_plan_rest_until(0, now + DAY, HOUR, now), now + DAY);
    CU_ASSERT_EQUAL(ac_plan_rest_until(now + 365 * DAY, now + 365 * DAY, LIFE, now), 0);
    CU_ASSERT_EQUAL(ac_plan_rest_until(now + 2 * HOUR, now + 3 * HOUR, LIFE, now), 0);
    CU_ASSERT_EQUAL(ac_plan_rest_until(0, now + 2 * DAY, HOUR, now), 0);
    CU_ASSERT_EQUAL(ac_plan_rest_until(0, now + 20 * DAY, 0, now), 0);
    CU_ASSERT_EQUAL(ac_plan_rest_until(0, 0, LIFE, now), 0);
}

AC_TEST(what_is_due_by_its_age_as_well_is_due_since_then)
{
    struct ac_plan_facts facts = held();
    int64_t at = ac_plan_renew_at("www", BEGIN, END);

    facts.is_changed = true;
    struct ac_plan young = ac_plan_make(&facts, BEGIN + DAY);
    struct ac_plan old = ac_plan_make(&facts, at + 3 * DAY);

    CU_ASSERT_EQUAL(young.reason, AC_PLAN_CHANGED);
    CU_ASSERT_EQUAL(young.due_at, BEGIN + DAY);
    CU_ASSERT_EQUAL(old.reason, AC_PLAN_CHANGED);
    CU_ASSERT_EQUAL(old.due_at, at);
    CU_ASSERT_EQUAL(old.attempt_at, at);
}

AC_SUITE("engine/plan", AC_CASE(a_long_lifetime_is_renewed_after_two_thirds),
         AC_CASE(a_lifetime_under_ten_days_is_renewed_at_its_half),
         AC_CASE(a_lifetime_that_is_none_is_due_at_once),
         AC_CASE(the_renewal_is_never_after_the_end),
         AC_CASE(a_name_keeps_its_moment_and_a_fleet_is_spread),
         AC_CASE(what_is_fresh_is_left_alone_until_the_very_second),
         AC_CASE(each_reason_makes_it_due_at_once_the_strongest_first),
         AC_CASE(the_instant_in_the_cas_window_counts_when_there_is_one),
         AC_CASE(a_window_too_near_to_the_end_is_not_waited_for),
         AC_CASE(after_a_failure_it_is_due_and_waits),
         AC_CASE(a_version_that_was_gone_back_to_is_left_alone_for_a_while),
         AC_CASE(failures_back_off_to_almost_a_day),
         AC_CASE(a_short_lifetime_is_tried_often),
         AC_CASE(the_ca_may_ask_for_more_but_not_for_a_life),
         AC_CASE(patience_is_a_part_of_the_lifetime_and_shrinks_towards_its_end),
         AC_CASE(what_is_due_before_the_next_look_is_for_this_one),
         AC_CASE(nothing_is_early_by_more_than_a_fifth_of_its_life),
         AC_CASE(look_within_the_window_is_waited_for),
         AC_CASE(four_looks_are_left_before_the_end_of_a_short_life),
         AC_CASE(early_or_not_a_failure_is_waited_out),
         AC_CASE(a_rest_that_a_clock_ahead_has_noted_is_none),
         AC_CASE(what_is_due_by_its_age_as_well_is_due_since_then))
