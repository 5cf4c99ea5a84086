/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/issue/issue_steps.h"

#include <sys/stat.h>

static enum ac_code load(struct ac_state *state, struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    return ac_state_load(store, STAGE_CERT, state, err);
}

/* A certificate that is held, and then a run that newOrder is refused to. */
static enum ac_code hold_and_fail(struct fake_rule rule, struct ac_state *state,
                                  struct ac_error *err)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_TRY(stage_run("http", err));
    if (stage.code != AC_OK)
        return ac_fail(err, stage.code, "%s", stage.error.detail);
    rule.url = FAKE_ORDER_URL;
    rule.times = 99;
    fake_ca_rule(rule);
    stage.begins_anew = true;
    AC_TRY(stage_run("http", err));
    return load(state, err);
}

AC_TEST(a_failure_is_noted_with_its_sentence_and_a_time_to_try_again)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_and_fail(
        (struct fake_rule){ .status = 403,
                            .body = "{\"type\":\"" STAGE_ACME
                                    "unauthorized\",\"detail\":\"not you\"}" },
        &state, &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT_EQUAL(state.trouble.failures, 1);
    CU_ASSERT_EQUAL(state.trouble.next_attempt_at - state.trouble.failed_at, 60);
    AC_REQUIRE(state.trouble.message && state.trouble.code);
    CU_ASSERT_STRING_EQUAL(state.trouble.code, "problem");
    CU_ASSERT_PTR_NOT_NULL(strstr(state.trouble.message, "not you"));
    CU_ASSERT_EQUAL(state.origin.version, 1);
}

AC_TEST(failures_are_counted_and_success_forgets_them)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_state) after = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(
        hold_and_fail((struct fake_rule){ .failure = AC_E_NETWORK }, &state, &err));
    AC_REQUIRE_OK(stage_run("http", &err));
    ac_state_done(&state);
    AC_REQUIRE_OK(load(&state, &err));
    CU_ASSERT_EQUAL(state.trouble.failures, 2);
    CU_ASSERT_EQUAL(state.trouble.next_attempt_at - state.trouble.failed_at, 600);

    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.begins_anew = true;
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE_OK(load(&after, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(after.trouble.failures, 0);
    CU_ASSERT_PTR_NULL(after.trouble.message);
    CU_ASSERT_EQUAL(after.origin.version, 2);
}

static void put_a_folder_in_the_way(const char *phase)
{
    if (strcmp(phase, "validate") == 0)
        (void)!mkdir(ac_test_path("state/certs/site/order-key.pem"), 0700);
}

/* Whoever has mended the disk runs it again at once. */
AC_TEST(disk_that_fails_is_noted_and_costs_no_time)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(
        hold_and_fail((struct fake_rule){ .failure = AC_E_NETWORK }, &state, &err));
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.hook = put_a_folder_in_the_way;
    AC_REQUIRE_OK(stage_run("http", &err));
    ac_state_done(&state);
    AC_REQUIRE_OK(load(&state, &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_STORE);
    CU_ASSERT_EQUAL(state.trouble.failures, 1);
    CU_ASSERT(state.trouble.next_attempt_at <= state.trouble.failed_at);
    AC_REQUIRE(state.trouble.code);
    CU_ASSERT_STRING_EQUAL(state.trouble.code, "store");
}

AC_TEST(what_was_never_held_leaves_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule((struct fake_rule){
        .url = FAKE_ORDER_URL, .times = 99, .failure = AC_E_NETWORK });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE_OK(load(&state, &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_NETWORK);
    CU_ASSERT_EQUAL(state.trouble.failures, 0);
}

AC_SUITE("engine/issue_trouble",
         AC_CASE(a_failure_is_noted_with_its_sentence_and_a_time_to_try_again),
         AC_CASE(failures_are_counted_and_success_forgets_them),
         AC_CASE(disk_that_fails_is_noted_and_costs_no_time),
         AC_CASE(what_was_never_held_leaves_nothing))
