/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/owed.h"

#include "check.h"

#include <string.h>

#define NOW  INT64_C(1735790400)
#define DAY  INT64_C(86400)
#define HOUR INT64_C(3600)

static struct ac_state state;
static struct ac_state_revoked revoked;
static struct ac_owed_facts facts;
static struct ac_notifier notifier;
static struct ac_told told;
static bool owed[AC_EVENT_COUNT];

/* One that is in order, of 90 days, and a notifier that wants to know all. */
static void begin(void)
{
    state =
        (struct ac_state){ .origin = { .version = 2, .issued_at = NOW - 30 * DAY } };
    revoked = (struct ac_state_revoked){ .revoked_at = NOW - HOUR };
    facts = (struct ac_owed_facts){ .state = &state,
                                    .reason = AC_PLAN_FRESH,
                                    .not_before = NOW - 30 * DAY,
                                    .not_after = NOW + 60 * DAY,
                                    .utc = NOW };
    notifier = (struct ac_notifier){ .wants = { true, true, true, true, true, true },
                                     .expiry.percent = 15 };
    told = (struct ac_told){ 0 };
}

static size_t count_owed(void)
{
    return ac_owed_find(&notifier, &told, &facts, owed);
}

/* It is told, and time goes by. */
static void tell_and_wait(int64_t seconds)
{
    ac_owed_settle(&facts, owed, &told);
    facts.utc += seconds;
}

AC_TEST(nothing_is_owed_of_one_that_is_in_order)
{
    begin();

    CU_ASSERT_EQUAL(count_owed(), 0);
    CU_ASSERT_FALSE(ac_owed_may_be(&state, AC_PLAN_FRESH, NOW));
}

AC_TEST(silence_of_a_wish_holds_for_its_issue_alone)
{
    begin();
    state.origin.issued_at = NOW - HOUR;
    CU_ASSERT_FALSE(ac_owed_is_silent(&state, AC_PLAN_FRESH, NOW));
    state.origin.is_silent = true;
    CU_ASSERT_TRUE(ac_owed_is_silent(&state, AC_PLAN_FRESH, NOW));

    CU_ASSERT_FALSE(ac_owed_is_silent(&state, AC_PLAN_LIFETIME, NOW));
    state.trouble.failures = 1;
    CU_ASSERT_FALSE(ac_owed_is_silent(&state, AC_PLAN_FRESH, NOW));
}

AC_TEST(renewal_is_owed_once_and_not_long_afterwards)
{
    begin();
    state.origin.issued_at = NOW - HOUR;
    CU_ASSERT_TRUE(ac_owed_may_be(&state, AC_PLAN_FRESH, NOW));
    CU_ASSERT_TRUE(count_owed() == 1 && owed[AC_EVENT_RENEWED]);
    tell_and_wait(HOUR);
    CU_ASSERT_EQUAL(count_owed(), 0);
    told.version = 1;
    state.origin.issued_at = facts.utc - AC_OWED_LATE_S;

    CU_ASSERT_EQUAL(count_owed(), 0);
}

AC_TEST(version_that_was_gone_back_to_is_no_news)
{
    begin();
    told.version = 3;
    state.origin.issued_at = NOW - HOUR;

    CU_ASSERT_EQUAL(count_owed(), 0);
}

AC_TEST(failures_are_owed_once_and_then_daily)
{
    begin();
    state.trouble.failures = 1;
    CU_ASSERT_TRUE(count_owed() == 1 && owed[AC_EVENT_FAILED]);
    tell_and_wait(AC_OWED_AGAIN_S - 1);
    state.trouble.failures = 4;
    CU_ASSERT_EQUAL(count_owed(), 0);
    facts.utc += 1;
    CU_ASSERT_EQUAL(count_owed(), 1);
    tell_and_wait(-DAY); /* a clock that was set back */

    CU_ASSERT_EQUAL(told.failures, 4);
    CU_ASSERT_EQUAL(count_owed(), 1);
}

AC_TEST(failure_of_this_run_is_owed_though_nothing_notes_it)
{
    begin();
    state.origin.version = 0;
    facts.has_failed = true;
    CU_ASSERT_TRUE(count_owed() == 1 && owed[AC_EVENT_FAILED]);
    tell_and_wait(HOUR);

    CU_ASSERT_EQUAL(count_owed(), 0);
    CU_ASSERT_EQUAL(told.failures, 1);
}

AC_TEST(recovery_is_owed_to_whoever_was_told_of_the_failure)
{
    begin();
    notifier.wants[AC_EVENT_RENEWED] = false;
    state.trouble.failures = 1;
    CU_ASSERT_TRUE(count_owed() == 1 && !owed[AC_EVENT_RENEWED]);
    tell_and_wait(HOUR);
    state.trouble.failures = 0;
    CU_ASSERT_EQUAL(count_owed(), 0); /* not before there is a new version */
    state.origin.version = 3;
    CU_ASSERT_TRUE(count_owed() == 1 && owed[AC_EVENT_RENEWED]);
    tell_and_wait(HOUR);

    CU_ASSERT_EQUAL(count_owed(), 0);
    CU_ASSERT_EQUAL(told.failed_at, 0);
}

