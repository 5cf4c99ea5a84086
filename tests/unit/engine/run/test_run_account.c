/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_account.h"

#include "run_stage.h"

/* ---- update */

AC_TEST(update_is_sent_and_remembered_as_the_ca_has_it)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_words) contacts = { 0 };
    AC_AUTO(ac_account) account = { 0 };
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_words) kept = { 0 };

    AC_REQUIRE_OK(run_stage_register(&scene, &err));
    AC_REQUIRE_OK(ac_words_add(&contacts, "mailto:a@example.org", &err));
    run_says("/account/1", 1, 200, "{\"contact\":[\"mailto:b@example.org\"]}");
    struct ac_account_change change = { .contacts = &contacts,
                                        .agrees_to_terms = true };
    AC_REQUIRE_OK(ac_run_update_account(scene.run, &change, &account, &err));
    AC_REQUIRE_OK(
        ac_account_file_load(scene.store, scene.folder, NULL, &document, &err));
    AC_REQUIRE_OK(ac_json_get_words(document, "contact", &kept, &err));

    CU_ASSERT_PTR_NOT_NULL(strstr(fake_ca.requests[fake_ca.request_count - 1].payload,
                                  "mailto:a@example.org"));
    CU_ASSERT(ac_words_has(&account.contacts, "mailto:b@example.org"));
    AC_REQUIRE(kept.count == 1);
    CU_ASSERT_STRING_EQUAL(kept.items[0], "mailto:b@example.org");
    CU_ASSERT(run_stage_says(&scene, scene.folder, "terms_of_service",
                             "https://ca.test/terms"));
}

AC_TEST(update_that_is_refused_changes_nothing_here)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_words) contacts = { 0 };
    AC_AUTO(ac_account) account = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_stage_register(&scene, &err));
    run_says("/account/1", 1, 400, PROBLEM("invalidContact"));
    struct ac_account_change change = { .contacts = &contacts };
    AC_REQUIRE_CODE(ac_run_update_account(scene.run, &change, &account, &err),
                    AC_E_PROBLEM);

    CU_ASSERT_STRING_EQUAL(err.problem, "invalidContact");
}

/* ---- orders */

AC_TEST(orders_of_the_list_are_read)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_order_list) list = { 0 };

    AC_REQUIRE_OK(run_stage_register(&scene, &err));
    run_says("/list", 1, 200, "{\"orders\":[\"https://ca.test/thing/1\"]}");
    run_says("/thing/1", 1, 403, PROBLEM("unauthorized"));
    AC_REQUIRE_OK(ac_run_list_orders(scene.run, "https://ca.test/list", &list, &err));

    AC_REQUIRE(list.count == 1);
    CU_ASSERT_EQUAL(list.items[0].error.code, AC_E_PROBLEM);
}

/* ---- key */

AC_TEST(key_is_changed_to_the_type_that_is_asked_for)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO_TEXT char *thumbprint = NULL;
    enum ac_rollover_outcome outcome = AC_ROLLOVER_NOTHING;
    const char *type = "";

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_stage_register(&scene, &err));
    AC_REQUIRE_OK(ac_run_change_key(scene.run, "ecdsa-p384", &outcome, &err));
    AC_REQUIRE_OK(
        ac_account_file_describe(scene.store, scene.folder, &type, &thumbprint, &err));
    CU_ASSERT_EQUAL(outcome, AC_ROLLOVER_CHANGED);
    CU_ASSERT_STRING_EQUAL(type, "ecdsa-p384");
    CU_ASSERT(run_stage_says(&scene, scene.folder, "key_type", "ecdsa-p384"));
    AC_REQUIRE_CODE(ac_run_change_key(scene.run, "dsa", &outcome, &err), AC_E_USAGE);
}

