/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rehearsal.h"

#include "account_at.h"

#include <sys/stat.h>

#define DRY_STATE "state/dry-run"
#define DRY       "-d", "a.example", "--solver", "web", "--dry-run", AT_CA

static bool is_there(const char *path)
{
    return access(ac_test_path(path), F_OK) == 0;
}

static enum ac_code make(struct ac_store *store, const struct ac_wanted *wanted,
                         struct ac_error *err)
{
    ac_allocation_pause();
    enum ac_code code = add_version(store, wanted->name, WORDS("a.example"), err);
    ac_allocation_resume();
    return code;
}

static void begin(void)
{
    have_account();
    ac_clock_fake(NULL, utc_of_pki);
    fake.make = make;
    fake.ended = (struct ac_ended_account){ .url = (char *)URL, .folder = (char *)"x" };
}

AC_TEST(a_dry_run_works_in_a_store_that_goes_again)
{
    begin();
    CU_ASSERT_EQUAL(run_program(IN_STATE(DRY, "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_STRING_EQUAL(text_of(document, "result"), "passed");
    CU_ASSERT_TRUE(ac_json_bool_or(document, "dry_run", false));
    CU_ASSERT_PTR_NOT_NULL(fake.settings.lasting);
    CU_ASSERT_FALSE(is_there(DRY_STATE));
    CU_ASSERT_FALSE(is_there("state/certs"));
}

AC_TEST(a_dry_run_that_fails_ends_as_a_real_one_and_leaves_no_more)
{
    begin();
    fake_fail(AC_E_RATE_LIMITED, "too many");
    CU_ASSERT_EQUAL(run_program(IN_STATE(DRY)), 10);

    CU_ASSERT_FALSE(is_there(DRY_STATE));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "too many"));
}

/* ---- what it leaves when it is killed */

static enum ac_code leave_account(struct ac_error *err)
{
    AC_TRY(store_account(err));
    if (mkdir(ac_test_path(DRY_STATE), 0700) != 0)
        return ac_fail(err, AC_E_SYSTEM, "no folder");
    AC_AUTO_TEXT char *to = NULL;
    AC_TRY(ac_memory_copy_text(ac_test_path(DRY_STATE "/accounts"), &to, err));
    if (rename(ac_test_path("state/accounts"), to) != 0)
        return ac_fail(err, AC_E_SYSTEM, "not moved");
    return AC_OK;
}

AC_TEST(an_account_that_a_dry_run_made_is_deactivated_by_the_next_run)
{
    struct ac_error err = { 0 };

    begin();
    AC_REQUIRE_OK(leave_account(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew")), 0);

    CU_ASSERT_EQUAL(fake.deactivations, 1);
    CU_ASSERT_STRING_EQUAL(fake.asked_of, CA_URL);
    CU_ASSERT_PTR_NULL(fake.settings.lasting);
    CU_ASSERT_FALSE(is_there(DRY_STATE));
}

/* A certificate that asks the CA of AT_CA where another one fails. */
static enum ac_code leave_wish(struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { .can_use_plain_http = true };
    const char *first = "https://first.example/directory";

    AC_TRY(ac_store_open(ac_test_path(DRY_STATE), &store, err));
    AC_TRY(ac_memory_copy_text("a.example", &wanted.name, err));
    AC_TRY(ac_memory_copy_text(first, &wanted.directory_url, err));
    AC_TRY(ac_words_add(&wanted.further, CA_URL, err));
    AC_TRY(ac_identifiers_parse("a.example", &wanted.identifiers, err));
    return ac_wanted_save(&wanted, store, err);
}

AC_TEST(an_account_at_a_further_ca_is_ended_on_the_way_that_it_was_made_on)
{
    struct ac_error err = { 0 };

    begin();
    AC_REQUIRE_OK(leave_account(&err));
    AC_REQUIRE_OK(leave_wish(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew")), 0);

    CU_ASSERT_EQUAL(fake.deactivations, 1);
    CU_ASSERT_TRUE(fake.settings.place.can_use_plain_http);
}

AC_TEST(an_account_that_cannot_be_deactivated_stays_and_is_told)
{
    struct ac_error err = { 0 };

    begin();
    AC_REQUIRE_OK(leave_account(&err));
    fake_fail(AC_E_NETWORK, "no way there");
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew")), 0);

    CU_ASSERT_TRUE(is_there(DRY_STATE "/accounts"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "no way there"));
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_err(), "the next issue or renew tries again"));
}

static enum ac_code leave_challenge(struct ac_error *err)
{
    static const char left[] = "{\"schema\":1,\"presented\":[{}]}";

    AC_TRY(hold_certificate("www", "a.example", err));
    if (mkdir(ac_test_path(DRY_STATE), 0700) != 0
        || mkdir(ac_test_path(DRY_STATE "/certs"), 0700) != 0
        || mkdir(ac_test_path(DRY_STATE "/certs/www"), 0700) != 0
        || !ac_test_write_file(ac_test_path(DRY_STATE "/certs/www/order.json"), left,
                               sizeof left - 1))
        return ac_fail(err, AC_E_SYSTEM, "not written");
    return AC_OK;
}

AC_TEST(what_a_killed_dry_run_presented_is_removed_by_a_run_with_nothing_to_do)
{
    struct ac_error err = { 0 };

    begin();
    AC_REQUIRE_OK(leave_challenge(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("-d", "a.example", AT_CA)), 0);

    CU_ASSERT_EQUAL(fake.cleanups, 1);
    CU_ASSERT_EQUAL(fake.issued, 0);
    CU_ASSERT_FALSE(is_there(DRY_STATE));
    CU_ASSERT_TRUE(is_there("state/certs/www/current"));
}

AC_TEST(what_cannot_be_removed_stays_noted)
{
    struct ac_error err = { 0 };

    begin();
    AC_REQUIRE_OK(leave_challenge(&err));
    fake.leftover = "the server is down";
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew")), 0);

    CU_ASSERT_TRUE(is_there(DRY_STATE "/certs/www/order.json"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "the server is down"));
}

AC_TEST(a_look_removes_nothing)
{
    struct ac_error err = { 0 };

    begin();
    AC_REQUIRE_OK(leave_challenge(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--dry-run")), 0);

    CU_ASSERT_TRUE(is_there(DRY_STATE "/certs/www/order.json"));
}

/* ---- its servers */

AC_TEST(what_is_not_held_is_shown_with_the_paths_that_it_would_have)
{
    begin();
    fake.deploy_change = "certs/a.example/deployed/web";
    CU_ASSERT_EQUAL(run_program(IN_STATE(DRY, "--installer", "web2")), 0);

    CU_ASSERT_EQUAL(fake.deployed, 1);
    CU_ASSERT_TRUE(fake.deploys_dry);
    CU_ASSERT_TRUE(ac_capture_has(fake.deployed_from, "/state/dry-run"));
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_out(), "/state/certs/a.example/deployed/web, "));
    CU_ASSERT_FALSE(ac_capture_has(ac_capture_out(), "/dry-run"));
}

AC_TEST(what_is_held_is_shown_where_it_is)
{
    struct ac_error err = { 0 };

    begin();
    AC_REQUIRE_OK(hold_certificate("a.example", "a.example", &err));
    CU_ASSERT_EQUAL(run_program(IN_STATE(DRY, "--installer", "web2")), 0);

    CU_ASSERT_TRUE(fake.deploys_dry && fake.deploys_forced);
    CU_ASSERT_FALSE(ac_capture_has(fake.deployed_from, "/dry-run"));
    CU_ASSERT_FALSE(is_there(DRY_STATE));
    CU_ASSERT_FALSE(is_there("state/certs/a.example/versions/0002"));
}

/* ---- hooks */

AC_TEST(hooks_know_that_it_is_a_dry_run)
{
    begin();
    CU_ASSERT_EQUAL(
        run_program(IN_STATE(DRY, "--post-hook", "/bin/true", "--notify", "/bin/true")),
        0);

    CU_ASSERT_STRING_EQUAL(fake.commands, "post-hook /bin/true|");
    CU_ASSERT_TRUE(ac_capture_has(fake.command_input, "\"dry_run\":true"));
}

AC_SUITE(
    "cli/rehearsal", AC_CASE(a_dry_run_works_in_a_store_that_goes_again),
    AC_CASE(a_dry_run_that_fails_ends_as_a_real_one_and_leaves_no_more),
    AC_CASE(an_account_that_a_dry_run_made_is_deactivated_by_the_next_run),
    AC_CASE(an_account_that_cannot_be_deactivated_stays_and_is_told),
    AC_CASE(an_account_at_a_further_ca_is_ended_on_the_way_that_it_was_made_on),
    AC_CASE(what_a_killed_dry_run_presented_is_removed_by_a_run_with_nothing_to_do),
    AC_CASE(what_cannot_be_removed_stays_noted), AC_CASE(a_look_removes_nothing),
    AC_CASE(what_is_not_held_is_shown_with_the_paths_that_it_would_have),
    AC_CASE(what_is_held_is_shown_where_it_is),
    AC_CASE(hooks_know_that_it_is_a_dry_run))
