/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deployment.h"

#include "check.h"

#include <string.h>

#define NOW  1735790400
#define YEAR 31536000

static enum ac_code want(const char *name, const char *value, struct ac_wanted *wanted,
                         struct ac_error *err)
{
    struct ac_solver_spec *spec;

    AC_TRY(ac_wanted_add_installer(wanted, name, "installer-files", &spec, err));
    return ac_section_add(&spec->section, "probe", value, "test", err);
}

AC_TEST(what_follows_from_the_notes)
{
    const struct ac_state_deployment fresh = { 0 };
    const struct ac_state_deployment live = { .live_version = 7 };
    const struct ac_state_deployment outdated = { .live_version = 7,
                                                  .is_outdated = true };
    const struct ac_state_deployment staged = { .live_version = 6,
                                                .staged_version = 7 };
    const struct ac_state_deployment failed = {
        .failures = 1, .tried_version = 7, .failed_at = NOW - 60, .next_attempt_at = NOW
    };
    const struct ac_state_deployment ahead = { .failures = 1,
                                               .tried_version = 7,
                                               .failed_at = NOW + YEAR,
                                               .next_attempt_at = NOW + YEAR + 60 };
    const struct ac_state_deployment older = { .failures = 1, .tried_version = 6 };
    const struct ac_state_deployment unwanted = { .is_unwanted = true };
    const struct ac_state_deployment left = { .staged_version = 7,
                                              .is_unwanted = true };

    CU_ASSERT_EQUAL(ac_deployment_status(&fresh, 7), AC_DEPLOYMENT_PENDING);
    CU_ASSERT_EQUAL(ac_deployment_status(&live, 7), AC_DEPLOYMENT_LIVE);
    CU_ASSERT_EQUAL(ac_deployment_status(&live, 8), AC_DEPLOYMENT_PENDING);
    CU_ASSERT_EQUAL(ac_deployment_status(&outdated, 7), AC_DEPLOYMENT_PENDING);
    CU_ASSERT_EQUAL(ac_deployment_status(&staged, 7), AC_DEPLOYMENT_STAGED);
    CU_ASSERT_EQUAL(ac_deployment_status(&failed, 7), AC_DEPLOYMENT_FAILED);
    CU_ASSERT_EQUAL(ac_deployment_status(&older, 7), AC_DEPLOYMENT_PENDING);
    CU_ASSERT_EQUAL(ac_deployment_status(&unwanted, 7), AC_DEPLOYMENT_UNWANTED);
    CU_ASSERT_EQUAL(ac_deployment_due_at(&live, 7, NOW), AC_PLAN_NEVER);
    CU_ASSERT_EQUAL(ac_deployment_due_at(&left, 7, NOW), AC_PLAN_NEVER);
    CU_ASSERT_EQUAL(ac_deployment_due_at(&live, 8, NOW), 0);
    CU_ASSERT_EQUAL(ac_deployment_due_at(&failed, 7, NOW), NOW);
    CU_ASSERT_EQUAL(ac_deployment_due_at(&ahead, 7, NOW), 0);
    CU_ASSERT_STRING_EQUAL(ac_deployment_status_name(AC_DEPLOYMENT_STAGED), "staged");
}

AC_TEST(who_is_wanted_is_noted_and_who_is_not_is_kept_where_it_served)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) first = { 0 };
    AC_AUTO(ac_wanted) second = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    bool is_changed = false;
    bool are_noted = false;

    AC_REQUIRE_OK(want("web", "a:1", &first, &err));
    AC_REQUIRE_OK(want("mail", "a:1", &first, &err));
    AC_REQUIRE_OK(want("other", "a:1", &second, &err));
    AC_REQUIRE_OK(ac_deployments_are_noted(&state, &first, &are_noted, &err));
    CU_ASSERT_FALSE(are_noted);
    AC_REQUIRE_OK(ac_deployments_note_wanted(&state, &first, &is_changed, &err));
    CU_ASSERT_TRUE(is_changed);
    AC_REQUIRE_OK(ac_deployments_note_wanted(&state, &first, &is_changed, &err));
    CU_ASSERT_FALSE(is_changed);
    AC_REQUIRE_OK(ac_deployments_are_noted(&state, &first, &are_noted, &err));
    CU_ASSERT_TRUE(are_noted);
    CU_ASSERT_EQUAL(ac_deployments_due_at(&state, 1, NOW), 0);
    ac_deployment_note_proof(ac_state_find_deployment(&state, "web"), 1, NOW);
    AC_REQUIRE_OK(ac_deployments_note_wanted(&state, &second, &is_changed, &err));

    CU_ASSERT_EQUAL(state.deployment_count, 2);
    CU_ASSERT_PTR_NULL(ac_state_find_deployment(&state, "mail"));
    CU_ASSERT_EQUAL(ac_deployments_count(&state, 1, AC_DEPLOYMENT_UNWANTED), 1);
    CU_ASSERT_EQUAL(ac_deployments_count(&state, 1, AC_DEPLOYMENT_PENDING), 1);
}

AC_TEST(other_settings_make_what_is_live_pending)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) first = { 0 };
    AC_AUTO(ac_wanted) second = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(want("web", "a:1", &first, &err));
    AC_REQUIRE_OK(want("web", "a:2", &second, &err));
    AC_REQUIRE_OK(ac_deployments_note_wanted(&state, &first, NULL, &err));
    ac_deployment_note_proof(&state.deployments[0], 3, NOW);
    CU_ASSERT_EQUAL(ac_deployments_due_at(&state, 3, NOW), AC_PLAN_NEVER);
    AC_REQUIRE_OK(ac_deployments_note_wanted(&state, &second, NULL, &err));

    CU_ASSERT_EQUAL(ac_deployments_due_at(&state, 3, NOW), 0);
}

AC_TEST(failures_are_counted_for_a_version_and_back_off)
{
    struct ac_error err = { 0 };
    struct ac_error why = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    struct ac_state_deployment *deployment;

    (void)ac_fail(&why, AC_E_PLUGIN, "no");
    AC_REQUIRE_OK(ac_state_have_deployment(&state, "web", &deployment, &err));
    AC_REQUIRE_OK(
        ac_deployment_note_failure(deployment, 7, &why, NOW, 90 * 86400, &err));
    int64_t first = deployment->next_attempt_at;
    AC_REQUIRE_OK(
        ac_deployment_note_failure(deployment, 7, &why, NOW, 90 * 86400, &err));

    CU_ASSERT_EQUAL(deployment->failures, 2);
    CU_ASSERT(first > NOW);
    CU_ASSERT(deployment->next_attempt_at > first);
    CU_ASSERT_STRING_EQUAL(deployment->message, "no");
    AC_REQUIRE_OK(
        ac_deployment_note_failure(deployment, 8, &why, NOW, 90 * 86400, &err));
    CU_ASSERT_EQUAL(deployment->failures, 1);
    ac_deployment_note_proof(deployment, 8, NOW);
    CU_ASSERT_EQUAL(deployment->failures, 0);
    CU_ASSERT_PTR_NULL(deployment->message);
}

AC_SUITE("engine/deploy/deployment", AC_CASE(what_follows_from_the_notes),
         AC_CASE(who_is_wanted_is_noted_and_who_is_not_is_kept_where_it_served),
         AC_CASE(other_settings_make_what_is_live_pending),
         AC_CASE(failures_are_counted_for_a_version_and_back_off))
