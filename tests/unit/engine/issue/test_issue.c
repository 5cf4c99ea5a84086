/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "base/file.h"

#define HOUR_OF_POLLS 100000
#define FIRST_POLL_MS 300 /* DESIGN 4: a quarter of a second, and jitter */

/* One flow stands for all when every allocation fails in turn: a run has a thousand. */

AC_TEST(one_name_becomes_a_certificate)
{
    struct ac_error err = { 0 };

    stage_begin(&(struct stage_ca){ .name_count = 1, .issue_reads = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 1);
    CU_ASSERT(stage_has_file("current/fullchain.pem"));
    CU_ASSERT_FALSE(stage_has_file("order.json"));
    CU_ASSERT_FALSE(stage_has_file("order-key.pem"));
    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "present a.test\ncleanup a.test\n");
}

AC_TEST(more_names_do_not_mean_more_round_trips)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    size_t rounds_of_one = fake_ca.rounds;
    stage_begin(&(struct stage_ca){ .name_count = STAGE_NAMES });
    AC_REQUIRE_OK(stage_run("http", &err));

    AC_REQUIRE_OK(stage.code);
    CU_ASSERT(fake_ca.rounds <= rounds_of_one + 2);
    CU_ASSERT(fake_ca.request_count <= 3 * STAGE_NAMES + 12 + AC_CLIENT_WINDOW_START);
    CU_ASSERT_EQUAL(fake_solvers_did("present"), 1);
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
}

/* The clock of the stage jumps over every wait: what is not a round trip or the one
 * poll's back-off would be seen here. */
AC_TEST(run_never_waits_for_nothing)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2 });
    AC_REQUIRE_OK(stage_run("http", &err));

    AC_REQUIRE_OK(stage.code);
    int64_t round_trips_ms = (int64_t)fake_ca.rounds * FAKE_TURN_MS;
    CU_ASSERT(stage_elapsed_ms() <= round_trips_ms + FIRST_POLL_MS);
    CU_ASSERT(stage.turns < 60);
}

AC_TEST(signal_in_any_phase_cleans_up_and_keeps_the_order)
{
    static const char *const phases[] = { "authorize", "present", "respond", "validate",
                                          "finalize",  "issue",   "download" };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(phases); i++) {
        stage_begin(&(struct stage_ca){ .name_count = 2, .issue_reads = 1 });
        AC_REQUIRE_OK(stage_interrupted(phases[i], &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_CANCELLED);
        CU_ASSERT_EQUAL(fake_solvers_did("present"), fake_solvers_did("cleanup"));
        CU_ASSERT(stage_has_file("order.json"));
        CU_ASSERT_EQUAL(stage.version, 0);

        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT(stage.is_resumed);
        CU_ASSERT_EQUAL(stage.orders, 1);
        CU_ASSERT_EQUAL(fake_solvers_did("present"), fake_solvers_did("cleanup"));
        CU_ASSERT_FALSE(stage_has_file("order.json"));
    }
}

AC_TEST(signal_before_there_is_an_order_leaves_nothing)
{
    static const char *const phases[] = { "solvers", "account" };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(phases); i++) {
        stage_begin(&(struct stage_ca){ .name_count = 1 });
        AC_REQUIRE_OK(stage_interrupted(phases[i], &err));

        CU_ASSERT_EQUAL(stage.code, AC_E_CANCELLED);
        CU_ASSERT_EQUAL(stage.orders, 0);
        CU_ASSERT_FALSE(stage_has_file("order.json"));
        CU_ASSERT_STRING_EQUAL(fake_solvers.log, "");
    }
}

AC_TEST(deadline_ends_the_run_and_the_next_one_goes_on)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(
        &(struct stage_ca){ .name_count = 1, .validation_reads = HOUR_OF_POLLS });
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
    CU_ASSERT(stage_elapsed_ms() <= (int64_t)STAGE_SECONDS * 1000 + AC_RUN_CLEANUP_MS);
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);

    stage.ca.validation_reads = 0;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

AC_TEST(cleanup_that_hangs_does_not_hold_up_an_interrupted_run)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.cancel_in = "validate";
    AC_REQUIRE_OK(stage_run("sluggish", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_CANCELLED);
    CU_ASSERT(stage_elapsed_ms() < AC_RUN_CLEANUP_MS + 5000);
    CU_ASSERT(stage_has_file("order.json")); /* what is presented is noted still */
}

AC_TEST(cleanup_that_fails_is_a_warning)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("sticky", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 1);
    CU_ASSERT_EQUAL(stage.warnings, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "plugin sticky says no"));
    CU_ASSERT(stage_has_file("order.json"));
}

AC_TEST(progress_counts_the_names_that_are_proven)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 3, .valid_names = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.total, 3);
    CU_ASSERT_EQUAL(stage.done, 1);
}

AC_TEST(certificate_that_another_run_works_on_is_locked)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_CERTIFICATES, STAGE_CERT, &lock, &err));
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_LOCKED);
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_SUITE("engine/issue", AC_CASE(one_name_becomes_a_certificate),
         AC_CASE(more_names_do_not_mean_more_round_trips),
         AC_CASE(run_never_waits_for_nothing),
         AC_CASE(signal_in_any_phase_cleans_up_and_keeps_the_order),
         AC_CASE(signal_before_there_is_an_order_leaves_nothing),
         AC_CASE(deadline_ends_the_run_and_the_next_one_goes_on),
         AC_CASE(cleanup_that_hangs_does_not_hold_up_an_interrupted_run),
         AC_CASE(cleanup_that_fails_is_a_warning),
         AC_CASE(progress_counts_the_names_that_are_proven),
         AC_CASE(certificate_that_another_run_works_on_is_locked))
