/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "check.h"
#include "engine/held/state.h"

#include <string.h>

#define START 1735790400 /* 2025-01-02T04:00:00Z */
#define END   1735876800
#define DAY   86400
#define DRAWS 64

static enum ac_code copy(const char *text, char **ret_copy, struct ac_error *err)
{
    return ac_memory_copy_text(text, ret_copy, err);
}

/* A version with this serial, valid from START - 60 days to START + 30 days. */
static enum ac_code begin(struct ac_state *state, const char *serial,
                          struct ac_error *err)
{
    struct ac_state_origin origin = {
        .issued_at = START - 60 * DAY,
        .not_before = START - 60 * DAY,
        .not_after = START + 30 * DAY,
    };

    AC_TRY(copy(serial, &origin.serial, err));
    ac_state_begin_version(state, &origin);
    return copy("aki.serial", &state->origin.renewal_id, err);
}

static enum ac_code revoke(struct ac_state *state, const char *fingerprint,
                           const char *key, bool is_compromised, struct ac_error *err)
{
    AC_AUTO(ac_state_revoked) revoked = { .revoked_at = START,
                                          .is_key_compromised = is_compromised };

    AC_TRY(copy(fingerprint, &revoked.fingerprint, err));
    AC_TRY(copy(key, &revoked.key_fingerprint, err));
    AC_TRY(copy("superseded", &revoked.reason, err));
    return ac_state_add_revoked(state, &revoked, err);
}

AC_TEST(instant_is_drawn_from_the_whole_window)
{
    struct ac_error err = { 0 };
    const struct ac_renewal window = { .start = START, .end = START + 3 };
    bool was_drawn[4] = { false };

    for (int i = 0; i < DRAWS; i++) {
        AC_AUTO(ac_state) state = { 0 };

        AC_REQUIRE_OK(begin(&state, "01", &err));
        AC_REQUIRE_OK(ac_state_take_renewal(&state, &window, &err));
        AC_REQUIRE(state.renewal.selected_at >= window.start
                   && state.renewal.selected_at <= window.end);
        was_drawn[state.renewal.selected_at - window.start] = true;
    }

    CU_ASSERT(was_drawn[0] && was_drawn[1] && was_drawn[2] && was_drawn[3]);
}

AC_TEST(instant_stays_while_the_window_does)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    struct ac_renewal window = { .start = START, .end = START + 25 * DAY };

    AC_REQUIRE_OK(begin(&state, "01", &err));
    AC_REQUIRE_OK(ac_state_take_renewal(&state, &window, &err));
    int64_t chosen = state.renewal.selected_at;
    for (int i = 0; i < DRAWS; i++)
        AC_REQUIRE_OK(ac_state_take_renewal(&state, &window, &err));
    CU_ASSERT_EQUAL(state.renewal.selected_at, chosen);

    window.start = START - 90 * DAY;
    window.end = START - 89 * DAY;
    AC_REQUIRE_OK(ac_state_take_renewal(&state, &window, &err));
    CU_ASSERT(state.renewal.selected_at <= window.end);
}

AC_TEST(explanation_is_the_latest_one)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    char url[] = "https://ca.test/why";
    struct ac_renewal window = { START, END, url };

    AC_REQUIRE_OK(ac_state_take_renewal(&state, &window, &err));
    AC_REQUIRE(state.renewal.explanation_url != NULL);
    CU_ASSERT_STRING_EQUAL(state.renewal.explanation_url, url);

    window.explanation_url = NULL;
    AC_REQUIRE_OK(ac_state_take_renewal(&state, &window, &err));
    CU_ASSERT_PTR_NULL(state.renewal.explanation_url);
}

AC_TEST(window_beyond_the_validity_is_cut_or_passed_over)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    const struct ac_renewal late = { .start = START + 30 * DAY, .end = INT64_MAX };
    const struct ac_renewal wide = { .start = START, .end = INT64_MAX };

    AC_REQUIRE_OK(begin(&state, "01", &err));
    AC_REQUIRE_OK(ac_state_take_renewal(&state, &late, &err));
    CU_ASSERT_EQUAL(state.renewal.selected_at, 0);
    AC_REQUIRE_OK(ac_state_take_renewal(&state, &wide, &err));
    CU_ASSERT(state.renewal.selected_at >= START);
    CU_ASSERT(state.renewal.selected_at <= state.origin.not_after);
}