AC_TEST(run_that_uses_the_account_finishes_the_change_of_its_key)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_account) account = { 0 };

    AC_REQUIRE_OK(run_stage_register(&scene, &err));
    AC_REQUIRE_OK(ac_keys_of_jwk(AC_KEYS_EC, &key, &err));
    AC_REQUIRE_OK(ac_account_file_create_key(scene.store, scene.folder,
                                             AC_ACCOUNT_NEXT_KEY, key, &err));
    AC_REQUIRE_OK(ac_run_read_account(scene.run, &account, &err));

    CU_ASSERT_FALSE(
        ac_account_file_has(scene.store, scene.folder, AC_ACCOUNT_NEXT_KEY));
    CU_ASSERT_EQUAL(stage_requests("/key-change"), 0); /* the CA knew it already */
}

/* ---- deactivation */

AC_TEST(account_that_ended_is_set_aside)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_ended_account) ended = { 0 };

    AC_REQUIRE_OK(run_stage_register(&scene, &err));
    run_says("/account/1", 1, 200, "{\"status\":\"deactivated\"}");
    AC_REQUIRE_OK(ac_run_deactivate_account(scene.run, &ended, &err));

    CU_ASSERT_STRING_EQUAL(ended.url, FAKE_KID);
    CU_ASSERT_FALSE(ended.was_refused);
    CU_ASSERT(ac_account_file_is_retired(ended.folder));
    CU_ASSERT(run_stage_says(&scene, ended.folder, "status", "deactivated"));
    CU_ASSERT_FALSE(
        ac_account_file_has(scene.store, scene.folder, AC_ACCOUNT_DOCUMENT));
}

AC_TEST(lost_answer_to_the_deactivation_is_no_riddle)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_ended_account) ended = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_stage_register(&scene, &err));
    fake_ca_rule((struct fake_rule){ .url = "/account/1",
                                     .times = 1,
                                     .failure = AC_E_NETWORK,
                                     .is_ambiguous = true });
    run_says("/account/1", 1, 401, PROBLEM("unauthorized"));
    AC_REQUIRE_OK(ac_run_deactivate_account(scene.run, &ended, &err));

    CU_ASSERT_FALSE(ended.was_refused); /* it was us */
}

AC_TEST(deactivation_that_did_not_reach_the_ca_leaves_the_account_in_use)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_ended_account) ended = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_stage_register(&scene, &err));
    fake_ca_rule((struct fake_rule){
        .url = "/account/1", .times = 99, .failure = AC_E_NETWORK });
    AC_REQUIRE_CODE(ac_run_deactivate_account(scene.run, &ended, &err), AC_E_NETWORK);

    CU_ASSERT(run_stage_says(&scene, scene.folder, "status", "valid"));
}

AC_TEST(deactivation_that_was_cut_short_is_finished_by_the_next_run)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_ended_account) ended = { 0 };
    const struct ac_account *ignored;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_stage_register(&scene, &err));
    fake_ca_rule((struct fake_rule){ .url = "/account/1",
                                     .times = 3,
                                     .failure = AC_E_NETWORK,
                                     .is_ambiguous = true });
    AC_REQUIRE_CODE(ac_run_deactivate_account(scene.run, &ended, &err), AC_E_NETWORK);
    CU_ASSERT(run_stage_says(&scene, scene.folder, "status", "deactivating"));
    AC_REQUIRE_CODE(ac_run_register(scene.run, &ignored, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "account deactivate finishes"));
    AC_REQUIRE_OK(run_stage_new(&scene, &(struct ac_registration_settings){ 0 }, &err));
    run_says("/account/1", 1, 403, PROBLEM("unauthorized"));
    AC_REQUIRE_OK(ac_run_deactivate_account(scene.run, &ended, &err));

    CU_ASSERT_FALSE(ended.was_refused);
    CU_ASSERT(run_stage_says(&scene, ended.folder, "status", "deactivated"));
}

