/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "folder.h"

#include "engine/issue/limits.h"

#include <stdio.h>

#define NOW  1700000000
#define LONG AC_LIMITS_WAIT_MAX_S /* patience */

static const struct ac_ca_limits published = {
    .orders = 3, .orders_window_s = 300, .failures = 2, .failures_window_s = 100
};
static const struct ac_ca_limits unknown = { 0 };

static enum ac_code begin(const struct ac_ca_limits *own, struct ac_store **ret_store,
                          struct ac_limits **ret_limits, struct ac_error *err)
{
    if (!*ret_store)
        AC_TRY(ac_store_open(ac_test_path("state"), ret_store, err));
    return ac_limits_new(*ret_store, "ca.test-1", own, ret_limits, err);
}

AC_TEST(orders_are_paced_by_what_is_published_across_runs)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_limits) *limits = NULL;
    AC_AUTO(ac_limits) *later = NULL;

    AC_REQUIRE_OK(begin(&published, &store, &limits, &err));
    for (int i = 0; i < 3; i++) {
        CU_ASSERT(ac_limits_order_at(limits, NOW) <= NOW);
        AC_REQUIRE_OK(ac_limits_note_order(limits, "www", NOW, &err));
    }
    AC_REQUIRE_OK(begin(&published, &store, &later, &err));

    CU_ASSERT_EQUAL(ac_limits_order_at(later, NOW), NOW + 100);
    CU_ASSERT(ac_limits_order_at(later, NOW + 100) <= NOW + 100);
    CU_ASSERT(ac_limits_order_at(later, NOW + 1000) <= NOW + 1000);
}

AC_TEST(failures_are_counted_for_each_name)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_limits) *limits = NULL;

    AC_REQUIRE_OK(begin(&published, &store, &limits, &err));
    AC_REQUIRE_OK(ac_limits_note_failure(limits, "a.test", NOW, &err));
    AC_REQUIRE_OK(ac_limits_note_failure(limits, "a.test", NOW, &err));
    AC_REQUIRE_OK(ac_limits_note_failure(limits, "b.test", NOW, &err));

    CU_ASSERT_EQUAL(ac_limits_name_at(limits, "a.test", NOW), NOW + 50);
    CU_ASSERT(ac_limits_name_at(limits, "b.test", NOW) <= NOW);
    CU_ASSERT(ac_limits_name_at(limits, "c.test", NOW) <= NOW);
}

AC_TEST(where_nothing_is_published_nothing_is_written)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_limits) *limits = NULL;
    char bytes[64];

    AC_REQUIRE_OK(begin(&unknown, &store, &limits, &err));
    AC_REQUIRE_OK(ac_limits_note_order(limits, "www", NOW, &err));
    AC_REQUIRE_OK(ac_limits_note_failure(limits, "a.test", NOW, &err));

    CU_ASSERT(ac_limits_order_at(limits, NOW) <= NOW);
    CU_ASSERT(ac_limits_name_at(limits, "a.test", NOW) <= NOW);
    CU_ASSERT(ac_test_read_file(ac_test_path("state/accounts/ca.test-1/limits.json"),
                                bytes, sizeof bytes)
              < 0);
}

AC_TEST(refusal_of_one_certificate_leaves_the_others)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_limits) *limits = NULL;
    const char *why = NULL;

    AC_REQUIRE_OK(begin(&unknown, &store, &limits, &err));
    AC_REQUIRE_OK(ac_limits_note_refusal(limits, "www", 60, "too many", NOW, &err));

    CU_ASSERT_EQUAL(ac_limits_until(limits, "www", LONG, NOW, &why), NOW + 60);
    CU_ASSERT_STRING_EQUAL(why, "too many");
    CU_ASSERT_EQUAL(ac_limits_until(limits, "www", LONG, NOW + 60, &why), 0);
    CU_ASSERT_EQUAL(ac_limits_until(limits, "other", LONG, NOW, &why), 0);
    CU_ASSERT_EQUAL(ac_limits_until(limits, NULL, LONG, NOW, &why), 0);
}

AC_TEST(certificates_that_are_refused_in_a_row_mean_the_account)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_limits) *limits = NULL;
    const char *why = NULL;

    AC_REQUIRE_OK(begin(&unknown, &store, &limits, &err));
    AC_REQUIRE_OK(ac_limits_note_refusal(limits, "one", 60, "no", NOW, &err));
    AC_REQUIRE_OK(ac_limits_note_refusal(limits, "two", 60, "no", NOW, &err));
    CU_ASSERT_EQUAL(ac_limits_until(limits, "three", LONG, NOW, &why), NOW + 60);
    CU_ASSERT_EQUAL(ac_limits_until(limits, NULL, LONG, NOW, &why), NOW + 60);

    AC_REQUIRE_OK(ac_limits_note_order(limits, "one", NOW + 61, &err));
    AC_REQUIRE_OK(ac_limits_note_refusal(limits, "four", 60, "no", NOW + 61, &err));
    CU_ASSERT_EQUAL(ac_limits_until(limits, "three", LONG, NOW + 61, &why), 0);
}

