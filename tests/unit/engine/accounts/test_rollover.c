/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/rollover.h"

#include "account_stage.h"

#define TURNS 2000

/* What a rollover comes to; *ret_outcome is of use where that is AC_OK. */
static enum ac_code roll(struct account_stage *stage, bool only_finishes,
                         enum ac_rollover_outcome *ret_outcome, struct ac_error *err)
{
    AC_AUTO(ac_rollover) *rollover = NULL;
    struct ac_rollover_settings settings = { .store = stage->store,
                                             .client = stage->client,
                                             .directory_url = FAKE_DIRECTORY,
                                             .keeps_type = true,
                                             .only_finishes = only_finishes };

    AC_TRY(ac_rollover_new(&settings, &rollover, err));
    for (int turn = 0; turn < TURNS; turn++) {
        ac_client_step(stage->client);
        ac_rollover_step(rollover);
        if (ac_rollover_is_done(rollover))
            return ac_rollover_result(rollover, ret_outcome, err);
        account_turn(stage, ac_rollover_wake_at_ms(rollover));
    }
    return ac_fail(err, AC_E_SYSTEM, "it never ends");
}

static const struct account_stage *watched;
static size_t on_disk; /* how often both keys were there when keyChange came */

static bool look_at_disk(const struct fake_request *request, struct fake_rule *answer)
{
    if (!strstr(request->url, KEY_CHANGE))
        return false;
    on_disk += account_has(watched, AC_ACCOUNT_NEXT_KEY)
               && account_has_key(watched, AC_ACCOUNT_KEY, EC_THUMBPRINT);
    answer->body = "";
    return true;
}

AC_TEST(new_key_takes_the_place_of_the_old_one_when_the_ca_answered_to_it)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome = AC_ROLLOVER_NOTHING;

    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    account_says(KEY_CHANGE, 1, 200, NULL, "");
    account_says(ACCOUNT_PATH, 1, 200, NULL, VALID);
    AC_REQUIRE_OK(roll(&stage, false, &outcome, &err));

    CU_ASSERT_EQUAL(outcome, AC_ROLLOVER_CHANGED);
    CU_ASSERT(account_has(&stage, AC_ACCOUNT_KEY));
    CU_ASSERT_FALSE(account_has_key(&stage, AC_ACCOUNT_KEY, EC_THUMBPRINT));
    CU_ASSERT_FALSE(account_has(&stage, AC_ACCOUNT_NEXT_KEY));
    CU_ASSERT_EQUAL(account_asked(KEY_CHANGE), 1);
    CU_ASSERT_EQUAL(account_asked(ACCOUNT_PATH), 1);
}

AC_TEST(both_keys_are_on_disk_when_it_is_sent)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    watched = &stage;
    on_disk = 0;
    fake_ca.script = look_at_disk;
    account_says(ACCOUNT_PATH, 1, 200, NULL, VALID);
    AC_REQUIRE_OK(roll(&stage, false, &outcome, &err));

    CU_ASSERT_EQUAL(on_disk, 1);
}

AC_TEST(lost_answer_of_what_was_done_is_found_out)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome = AC_ROLLOVER_NOTHING;

    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    account_loses(KEY_CHANGE, 1);
    account_is_known(AT(FAKE_KID));
    AC_REQUIRE_OK(roll(&stage, false, &outcome, &err));

    CU_ASSERT_EQUAL(outcome, AC_ROLLOVER_CHANGED);
    CU_ASSERT_EQUAL(account_asked(KEY_CHANGE), 1);
    CU_ASSERT_FALSE(account_has(&stage, AC_ACCOUNT_NEXT_KEY));
}

AC_TEST(lost_request_is_sent_again_with_the_same_key)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome = AC_ROLLOVER_NOTHING;

    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    AC_REQUIRE_OK(account_save_key(&stage, AC_ACCOUNT_NEXT_KEY, AC_KEYS_RSA, &err));
    account_loses(KEY_CHANGE, 1);
    account_is_unknown(1);          /* the new key, before */
    account_is_known(AT(FAKE_KID)); /* the old one */
    account_is_unknown(1);          /* the same, after it was lost */
    account_is_known(AT(FAKE_KID));
    account_says(KEY_CHANGE, 1, 200, NULL, "");
    account_says(ACCOUNT_PATH, 1, 200, NULL, VALID);
    AC_REQUIRE_OK(roll(&stage, false, &outcome, &err));

    CU_ASSERT_EQUAL(outcome, AC_ROLLOVER_FINISHED);
    CU_ASSERT_EQUAL(account_asked(KEY_CHANGE), 2);
    CU_ASSERT(account_has_key(&stage, AC_ACCOUNT_KEY, RSA_THUMBPRINT));
}

