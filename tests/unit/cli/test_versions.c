/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "command_line.h"
#include "fake_run.h"
#include "installed.h"

static enum ac_code hold_two(struct ac_error *err)
{
    AC_TRY(hold_certificate("www", "www.example", err));
    return hold_certificate("www", "www.example", err);
}

AC_TEST(rollback_says_what_is_current_and_what_to_do)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_two(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("rollback", "www")), 0);

    CU_ASSERT_STRING_EQUAL(
        ac_capture_out(),
        "www: version 1 is current again (before: 2), valid until "
        "2027-04-15T08:00:00Z\n"
        "renew leaves it alone until 2027-01-16T08:00:00Z; reload the server that uses "
        "it\n");
}

AC_TEST(rollback_brings_it_to_its_servers)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_versions(2, &err));
    fake.tells_deployments = true;
    CU_ASSERT_EQUAL(run_program(IN_STATE("rollback", "www")), 0);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "www: version 1 is current again"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "is deployed by web\n"));
    CU_ASSERT_EQUAL(fake.deployed, 1);
}

AC_TEST(rollback_that_is_not_live_ends_with_7)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_versions(2, &err));
    fake.tells_deployments = true;
    fake.deployment = AC_DEPLOY_FAILED;
    (void)ac_fail(&fake.deploy_error, AC_E_PLUGIN, "configtest says no");
    CU_ASSERT_EQUAL(run_program(IN_STATE("rollback", "www", "--json")), 7);

    AC_AUTO(ac_json) *json = printed();
    const struct ac_json *first = ac_json_at(ac_json_get(json, "deployments"), 0);
    CU_ASSERT_EQUAL(ac_json_number_or(json, "version", 0), 1);
    CU_ASSERT_STRING_EQUAL(text_of(first, "result"), "failed");
    CU_ASSERT_TRUE(ac_json_bool_or(first, "rolled_back", false));
    CU_ASSERT_PTR_NOT_NULL(ac_json_get(json, "error"));
}

AC_TEST(rollback_that_cannot_know_its_servers_is_no_success)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_versions(2, &err));
    AC_REQUIRE(
        ac_test_write_file(ac_test_path("state/certs/www/certificate.json"), "{", 1));
    CU_ASSERT_EQUAL(run_program(IN_STATE("rollback", "www")), 9);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(),
                                  "www: the version is changed, and not deployed"));
}

AC_TEST(rollback_reaches_its_servers_where_it_cannot_be_told)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_versions(2, &err));
    CU_ASSERT_EQUAL(run_program_into("/dev/full", IN_STATE("rollback", "www")), 9);

    CU_ASSERT_EQUAL(fake.deployed, 1);
}

AC_TEST(rollback_takes_a_number)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_two(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("rollback", "www", "x")), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "version \"x\""));
    CU_ASSERT_EQUAL(run_program(IN_STATE("rollback", "www", "1", "--json")), 0);
    AC_AUTO(ac_json) *json = printed();
    CU_ASSERT_EQUAL(ac_json_number_or(json, "version", 0), 1);
    CU_ASSERT_EQUAL(ac_json_number_or(json, "from", 0), 2);
}

AC_TEST(delete_wants_consent_where_nobody_can_be_asked)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "www.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("delete", "www")), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "give --yes, or --archive"));
    CU_ASSERT_EQUAL(run_program(IN_STATE("delete", "www", "--yes")), 0);
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "www: deleted\n");
    CU_ASSERT_EQUAL(run_program(IN_STATE("delete", "www", "--yes")), 2);
}

AC_TEST(delete_says_where_the_archive_is)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "www.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("delete", "www", "--archive", "--json")), 0);
    AC_AUTO(ac_json) *json = printed();
    CU_ASSERT_STRING_EQUAL(text_of(json, "archive"), ac_test_path("state/archive/www"));
}

AC_TEST(delete_leaves_what_has_leftovers_unless_forced)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "www.example", &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/certs/www/order.json"),
                                  "{\"schema\": 1}", 13));
    CU_ASSERT_EQUAL(run_program(IN_STATE("delete", "www", "--yes")), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "acmecore cleanup www"));
    CU_ASSERT_EQUAL(run_program(IN_STATE("delete", "www", "--yes", "--force")), 0);
}

AC_SUITE("cli/versions", AC_CASE(rollback_says_what_is_current_and_what_to_do),
         AC_CASE(rollback_brings_it_to_its_servers),
         AC_CASE(rollback_that_is_not_live_ends_with_7),
         AC_CASE(rollback_takes_a_number),
         AC_CASE(rollback_that_cannot_know_its_servers_is_no_success),
         AC_CASE(rollback_reaches_its_servers_where_it_cannot_be_told),
         AC_CASE(delete_wants_consent_where_nobody_can_be_asked),
         AC_CASE(delete_says_where_the_archive_is),
         AC_CASE(delete_leaves_what_has_leftovers_unless_forced))
