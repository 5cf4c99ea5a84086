/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "engine/renewal/crl_note.h"

#include <string.h>

#define URL    "http://crl.example/1.crl"
#define ISSUER "00ff"
#define NOW    INT64_C(1893456000)
#define HOUR   INT64_C(3600)
#define DAY    INT64_C(86400)

static enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

AC_TEST(note_outlives_the_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_crl_note) note = { 0 };
    AC_AUTO(ac_crl_note) again = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_crl_note_load(store, URL, ISSUER, &note, &err));
    CU_ASSERT_TRUE(ac_crl_note_is_due(&note, NOW));
    AC_REQUIRE_OK(ac_crl_note_fail(&note, "no route", NOW, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("\"x\"", &note.etag, &err));
    AC_REQUIRE_OK(ac_crl_note_save(&note, store, &err));
    AC_REQUIRE_OK(ac_crl_note_load(store, URL, ISSUER, &again, &err));

    CU_ASSERT_STRING_EQUAL(again.url, URL);
    CU_ASSERT_STRING_EQUAL(again.issuer, ISSUER);
    CU_ASSERT_STRING_EQUAL(again.etag, "\"x\"");
    CU_ASSERT_STRING_EQUAL(again.message, "no route");
    CU_ASSERT_EQUAL(again.failures, 1);
    CU_ASSERT_EQUAL(again.next_fetch_at, note.next_fetch_at);
}

AC_TEST(lists_of_two_issuers_at_one_url_are_two)
{
    char one[65];
    char other[65];
    char again[65];

    ac_crl_note_name(URL, ISSUER, one);
    ac_crl_note_name(URL, "00fe", other);
    ac_crl_note_name(URL, ISSUER, again);

    CU_ASSERT_STRING_NOT_EQUAL(one, other);
    CU_ASSERT_STRING_EQUAL(one, again);
}

AC_TEST(damaged_note_costs_what_it_knew)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_crl_note) note = { 0 };
    AC_AUTO(ac_text) bytes = { 0 };
    char name[65];

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_text_addf(&bytes, &err, "{"));
    ac_crl_note_name(URL, ISSUER, name);
    AC_REQUIRE_OK(
        ac_store_write(store, AC_STORE_CRLS, name, "list.json", &bytes, &err));
    AC_REQUIRE_OK(ac_crl_note_load(store, URL, ISSUER, &note, &err));

    CU_ASSERT_STRING_EQUAL(note.url, URL);
    CU_ASSERT_TRUE(ac_crl_note_is_due(&note, NOW));
}

AC_TEST(list_is_fetched_again_after_half_of_its_time_within_limits)
{
    static const struct {
        int64_t age, rest, wait;
    } lists[] = {
        { 0, 10 * DAY, AC_CRL_FETCH_MAX_S }, /* as Let's Encrypt's */
        { 0, 6 * HOUR, 3 * HOUR },           /* half */
        { 5 * HOUR, HOUR, HOUR },            /* not beyond its end */
        { 0, 10 * 60, AC_CRL_FETCH_MIN_S },  /* and not all the time */
        { 9 * DAY, 60, AC_CRL_FETCH_MIN_S },
    };

    for (size_t i = 0; i < AC_COUNT(lists); i++) {
        AC_AUTO(ac_crl_note) note = { 0 };

        ac_crl_note_succeed(&note, NOW - lists[i].age, NOW + lists[i].rest, NOW);

        CU_ASSERT_EQUAL(note.next_fetch_at - NOW, lists[i].wait);
        CU_ASSERT_FALSE(ac_crl_note_is_due(&note, NOW));
        CU_ASSERT_TRUE(ac_crl_note_is_due(&note, note.next_fetch_at));
    }
}

AC_TEST(clock_that_was_set_back_does_not_silence_it)
{
    AC_AUTO(ac_crl_note) note = { 0 };

    ac_crl_note_succeed(&note, NOW, NOW + 10 * DAY, NOW);

    CU_ASSERT_TRUE(ac_crl_note_is_due(&note, NOW - DAY));
}

AC_TEST(failures_back_off_to_a_day)
{
    static const int64_t waits[] = { 15 * 60,   HOUR,      4 * HOUR,
                                     16 * HOUR, 20 * HOUR, 20 * HOUR };
    struct ac_error err = { 0 };
    AC_AUTO(ac_crl_note) note = { 0 };

    for (size_t i = 0; i < AC_COUNT(waits); i++) {
        AC_REQUIRE_OK(ac_crl_note_fail(&note, "no", NOW + (int64_t)i, &err));
        CU_ASSERT_EQUAL(note.next_fetch_at, NOW + (int64_t)i + waits[i]);
    }
    CU_ASSERT_EQUAL(note.failing_since, NOW);
    ac_crl_note_succeed(&note, NOW, NOW + 10 * DAY, NOW);

    CU_ASSERT_EQUAL(note.failures, 0);
    CU_ASSERT_PTR_NULL(note.message);
}

AC_TEST(failure_is_told_after_three_days_and_then_daily)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_crl_note) note = { 0 };

    AC_REQUIRE_OK(ac_crl_note_fail(&note, "no", NOW, &err));

    CU_ASSERT_FALSE(ac_crl_note_takes_warning(&note, NOW + 2 * DAY));
    CU_ASSERT_TRUE(ac_crl_note_takes_warning(&note, NOW + 3 * DAY));
    CU_ASSERT_FALSE(ac_crl_note_takes_warning(&note, NOW + 3 * DAY + HOUR));
    CU_ASSERT_TRUE(ac_crl_note_takes_warning(&note, NOW + 4 * DAY));
}

AC_TEST(lists_that_nobody_asked_for_in_a_month_go)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_crl_note) old = { 0 };
    AC_AUTO(ac_crl_note) young = { 0 };
    AC_AUTO(ac_words) names = { 0 };
    char name[65];

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_crl_note_load(store, URL, ISSUER, &young, &err));
    AC_REQUIRE_OK(ac_crl_note_load(store, URL, "00fe", &old, &err));
    ac_crl_note_succeed(&young, NOW, NOW + DAY, NOW);
    ac_crl_note_succeed(&old, NOW, NOW + DAY, NOW - 31 * DAY);
    AC_REQUIRE_OK(ac_crl_note_save(&young, store, &err));
    AC_REQUIRE_OK(ac_crl_note_save(&old, store, &err));
    AC_REQUIRE_OK(ac_crl_note_forget_old(store, NOW, &err));
    AC_REQUIRE_OK(ac_store_list(store, AC_STORE_CRLS, &names, &err));
    ac_crl_note_name(URL, ISSUER, name);

    AC_REQUIRE(names.count == 1);
    CU_ASSERT_STRING_EQUAL(names.items[0], name);
}

AC_SUITE("engine/crl_note", AC_CASE(note_outlives_the_run),
         AC_CASE(lists_of_two_issuers_at_one_url_are_two),
         AC_CASE(damaged_note_costs_what_it_knew),
         AC_CASE(list_is_fetched_again_after_half_of_its_time_within_limits),
         AC_CASE(clock_that_was_set_back_does_not_silence_it),
         AC_CASE(failures_back_off_to_a_day),
         AC_CASE(failure_is_told_after_three_days_and_then_daily),
         AC_CASE(lists_that_nobody_asked_for_in_a_month_go))
