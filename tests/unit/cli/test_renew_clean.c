/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/renew.h"

#include "command_line.h"
#include "fake_run.h"

/* A run for this name was killed when it had presented a challenge. */
static enum ac_code leave_presented(const char *name, struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    AC_TRY(ac_json_new(&document, err, "{s:[{}]}", "presented"));
    return ac_store_save(store, AC_STORE_CERTIFICATES, name, "order.json", document,
                         err);
}

/* a and b of killed first issues, and www, which is held. */
static enum ac_code leave_all(struct ac_error *err)
{
    fake_reset();
    AC_TRY(hold_certificate("www", "a.example", err));
    AC_TRY(leave_presented("a", err));
    AC_TRY(leave_presented("b", err));
    return leave_presented("www", err);
}

AC_TEST(what_killed_runs_presented_is_cleaned_up_also_of_first_issues)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(leave_all(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew")), 0);

    CU_ASSERT_STRING_EQUAL(fake.recovered_names, "a b www ");
    CU_ASSERT_EQUAL(fake.loaded, 0);
}

AC_TEST(only_what_was_asked_for_is_cleaned_up)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(leave_all(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "b")), 0);

    CU_ASSERT_STRING_EQUAL(fake.recovered_names, "b ");
}

AC_TEST(a_renewal_cleans_up_itself)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(leave_all(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--force")), 0);

    CU_ASSERT_STRING_EQUAL(fake.recovered_names, "a b ");
    CU_ASSERT_EQUAL(fake.loaded, 1);
}

AC_TEST(dry_run_cleans_up_nothing)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(leave_all(&err));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--dry-run")), 0);

    CU_ASSERT_STRING_EQUAL(fake.recovered_names, "");
}

AC_TEST(what_cannot_be_cleaned_up_is_a_warning)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(leave_all(&err));
    fake.leftover = "the server is down";
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "a")), 0);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "a: the server is down"));
}

AC_SUITE("cli/renew_clean",
         AC_CASE(what_killed_runs_presented_is_cleaned_up_also_of_first_issues),
         AC_CASE(only_what_was_asked_for_is_cleaned_up),
         AC_CASE(a_renewal_cleans_up_itself), AC_CASE(dry_run_cleans_up_nothing),
         AC_CASE(what_cannot_be_cleaned_up_is_a_warning))
