/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/state.h"
#include "engine/run/run_parts.h"

#include "stage.h"

#define OTHER "https://other.test/dir"
#define DIRECTORY                                                                      \
    "{\"newNonce\":\"" FAKE_NONCE_URL                                                  \
    "\",\"newAccount\":\"https://ca.test/new-account\",\"newOrder\":\"" FAKE_ORDER_URL \
    "\",\"renewalInfo\":\"https://ca.test/renewal\"}"
#define WINDOW(start, end)                                                             \
    "{\"suggestedWindow\":{\"start\":\"" start "\",\"end\":\"" end                     \
    "\"},\"explanationURL\":\"https://ca.test/why\"}"
#define FIRST  WINDOW("2023-12-01T00:00:00Z", "2023-12-02T00:00:00Z")
#define SECOND WINDOW("2023-12-11T00:00:00Z", "2023-12-12T00:00:00Z")
#define NOW    1700001000 /* of the stage, roughly */
#define DAY    86400

static void begin(const char *directory, const char *answer)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule(
        (struct fake_rule){ .url = FAKE_DIRECTORY, .times = 99, .body = directory });
    fake_ca_rule((struct fake_rule){ .url = OTHER, .times = 99, .body = DIRECTORY });
    fake_ca_rule((struct fake_rule){ .url = "/renewal",
                                     .times = 999,
                                     .body = answer,
                                     .headers = "Retry-After: 7200\n" });
}

/* A certificate of this name that was issued at this directory. */
static enum ac_code hold(struct ac_store *store, const char *name,
                         const char *directory, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_TRY(stage_want("http", &wanted, err));
    free(wanted.name);
    wanted.name = NULL;
    AC_TRY(ac_memory_copy_text(name, &wanted.name, err));
    AC_TRY(ac_wanted_save(&wanted, store, err));
    state.origin.not_after = NOW + 60 * DAY;
    AC_TRY(ac_memory_copy_text(directory, &state.origin.directory_url, err));
    AC_TRY(ac_memory_copy_text("01", &state.origin.serial, err));
    AC_TRY(ac_memory_copy_text("aki.serial", &state.origin.renewal_id, err));
    return ac_state_save(&state, store, name, err);
}

static enum ac_code check_within(struct ac_store *store, const char *name, int64_t ms,
                                 struct ac_state *ret_state, struct ac_error *err)
{
    AC_AUTO(ac_run) *run = NULL;
    AC_AUTO(ac_words) names = { 0 };
    struct ac_run_settings settings = {
        .store = store,
        .place = { .directory_url = FAKE_DIRECTORY },
        .deadline_ms = ac_clock_after_ms(ms),
    };

    stage.turns = 0;
    AC_TRY(ac_run_new(&settings, &run, err));
    AC_TRY(ac_words_add(&names, name, err));
    AC_TRY(ac_run_check_renewals(run, &names, err));
    ac_state_done(ret_state);
    return ac_state_load(store, name, ret_state, err);
}

static enum ac_code check(struct ac_store *store, const char *name,
                          struct ac_state *ret_state, struct ac_error *err)
{
    return check_within(store, name, (int64_t)STAGE_SECONDS * 1000, ret_state, err);
}

static enum ac_code open_and_hold(struct ac_store **ret_store, const char *directory,
                                  struct ac_error *err)
{
    AC_TRY(ac_store_open(ac_test_path("state"), ret_store, err));
    return hold(*ret_store, "www", directory, err);
}

AC_TEST(window_is_noted_and_the_instant_stays)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    begin(DIRECTORY, FIRST);
    AC_REQUIRE_OK(open_and_hold(&store, FAKE_DIRECTORY, &err));
    AC_REQUIRE_OK(check(store, "www", &state, &err));
    CU_ASSERT_EQUAL(state.renewal.start, 1701388800);
    CU_ASSERT_EQUAL(state.renewal.next_check_at - state.renewal.checked_at, 7200);
    int64_t chosen = state.renewal.selected_at;

    fake_ca.now_ms += INT64_C(7201) * 1000;
    AC_REQUIRE_OK(check(store, "www", &state, &err));
    CU_ASSERT_EQUAL(stage_requests("/renewal/aki.serial"), 2);
    CU_ASSERT_EQUAL(state.renewal.selected_at, chosen);
}

