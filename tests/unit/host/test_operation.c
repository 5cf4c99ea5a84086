/* SPDX-License-Identifier: Apache-2.0 */
#include "host/operation.h"

#include "check.h"

static enum ac_code make(enum ac_solver_op op, size_t count,
                         struct ac_solver_call **ret_call, struct ac_error *err)
{
    static const struct acmecore_challenge challenge = { .type = "http-01",
                                                         .identifier = "example.org",
                                                         .token = "t",
                                                         .key_authorization = "t.p" };
    AC_AUTO(ac_batch) batch = { 0 };

    for (size_t i = 0; i < count; i++)
        AC_TRY(ac_batch_add(&batch, &challenge, err));
    return ac_operation_new(op, "sample", &batch, 1000, ret_call, err);
}

AC_TEST(operation_on_nothing_is_done)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_REQUIRE_OK(make(AC_SOLVER_PRESENT, 0, &call, &err));

    CU_ASSERT(ac_solver_call_is_done(call));
    CU_ASSERT_EQUAL(ac_solver_call_result(call, &err), AC_OK);
}

AC_TEST(failure_of_the_whole_is_that_of_each)
{
    struct ac_error err = { 0 };
    struct ac_error crash = { 0 };
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_REQUIRE_OK(make(AC_SOLVER_CLEANUP, 2, &call, &err));
    CU_ASSERT_FALSE(ac_solver_call_is_done(call));
    (void)ac_fail(&crash, AC_E_PLUGIN, "it crashed");
    ac_operation_fail(call, &crash);

    CU_ASSERT(ac_solver_call_is_done(call));
    CU_ASSERT_EQUAL(ac_solver_call_status(call, 1), ACMECORE_E_SYSTEM);
    CU_ASSERT_STRING_EQUAL(ac_solver_call_detail(call, 1), "it crashed");
    CU_ASSERT_EQUAL(ac_solver_call_result(call, &err), AC_E_PLUGIN);
}

AC_TEST(every_status_has_words)
{
    for (int status = ACMECORE_E_UNSUPPORTED; status < ACMECORE_OK; status++)
        CU_ASSERT_STRING_NOT_EQUAL(ac_operation_status_text(status),
                                   ac_operation_status_text(ACMECORE_OK));
    CU_ASSERT_STRING_EQUAL(ac_operation_status_text(INT64_MIN), "it gave no reason");
    CU_ASSERT_STRING_EQUAL(ac_operation_status_text(77), "it gave no reason");
}

AC_SUITE("host/operation", AC_CASE(operation_on_nothing_is_done),
         AC_CASE(failure_of_the_whole_is_that_of_each), AC_CASE(every_status_has_words))