/* Each may have been refused for reasons of its own. */
AC_TEST(the_times_of_two_certificates_are_not_the_accounts)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_limits) *limits = NULL;
    const char *why = NULL;

    AC_REQUIRE_OK(begin(&unknown, &store, &limits, &err));
    AC_REQUIRE_OK(ac_limits_note_refusal(limits, "one", 604800, "no", NOW, &err));
    AC_REQUIRE_OK(ac_limits_note_refusal(limits, "two", 172800, "no", NOW, &err));

    CU_ASSERT_EQUAL(ac_limits_until(limits, "three", LONG, NOW, &why),
                    NOW + AC_LIMITS_PAUSE_S);
    CU_ASSERT_EQUAL(ac_limits_until(limits, "three", LONG, NOW + 3600, &why), 0);
    CU_ASSERT_EQUAL(ac_limits_until(limits, "one", LONG, NOW + 3600, &why),
                    NOW + 604800);
    CU_ASSERT_EQUAL(ac_limits_until(limits, "two", LONG, NOW + 3600, &why),
                    NOW + 172800);
}

AC_TEST(what_was_said_counts_as_long_as_there_is_patience)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_limits) *limits = NULL;
    const char *why = NULL;

    AC_REQUIRE_OK(begin(&unknown, &store, &limits, &err));
    AC_REQUIRE_OK(ac_limits_note_refusal(limits, NULL, 604800, "no", NOW, &err));
    AC_REQUIRE_OK(ac_limits_note_refusal(limits, "www", 1209600, "no", NOW, &err));

    CU_ASSERT_EQUAL(ac_limits_until(limits, "www", 86400, NOW + 60, &why), NOW + 86400);
    CU_ASSERT_EQUAL(ac_limits_until(limits, "www", 86400, NOW + 86400, &why), 0);
    /* The account's is over; that of the certificate is not. */
    CU_ASSERT_EQUAL(ac_limits_until(limits, "www", 2000000, NOW + 604800, &why),
                    NOW + 1209600);
}

AC_TEST(refusal_without_a_time_is_an_hour_and_an_absurd_one_is_cut)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_limits) *limits = NULL;
    const char *why = NULL;

    AC_REQUIRE_OK(begin(&unknown, &store, &limits, &err));
    AC_REQUIRE_OK(ac_limits_note_refusal(limits, "www", 0, "paused", NOW, &err));
    AC_REQUIRE_OK(ac_limits_note_refusal(limits, NULL, 1000000000, "", NOW, &err));

    CU_ASSERT_EQUAL(ac_limits_until(limits, NULL, LONG, NOW, &why),
                    NOW + AC_LIMITS_WAIT_MAX_S);
    /* A clock that was set back keeps nobody waiting for longer than that. */
    CU_ASSERT_EQUAL(ac_limits_until(limits, "www", LONG, NOW - 86400 * 365, &why), 0);
}

AC_TEST(file_stays_bounded_and_a_damaged_one_begins_anew)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_limits) *limits = NULL;
    AC_AUTO(ac_limits) *anew = NULL;
    const char *why = NULL;
    char name[32];

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&published, &store, &limits, &err));
    for (int i = 0; i < AC_LIMITS_ENTRIES_MAX + 20; i++) {
        (void)snprintf(name, sizeof name, "n%d.test", i);
        AC_REQUIRE_OK(ac_limits_note_failure(limits, name, NOW, &err));
    }
    AC_AUTO(ac_text) bytes = { 0 };
    AC_REQUIRE_OK(ac_store_read(store, AC_STORE_ACCOUNTS, "ca.test-1", "limits.json",
                                &bytes, &err));
    CU_ASSERT(bytes.size < (size_t)AC_LIMITS_ENTRIES_MAX * 64);

    AC_REQUIRE(ac_test_write_file(ac_test_path("state/accounts/ca.test-1/limits.json"),
                                  "{", 1));
    AC_REQUIRE_OK(begin(&published, &store, &anew, &err));
    CU_ASSERT_EQUAL(ac_limits_until(anew, "www", LONG, NOW, &why), 0);
}

AC_SUITE("engine/limits", AC_CASE(orders_are_paced_by_what_is_published_across_runs),
         AC_CASE(failures_are_counted_for_each_name),
         AC_CASE(where_nothing_is_published_nothing_is_written),
         AC_CASE(refusal_of_one_certificate_leaves_the_others),
         AC_CASE(certificates_that_are_refused_in_a_row_mean_the_account),
         AC_CASE(the_times_of_two_certificates_are_not_the_accounts),
         AC_CASE(what_was_said_counts_as_long_as_there_is_patience),
         AC_CASE(refusal_without_a_time_is_an_hour_and_an_absurd_one_is_cut),
         AC_CASE(file_stays_bounded_and_a_damaged_one_begins_anew))
