/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <inttypes.h>

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

/* A run that finds these values at the record's name. */
static enum ac_code run_with(const char *first, const char *second,
                             struct ac_error *err)
{
    AC_AUTO(ac_words) values = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    account = NULL;
    stage_begin(&(struct stage_ca){ .name_count = 1, .offers_dns_only = true });
    fake_ca.script = script;
    fake_solvers.record_values = &values;
    AC_TRY(ac_words_add(&values, first, err));
    if (second)
        AC_TRY(ac_words_add(&values, second, err));
    AC_TRY(stage_want("persist", &wanted, err));
    AC_TRY(ac_words_add(&wanted.experimental, "dns-persist-01", err));
    return stage_run_with(&wanted, err);
}

#define OURS "ca.test; accounturi=" FAKE_KID

AC_TEST(record_that_is_there_is_used)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_with("ca.test; accounturi=https://ca.test/other", OURS, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(fake_solvers_did("present"), 0);
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 0);
    CU_ASSERT_EQUAL(stage.warnings, 0);
    CU_ASSERT_FALSE(stage_has_file("persistent.json"));
}

AC_TEST(record_of_somebody_else_is_told_and_ours_is_noted_and_added)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(
        run_with("ca.test; accounturi=https://ca.test/other", "v=spf1 -all", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(fake_solvers_did("present a.test"), 1);
    CU_ASSERT_EQUAL(stage.warnings, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "for another account"));
    CU_ASSERT_TRUE(stage_has_file("persistent.json"));
}

/* The one that lasts longest counts. The stage's certificates last 90 days. */
AC_TEST(end_of_a_record_is_warned_of_ahead)
{
    static const struct {
        int64_t days;
        const char *second;
        size_t warnings;
    } cases[] = { { 20, NULL, 1 }, { 50, NULL, 1 }, { 400, NULL, 0 }, { 20, OURS, 0 } };
    char text[256];

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        AC_REQUIRE(!ac_check_is_torture());
        (void)snprintf(text, sizeof text, OURS "; persistUntil=%" PRId64,
                       ac_clock_utc() + cases[i].days * 86400);
        AC_REQUIRE_OK(run_with(text, cases[i].second, &err));
        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage.warnings, cases[i].warnings);
        CU_ASSERT_EQUAL(fake_solvers_did("present"), 0);
    }
}

static enum ac_code clean(bool takes_persistent, struct ac_words *cleaned,
                          struct ac_words *warnings, struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_run) *run = NULL;

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    struct ac_run_settings settings = {
        .store = store,
        .deadline_ms = ac_clock_after_ms((int64_t)STAGE_SECONDS * 1000),
    };
    AC_TRY(ac_run_new(&settings, &run, err));
    return ac_run_clean(run, STAGE_CERT, takes_persistent, cleaned, warnings, err);
}

AC_TEST(record_goes_when_that_is_asked_and_not_before)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) before = { 0 };
    AC_AUTO(ac_words) cleaned = { 0 };
    AC_AUTO(ac_words) warnings = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    account = NULL;
    AC_REQUIRE_OK(run(true, &err));
    AC_REQUIRE_OK(clean(false, &before, &warnings, &err));
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 0);
    AC_REQUIRE_OK(clean(true, &cleaned, &warnings, &err));

    CU_ASSERT_EQUAL(fake_solvers_did("cleanup a.test"), 1);
    CU_ASSERT_EQUAL(before.count + warnings.count, 0);
    AC_REQUIRE(cleaned.count == 1);
    CU_ASSERT_STRING_EQUAL(cleaned.items[0], "_validation-persist.a.test");
    CU_ASSERT_FALSE(stage_has_file("persistent.json"));
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_SUITE("engine/issue_persist", AC_CASE(record_goes_when_that_is_asked_and_not_before),
         AC_CASE(record_that_is_there_is_used),
         AC_CASE(record_of_somebody_else_is_told_and_ours_is_noted_and_added),
         AC_CASE(end_of_a_record_is_warned_of_ahead),
         AC_CASE(record_stays_and_the_journal_does_not_know_it),
         AC_CASE(account_that_is_not_ours_is_warned_of),
         AC_CASE(it_is_not_taken_before_it_is_allowed))