AC_TEST(answers_that_are_always_lost_leave_both_keys_to_the_next_run)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    account_loses(KEY_CHANGE, 99);
    for (int i = 0; i < AC_ROLLOVER_SENDS_MAX; i++) {
        account_is_unknown(1);
        account_is_known(AT(FAKE_KID));
    }
    AC_REQUIRE_CODE(roll(&stage, false, &outcome, &err), AC_E_NETWORK);

    CU_ASSERT_EQUAL(account_asked(KEY_CHANGE), AC_ROLLOVER_SENDS_MAX);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "both keys are kept"));
    CU_ASSERT(account_has_key(&stage, AC_ACCOUNT_KEY, EC_THUMBPRINT));
    CU_ASSERT(account_has(&stage, AC_ACCOUNT_NEXT_KEY));
}

AC_TEST(key_of_another_account_is_told_and_the_old_one_stays)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome;

    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    account_says(KEY_CHANGE, 1, 409, AT(OTHER_KID), PROBLEM("malformed"));
    account_is_known(AT(OTHER_KID));
    account_is_known(AT(FAKE_KID));
    AC_REQUIRE_CODE(roll(&stage, false, &outcome, &err), AC_E_PROBLEM);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, OTHER_KID));
    CU_ASSERT_EQUAL(err.http_status, 409);
    CU_ASSERT(account_has_key(&stage, AC_ACCOUNT_KEY, EC_THUMBPRINT));
    CU_ASSERT_FALSE(account_has(&stage, AC_ACCOUNT_NEXT_KEY));
}

AC_TEST(refusal_is_told_with_the_words_of_the_ca)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    account_says(KEY_CHANGE, 1, 400, NULL, PROBLEM("badPublicKey"));
    account_is_unknown(1);
    account_is_known(AT(FAKE_KID));
    AC_REQUIRE_CODE(roll(&stage, false, &outcome, &err), AC_E_PROBLEM);

    CU_ASSERT_STRING_EQUAL(err.problem, "badPublicKey");
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "so not"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "the old one stays"));
    CU_ASSERT_FALSE(account_has(&stage, AC_ACCOUNT_NEXT_KEY));
}

/* A clash of keys is 200 at one server, and nothing is changed. */
AC_TEST(yes_that_is_none_is_seen_and_the_new_key_is_kept_aside)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    account_says(KEY_CHANGE, 1, 200, NULL, "");
    account_says(ACCOUNT_PATH, AC_ROLLOVER_LOOKS_MAX, 403, NULL,
                 PROBLEM("unauthorized"));
    account_is_unknown(AC_ROLLOVER_LOOKS_MAX);
    account_says(ACCOUNT_PATH, 1, 200, NULL, VALID);
    int64_t before_ms = fake_ca.now_ms;
    AC_REQUIRE_CODE(roll(&stage, false, &outcome, &err), AC_E_PROTOCOL);

    CU_ASSERT(account_has_key(&stage, AC_ACCOUNT_KEY, EC_THUMBPRINT));
    CU_ASSERT_FALSE(account_has(&stage, AC_ACCOUNT_NEXT_KEY));
    CU_ASSERT(account_has(&stage, AC_ACCOUNT_UNUSED_KEY));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, AC_ACCOUNT_UNUSED_KEY));
    CU_ASSERT(fake_ca.now_ms - before_ms >= 7 * AC_ROLLOVER_LOOK_MS);
}

AC_TEST(server_that_is_behind_is_given_time)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome = AC_ROLLOVER_NOTHING;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    account_says(KEY_CHANGE, 1, 200, NULL, "");
    account_says(ACCOUNT_PATH, 2, 401, NULL, PROBLEM("unauthorized"));
    account_is_unknown(2);
    account_says(ACCOUNT_PATH, 1, 200, NULL, VALID);
    AC_REQUIRE_OK(roll(&stage, false, &outcome, &err));

    CU_ASSERT_EQUAL(outcome, AC_ROLLOVER_CHANGED);
}

