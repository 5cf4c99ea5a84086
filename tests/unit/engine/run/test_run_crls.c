/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_parts.h"

#include "../crl_holding.h"
#include "engine/renewal/crl_note.h"
#include "stage.h"

static enum ac_code begin(struct ac_store **ret_store, struct ac_text *body,
                          const char *list, struct ac_error *err)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca.now_ms = (AC_CRLS_WITHIN - 1700000000) * 1000;
    ac_allocation_pause();
    enum ac_code code = list ? ac_crls_load(list, body, err) : AC_OK;
    ac_allocation_resume();
    AC_TRY(code);
    fake_ca_rule((struct fake_rule){ .url = AC_CRLS_URL,
                                     .times = 999,
                                     .status = list ? 200 : 404,
                                     .headers = "ETag: \"a\"\n",
                                     .body = list ? body->bytes : "",
                                     .body_size = body->size });
    return crl_open_and_hold(ret_store, true, err);
}

static enum ac_code check_within(struct ac_store *store, bool is_partial, int64_t ms,
                                 struct ac_words *revoked, struct ac_error *err)
{
    AC_AUTO(ac_run) *run = NULL;
    AC_AUTO(ac_words) names = { 0 };
    struct ac_run_settings settings = {
        .store = store,
        .place = { .directory_url = FAKE_DIRECTORY },
        .deadline_ms = ac_clock_after_ms(ms),
    };

    stage.turns = 0;
    ac_allocation_pause(); /* what other tests run out of memory in */
    enum ac_code code = ac_run_new(&settings, &run, err);
    if (code == AC_OK)
        code = ac_run_connect(run, err);
    ac_allocation_resume();
    AC_TRY(code);
    AC_TRY(ac_words_add(&names, "www", err));
    return ac_run_check_crls(run, &names, is_partial, revoked, err);
}

static enum ac_code check(struct ac_store *store, bool is_partial,
                          struct ac_words *revoked, struct ac_error *err)
{
    return check_within(store, is_partial, (int64_t)STAGE_SECONDS * 1000, revoked, err);
}

static enum ac_code load_note(const struct ac_store *store, struct ac_state *state,
                              struct ac_crl_note *note, struct ac_error *err)
{
    ac_allocation_pause();
    enum ac_code code = ac_state_load(store, "www", state, err);
    if (code == AC_OK)
        code = ac_crl_note_load(store, state->crl.items[0].url,
                                state->crl.items[0].issuer, note, err);
    ac_allocation_resume();
    return code;
}

AC_TEST(revoked_certificate_is_found_and_named)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) body = { 0 };
    AC_AUTO(ac_words) revoked = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_crl_note) note = { 0 };

    AC_REQUIRE_OK(begin(&store, &body, "compromised", &err));
    AC_REQUIRE_OK(check(store, false, &revoked, &err));
    AC_REQUIRE_OK(load_note(store, &state, &note, &err));

    AC_REQUIRE(revoked.count == 1 && state.revoked_count == 1);
    CU_ASSERT_STRING_EQUAL(revoked.items[0], "www");
    CU_ASSERT_TRUE(state.revoked[0].is_key_compromised);
    CU_ASSERT_EQUAL(note.next_fetch_at, ac_clock_utc() + AC_CRL_FETCH_MAX_S);
    CU_ASSERT_STRING_EQUAL(note.etag, "\"a\"");
}

/* The test above has run out of memory often enough. */
static enum ac_code check_again(struct ac_store *store, bool is_partial,
                                struct ac_words *revoked, struct ac_error *err)
{
    ac_allocation_pause();
    enum ac_code code = check(store, is_partial, revoked, err);
    ac_allocation_resume();
    return code;
}

AC_TEST(list_is_asked_for_once_until_it_is_due)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) body = { 0 };
    AC_AUTO(ac_words) revoked = { 0 };

    AC_REQUIRE_OK(begin(&store, &body, "clean", &err));
    AC_REQUIRE_OK(check_again(store, false, &revoked, &err));
    AC_REQUIRE_OK(check_again(store, false, &revoked, &err));
    CU_ASSERT_EQUAL(stage_requests("/part/7.crl"), 1);
    fake_ca.now_ms += AC_CRL_FETCH_MAX_S * 1000;
    AC_REQUIRE_OK(check_again(store, false, &revoked, &err));

    CU_ASSERT_EQUAL(stage_requests("/part/7.crl"), 2);
    CU_ASSERT_EQUAL(revoked.count, 0);
}