AC_TEST(ca_is_not_asked_before_it_said)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    begin(DIRECTORY, FIRST);
    AC_REQUIRE_OK(open_and_hold(&store, FAKE_DIRECTORY, &err));
    AC_REQUIRE_OK(check(store, "www", &state, &err));
    fake_ca.now_ms += INT64_C(7000) * 1000;
    AC_REQUIRE_OK(check(store, "www", &state, &err));

    CU_ASSERT_EQUAL(stage_requests("/renewal/"), 1);
}

AC_TEST(window_that_moves_has_another_instant)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    begin(DIRECTORY, FIRST);
    AC_REQUIRE_OK(open_and_hold(&store, FAKE_DIRECTORY, &err));
    AC_REQUIRE_OK(check(store, "www", &state, &err));
    fake_ca.now_ms += INT64_C(7201) * 1000;
    fake_ca.rules[2].body = SECOND;
    AC_REQUIRE_OK(check(store, "www", &state, &err));

    CU_ASSERT_EQUAL(state.renewal.start, 1702252800);
    CU_ASSERT(state.renewal.selected_at >= state.renewal.start);
}

/* AR-05, AR-07. */
AC_TEST(what_is_no_answer_keeps_the_window_and_is_asked_for_later)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    begin(DIRECTORY, FIRST);
    AC_REQUIRE_OK(open_and_hold(&store, FAKE_DIRECTORY, &err));
    AC_REQUIRE_OK(check(store, "www", &state, &err));
    int64_t chosen = state.renewal.selected_at;
    fake_ca.now_ms += INT64_C(7201) * 1000;
    fake_ca.rules[2].body = "garbage";
    AC_REQUIRE_OK(check(store, "www", &state, &err));

    CU_ASSERT_EQUAL(state.renewal.selected_at, chosen);
    CU_ASSERT_EQUAL(state.renewal.next_check_at - state.renewal.checked_at,
                    AC_RENEWAL_CHECK_S);
}

AC_TEST(ca_without_renewal_information_is_asked_for_its_directory_once_a_day)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    begin(NULL, FIRST);
    AC_REQUIRE_OK(open_and_hold(&store, FAKE_DIRECTORY, &err));
    AC_REQUIRE_OK(check(store, "www", &state, &err));
    AC_REQUIRE_OK(check(store, "www", &state, &err));

    CU_ASSERT_EQUAL(stage_requests("/renewal/"), 0);
    CU_ASSERT_EQUAL(stage_requests("/dir"), 1);
    CU_ASSERT_EQUAL(state.renewal.next_check_at - state.renewal.checked_at,
                    AC_RENEWAL_CHECK_MAX_S);
}

/* AR-13. */
AC_TEST(ca_that_issued_it_is_asked_whatever_is_wanted_now)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    begin(DIRECTORY, FIRST);
    AC_REQUIRE_OK(open_and_hold(&store, OTHER, &err));
    AC_REQUIRE_OK(check(store, "www", &state, &err));

    CU_ASSERT_EQUAL(stage_requests(OTHER), 1);
    CU_ASSERT_EQUAL(stage_requests(FAKE_DIRECTORY), 0);
    CU_ASSERT_NOT_EQUAL(state.renewal.selected_at, 0);
}