AC_TEST(ca_without_key_change_gets_no_new_key)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome;

    AC_REQUIRE_OK(account_stage_begin(&stage, FAKE_DIRECTORY_BODY, &err));
    AC_REQUIRE_CODE(roll(&stage, false, &outcome, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "keyChange"));
    CU_ASSERT_EQUAL(fake_ca.posts, 0);
    CU_ASSERT_FALSE(account_has(&stage, AC_ACCOUNT_NEXT_KEY));
}

AC_TEST(what_an_earlier_run_began_is_finished)
{
    static const bool only_finishes[] = { false, true };

    for (size_t i = 0; i < AC_COUNT(only_finishes); i++) {
        struct ac_error err = { 0 };
        ACCOUNT_STAGE stage = { 0 };
        enum ac_rollover_outcome outcome = AC_ROLLOVER_NOTHING;

        AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
        AC_REQUIRE_OK(account_save_key(&stage, AC_ACCOUNT_NEXT_KEY, AC_KEYS_RSA, &err));
        account_is_known(AT(FAKE_KID));
        AC_REQUIRE_OK(roll(&stage, only_finishes[i], &outcome, &err));

        CU_ASSERT_EQUAL(outcome, AC_ROLLOVER_FINISHED);
        CU_ASSERT_EQUAL(account_asked(KEY_CHANGE), 0);
        CU_ASSERT(account_has_key(&stage, AC_ACCOUNT_KEY, RSA_THUMBPRINT));
        AC_REQUIRE_OK(ac_file_remove_tree(ac_test_path("state"), &err));
    }
}

AC_TEST(nothing_to_finish_asks_nobody)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome = AC_ROLLOVER_CHANGED;

    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    AC_REQUIRE_OK(roll(&stage, true, &outcome, &err));

    CU_ASSERT_EQUAL(outcome, AC_ROLLOVER_NOTHING);
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_TEST(what_the_ca_refuses_to_finish_is_given_up)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome = AC_ROLLOVER_NOTHING;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    AC_REQUIRE_OK(account_save_key(&stage, AC_ACCOUNT_NEXT_KEY, AC_KEYS_RSA, &err));
    account_says(KEY_CHANGE, 1, 403, NULL, PROBLEM("unauthorized"));
    for (int i = 0; i < 2; i++) {
        account_is_unknown(1);
        account_is_known(AT(FAKE_KID));
    }
    AC_REQUIRE_OK(roll(&stage, true, &outcome, &err));

    CU_ASSERT_EQUAL(outcome, AC_ROLLOVER_GIVEN_UP);
    CU_ASSERT(account_has_key(&stage, AC_ACCOUNT_KEY, EC_THUMBPRINT));
    CU_ASSERT_FALSE(account_has(&stage, AC_ACCOUNT_NEXT_KEY));
}

AC_TEST(ca_that_offers_no_key_change_any_more_ends_what_was_begun)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome = AC_ROLLOVER_NOTHING;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(account_stage_begin(&stage, FAKE_DIRECTORY_BODY, &err));
    AC_REQUIRE_OK(account_save_key(&stage, AC_ACCOUNT_NEXT_KEY, AC_KEYS_RSA, &err));
    account_is_unknown(1);
    account_is_known(AT(FAKE_KID));
    AC_REQUIRE_OK(roll(&stage, true, &outcome, &err));

    CU_ASSERT_EQUAL(outcome, AC_ROLLOVER_GIVEN_UP);
}

AC_TEST(account_that_the_ca_lost_keeps_the_old_key)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    AC_REQUIRE_OK(account_save_key(&stage, AC_ACCOUNT_NEXT_KEY, AC_KEYS_RSA, &err));
    account_is_unknown(2);
    AC_REQUIRE_CODE(roll(&stage, false, &outcome, &err), AC_E_PROBLEM);

    CU_ASSERT_STRING_EQUAL(err.problem, "accountDoesNotExist");
    CU_ASSERT(account_has_key(&stage, AC_ACCOUNT_KEY, EC_THUMBPRINT));
    CU_ASSERT_FALSE(account_has(&stage, AC_ACCOUNT_NEXT_KEY));
}

