/* SPDX-License-Identifier: Apache-2.0 */
#include "holding.h"

#include "engine/renewal/plan.h"

#include <string.h>

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd);
int fsync(int fd)
{
    (void)fd;
    return 0;
}

/* What is noted of the version that is held. */
static enum ac_code note(struct ac_store *store, const struct ac_held *held,
                         const struct ac_renewal *window, bool is_revoked,
                         struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_state_revoked) revoked = { .revoked_at = AC_PKI_NOW };

    AC_TRY(ac_memory_copy_text(held->serial, &state.origin.serial, err));
    state.origin.not_after = held->not_after;
    AC_TRY(ac_state_take_renewal(&state, window, err));
    AC_TRY(ac_memory_copy_text(held->fingerprint, &revoked.fingerprint, err));
    AC_TRY(ac_memory_copy_text("k", &revoked.key_fingerprint, err));
    AC_TRY(ac_memory_copy_text("superseded", &revoked.reason, err));
    if (is_revoked)
        AC_TRY(ac_state_add_revoked(&state, &revoked, err));
    return ac_state_save(&state, store, "www", err);
}

AC_TEST(chosen_instant_of_the_cas_window_says_when_it_is_due)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) before = { 0 };
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    const struct ac_renewal window = { AC_PKI_NOW + DAY, AC_PKI_NOW + 2 * DAY, NULL };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(make_wanted("example.org,*.example.org,192.0.2.1", &wanted, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &before, &err));
    AC_REQUIRE_OK(note(store, &before, &window, false, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));
    AC_REQUIRE_OK(ac_held_to_json(&held, &json, &err));

    CU_ASSERT(held.renew_at >= window.start && held.renew_at <= window.end);
    CU_ASSERT(ac_held_is_fresh(&held, &wanted, &wanted, held.renew_at - 1));
    CU_ASSERT_FALSE(ac_held_is_fresh(&held, &wanted, &wanted, held.renew_at));
    CU_ASSERT_PTR_NOT_NULL(ac_json_get(ac_json_get(json, "renewal"), "selected_at"));
}

AC_TEST(revoked_certificate_is_not_fresh)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) before = { 0 };
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    const struct ac_renewal window = { AC_PKI_NOW + DAY, AC_PKI_NOW + 2 * DAY, NULL };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(make_wanted("example.org,*.example.org,192.0.2.1", &wanted, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &before, &err));
    AC_REQUIRE_OK(note(store, &before, &window, true, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));
    AC_REQUIRE_OK(ac_held_to_json(&held, &json, &err));

    CU_ASSERT_PTR_NULL(before.revoked);
    CU_ASSERT_PTR_NOT_NULL(held.revoked);
    CU_ASSERT_FALSE(ac_held_is_fresh(&held, &wanted, &wanted, AC_PKI_NOW));
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(ac_json_get(json, "revoked"), "reason", ""),
                           "superseded");
}

AC_TEST(certificate_of_another_profile_or_chain_is_not_as_wanted)
{
    static char other[] = "other";
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(make_wanted("example.org,*.example.org,192.0.2.1", &wanted, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));
    struct ac_wanted before = wanted;

    CU_ASSERT(ac_held_is_as_wanted(&held, &wanted, &before));
    before.profile = other;
    CU_ASSERT_FALSE(ac_held_is_as_wanted(&held, &wanted, &before));
    before.profile = NULL;
    before.required_profile = other;
    CU_ASSERT_FALSE(ac_held_is_as_wanted(&held, &wanted, &before));
    before.required_profile = NULL;
    before.preferred_chain = other;
    CU_ASSERT_FALSE(ac_held_is_as_wanted(&held, &wanted, &before));
}

AC_TEST(damaged_knowledge_costs_no_certificate)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/certs/www/state.json"), "{", 1));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));

    CU_ASSERT_EQUAL(held.version, 1);
    CU_ASSERT_EQUAL(held.renew_at,
                    ac_plan_renew_at("www", held.not_before, held.not_after));
}

AC_SUITE("engine/held_known",
         AC_CASE(chosen_instant_of_the_cas_window_says_when_it_is_due),
         AC_CASE(revoked_certificate_is_not_fresh),
         AC_CASE(certificate_of_another_profile_or_chain_is_not_as_wanted),
         AC_CASE(damaged_knowledge_costs_no_certificate))