AC_TEST(account_that_the_ca_lets_in_no_more_is_set_aside_and_said_so)
{
    static const char *const problems[] = { PROBLEM("unauthorized"),
                                            PROBLEM("accountDoesNotExist") };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(problems); i++) {
        struct ac_error err = { 0 };
        RUN_STAGE scene = { 0 };
        AC_AUTO(ac_ended_account) ended = { 0 };

        AC_REQUIRE_OK(run_stage_register(&scene, &err));
        run_says("/account/1", 1, 403, problems[i]);
        AC_REQUIRE_OK(ac_run_deactivate_account(scene.run, &ended, &err));
        CU_ASSERT(ended.was_refused);
        CU_ASSERT_PTR_NOT_NULL(strstr(ended.said.detail, "so not"));
        AC_REQUIRE_OK(ac_file_remove_tree(ac_test_path("state"), &err));
    }
}

AC_TEST(clear_no_to_the_deactivation_leaves_the_account_as_it_was)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_ended_account) ended = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_stage_register(&scene, &err));
    run_says("/account/1", 1, 400, PROBLEM("malformed"));
    AC_REQUIRE_CODE(ac_run_deactivate_account(scene.run, &ended, &err), AC_E_PROBLEM);

    CU_ASSERT(run_stage_says(&scene, scene.folder, "status", "valid"));
}

AC_TEST(yes_to_the_deactivation_that_is_none_is_seen)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_ended_account) ended = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_stage_register(&scene, &err));
    run_says("/account/1", 1, 200, "{\"status\":\"valid\"}");
    AC_REQUIRE_CODE(ac_run_deactivate_account(scene.run, &ended, &err), AC_E_PROTOCOL);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "valid still"));
}

AC_TEST(account_in_use_is_not_ended_under_the_others)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_lock) *use = NULL;
    AC_AUTO(ac_ended_account) ended = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_stage_register(&scene, &err));
    AC_REQUIRE_OK(
        ac_store_use(scene.store, AC_STORE_ACCOUNTS, scene.folder, &use, &err));
    AC_REQUIRE_CODE(ac_run_deactivate_account(scene.run, &ended, &err), AC_E_LOCKED);

    CU_ASSERT(run_stage_says(&scene, scene.folder, "status", "valid"));
}

AC_TEST(change_of_the_key_is_finished_before_the_account_ends)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_ended_account) ended = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_stage_register(&scene, &err));
    AC_REQUIRE_OK(ac_keys_of_jwk(AC_KEYS_EC, &key, &err));
    AC_REQUIRE_OK(ac_account_file_create_key(scene.store, scene.folder,
                                             AC_ACCOUNT_NEXT_KEY, key, &err));
    run_says("/account/1", 1, 200, "{\"status\":\"deactivated\"}");
    AC_REQUIRE_OK(ac_run_deactivate_account(scene.run, &ended, &err));

    CU_ASSERT_FALSE(
        ac_account_file_has(scene.store, ended.folder, AC_ACCOUNT_NEXT_KEY));
}

AC_SUITE("engine/run_account", AC_CASE(update_is_sent_and_remembered_as_the_ca_has_it),
         AC_CASE(update_that_is_refused_changes_nothing_here),
         AC_CASE(orders_of_the_list_are_read),
         AC_CASE(key_is_changed_to_the_type_that_is_asked_for),
         AC_CASE(run_that_uses_the_account_finishes_the_change_of_its_key),
         AC_CASE(account_that_ended_is_set_aside),
         AC_CASE(lost_answer_to_the_deactivation_is_no_riddle),
         AC_CASE(deactivation_that_did_not_reach_the_ca_leaves_the_account_in_use),
         AC_CASE(deactivation_that_was_cut_short_is_finished_by_the_next_run),
         AC_CASE(account_that_the_ca_lets_in_no_more_is_set_aside_and_said_so),
         AC_CASE(clear_no_to_the_deactivation_leaves_the_account_as_it_was),
         AC_CASE(yes_to_the_deactivation_that_is_none_is_seen),
         AC_CASE(account_in_use_is_not_ended_under_the_others),
         AC_CASE(change_of_the_key_is_finished_before_the_account_ends))