AC_TEST(end_that_is_near_is_owed_when_it_is_due_and_then_daily)
{
    begin();
    facts.utc = facts.not_after - 13 * DAY;
    CU_ASSERT_EQUAL(count_owed(), 0); /* its CA wants it later */
    facts.reason = AC_PLAN_LIFETIME;
    CU_ASSERT_TRUE(ac_owed_may_be(&state, AC_PLAN_LIFETIME, NOW));
    CU_ASSERT_TRUE(count_owed() == 1 && owed[AC_EVENT_EXPIRING]);
    tell_and_wait(HOUR);
    CU_ASSERT_EQUAL(count_owed(), 0);
    facts.utc = facts.not_after + DAY;
    CU_ASSERT_EQUAL(count_owed(), 1);
    facts.utc = facts.not_after - 14 * DAY;
    told.expiring_at = 0;

    CU_ASSERT_EQUAL(count_owed(), 0);
}

AC_TEST(revocation_is_owed_once_also_after_the_replacement)
{
    begin();
    state.revoked = &revoked;
    state.revoked_count = 1;
    CU_ASSERT_TRUE(ac_owed_may_be(&state, AC_PLAN_FRESH, NOW));
    CU_ASSERT_TRUE(count_owed() == 1 && owed[AC_EVENT_REVOKED]);
    CU_ASSERT_PTR_EQUAL(ac_owed_revoked(&state), &revoked);
    tell_and_wait(HOUR);
    CU_ASSERT_EQUAL(count_owed(), 0);
    told.revoked_at = 0;
    facts.utc = revoked.revoked_at + AC_OWED_LATE_S;

    CU_ASSERT_EQUAL(count_owed(), 0);
}

AC_TEST(deployment_that_fails_is_owed_daily_and_its_recovery_once)
{
    struct ac_state_deployment deployment = { .failures = 1, .failed_at = NOW };
    begin();
    state.deployments = &deployment;
    state.deployment_count = 1;

    CU_ASSERT_TRUE(ac_owed_may_be(&state, AC_PLAN_FRESH, NOW));
    CU_ASSERT_TRUE(count_owed() == 1 && owed[AC_EVENT_DEPLOY_FAILED]);
    tell_and_wait(HOUR);
    CU_ASSERT_EQUAL(count_owed(), 0);
    facts.utc += DAY;
    CU_ASSERT_TRUE(count_owed() == 1 && owed[AC_EVENT_DEPLOY_FAILED]);
    deployment =
        (struct ac_state_deployment){ .live_version = 2, .live_at = facts.utc };
    notifier.wants[AC_EVENT_DEPLOYED] = false;

    CU_ASSERT_TRUE(count_owed() == 1 && owed[AC_EVENT_DEPLOYED]);
    tell_and_wait(HOUR);
    CU_ASSERT_EQUAL(count_owed(), 0);
}

AC_TEST(deployment_is_owed_when_all_of_them_are_live)
{
    struct ac_state_deployment deployments[] = {
        { .live_version = 2, .live_at = NOW - HOUR },
        { .failures = 2, .failed_at = NOW },
    };
    begin();
    state.deployments = deployments;
    state.deployment_count = 2;
    notifier.wants[AC_EVENT_DEPLOY_FAILED] = false;

    CU_ASSERT_EQUAL(count_owed(), 0);
    deployments[1].is_unwanted = true;
    CU_ASSERT_TRUE(count_owed() == 1 && owed[AC_EVENT_DEPLOYED]);
}

AC_TEST(revocation_of_long_ago_that_is_found_today_is_owed)
{
    begin();
    revoked = (struct ac_state_revoked){ .revoked_at = NOW - 20 * DAY,
                                         .noted_at = NOW - HOUR };
    state.revoked = &revoked;
    state.revoked_count = 1;

    CU_ASSERT_TRUE(ac_owed_may_be(&state, AC_PLAN_FRESH, NOW));
    CU_ASSERT_TRUE(count_owed() == 1 && owed[AC_EVENT_REVOKED]);
    tell_and_wait(HOUR);
    CU_ASSERT_EQUAL(count_owed(), 0);
}

AC_TEST(what_is_not_wanted_is_not_owed)
{
    begin();
    notifier = (struct ac_notifier){ .expiry.percent = 99 };
    state.trouble.failures = 1;
    state.origin.issued_at = NOW;
    state.revoked = &revoked;
    state.revoked_count = 1;
    facts.reason = AC_PLAN_LIFETIME;

    CU_ASSERT_EQUAL(count_owed(), 0);
}

AC_TEST(what_no_configuration_has_any_more_is_left_alone)
{
    begin();
    facts.is_unwanted = true;
    facts.reason = AC_PLAN_LIFETIME;
    facts.utc = facts.not_after;
    state.trouble.failures = 1;

    CU_ASSERT_EQUAL(count_owed(), 0);
}

AC_SUITE("engine/owed", AC_CASE(nothing_is_owed_of_one_that_is_in_order),
         AC_CASE(silence_of_a_wish_holds_for_its_issue_alone),
         AC_CASE(renewal_is_owed_once_and_not_long_afterwards),
         AC_CASE(version_that_was_gone_back_to_is_no_news),
         AC_CASE(failures_are_owed_once_and_then_daily),
         AC_CASE(failure_of_this_run_is_owed_though_nothing_notes_it),
         AC_CASE(recovery_is_owed_to_whoever_was_told_of_the_failure),
         AC_CASE(end_that_is_near_is_owed_when_it_is_due_and_then_daily),
         AC_CASE(revocation_is_owed_once_also_after_the_replacement),
         AC_CASE(deployment_that_fails_is_owed_daily_and_its_recovery_once),
         AC_CASE(deployment_is_owed_when_all_of_them_are_live),
         AC_CASE(revocation_of_long_ago_that_is_found_today_is_owed),
         AC_CASE(what_is_not_wanted_is_not_owed),
         AC_CASE(what_no_configuration_has_any_more_is_left_alone))
