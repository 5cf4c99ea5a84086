/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#define MANY_POLLS 100000

static size_t explained;

static void lose_authorizations(const char *phase)
{
    if (strcmp(phase, "explain") == 0) {
        fake_ca_rule((struct fake_rule){
            .url = "/authorization/", .times = 99, .status = 404, .body = "" });
    }
}

/* The authorizations are read, then given up: that is not answered any more. */
static void fall_silent(const char *phase)
{
    if (strcmp(phase, "explain") != 0 || ++explained != 2)
        return;
    fake_ca_rule(
        (struct fake_rule){ .url = "/authorization/", .times = 99, .is_silent = true });
}

AC_TEST(failing_names_are_counted_and_listed)
{
    struct ac_error err = { 0 };

    stage_begin(&(struct stage_ca){ .name_count = 3, .bad_names = 2 });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE);
    CU_ASSERT_PTR_EQUAL(strstr(stage.error.detail, "2 of 3 names did not validate: "),
                        stage.error.detail);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(stage.error.detail, "a.test: connection: Connection refused"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(stage.error.detail, "; b.test: connection: Connection refused"));
    CU_ASSERT_PTR_NULL(strstr(stage.error.detail, "c.test"));
    CU_ASSERT_EQUAL(stage.failures, 2);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
}

AC_TEST(one_failing_name_is_told_by_itself)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 3, .bad_names = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE);
    CU_ASSERT_PTR_EQUAL(strstr(stage.error.detail, "a.test: connection"),
                        stage.error.detail);
    CU_ASSERT_EQUAL(stage.failures, 1);
}

AC_TEST(pending_rest_of_a_dead_order_is_deactivated)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 3,
                                    .valid_names = 1,
                                    .bad_names = 2,
                                    .is_silent = true,
                                    .validation_reads = MANY_POLLS });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE);
    CU_ASSERT_EQUAL(stage.names[0].status, STAGE_VALID); /* not given up for nothing */
    CU_ASSERT_EQUAL(stage.deactivations, 2);
}

AC_TEST(reasons_are_told_also_when_the_ca_does_not_let_go)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2,
                                    .bad_names = 1,
                                    .is_silent = true,
                                    .validation_reads = MANY_POLLS });
    explained = 0;
    stage.hook = fall_silent;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "Connection refused"));
    CU_ASSERT_EQUAL(stage.failures, 1);
    CU_ASSERT_EQUAL(stage.deactivations, 0);
}

AC_TEST(order_is_dropped_also_when_the_reasons_cannot_be_read)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2, .bad_names = 1 });
    stage.hook = lose_authorizations;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "gave no reason"));
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_TEST(person_who_ends_the_run_gives_the_order_up)
{
    static const char *const phases[] = { "authorize", "present", "respond",
                                          "validate" };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(phases); i++) {
        stage_begin(&(struct stage_ca){ .name_count = 2 });
        stage.signal = SIGINT;
        AC_REQUIRE_OK(stage_interrupted(phases[i], &err));

        CU_ASSERT_EQUAL(stage.code, AC_E_CANCELLED);
        CU_ASSERT_EQUAL(stage.deactivations, 2);
        CU_ASSERT_FALSE(stage_has_file("order.json"));
        CU_ASSERT_EQUAL(fake_solvers_did("present"), fake_solvers_did("cleanup"));
    }
}

AC_TEST(order_whose_request_was_sent_is_not_given_up)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .issue_reads = 1 });
    stage.signal = SIGINT;
    AC_REQUIRE_OK(stage_interrupted("issue", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_CANCELLED);
    CU_ASSERT_EQUAL(stage.deactivations, 0);

    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

AC_TEST(ca_that_is_silent_does_not_hold_up_who_gives_up)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.signal = SIGINT;
    explained = 1; /* the first time that it is shown, it falls silent */
    stage.hook = fall_silent;
    AC_REQUIRE_OK(stage_interrupted("validate", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CANCELLED);
    CU_ASSERT(stage_elapsed_ms() < AC_RUN_CLEANUP_MS);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_SUITE("engine/issue_explain", AC_CASE(person_who_ends_the_run_gives_the_order_up),
         AC_CASE(order_whose_request_was_sent_is_not_given_up),
         AC_CASE(ca_that_is_silent_does_not_hold_up_who_gives_up),
         AC_CASE(failing_names_are_counted_and_listed),
         AC_CASE(one_failing_name_is_told_by_itself),
         AC_CASE(pending_rest_of_a_dead_order_is_deactivated),
         AC_CASE(reasons_are_told_also_when_the_ca_does_not_let_go),
         AC_CASE(order_is_dropped_also_when_the_reasons_cannot_be_read))
