/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "deploy_stage.h"

static const struct ac_solver_spec spec = { .name = (char *)"web",
                                            .plugin = (char *)"fake" };

/* One certificate at web, as the engine has it in its hands. */
struct hand {
    struct stage stage;
    struct ac_deploy_item *item;
    struct ac_deploy_pair pair;
    struct ac_deploy_driver driver;
};

static void hand_done(struct hand *hand)
{
    ac_deploy_driver_done(&hand->driver);
    ac_deploy_item_free(hand->item);
    stage_done(&hand->stage);
}
AC_DEFINE_DROP_VALUE(hand, hand_done)

static enum ac_code take(struct hand *hand, struct ac_error *err)
{
    AC_TRY(stage_new(&hand->stage, "www", err));
    AC_TRY(ac_deploy_item_load(&hand->stage.settings, "www", &hand->item, err));
    hand->pair.item = hand->item;
    hand->pair.deployment = ac_state_find_deployment(&hand->item->held.state, "web");
    hand->driver.settings = &hand->stage.settings;
    hand->driver.spec = &spec;
    return AC_OK;
}

/* What a killed run would find. */
static enum ac_code noted(const struct hand *hand,
                          struct ac_state_deployment *ret_deployment,
                          struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };

    AC_TRY(stage_state(&hand->stage, "www", &state, err));
    *ret_deployment = *ac_state_find_deployment(&state, "web");
    return AC_OK;
}

AC_TEST(begin_is_noted_before_the_link_is_turned)
{
    struct ac_error err = { 0 };
    AC_AUTO(hand) hand = { 0 };
    struct ac_state_deployment found;

    AC_REQUIRE_OK(take(&hand, &err));
    AC_REQUIRE_OK(ac_deploy_pair_begin(&hand.driver, &hand.pair, &err));
    AC_REQUIRE_OK(noted(&hand, &found, &err));

    CU_ASSERT_EQUAL(found.staged_version, 1);
    CU_ASSERT_EQUAL(stage_link(&hand.stage, "www"), 1);
}

AC_TEST(end_of_what_was_never_live_leaves_no_link)
{
    struct ac_error err = { 0 };
    AC_AUTO(hand) hand = { 0 };
    struct ac_state_deployment found;

    AC_REQUIRE_OK(take(&hand, &err));
    AC_REQUIRE_OK(ac_deploy_pair_begin(&hand.driver, &hand.pair, &err));
    AC_REQUIRE_OK(ac_deploy_pair_end(&hand.driver, &hand.pair, &err));
    AC_REQUIRE_OK(noted(&hand, &found, &err));

    CU_ASSERT_EQUAL(found.staged_version, 0);
    CU_ASSERT_EQUAL(stage_link(&hand.stage, "www"), 0);
}

AC_TEST(proof_is_live_and_doubt_is_not)
{
    struct ac_error err = { 0 };
    AC_AUTO(hand) hand = { 0 };
    struct ac_state_deployment proven;
    struct ac_state_deployment doubted;

    AC_REQUIRE_OK(take(&hand, &err));
    AC_REQUIRE_OK(ac_deploy_pair_begin(&hand.driver, &hand.pair, &err));
    AC_REQUIRE_OK(ac_deploy_pair_note_proof(&hand.driver, &hand.pair, &err));
    AC_REQUIRE_OK(noted(&hand, &proven, &err));
    AC_REQUIRE_OK(ac_deploy_pair_doubt(&hand.driver, &hand.pair, &err));
    AC_REQUIRE_OK(ac_deploy_pair_end(&hand.driver, &hand.pair, &err));
    AC_REQUIRE_OK(noted(&hand, &doubted, &err));

    CU_ASSERT_TRUE(proven.is_proven);
    CU_ASSERT_EQUAL(proven.live_version, 1);
    CU_ASSERT_EQUAL(ac_deployment_status(&doubted, 1), AC_DEPLOYMENT_PENDING);
    CU_ASSERT_EQUAL(stage_link(&hand.stage, "www"), 1);
}

