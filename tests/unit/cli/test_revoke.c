/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "command_line.h"
#include "fake_run.h"
#include "installed.h"

#define CERT "state/certs/www/current/cert.pem"
#define KEY  "state/certs/www/current/privkey.pem"

static enum ac_code begin(struct ac_error *err)
{
    fake_reset();
    return hold_certificate("www", "a.example", err);
}

AC_TEST(a_certificate_is_revoked_by_its_name)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(begin(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("revoke", "www")), 0);

    CU_ASSERT_EQUAL(fake.revoked, 1);
    CU_ASSERT_STRING_EQUAL(fake.revoked_name, "www");
    CU_ASSERT_EQUAL(fake.revocation.reason, AC_REVOCATION_NO_REASON);
    CU_ASSERT_FALSE(fake.revokes_with_key);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "is revoked (unspecified)"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "acmecore --name www issues"));
    CU_ASSERT_EQUAL(fake.issued, 0);
}

AC_TEST(a_revocation_as_json_says_what_and_why)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(begin(&err));
    fake.was_revoked = true;
    CU_ASSERT_EQUAL(
        run_program(IN_STATE("revoke", "www", "--reason", "superseded", "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    const struct ac_json *certificate = ac_json_get(document, "certificate");

    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), "already-revoked");
    CU_ASSERT_STRING_EQUAL(text_of(document, "reason"), "superseded");
    CU_ASSERT_STRING_EQUAL(text_of(certificate, "name"), "www");
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(certificate, "identifiers")), 1);
    CU_ASSERT_PTR_NULL(ac_json_get(document, "replacement"));
}

AC_TEST(the_key_of_the_certificate_signs_when_it_is_given)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(begin(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("revoke", "--cert", ac_test_path(CERT),
                                         "--key", ac_test_path(KEY))),
                    0);

    CU_ASSERT_EQUAL(fake.revoked, 1);
    CU_ASSERT_TRUE(fake.revokes_with_key);
    CU_ASSERT_STRING_EQUAL(fake.revoked_name, "www");
}

AC_TEST(a_replacement_is_issued_after_it)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(begin(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("revoke", "www", "--replace", "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    const struct ac_json *replacement = ac_json_get(document, "replacement");

    CU_ASSERT_EQUAL(fake.revoked, 1);
    CU_ASSERT_EQUAL(fake.issued, 1);
    CU_ASSERT_STRING_EQUAL(text_of(replacement, "result"), "issued");
    CU_ASSERT_PTR_NOT_NULL(ac_json_get(replacement, "certificate"));
}

AC_TEST(a_replacement_is_brought_to_its_servers)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_with_installer(&err));
    fake.tells_deployments = true;
    CU_ASSERT_EQUAL(run_program(IN_STATE("revoke", "www", "--replace")), 0);
    CU_ASSERT_EQUAL(fake.deployed, 1);
    CU_ASSERT_EQUAL(fake.released, 1);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "is deployed by web\n"));

    fake.deployment = AC_DEPLOY_FAILED;
    (void)ac_fail(&fake.deploy_error, AC_E_PLUGIN, "configtest says no");
    CU_ASSERT_EQUAL(run_program(IN_STATE("revoke", "www", "--replace", "--json")), 7);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(document, "deployments")), 1);
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_get(document, "replacement"), "result"),
                           "issued");
    CU_ASSERT_EQUAL(ac_json_number_or(ac_json_get(document, "error"), "exit", 0), 7);
}

AC_TEST(a_replacement_reaches_its_servers_where_it_cannot_be_told)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_with_installer(&err));
    CU_ASSERT_EQUAL(
        run_program_into("/dev/full", IN_STATE("revoke", "www", "--replace")), 9);

    CU_ASSERT_EQUAL(fake.deployed, 1);
}

AC_TEST(without_a_replacement_nothing_is_deployed)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(hold_with_installer(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("revoke", "www")), 0);

    CU_ASSERT_EQUAL(fake.deployed, 0);
}

AC_TEST(what_the_ca_refuses_is_not_replaced)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(begin(&err));
    fake_fail(AC_E_PROBLEM, "not yours");
    (void)snprintf(fake.error.problem, sizeof fake.error.problem, "unauthorized");
    CU_ASSERT_EQUAL(run_program(IN_STATE("revoke", "www", "--replace", "--json")), 3);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_EQUAL(fake.issued, 0);
    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), "failed");
    CU_ASSERT_PTR_NOT_NULL(ac_json_get(document, "error"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "--key FILE"));
}

AC_TEST(what_cannot_be_is_refused_before_anything_is_asked)
{
    static const struct {
        const char *words[5], *part;
    } cases[] = {
        { { "revoke" }, "--cert FILE" },
        { { "revoke", "www", "--cert", "x" }, "--cert FILE" },
        { { "revoke", "www", "--reason", "7" }, "keyCompromise (1)" },
        { { "revoke", "nobody" }, "nobody" },
        { { "revoke", "--cert", "/nowhere" }, "is no certificate" },
        { { "revoke", "www", "--key", "/nowhere" }, "--key" },
    };
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(begin(&err));
    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        const char *words[8] = { 0 };
        size_t count = 0;

        for (; cases[i].words[count]; count++)
            words[count] = cases[i].words[count];
        words[count++] = "--state-dir";
        words[count] = ac_test_path("state");
        CU_ASSERT_EQUAL(run_program(words), 2);
        CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), cases[i].part));
    }
    CU_ASSERT_EQUAL(fake.revoked, 0);
}

AC_SUITE("cli/revoke", AC_CASE(a_certificate_is_revoked_by_its_name),
         AC_CASE(a_revocation_as_json_says_what_and_why),
         AC_CASE(the_key_of_the_certificate_signs_when_it_is_given),
         AC_CASE(a_replacement_is_issued_after_it),
         AC_CASE(a_replacement_is_brought_to_its_servers),
         AC_CASE(a_replacement_reaches_its_servers_where_it_cannot_be_told),
         AC_CASE(without_a_replacement_nothing_is_deployed),
         AC_CASE(what_the_ca_refuses_is_not_replaced),
         AC_CASE(what_cannot_be_is_refused_before_anything_is_asked))
