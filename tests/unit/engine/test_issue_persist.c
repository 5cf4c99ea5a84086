/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

static const char *account; /* "accounturi" of the challenge, or NULL */
static char journal[65536]; /* the journal's last state while it is presented */

/* A CA that offers dns-persist-01 and nothing else. */
static bool script(const struct fake_request *request, struct fake_rule *answer)
{
    if (!strstr(request->url, "/authorization/"))
        return stage_script(request, answer);
    answer->body = stage_text(
        "{\"status\":\"%s\",\"identifier\":{\"type\":\"dns\",\"value\":\"a.test\"},"
        "\"challenges\":[{\"type\":\"dns-persist-01\",\"url\":"
        "\"https://ca.test/challenge/1-0\",\"status\":\"pending\","
        "\"issuer-domain-names\":[\"ca.test\"]%s%s%s}]}",
        stage.names[0].status == STAGE_VALID ? "valid" : "pending",
        account ? ",\"accounturi\":\"" : "", account ? account : "",
        account ? "\"" : "");
    return true;
}

static void keep_journal(const char *phase)
{
    struct ac_error ignored;
    AC_AUTO(ac_text) bytes = { 0 };

    if (strcmp(phase, "present") == 0
        && ac_file_read(ac_test_path("state/certs/" STAGE_CERT "/order.json"),
                        sizeof journal - 1, &bytes, &ignored)
               == AC_OK)
        (void)snprintf(journal, sizeof journal, "%s", ac_text_get(&bytes));
}

static enum ac_code run(bool is_allowed, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    stage_begin(&(struct stage_ca){ .name_count = 1, .offers_dns_only = true });
    fake_ca.script = script;
    stage.hook = keep_journal;
    journal[0] = '\0';
    AC_TRY(stage_want("persist", &wanted, err));
    if (is_allowed)
        AC_TRY(ac_words_add(&wanted.experimental, "dns-persist-01", err));
    return stage_run_with(&wanted, err);
}

/* DP-05: cleanup would end what the record is for. */
AC_TEST(record_stays_and_the_journal_does_not_know_it)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    account = NULL;
    AC_REQUIRE_OK(run(true, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(fake_solvers_did("present a.test"), 1);
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 0);
    CU_ASSERT_EQUAL(stage.warnings, 0);
    CU_ASSERT_NOT_EQUAL(strlen(journal), 0);
    CU_ASSERT_PTR_NULL(strstr(journal, "_validation-persist"));
}

/* DP-07. */
AC_TEST(account_that_is_not_ours_is_warned_of)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    account = "https://ca.test/account/2";
    AC_REQUIRE_OK(run(true, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.warnings, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "account https://ca.test/account/2"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "ours is " FAKE_KID));
}

AC_TEST(it_is_not_taken_before_it_is_allowed)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    account = NULL;
    AC_REQUIRE_OK(run(false, &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_USAGE);
    CU_ASSERT_EQUAL(fake_solvers_did("present"), 0);
}

AC_SUITE("engine/issue_persist", AC_CASE(record_stays_and_the_journal_does_not_know_it),
         AC_CASE(account_that_is_not_ours_is_warned_of),
         AC_CASE(it_is_not_taken_before_it_is_allowed))