AC_TEST(ca_is_asked_again_when_it_said_so_and_never_after_the_end)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_state) unknown = { 0 };

    AC_REQUIRE_OK(begin(&state, "01", &err));
    CU_ASSERT(ac_state_wants_check(&state, START));

    ac_state_note_check(&state, START, 3600);
    CU_ASSERT_FALSE(ac_state_wants_check(&state, START + 3599));
    CU_ASSERT(ac_state_wants_check(&state, START + 3600));
    CU_ASSERT(ac_state_wants_check(&state, START - 30 * DAY)); /* a clock set back */
    CU_ASSERT_FALSE(ac_state_wants_check(&state, state.origin.not_after));
    CU_ASSERT_FALSE(ac_state_wants_check(&unknown, START));
}

AC_TEST(instant_is_of_one_version_only)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    const struct ac_renewal window = { .start = START, .end = END };

    AC_REQUIRE_OK(begin(&state, "01", &err));
    AC_REQUIRE_OK(ac_state_take_renewal(&state, &window, &err));
    CU_ASSERT(ac_state_selected_at(&state, "01") >= START);
    CU_ASSERT_EQUAL(ac_state_selected_at(&state, "02"), 0);

    AC_REQUIRE_OK(begin(&state, "02", &err));
    CU_ASSERT_EQUAL(ac_state_selected_at(&state, "02"), 0);
}

AC_TEST(failures_are_counted_until_a_version_is_issued)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    const struct ac_error why = { .code = AC_E_NETWORK, .detail = "no route" };

    AC_REQUIRE_OK(ac_state_note_failure(&state, &why, START, START + 60, &err));
    AC_REQUIRE_OK(ac_state_note_failure(&state, &why, START + 60, START + 660, &err));
    CU_ASSERT_EQUAL(state.trouble.failures, 2);
    CU_ASSERT_EQUAL(state.trouble.next_attempt_at, START + 660);
    CU_ASSERT_STRING_EQUAL(state.trouble.code, "network");
    CU_ASSERT_STRING_EQUAL(state.trouble.message, "no route");

    AC_REQUIRE_OK(begin(&state, "02", &err));
    CU_ASSERT_EQUAL(state.trouble.failures, 0);
    CU_ASSERT_PTR_NULL(state.trouble.message);
}

AC_TEST(revoked_certificates_are_known_by_their_digest)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(revoke(&state, "aa", "k1", false, &err));
    AC_REQUIRE_OK(revoke(&state, "bb", "k2", true, &err));
    AC_REQUIRE_OK(revoke(&state, "bb", "k2", false, &err));

    CU_ASSERT_EQUAL(state.revoked_count, 2);
    CU_ASSERT_PTR_NOT_NULL(ac_state_find_revoked_set(&state, "aa"));
    CU_ASSERT_PTR_NULL(ac_state_find_revoked_set(&state, "cc"));
    CU_ASSERT_FALSE(ac_state_is_compromised(&state, "k1"));
    CU_ASSERT(ac_state_is_compromised(&state, "k2"));
}

AC_TEST(a_revocation_that_is_noted_again_was_known_since_the_first_time)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(revoke(&state, "aa", "k1", false, &err));
    CU_ASSERT(state.revoked[0].noted_at > 0);
    state.revoked[0].noted_at = 1000;
    AC_REQUIRE_OK(revoke(&state, "aa", "k1", false, &err));

    CU_ASSERT_EQUAL(state.revoked[0].noted_at, 1000);
}

AC_TEST(revoked_certificates_survive_a_new_version_and_are_bounded)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    for (int i = 0; i < AC_STATE_REVOKED_MAX + 1; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "%d", i);
        AC_REQUIRE_OK(revoke(&state, name, "k", false, &err));
    }
    AC_REQUIRE_OK(begin(&state, "02", &err));

    CU_ASSERT_EQUAL(state.revoked_count, AC_STATE_REVOKED_MAX);
    CU_ASSERT_PTR_NULL(ac_state_find_revoked_set(&state, "0"));
    CU_ASSERT_PTR_NOT_NULL(ac_state_find_revoked_set(&state, "32"));
}

AC_TEST(where_earlier_versions_came_from_is_kept_bounded)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    for (int64_t version = 1; version <= AC_STATE_EARLIER_MAX + 3; version++) {
        AC_AUTO(ac_state) next = { .origin.version = version };

        AC_REQUIRE_OK(ac_memory_format(&next.origin.directory_url, &err, "https://%d/d",
                                       (int)version));
        ac_state_begin_version(&state, &next.origin);
    }

    CU_ASSERT_EQUAL(state.earlier_count, AC_STATE_EARLIER_MAX);
    CU_ASSERT_PTR_NULL(ac_state_find_earlier(&state, 2));
    AC_REQUIRE(ac_state_find_earlier(&state, 3) != NULL);
    CU_ASSERT_STRING_EQUAL(ac_state_find_earlier(&state, 3)->directory_url,
                           "https://3/d");
    CU_ASSERT_PTR_NULL(ac_state_find_earlier(&state, AC_STATE_EARLIER_MAX + 3));
}

