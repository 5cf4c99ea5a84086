/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

static enum ac_code run_in_advance(const char *solvers, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    stage.code = AC_OK;
    AC_TRY(stage_want(solvers, &wanted, err));
    wanted.preauthorizes = true;
    AC_TRY(stage_run_with(&wanted, err));
    stage.store = NULL;
    if (stage.code == AC_E_NOMEM || stage.is_out_of_memory)
        return ac_fail(err, AC_E_NOMEM, "out of memory");
    return AC_OK;
}

AC_TEST(names_are_proven_before_there_is_an_order)
{
    struct ac_error err = { 0 };

    stage_begin(&(struct stage_ca){ .name_count = 2, .authorizes_in_advance = true });
    AC_REQUIRE_OK(run_in_advance("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.advances, 2);
    CU_ASSERT_EQUAL(stage.tells, 2);
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT_EQUAL(stage.attempts, 0);
    CU_ASSERT_EQUAL(fake_solvers_did("present"), fake_solvers_did("cleanup"));
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_TEST(ca_without_it_is_told_and_asked_as_ever)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(run_in_advance("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "this CA has no pre-authorization"));
}

AC_TEST(refusal_leaves_it_to_the_order)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2, .authorizes_in_advance = true });
    fake_ca_rule((struct fake_rule){ .url = "/new-authz",
                                     .times = 9,
                                     .status = 403,
                                     .body = "{\"type\":\"" STAGE_ACME
                                             "unauthorized\",\"detail\":\"not so\"}" });
    AC_REQUIRE_OK(run_in_advance("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "does not authorize in advance"));
    CU_ASSERT_EQUAL(stage.orders, 1);
}

AC_TEST(name_that_fails_in_advance_makes_no_order)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){
        .name_count = 2, .bad_names = 1, .authorizes_in_advance = true });
    AC_REQUIRE_OK(run_in_advance("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE);
    CU_ASSERT_EQUAL(stage.orders, 0);
    CU_ASSERT_EQUAL(stage.failures, 1);
    CU_ASSERT_EQUAL(fake_solvers_did("present"), fake_solvers_did("cleanup"));
}

AC_TEST(signal_in_advance_cleans_up)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .authorizes_in_advance = true });
    stage.cancel_in = "validate";
    stage.signal = SIGINT;
    AC_REQUIRE_OK(run_in_advance("http", &err));
    ac_clock_cancel(0);

    CU_ASSERT_EQUAL(stage.code, AC_E_CANCELLED);
    CU_ASSERT_EQUAL(stage.deactivations, 1);
    CU_ASSERT_EQUAL(stage.orders, 0);
    CU_ASSERT_EQUAL(fake_solvers_did("present"), fake_solvers_did("cleanup"));
}

AC_SUITE("engine/issue_preauthorize",
         AC_CASE(names_are_proven_before_there_is_an_order),
         AC_CASE(ca_without_it_is_told_and_asked_as_ever),
         AC_CASE(refusal_leaves_it_to_the_order),
         AC_CASE(name_that_fails_in_advance_makes_no_order),
         AC_CASE(signal_in_advance_cleans_up))
