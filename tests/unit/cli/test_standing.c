/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/standing.h"

#include "command_line.h"
#include "fake_run.h"

#include <sys/stat.h>

#define ISSUE "-d", "a.example", "--server", CA_URL

AC_TEST(a_damaged_certificate_is_issued_again_with_a_warning)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE(
        ac_test_write_file(ac_test_path("state/certs/www/current/cert.pem"), "x", 1));
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE)), 0);

    CU_ASSERT_EQUAL(fake.issued, 1);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "\"www\" is damaged ("));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "issuing it again"));
}

AC_TEST(a_certificate_that_could_not_become_current_is_not_issued_for_ever)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE(unlink(ac_test_path("state/certs/www/current")) == 0);
    AC_REQUIRE(mkdir(ac_test_path("state/certs/www/current"), 0700) == 0);
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE)), 9);

    CU_ASSERT_EQUAL(fake.issued, 0);
}

AC_TEST(a_key_that_others_can_read_is_told_and_does_not_cost_a_certificate)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE(chmod(ac_test_path("state/certs/www/current/privkey.pem"), 0640) == 0);
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE)), 0);

    CU_ASSERT_EQUAL(fake.issued, 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "chmod"));
}

AC_TEST(an_order_in_flight_is_continued_although_the_certificate_is_fresh)
{
    static const char noted[] = "{\"schema\":1,\"order\":{\"expires\":0}}";
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/certs/www/order.json"), noted,
                                  sizeof noted - 1));
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE)), 0);

    CU_ASSERT_EQUAL(fake.issued, 1);
    CU_ASSERT_FALSE(fake.settings.begins_anew);
}

AC_TEST(the_ca_of_the_certificate_is_asked_unless_another_is_given)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("-d", "a.example")), 0);
    CU_ASSERT_EQUAL(fake.issued, 0);
    CU_ASSERT_EQUAL(
        run_program(IN_STATE("--name", "www", "--server", "https://other.example/dir")),
        0);

    CU_ASSERT_EQUAL(fake.issued, 1);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(),
                                  "\"www\" was issued by " CA_URL
                                  "; asking https://other.example/dir now"));
}

AC_TEST(another_ca_or_key_type_is_no_longer_fresh)
{
    struct ac_error err = { 0 };

    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("-d", "a.example", "--server",
                                         "https://other.example/dir")),
                    0);
    CU_ASSERT_EQUAL(run_program(IN_STATE(ISSUE, "--key-type", "rsa-2048")), 0);

    CU_ASSERT_EQUAL(fake.issued, 2);
}

AC_SUITE("cli/standing", AC_CASE(a_damaged_certificate_is_issued_again_with_a_warning),
         AC_CASE(a_certificate_that_could_not_become_current_is_not_issued_for_ever),
         AC_CASE(a_key_that_others_can_read_is_told_and_does_not_cost_a_certificate),
         AC_CASE(an_order_in_flight_is_continued_although_the_certificate_is_fresh),
         AC_CASE(the_ca_of_the_certificate_is_asked_unless_another_is_given),
         AC_CASE(another_ca_or_key_type_is_no_longer_fresh))
