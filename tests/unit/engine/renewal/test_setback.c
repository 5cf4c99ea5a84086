/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/setback.h"

#include "base/clock.h"
#include "check.h"

#include <string.h>

#define NOW INT64_C(1735790400)
#define DAY 86400

static int64_t utc_now(void)
{
    return NOW;
}

static enum ac_code make(const char *configuration, struct ac_wanted *wanted,
                         struct ac_error *err)
{
    if (configuration)
        AC_TRY(ac_memory_copy_text(configuration, &wanted->configuration, err));
    AC_TRY(ac_memory_copy_text("www", &wanted->name, err));
    AC_TRY(ac_memory_copy_text("https://ca.example", &wanted->directory_url, err));
    return ac_identifiers_parse("a.example", &wanted->identifiers, err);
}

static enum ac_code note(struct ac_store *store, const struct ac_wanted *wanted,
                         const struct ac_error *why, struct ac_error *err)
{
    ac_clock_fake(NULL, utc_now);
    enum ac_code code = ac_setback_note(store, wanted, why, err);
    ac_clock_fake(NULL, NULL);
    return code;
}

AC_TEST(failure_is_noted_with_what_was_asked_for_and_a_time_to_rest)
{
    struct ac_error err = { 0 };
    const struct ac_error why = { .code = AC_E_PLUGIN, .detail = "no" };
    char identity[AC_SHA256_HEX_SIZE];
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(make("/a.conf", &wanted, &err));
    AC_REQUIRE_OK(note(store, &wanted, &why, &err));
    AC_REQUIRE_OK(note(store, &wanted, &why, &err));
    AC_REQUIRE_OK(ac_state_load(store, "www", &state, &err));
    AC_REQUIRE_OK(ac_wanted_identity(&wanted, identity, &err));

    CU_ASSERT_EQUAL(state.trouble.failures, 2);
    CU_ASSERT_EQUAL(state.trouble.failed_at, NOW);
    CU_ASSERT_EQUAL(state.trouble.next_attempt_at, NOW + 600);
    AC_REQUIRE(state.trouble.identity && state.trouble.message);
    CU_ASSERT_STRING_EQUAL(state.trouble.identity, identity);
    CU_ASSERT_STRING_EQUAL(state.trouble.message, "no");
}

AC_TEST(outage_is_looked_at_again_within_an_hour)
{
    struct ac_error err = { 0 };
    const struct ac_error why = { .code = AC_E_NETWORK, .detail = "no" };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_state) state = { .trouble.failures = 6 };

    AC_REQUIRE_OK(make("/a.conf", &wanted, &err));
    ac_clock_fake(NULL, utc_now);
    enum ac_code code = ac_setback_take(&state, &wanted, &why, &err);
    ac_clock_fake(NULL, NULL);
    AC_REQUIRE_OK(code);

    CU_ASSERT_EQUAL(state.trouble.next_attempt_at, NOW + 3600);
}

/* A month, for what has ten days left of ninety; and for what was never held. */
AC_TEST(ca_that_wants_to_be_left_alone_does_not_end_what_is_held)
{
    struct ac_error err = { 0 };
    const struct ac_error why = { .code = AC_E_RATE_LIMITED,
                                  .retry_after = 30 * DAY,
                                  .detail = "no" };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_state) held = { .origin = { .not_before = NOW - 80 * DAY,
                                           .not_after = NOW + 10 * DAY } };
    AC_AUTO(ac_state) missing = { 0 };

    AC_REQUIRE_OK(make("/a.conf", &wanted, &err));
    ac_clock_fake(NULL, utc_now);
    enum ac_code first = ac_setback_take(&held, &wanted, &why, &err);
    enum ac_code second =
        first == AC_OK ? ac_setback_take(&missing, &wanted, &why, &err) : first;
    ac_clock_fake(NULL, NULL);
    AC_REQUIRE_OK(second);

    CU_ASSERT_EQUAL(held.trouble.next_attempt_at, NOW + 5 * DAY);
    CU_ASSERT_EQUAL(missing.trouble.next_attempt_at, NOW + DAY);
}

AC_TEST(what_was_asked_for_once_in_vain_is_not_noted)
{
    struct ac_error err = { 0 };
    const struct ac_error why = { .code = AC_E_PLUGIN, .detail = "no" };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(make(NULL, &wanted, &err));
    AC_REQUIRE_OK(note(store, &wanted, &why, &err));
    AC_REQUIRE_OK(ac_state_load(store, "www", &state, &err));

    CU_ASSERT_EQUAL(state.trouble.failures, 0);
    CU_ASSERT_FALSE(ac_setback_is_noted(&state, &wanted));
}

AC_TEST(another_run_that_works_on_it_notes_its_own)
{
    struct ac_error err = { 0 };
    const struct ac_error why = { .code = AC_E_PLUGIN, .detail = "no" };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(make("/a.conf", &wanted, &err));
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_CERTIFICATES, "www", &lock, &err));
    AC_REQUIRE_CODE(ac_setback_note(store, &wanted, &why, &err), AC_E_LOCKED);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "lock"));
}

AC_TEST(another_wish_begins_to_count_anew)
{
    struct ac_error err = { 0 };
    const struct ac_error why = { .code = AC_E_PLUGIN, .detail = "no" };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) mended = { 0 };
    AC_AUTO(ac_state) state = { .trouble.failures = 3 };

    AC_REQUIRE_OK(make("/a.conf", &wanted, &err));
    AC_REQUIRE_OK(make("/a.conf", &mended, &err));
    AC_REQUIRE_OK(ac_identifiers_parse("b.example", &mended.identifiers, &err));
    ac_clock_fake(NULL, utc_now);
    enum ac_code first = ac_setback_take(&state, &wanted, &why, &err);
    int64_t counted = state.trouble.failures;
    enum ac_code second =
        first == AC_OK ? ac_setback_take(&state, &mended, &why, &err) : first;
    ac_clock_fake(NULL, NULL);
    AC_REQUIRE_OK(second);

    CU_ASSERT_EQUAL(counted, 4);
    CU_ASSERT_EQUAL(state.trouble.failures, 1);
    CU_ASSERT_EQUAL(state.trouble.next_attempt_at, NOW + 60);
}

AC_SUITE("engine/setback",
         AC_CASE(failure_is_noted_with_what_was_asked_for_and_a_time_to_rest),
         AC_CASE(outage_is_looked_at_again_within_an_hour),
         AC_CASE(ca_that_wants_to_be_left_alone_does_not_end_what_is_held),
         AC_CASE(what_was_asked_for_once_in_vain_is_not_noted),
         AC_CASE(another_run_that_works_on_it_notes_its_own),
         AC_CASE(another_wish_begins_to_count_anew))