AC_TEST(ca_that_lets_in_neither_key_makes_us_throw_away_none)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    enum ac_rollover_outcome outcome;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    AC_REQUIRE_OK(account_save_key(&stage, AC_ACCOUNT_NEXT_KEY, AC_KEYS_RSA, &err));
    account_says(NEW_ACCOUNT, 9, 403, NULL, PROBLEM("unauthorized"));
    account_says(ACCOUNT_PATH, 9, 403, NULL, PROBLEM("unauthorized"));
    AC_REQUIRE_CODE(roll(&stage, true, &outcome, &err), AC_E_PROBLEM);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "neither"));
    CU_ASSERT(account_has(&stage, AC_ACCOUNT_KEY));
    CU_ASSERT(account_has(&stage, AC_ACCOUNT_NEXT_KEY));
}

AC_TEST(account_in_use_is_not_changed_under_the_others)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    AC_AUTO(ac_lock) *use = NULL;
    enum ac_rollover_outcome outcome;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    AC_REQUIRE_OK(
        ac_store_use(stage.store, AC_STORE_ACCOUNTS, stage.folder, &use, &err));
    int64_t before_ms = fake_ca.now_ms;
    AC_REQUIRE_CODE(roll(&stage, false, &outcome, &err), AC_E_LOCKED);
    CU_ASSERT_EQUAL(fake_ca.now_ms, before_ms);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "other runs use the account"));
    AC_REQUIRE_CODE(roll(&stage, true, &outcome, &err), AC_E_LOCKED);

    CU_ASSERT(fake_ca.now_ms - before_ms >= AC_ROLLOVER_LOCK_MS);
    CU_ASSERT_FALSE(account_has(&stage, AC_ACCOUNT_NEXT_KEY));
}

AC_TEST(new_key_that_cannot_be_written_or_read_is_never_sent)
{
    struct ac_error err = { 0 };
    ACCOUNT_STAGE stage = { 0 };
    AC_AUTO_TEXT char *path = NULL;
    enum ac_rollover_outcome outcome;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(account_stage_begin(&stage, WITH_KEY_CHANGE, &err));
    AC_REQUIRE_OK(ac_store_path(stage.store, AC_STORE_ACCOUNTS, stage.folder,
                                AC_ACCOUNT_NEXT_KEY, &path, &err));
    AC_REQUIRE_OK(ac_file_make_folder(path, 0700, &err));
    AC_REQUIRE_CODE(roll(&stage, false, &outcome, &err), AC_E_STORE);

    CU_ASSERT_EQUAL(fake_ca.posts, 0);
    CU_ASSERT(account_has_key(&stage, AC_ACCOUNT_KEY, EC_THUMBPRINT));
}

AC_SUITE("engine/rollover",
         AC_CASE(new_key_takes_the_place_of_the_old_one_when_the_ca_answered_to_it),
         AC_CASE(both_keys_are_on_disk_when_it_is_sent),
         AC_CASE(lost_answer_of_what_was_done_is_found_out),
         AC_CASE(lost_request_is_sent_again_with_the_same_key),
         AC_CASE(answers_that_are_always_lost_leave_both_keys_to_the_next_run),
         AC_CASE(key_of_another_account_is_told_and_the_old_one_stays),
         AC_CASE(refusal_is_told_with_the_words_of_the_ca),
         AC_CASE(yes_that_is_none_is_seen_and_the_new_key_is_kept_aside),
         AC_CASE(server_that_is_behind_is_given_time),
         AC_CASE(ca_without_key_change_gets_no_new_key),
         AC_CASE(what_an_earlier_run_began_is_finished),
         AC_CASE(nothing_to_finish_asks_nobody),
         AC_CASE(what_the_ca_refuses_to_finish_is_given_up),
         AC_CASE(ca_that_offers_no_key_change_any_more_ends_what_was_begun),
         AC_CASE(account_that_the_ca_lost_keeps_the_old_key),
         AC_CASE(ca_that_lets_in_neither_key_makes_us_throw_away_none),
         AC_CASE(account_in_use_is_not_changed_under_the_others),
         AC_CASE(new_key_that_cannot_be_written_or_read_is_never_sent))
