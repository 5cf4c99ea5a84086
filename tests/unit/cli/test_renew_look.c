/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/renew_look.h"

#include "command_line.h"
#include "fake_run.h"

#define LATER INT64_C(1893456000) /* 2030: all that tests hold is over */

static int64_t utc_later(void)
{
    return LATER;
}

static void use_later(void)
{
    ac_clock_fake(NULL, utc_later);
}

/* ---- the clock */

AC_TEST(what_is_due_by_a_wrong_clock_alone_is_left_alone)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    use_later();
    fake.clock_ahead_s = -3 * 365 * 86400; /* the CA has it right */
    int code = run_program(IN_STATE("renew", "--json"));
    ac_clock_fake(NULL, NULL);
    ac_clock_correct(0);
    AC_AUTO(ac_json) *document = printed();

    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT_EQUAL(fake.clocks_asked, 1);
    CU_ASSERT_EQUAL(fake.loaded, 0);
    CU_ASSERT_EQUAL(ac_json_number_or(document, "due", -1), 0);
    CU_ASSERT_EQUAL(ac_json_number_or(document, "clock_corrected_s", 0),
                    -3 * 365 * 86400);
}

AC_TEST(clock_that_is_trusted_is_not_compared)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    use_later();
    int code = run_program(IN_STATE("renew", "--trust-clock"));
    ac_clock_fake(NULL, NULL);

    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT_EQUAL(fake.clocks_asked, 0);
    CU_ASSERT_EQUAL(fake.loaded, 1);
}

static int64_t utc_earlier(void)
{
    return AC_CLOCK_FLOOR + 86400;
}

AC_TEST(certificate_from_the_future_makes_the_clock_doubtful)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    ac_clock_fake(NULL, utc_earlier);
    int code = run_program(IN_STATE("renew"));
    ac_clock_fake(NULL, NULL);

    CU_ASSERT_EQUAL(code, 0);
    CU_ASSERT_EQUAL(fake.clocks_asked, 1);
    CU_ASSERT_EQUAL(fake.loaded, 0);
}

static int64_t utc_of_1970(void)
{
    return 42;
}

AC_TEST(clock_that_was_never_set_is_no_time_to_renew)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    ac_clock_fake(NULL, utc_of_1970);
    int code = run_program(IN_STATE("renew", "--force"));
    ac_clock_fake(NULL, NULL);

    CU_ASSERT_EQUAL(code, 9);
    CU_ASSERT_EQUAL(fake.loaded, 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "says 1970-01-01T00:00:42Z"));
}

/* ---- the rhythm of a timer */

static bool has_pace(void)
{
    return access(ac_test_path("state/runs/renew/pace.json"), F_OK) == 0;
}

AC_TEST(only_whole_looks_are_part_of_the_rhythm)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture()); /* each look for itself is enough */
    fake_reset();
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew")), 0);
    CU_ASSERT_FALSE(has_pace());
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "www")), 0);
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--dry-run")), 0);
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--force")), 0);
    CU_ASSERT_FALSE(has_pace());

    CU_ASSERT_EQUAL(run_program(IN_STATE("renew")), 0);
    CU_ASSERT_TRUE(has_pace());
}

/* ---- what is lost */

static bool has_state(void)
{
    return access(ac_test_path("state/certs/www/state.json"), F_OK) == 0;
}

AC_TEST(certificate_whose_state_is_lost_is_asked_about_all_the_same)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--dry-run")), 0);
    CU_ASSERT_FALSE(has_state());
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew")), 0);

    CU_ASSERT_TRUE(has_state());
    CU_ASSERT_EQUAL(fake.looked_up, 1);
    CU_ASSERT_EQUAL(fake.loaded, 0);
}

AC_SUITE("cli/renew_look", AC_CASE(what_is_due_by_a_wrong_clock_alone_is_left_alone),
         AC_CASE(clock_that_is_trusted_is_not_compared),
         AC_CASE(certificate_from_the_future_makes_the_clock_doubtful),
         AC_CASE(clock_that_was_never_set_is_no_time_to_renew),
         AC_CASE(certificate_whose_state_is_lost_is_asked_about_all_the_same),
         AC_CASE(only_whole_looks_are_part_of_the_rhythm))
