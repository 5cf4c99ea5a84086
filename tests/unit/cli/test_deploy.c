/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "command_line.h"
#include "fake_run.h"
#include "installed.h"

AC_TEST(what_became_of_it_is_told)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_with_installer(&err));
    fake.tells_deployments = true;
    CU_ASSERT_EQUAL(run_program(IN_STATE("deploy", "www", "--force")), 0);

    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "www: version 7 is deployed by web\n");
    CU_ASSERT_TRUE(fake.deploys_forced);
    CU_ASSERT_EQUAL(run_program(IN_STATE("deploy", "www", "--json")), 0);
    AC_AUTO(ac_json) *json = printed();
    const struct ac_json *first = ac_json_at(ac_json_get(json, "deployments"), 0);
    CU_ASSERT_STRING_EQUAL(text_of(first, "result"), "live");
    CU_ASSERT_STRING_EQUAL(text_of(first, "plugin"), "installer-test");
}

AC_TEST(failure_ends_with_its_exit_code)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_with_installer(&err));
    fake.tells_deployments = true;
    fake.deployment = AC_DEPLOY_FAILED;
    (void)ac_fail(&fake.deploy_error, AC_E_PLUGIN, "configtest says no");
    CU_ASSERT_EQUAL(run_program(IN_STATE("deploy", "www")), 7);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "configtest says no"));
    fake.deployment = AC_DEPLOY_LOCKED;
    (void)ac_fail(&fake.deploy_error, AC_E_LOCKED, "another run holds it");
    CU_ASSERT_EQUAL(run_program(IN_STATE("deploy", "www")), 8);
}

AC_TEST(nothing_to_do_is_said)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_with_installer(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("deploy", "www")), 0);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "nothing is to be deployed"));
}

AC_TEST(certificate_without_installer_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "www.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("deploy", "www")), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "has no installer"));
    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_with_installer(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("deploy", "www", "--installer", "mail")), 2);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "has none of that name"));
}

AC_SUITE("cli/deploy", AC_CASE(what_became_of_it_is_told),
         AC_CASE(failure_ends_with_its_exit_code), AC_CASE(nothing_to_do_is_said),
         AC_CASE(certificate_without_installer_is_refused))
