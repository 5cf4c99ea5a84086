/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/issue/issue_steps.h"

/* test_issue.c has the run with each allocation failing; these are about decisions. */

/* A CA that remembers which names are proven: the second order is ready at once. */
static void remember(const char *phase)
{
    if (strcmp(phase, "order") != 0 || stage.finalizes == 0)
        return;
    stage.ca.new_status = "ready";
    stage.ca.valid_names = 1;
}

/* The same, and a signal comes between the two. */
static void interrupt(const char *phase)
{
    remember(phase);
    if (strcmp(phase, "order") == 0 && stage.finalizes == 1)
        ac_clock_cancel(SIGINT);
}

static enum ac_code want_two(struct ac_wanted *wanted, struct ac_error *err)
{
    (void)err;
    wanted->key_type = AC_KEY_ECDSA_P384;
    wanted->more_key_types[0] = AC_KEY_ECDSA_P256;
    wanted->more_key_count = 1;
    return AC_OK;
}

static void begin(void)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.wish = want_two;
    stage.hook = remember;
}

static enum ac_code run_half(struct ac_error *err)
{
    begin();
    stage.hook = interrupt;
    enum ac_code code = stage_run("http", err);
    ac_clock_cancel(0);
    return code;
}

static bool has_all(void)
{
    return stage_has_file("current/privkey.pem")
           && stage_has_file("current/fullchain.pem")
           && stage_has_file("current/privkey-ecdsa-p256.pem")
           && stage_has_file("current/fullchain-ecdsa-p256.pem");
}

static bool has_parts(void)
{
    return stage_has_file("part-ecdsa-p384.json")
           || stage_has_file("part-ecdsa-p384.pem")
           || stage_has_file("part-ecdsa-p256.json");
}

AC_TEST(a_set_is_two_orders_and_one_version)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin();
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 2);
    CU_ASSERT_EQUAL(stage.version, 1);
    CU_ASSERT_EQUAL(fake_solvers_did("present"), 1);
    CU_ASSERT(has_all());
    CU_ASSERT_FALSE(has_parts());
}

AC_TEST(half_a_set_is_kept_apart_and_completed_by_the_next_run)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_half(&err));
    CU_ASSERT_EQUAL(stage.code, AC_E_CANCELLED);
    CU_ASSERT(has_parts());
    CU_ASSERT_FALSE(stage_has_file("current/cert.pem"));
    stage.hook = remember;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.finalizes, 2);
    CU_ASSERT(has_all());
    CU_ASSERT_FALSE(has_parts());
}

AC_TEST(part_of_a_key_that_was_compromised_since_is_made_anew)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_half(&err));
    AC_REQUIRE_OK(stage_note_compromised(
        ac_test_path("state/certs/" STAGE_CERT "/part-ecdsa-p384.pem"), &err));
    stage.hook = remember;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.finalizes, 3);
    CU_ASSERT(has_all());
    CU_ASSERT_FALSE(has_parts());
}

AC_TEST(force_begins_the_whole_set_anew)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_half(&err));
    stage.hook = remember;
    stage.begins_anew = true;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.finalizes, 3);
    CU_ASSERT(has_all());
}

/* The second is finalized when a signal comes. */
static void interrupt_late(const char *phase)
{
    remember(phase);
    if (strcmp(phase, "issue") == 0 && stage.finalizes == 2)
        ac_clock_cancel(SIGTERM);
}

static void take_time(const char *phase)
{
    if (strcmp(phase, "order") == 0 && stage.finalizes == 1)
        stage.ca.issue_reads = 9;
    interrupt_late(phase);
}

AC_TEST(force_completes_a_set_whose_last_order_is_finalized)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin();
    stage.hook = take_time;
    AC_REQUIRE_OK(stage_run("http", &err));
    ac_clock_cancel(0);
    CU_ASSERT_EQUAL(stage.code, AC_E_CANCELLED);
    CU_ASSERT(has_parts());
    stage.hook = remember;
    stage.begins_anew = true;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.finalizes, 2);
    CU_ASSERT(has_all());
    CU_ASSERT_FALSE(has_parts());
}

AC_TEST(a_second_order_that_fails_leaves_no_half_set)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin();
    fake_ca_rule((struct fake_rule){ .url = "/finalize/2",
                                     .times = 9,
                                     .status = 400,
                                     .body = "{\"type\":\"" STAGE_ACME
                                             "badCSR\",\"detail\":\"no\"}" });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT_FALSE(stage_has_file("current/cert.pem"));
    CU_ASSERT(has_parts());
}

AC_SUITE("engine/issue_set", AC_CASE(a_set_is_two_orders_and_one_version),
         AC_CASE(half_a_set_is_kept_apart_and_completed_by_the_next_run),
         AC_CASE(part_of_a_key_that_was_compromised_since_is_made_anew),
         AC_CASE(force_begins_the_whole_set_anew),
         AC_CASE(force_completes_a_set_whose_last_order_is_finalized),
         AC_CASE(a_second_order_that_fails_leaves_no_half_set))