AC_TEST(many_are_asked_about_at_once_and_one_that_is_locked_is_left_alone)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_run) *run = NULL;
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin(DIRECTORY, FIRST);
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    for (int i = 0; i < 40; i++) {
        AC_REQUIRE_OK(ac_words_addf(&names, &err, "n%d", i));
        AC_REQUIRE_OK(hold(store, names.items[i], FAKE_DIRECTORY, &err));
    }
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_CERTIFICATES, "n7", &lock, &err));
    struct ac_run_settings settings = {
        .store = store,
        .place = { .directory_url = FAKE_DIRECTORY },
        .deadline_ms = ac_clock_after_ms((int64_t)STAGE_SECONDS * 1000),
    };
    AC_REQUIRE_OK(ac_run_new(&settings, &run, &err));
    AC_REQUIRE_OK(ac_run_check_renewals(run, &names, &err));

    CU_ASSERT_EQUAL(stage_requests("/renewal/"), 40);
    CU_ASSERT(fake_ca.rounds <= 6);
    AC_REQUIRE_OK(ac_state_load(store, "n39", &state, &err));
    CU_ASSERT_NOT_EQUAL(state.renewal.selected_at, 0);
    ac_state_done(&state);
    AC_REQUIRE_OK(ac_state_load(store, "n7", &state, &err));
    CU_ASSERT_EQUAL(state.renewal.selected_at, 0);
}

AC_TEST(ca_that_stalls_holds_nobody_up_for_long)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    begin(DIRECTORY, FIRST);
    fake_ca.rules[2].is_silent = true;
    AC_REQUIRE_OK(open_and_hold(&store, FAKE_DIRECTORY, &err));
    int64_t before_ms = fake_ca.now_ms;
    AC_REQUIRE_OK(check(store, "www", &state, &err));

    CU_ASSERT(fake_ca.now_ms - before_ms <= AC_RENEWAL_QUERY_MS + 1000);
    CU_ASSERT_EQUAL(state.renewal.selected_at, 0);
    CU_ASSERT_EQUAL(state.renewal.next_check_at - state.renewal.checked_at,
                    AC_RENEWAL_CHECK_S);
}

/* With a short --timeout, and again at each run, it would be all that is done. */
AC_TEST(ca_that_stalls_has_a_part_of_the_time_that_is_left)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    begin(DIRECTORY, FIRST);
    fake_ca.rules[2].is_silent = true;
    AC_REQUIRE_OK(open_and_hold(&store, FAKE_DIRECTORY, &err));
    int64_t before_ms = fake_ca.now_ms;
    AC_REQUIRE_OK(check_within(store, "www", 8000, &state, &err));

    CU_ASSERT(fake_ca.now_ms - before_ms <= 3000);
    CU_ASSERT_EQUAL(state.renewal.next_check_at - state.renewal.checked_at,
                    AC_RENEWAL_CHECK_S);
}

/* Else a process that stays would come back to it at once, and again. */
AC_TEST(one_whose_ca_cannot_be_found_is_asked_about_later)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    begin(DIRECTORY, FIRST);
    AC_REQUIRE_OK(open_and_hold(&store, FAKE_DIRECTORY, &err));
    AC_REQUIRE_OK(
        ac_store_remove(store, AC_STORE_CERTIFICATES, "www", "certificate.json", &err));
    AC_REQUIRE_OK(check(store, "www", &state, &err));

    CU_ASSERT_EQUAL(stage_requests("/renewal/"), 0);
    CU_ASSERT_NOT_EQUAL(state.renewal.checked_at, 0);
    CU_ASSERT_EQUAL(state.renewal.next_check_at - state.renewal.checked_at,
                    AC_RENEWAL_CHECK_S);
}

AC_SUITE("engine/run_renewals", AC_CASE(window_is_noted_and_the_instant_stays),
         AC_CASE(ca_is_not_asked_before_it_said),
         AC_CASE(window_that_moves_has_another_instant),
         AC_CASE(what_is_no_answer_keeps_the_window_and_is_asked_for_later),
         AC_CASE(ca_without_renewal_information_is_asked_for_its_directory_once_a_day),
         AC_CASE(ca_that_issued_it_is_asked_whatever_is_wanted_now),
         AC_CASE(many_are_asked_about_at_once_and_one_that_is_locked_is_left_alone),
         AC_CASE(ca_that_stalls_holds_nobody_up_for_long),
         AC_CASE(ca_that_stalls_has_a_part_of_the_time_that_is_left),
         AC_CASE(one_whose_ca_cannot_be_found_is_asked_about_later))
