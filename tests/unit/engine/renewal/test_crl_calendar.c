/* SPDX-License-Identifier: Apache-2.0 */
#include "allocation.h"
#include "base/clock.h"
#include "check.h"
#include "engine/renewal/crl_calendar.h"
#include "engine/renewal/crl_note.h"

#include <stdio.h>

#define NOW  INT64_C(1893456000)
#define URLS 7

/* A state of one certificate in the care of list number `index`. */
static enum ac_code make_state(unsigned index, struct ac_state *state,
                               struct ac_error *err)
{
    struct ac_state_listed *listed = &state->crl.items[state->crl.count++];

    state->origin.version = state->crl.version = 3;
    AC_TRY(ac_memory_format(&listed->url, err, "http://crl.example/%u", index));
    AC_TRY(ac_memory_copy_text("00ff", &listed->issuer, err));
    return ac_memory_copy_text("01", &listed->serial, err);
}

/* Each list was fetched `index` minutes ago. */
static enum ac_code write_notes(struct ac_store **ret_store, struct ac_error *err)
{
    AC_TRY(ac_store_open(ac_test_path("state"), ret_store, err));
    for (unsigned i = 0; i < URLS; i++) {
        AC_AUTO(ac_crl_note) note = { 0 };
        char url[64];

        (void)snprintf(url, sizeof url, "http://crl.example/%u", i);
        AC_TRY(ac_crl_note_load(*ret_store, url, "00ff", &note, err));
        ac_crl_note_succeed(&note, NOW, NOW + INT64_C(864000), NOW - 60 * (int64_t)i);
        AC_TRY(ac_crl_note_save(&note, *ret_store, err));
    }
    return AC_OK;
}

static enum ac_code make_notes(struct ac_store **ret_store, struct ac_error *err)
{
    ac_allocation_pause();
    enum ac_code code = write_notes(ret_store, err);
    ac_allocation_resume();
    return code;
}

AC_TEST(each_list_has_its_day_whatever_the_order_in_which_they_are_asked_for)
{
    static const unsigned order[] = { 4, 2, 6, 0, 2, 5, 1, 3, 6 };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_crl_calendar) calendar = { 0 };

    AC_REQUIRE_OK(make_notes(&store, &err));
    calendar.store = store;
    for (size_t i = 0; i < AC_COUNT(order); i++) {
        AC_AUTO(ac_state) state = { 0 };
        int64_t at = 0;

        AC_REQUIRE_OK(make_state(order[i], &state, &err));
        AC_REQUIRE_OK(ac_crl_calendar_find(&calendar, &state, NOW, &at, &err));
        CU_ASSERT_EQUAL(at, NOW + AC_CRL_FETCH_MAX_S - 60 * (int64_t)order[i]);
    }
    CU_ASSERT_EQUAL(calendar.count, URLS);
}

AC_TEST(first_list_of_a_set_counts)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_crl_calendar) calendar = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    int64_t at = 0;

    AC_REQUIRE_OK(make_notes(&store, &err));
    calendar.store = store;
    AC_REQUIRE_OK(make_state(1, &state, &err));
    AC_REQUIRE_OK(make_state(5, &state, &err));
    AC_REQUIRE_OK(ac_crl_calendar_find(&calendar, &state, NOW, &at, &err));

    CU_ASSERT_EQUAL(at, NOW + AC_CRL_FETCH_MAX_S - 300);
}

AC_TEST(what_nobody_looked_into_is_due_and_what_has_no_list_never_is)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_crl_calendar) calendar = { 0 };
    AC_AUTO(ac_state) unknown = { .origin.version = 3 };
    AC_AUTO(ac_state) without = { .origin.version = 3, .crl.version = 3 };
    int64_t unknown_at = 1;
    int64_t without_at = 1;

    AC_REQUIRE_OK(make_notes(&store, &err));
    calendar.store = store;
    AC_REQUIRE_OK(ac_crl_calendar_find(&calendar, &unknown, NOW, &unknown_at, &err));
    AC_REQUIRE_OK(ac_crl_calendar_find(&calendar, &without, NOW, &without_at, &err));

    CU_ASSERT_EQUAL(unknown_at, 0);
    CU_ASSERT_EQUAL(without_at, AC_CLOCK_NEVER);
}

AC_SUITE("engine/crl_calendar",
         AC_CASE(each_list_has_its_day_whatever_the_order_in_which_they_are_asked_for),
         AC_CASE(first_list_of_a_set_counts),
         AC_CASE(what_nobody_looked_into_is_due_and_what_has_no_list_never_is))
