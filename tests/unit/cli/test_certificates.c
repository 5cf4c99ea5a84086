/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "command_line.h"
#include "fake_run.h"

#include <sys/stat.h>

static int64_t utc_of_last_day(void)
{
    return AC_PKI_AFTER - 7200;
}

static int64_t utc_of_the_end(void)
{
    return AC_PKI_AFTER;
}

/* ---- list */

AC_TEST(an_empty_store_is_said_to_be_empty)
{
    CU_ASSERT_EQUAL(run_program(IN_STATE("list")), 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "No certificates are held in /"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "/state yet.\n"));
    CU_ASSERT_EQUAL(run_program(IN_STATE("list", "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_TRUE(ac_json_is_array(ac_json_get(document, "certificates")));
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(document, "certificates")), 0);
}

AC_TEST(a_certificate_is_a_line_with_what_is_left_of_it)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("list")), 0);
    CU_ASSERT_STRING_EQUAL(
        ac_capture_out(),
        "NAME  VALID UNTIL  LEFT  DUE         KEY         CA          NAMES\n"
        "www   2027-04-15   90 d  2027-03-16  ecdsa-p256  ca.example  a.example\n");

    ac_clock_fake(NULL, utc_of_last_day);
    CU_ASSERT_EQUAL(run_program(IN_STATE("list")), 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "  2 h   now  "));
    ac_clock_fake(NULL, utc_of_the_end);
    CU_ASSERT_EQUAL(run_program(IN_STATE("list")), 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "  EXPIRED  "));
}

AC_TEST(columns_are_as_wide_as_the_longest_name)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE_OK(
        hold_certificate("a-name-that-is-longer-than-thirty-letters", "b.test", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("list")), 0);

    CU_ASSERT_TRUE(ac_capture_has(
        ac_capture_out(), "\nwww                                        2027-04-15 "));
    CU_ASSERT_TRUE(ac_capture_has(
        ac_capture_out(), "\na-name-that-is-longer-than-thirty-letters  2027-04-15 "));
}

AC_TEST(a_missing_file_or_a_wish_that_cannot_be_read_is_damage)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE(unlink(ac_test_path("state/certs/www/current/privkey.pem")) == 0);
    CU_ASSERT_EQUAL(run_program(IN_STATE("list")), 9);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "privkey.pem is missing"));
    CU_ASSERT_EQUAL(run_program(IN_STATE("show", "www")), 9);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "privkey.pem"));
    AC_REQUIRE(
        ac_test_write_file(ac_test_path("state/certs/www/certificate.json"), "x", 1));
    CU_ASSERT_EQUAL(run_program(IN_STATE("list")), 9);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "certificate.json is damaged"));
    AC_REQUIRE(unlink(ac_test_path("state/certs/www/certificate.json")) == 0);
    CU_ASSERT_EQUAL(run_program(IN_STATE("list")), 9);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "certificate.json is missing"));
}

AC_TEST(show_of_files_that_do_not_belong_together_is_exit_9)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE(
        ac_test_write_file(ac_test_path("state/certs/www/current/cert.pem"), "x", 1));
    CU_ASSERT_EQUAL(run_program(IN_STATE("show", "www")), 9);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "cert.pem is not what"));
}

AC_TEST(show_of_a_key_that_others_can_read_warns)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE(chmod(ac_test_path("state/certs/www/current/privkey.pem"), 0640) == 0);
    CU_ASSERT_EQUAL(run_program(IN_STATE("show", "www")), 0);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "chmod"));
}

/* One that is held, one whose files are gone, one that was never issued. */
static enum ac_code make_three(struct ac_error *err)
{
    AC_TRY(hold_certificate("good", "a.example", err));
    if (mkdir(ac_test_path("state/certs/bad"), 0700) != 0
        || mkdir(ac_test_path("state/certs/new"), 0700) != 0
        || symlink("versions/0001", ac_test_path("state/certs/bad/current")) != 0)
        return ac_fail(err, AC_E_STORE, "cannot make the folders");
    return AC_OK;
}

AC_TEST(a_damaged_certificate_hides_no_other_and_is_exit_9)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(make_three(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("list")), 9);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "a.example\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "fullchain.pem is missing"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "  not issued yet\n"));
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "1 of 3 certificates cannot be read"));
}

AC_TEST(a_damaged_certificate_is_in_the_one_document_with_the_error)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(make_three(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("list", "--json")), 9);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    const struct ac_json *all = ac_json_get(document, "certificates");

    CU_ASSERT_EQUAL(ac_json_count(all), 3);
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_at(all, 0), "name"), "bad");
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_at(all, 0), "code"), "store");
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_at(all, 1), "key_type"), "ecdsa-p256");
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_at(all, 2), "code"), "not-found");
    CU_ASSERT_EQUAL(ac_json_number_or(ac_json_get(document, "error"), "exit", 0), 9);
}

/* ---- show */

AC_TEST(show_says_everything_about_one)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("show", "www")), 0);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "  names        a.example\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "  version      1\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "  CA           " CA_URL "\n"));
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_out(), "  solver       web for all names\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "  setting      web.port = 81\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "/www/current/fullchain.pem\n"));
}

AC_TEST(show_as_json_has_what_is_held_and_what_is_wanted)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("show", "www", "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_EQUAL(
        ac_json_number_or(ac_json_get(document, "certificate"), "version", 0), 1);
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_get(document, "wanted"), "directory"),
                           CA_URL);
}

AC_TEST(show_of_none_says_where_it_looked)
{
    CU_ASSERT_EQUAL(run_program(IN_STATE("show", "www")), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), ac_test_path("state")));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "acmecore list --state-dir /"));
    CU_ASSERT_EQUAL(run_program(IN_STATE("show", "../www")), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "\"../www\""));
}

AC_TEST(show_of_a_misspelt_name_offers_the_nearest)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_certificate("www.example", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("show", "www.exmple")), 2);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "did you mean \"www.example\"?"));
}

AC_TEST(show_of_an_order_in_flight_says_so)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_json) *journal = NULL;

    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_json_new(&journal, &err, "{s:{s:i}}", "order", "expires", 86400));
    AC_REQUIRE_OK(ac_store_save(store, AC_STORE_CERTIFICATES, "www", "order.json",
                                journal, &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("show", "www")), 2);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "\"www\" is not issued yet"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "until 1970-01-02T00:00:00Z"));
    CU_ASSERT_EQUAL(run_program(IN_STATE("list")), 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "its order is in flight until"));
}

AC_SUITE("cli/certificates", AC_CASE(an_empty_store_is_said_to_be_empty),
         AC_CASE(a_certificate_is_a_line_with_what_is_left_of_it),
         AC_CASE(columns_are_as_wide_as_the_longest_name),
         AC_CASE(a_missing_file_or_a_wish_that_cannot_be_read_is_damage),
         AC_CASE(show_of_files_that_do_not_belong_together_is_exit_9),
         AC_CASE(show_of_a_key_that_others_can_read_warns),
         AC_CASE(show_of_a_misspelt_name_offers_the_nearest),
         AC_CASE(a_damaged_certificate_hides_no_other_and_is_exit_9),
         AC_CASE(a_damaged_certificate_is_in_the_one_document_with_the_error),
         AC_CASE(show_says_everything_about_one),
         AC_CASE(show_as_json_has_what_is_held_and_what_is_wanted),
         AC_CASE(show_of_none_says_where_it_looked),
         AC_CASE(show_of_an_order_in_flight_says_so))