AC_TEST(list_that_was_not_looked_into_for_all_stays_due)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) body = { 0 };
    AC_AUTO(ac_words) revoked = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_crl_note) note = { 0 };

    AC_REQUIRE_OK(begin(&store, &body, "clean", &err));
    AC_REQUIRE_OK(check_again(store, true, &revoked, &err));
    AC_REQUIRE_OK(load_note(store, &state, &note, &err));

    CU_ASSERT_EQUAL(note.next_fetch_at, 0);
}

AC_TEST(list_that_does_not_come_is_no_failure_and_is_noted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) body = { 0 };
    AC_AUTO(ac_words) revoked = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_crl_note) note = { 0 };

    AC_REQUIRE_OK(begin(&store, &body, NULL, &err));
    AC_REQUIRE_OK(check_again(store, false, &revoked, &err));
    AC_REQUIRE_OK(load_note(store, &state, &note, &err));

    CU_ASSERT_EQUAL(note.failures, 1);
    CU_ASSERT_STRING_EQUAL(note.message, AC_CRLS_URL " answers with HTTP status 404");
}

/* The run that has it notes what it does; the list is looked into again soon. */
AC_TEST(certificate_in_use_leaves_the_list_due)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) body = { 0 };
    AC_AUTO(ac_words) revoked = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_crl_note) note = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE_OK(begin(&store, &body, "compromised", &err));
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_CERTIFICATES, "www", &lock, &err));
    AC_REQUIRE_OK(check_again(store, false, &revoked, &err));
    AC_REQUIRE_OK(load_note(store, &state, &note, &err));

    CU_ASSERT_EQUAL(revoked.count, 0);
    CU_ASSERT_EQUAL(note.next_fetch_at, 0);
}

AC_TEST(certificate_on_hold_is_not_revoked)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) body = { 0 };
    AC_AUTO(ac_words) revoked = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_crl_note) note = { 0 };

    AC_REQUIRE_OK(begin(&store, &body, "hold", &err));
    AC_REQUIRE_OK(check_again(store, false, &revoked, &err));
    AC_REQUIRE_OK(load_note(store, &state, &note, &err));

    CU_ASSERT_EQUAL(revoked.count + state.revoked_count, 0);
    CU_ASSERT_EQUAL(ac_state_on_hold_at(&state), AC_CRLS_BEGINS);
}

AC_TEST(removed_entry_is_none)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) body = { 0 };
    AC_AUTO(ac_words) revoked = { 0 };

    AC_REQUIRE_OK(begin(&store, &body, "removed", &err));
    AC_REQUIRE_OK(check_again(store, false, &revoked, &err));

    CU_ASSERT_EQUAL(revoked.count, 0);
}

/* The renewals that follow are to have the time. */
AC_TEST(list_that_never_ends_has_a_part_of_the_time_that_is_left)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) body = { 0 };
    AC_AUTO(ac_words) revoked = { 0 };

    AC_REQUIRE(!ac_check_is_torture()); /* the test above has had it */
    AC_REQUIRE_OK(begin(&store, &body, "compromised", &err));
    fake_ca.rules[0].is_silent = true;
    int64_t before_ms = fake_ca.now_ms;
    AC_REQUIRE_OK(check_within(store, false, 8000, &revoked, &err));

    CU_ASSERT_EQUAL(stage_requests("/part/7.crl"), 1);
    CU_ASSERT(fake_ca.now_ms - before_ms <= 3000);
}

AC_TEST(lists_that_cannot_be_looked_through_fail_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_text) body = { 0 };
    AC_AUTO(ac_words) revoked = { 0 };

    AC_REQUIRE_OK(begin(&store, &body, "clean", &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/crls"), "x", 1));
    AC_REQUIRE_OK(check_again(store, false, &revoked, &err));

    CU_ASSERT_EQUAL(revoked.count, 0);
}

AC_SUITE("engine/run_crls", AC_CASE(revoked_certificate_is_found_and_named),
         AC_CASE(list_is_asked_for_once_until_it_is_due),
         AC_CASE(list_that_was_not_looked_into_for_all_stays_due),
         AC_CASE(list_that_does_not_come_is_no_failure_and_is_noted),
         AC_CASE(certificate_in_use_leaves_the_list_due),
         AC_CASE(list_that_never_ends_has_a_part_of_the_time_that_is_left),
         AC_CASE(lists_that_cannot_be_looked_through_fail_nothing),
         AC_CASE(certificate_on_hold_is_not_revoked), AC_CASE(removed_entry_is_none))