AC_TEST(failure_is_noted_and_told_with_what_became_of_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(hand) hand = { 0 };
    struct ac_state_deployment found;
    struct ac_error why = { .code = AC_E_PLUGIN, .detail = "no" };

    AC_REQUIRE_OK(take(&hand, &err));
    AC_REQUIRE_OK(ac_deploy_pair_fail(&hand.driver, &hand.pair, &why, &err));
    hand.driver.is_stuck = true;
    AC_REQUIRE_OK(ac_deploy_pair_fail(&hand.driver, &hand.pair, &why, &err));
    AC_REQUIRE_OK(noted(&hand, &found, &err));

    CU_ASSERT_EQUAL(found.failures, 2);
    CU_ASSERT_STRING_EQUAL(ac_text_get(&hand.stage.told), "www failed\nwww stuck\n");
}

AC_TEST(rollback_ends_what_was_begun)
{
    struct ac_error err = { 0 };
    AC_AUTO(hand) hand = { 0 };
    struct ac_state_deployment found;

    AC_REQUIRE_OK(take(&hand, &err));
    AC_REQUIRE_OK(ac_deploy_driver_start(&hand.driver, &err));
    AC_REQUIRE_OK(ac_deploy_pair_begin(&hand.driver, &hand.pair, &err));
    AC_REQUIRE_OK(ac_deploy_roll_back(&hand.driver, &hand.pair, 1, &err));
    AC_REQUIRE_OK(noted(&hand, &found, &err));

    CU_ASSERT_STRING_EQUAL(fake_installer.log, "rollback\n");
    CU_ASSERT_EQUAL(found.staged_version, 0);
}

/* As a state.json says it that was lost, and begun anew. */
AC_TEST(what_is_served_is_known_by_its_link_where_the_state_was_lost)
{
    struct ac_error err = { 0 };
    AC_AUTO(hand) hand = { 0 };
    struct ac_state_deployment found;

    AC_REQUIRE_OK(take(&hand, &err));
    AC_REQUIRE_OK(ac_deployed_turn(hand.stage.store, "www", "web", 1, &err));
    CU_ASSERT_EQUAL(hand.pair.deployment->live_version, 0);
    AC_REQUIRE_OK(ac_deploy_pair_begin(&hand.driver, &hand.pair, &err));
    AC_REQUIRE_OK(ac_deploy_pair_turn_back(&hand.driver, &hand.pair, &err));
    AC_REQUIRE_OK(ac_deploy_pair_end(&hand.driver, &hand.pair, &err));
    AC_REQUIRE_OK(noted(&hand, &found, &err));

    CU_ASSERT_EQUAL(stage_link(&hand.stage, "www"), 1);
    CU_ASSERT_EQUAL(found.live_version, 1);
    CU_ASSERT_EQUAL(ac_deployment_status(&found, 1), AC_DEPLOYMENT_PENDING);
}

AC_TEST(what_a_begin_has_turned_is_turned_back)
{
    struct ac_error err = { 0 };
    AC_AUTO(hand) hand = { 0 };

    AC_REQUIRE_OK(take(&hand, &err));
    hand.pair.deployment->live_version = 7;
    AC_REQUIRE_OK(ac_deploy_pair_begin(&hand.driver, &hand.pair, &err));
    AC_REQUIRE_OK(ac_deploy_pair_unbegin(&hand.driver, &hand.pair, &err));
    CU_ASSERT_EQUAL(stage_link(&hand.stage, "www"), 7);
    hand.pair.deployment->live_version = 0;
    AC_REQUIRE_OK(ac_deployed_turn(hand.stage.store, "www", "web", 1, &err));
    AC_REQUIRE_OK(ac_deploy_pair_unbegin(&hand.driver, &hand.pair, &err));

    CU_ASSERT_EQUAL(hand.pair.deployment->staged_version, 0);
    CU_ASSERT_EQUAL(stage_link(&hand.stage, "www"), 0);
}

AC_SUITE("engine/deploy/deploy_pair", AC_CASE(begin_is_noted_before_the_link_is_turned),
         AC_CASE(end_of_what_was_never_live_leaves_no_link),
         AC_CASE(proof_is_live_and_doubt_is_not),
         AC_CASE(failure_is_noted_and_told_with_what_became_of_it),
         AC_CASE(rollback_ends_what_was_begun),
         AC_CASE(what_is_served_is_known_by_its_link_where_the_state_was_lost),
         AC_CASE(what_a_begin_has_turned_is_turned_back))