static int64_t utc_of_start(void)
{
    return START;
}

/* A version of 90 days that was issued so long ago; what the CA says of it now. */
static enum ac_code issue_and_hear(struct ac_state *state, int64_t ago_s,
                                   const struct ac_renewal *window,
                                   struct ac_error *err)
{
    struct ac_state_origin origin = {
        .issued_at = START - ago_s,
        .not_before = START - ago_s,
        .not_after = START - ago_s + 90 * DAY,
    };

    AC_TRY(copy("01", &origin.serial, err));
    ac_state_begin_version(state, &origin);
    ac_clock_fake(NULL, utc_of_start);
    enum ac_code code = ac_state_take_renewal(state, window, err);
    ac_clock_fake(NULL, NULL);
    return code;
}

AC_TEST(window_that_is_over_when_a_version_begins_is_followed_once)
{
    struct ac_error err = { 0 };
    const struct ac_renewal past = { .start = START - 2 * DAY, .end = START - DAY };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(issue_and_hear(&state, 0, &past, &err));
    CU_ASSERT_NOT_EQUAL(ac_state_selected_at(&state, "01"), 0);
    AC_REQUIRE_OK(issue_and_hear(&state, 0, &past, &err));
    CU_ASSERT_TRUE(ac_state_passes_over(&state));
    CU_ASSERT_EQUAL(ac_state_selected_at(&state, "01"), 0);
    AC_REQUIRE_OK(issue_and_hear(&state, 0, &past, &err));
    CU_ASSERT_EQUAL(ac_state_selected_at(&state, "01"), 0);
}

AC_TEST(window_that_moves_into_the_past_later_counts_each_time)
{
    struct ac_error err = { 0 };
    const struct ac_renewal past = { .start = START - 2 * DAY, .end = START - DAY };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(issue_and_hear(&state, 0, &past, &err));
    AC_REQUIRE_OK(issue_and_hear(&state, 20 * DAY, &past, &err));
    CU_ASSERT_NOT_EQUAL(ac_state_selected_at(&state, "01"), 0);
    AC_REQUIRE_OK(issue_and_hear(&state, 0, &past, &err));

    CU_ASSERT_NOT_EQUAL(ac_state_selected_at(&state, "01"), 0);
}

AC_TEST(window_ahead_counts_again_after_one_that_was_over)
{
    struct ac_error err = { 0 };
    const struct ac_renewal past = { .start = START - 2 * DAY, .end = START - DAY };
    const struct ac_renewal ahead = { .start = START + 60 * DAY,
                                      .end = START + 62 * DAY };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(issue_and_hear(&state, 0, &past, &err));
    AC_REQUIRE_OK(issue_and_hear(&state, 0, &past, &err));
    ac_clock_fake(NULL, utc_of_start);
    enum ac_code code = ac_state_take_renewal(&state, &ahead, &err);
    ac_clock_fake(NULL, NULL);
    AC_REQUIRE_OK(code);

    CU_ASSERT_FALSE(ac_state_passes_over(&state));
    CU_ASSERT_TRUE(ac_state_selected_at(&state, "01") >= ahead.start);
}

AC_SUITE("engine/state", AC_CASE(where_earlier_versions_came_from_is_kept_bounded),
         AC_CASE(instant_is_drawn_from_the_whole_window),
         AC_CASE(instant_stays_while_the_window_does),
         AC_CASE(explanation_is_the_latest_one),
         AC_CASE(window_beyond_the_validity_is_cut_or_passed_over),
         AC_CASE(ca_is_asked_again_when_it_said_so_and_never_after_the_end),
         AC_CASE(instant_is_of_one_version_only),
         AC_CASE(failures_are_counted_until_a_version_is_issued),
         AC_CASE(revoked_certificates_are_known_by_their_digest),
         AC_CASE(a_revocation_that_is_noted_again_was_known_since_the_first_time),
         AC_CASE(revoked_certificates_survive_a_new_version_and_are_bounded),
         AC_CASE(window_that_is_over_when_a_version_begins_is_followed_once),
         AC_CASE(window_that_moves_into_the_past_later_counts_each_time),
         AC_CASE(window_ahead_counts_again_after_one_that_was_over))
