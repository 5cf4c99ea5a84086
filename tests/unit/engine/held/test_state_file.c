/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "engine/held/state.h"

#include <string.h>

#define NAME  "site"
#define START 1735790400

static enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

static enum ac_code copy(const char *text, char **ret_copy, struct ac_error *err)
{
    return ac_memory_copy_text(text, ret_copy, err);
}

/* A state that has something of everything. */
static enum ac_code fill(struct ac_state *state, struct ac_error *err)
{
    const struct ac_error why = { .code = AC_E_PROBLEM, .detail = "so not" };
    AC_AUTO(ac_state_revoked) revoked = { .revoked_at = START,
                                          .is_key_compromised = true };

    state->origin.issued_at = START;
    state->origin.not_before = START - 3600;
    state->origin.not_after = START + 7776000;
    AC_TRY(copy("https://ca.test/dir", &state->origin.directory_url, err));
    AC_TRY(copy("https://ca.test/account/1", &state->origin.account_url, err));
    AC_TRY(copy("00a1", &state->origin.serial, err));
    AC_TRY(copy("aki.AKE", &state->origin.renewal_id, err));
    AC_TRY(copy("short", &state->origin.profile, err));
    state->renewal = (struct ac_state_renewal){ .start = START + 10,
                                                .end = START + 20,
                                                .selected_at = START + 15,
                                                .checked_at = START,
                                                .next_check_at = START + 60,
                                                .urgent_at = START + 30,
                                                .was_urgent = true };
    AC_TRY(copy("https://ca.test/why", &state->renewal.explanation_url, err));
    AC_TRY(ac_state_note_failure(state, &why, START, START + 60, err));
    AC_TRY(copy("aa", &revoked.fingerprint, err));
    AC_TRY(copy("k1", &revoked.key_fingerprint, err));
    AC_TRY(copy("keyCompromise", &revoked.reason, err));
    return ac_state_add_revoked(state, &revoked, err);
}

AC_TEST(what_is_saved_is_loaded)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) saved = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(fill(&saved, &err));
    AC_REQUIRE_OK(ac_state_save(&saved, store, NAME, &err));
    AC_REQUIRE_OK(ac_state_load(store, NAME, &state, &err));

    CU_ASSERT_EQUAL(state.origin.not_after, START + 7776000);
    CU_ASSERT_STRING_EQUAL(state.origin.serial, "00a1");
    CU_ASSERT_STRING_EQUAL(state.origin.renewal_id, "aki.AKE");
    CU_ASSERT_STRING_EQUAL(state.origin.profile, "short");
    CU_ASSERT_EQUAL(state.renewal.start, START + 10);
    CU_ASSERT_EQUAL(state.renewal.end, START + 20);
    CU_ASSERT_EQUAL(state.renewal.selected_at, START + 15);
    CU_ASSERT_EQUAL(state.renewal.checked_at, START);
    CU_ASSERT_EQUAL(state.renewal.next_check_at, START + 60);
    CU_ASSERT_EQUAL(state.renewal.urgent_at, START + 30);
    CU_ASSERT_TRUE(state.renewal.was_urgent);
    CU_ASSERT_STRING_EQUAL(state.renewal.explanation_url, "https://ca.test/why");
    CU_ASSERT_EQUAL(state.trouble.failures, 1);
    CU_ASSERT_STRING_EQUAL(state.trouble.code, "problem");
    AC_REQUIRE(state.revoked_count == 1);
    CU_ASSERT_STRING_EQUAL(state.revoked[0].reason, "keyCompromise");
    CU_ASSERT(ac_state_is_compromised(&state, "k1"));
}

AC_TEST(what_is_not_there_is_empty)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(ac_state_load(store, NAME, &state, &err));

    CU_ASSERT_PTR_NULL(state.origin.serial);
    CU_ASSERT_EQUAL(state.renewal.selected_at, 0);
    CU_ASSERT_EQUAL(state.revoked_count, 0);
}

static enum ac_code write_document(struct ac_store *store, const char *text,
                                   struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_parse(text, strlen(text), &json, err));
    return ac_store_save(store, AC_STORE_CERTIFICATES, NAME, "state.json", json, err);
}

AC_TEST(members_of_others_are_kept_and_ours_are_not_left_behind)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_json) *document = NULL;
    struct ac_state_origin origin = { .issued_at = START };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(write_document(store,
                                 "{\"profile\":\"old\",\"deploys\":[1,2],"
                                 "\"renewal\":{\"start\":\"2025-01-02T04:00:00Z\"},"
                                 "\"trouble\":{\"failures\":3}}",
                                 &err));
    AC_REQUIRE_OK(ac_state_load(store, NAME, &state, &err));
    ac_state_begin_version(&state, &origin);
    AC_REQUIRE_OK(ac_state_save(&state, store, NAME, &err));
    AC_REQUIRE_OK(ac_store_load(store, AC_STORE_CERTIFICATES, NAME, "state.json",
                                &document, &err));

    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(document, "deploys")), 2);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(document, "issued", ""),
                           "2025-01-02T04:00:00Z");
    CU_ASSERT_PTR_NULL(ac_json_get(document, "profile"));
    CU_ASSERT_PTR_NULL(ac_json_get(document, "renewal"));
    CU_ASSERT_PTR_NULL(ac_json_get(document, "trouble"));
    CU_ASSERT_PTR_NULL(ac_json_get(document, "revoked"));
}

AC_TEST(odd_members_are_not_known)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(write_document(
        store,
        "{\"issued\":7,\"serial\":[],\"not_after\":\"never\","
        "\"renewal\":[\"start\"],\"trouble\":{\"failures\":-4,\"code\":{}},"
        "\"revoked\":[7,{},{\"sha256\":\"aa\"}]}",
        &err));
    AC_REQUIRE_OK(ac_state_load(store, NAME, &state, &err));

    CU_ASSERT_EQUAL(state.origin.issued_at, 0);
    CU_ASSERT_EQUAL(state.origin.not_after, 0);
    CU_ASSERT_PTR_NULL(state.origin.serial);
    CU_ASSERT_EQUAL(state.trouble.failures, 0);
    CU_ASSERT_EQUAL(state.revoked_count, 0);
}

AC_TEST(damage_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(write_document(store, "{}", &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/certs/site/state.json"), "{", 1));

    AC_REQUIRE_CODE(ac_state_load(store, NAME, &state, &err), AC_E_STORE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "state.json is damaged"));
}

AC_TEST(window_is_shown_once_there_is_one)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_json) *none = NULL;
    AC_AUTO(ac_json) *json = NULL;

    ac_state_note_check(&state, START, 60);
    AC_REQUIRE_OK(ac_state_renewal_to_json(&state, &none, &err));
    CU_ASSERT_PTR_NULL(none);

    AC_REQUIRE_OK(fill(&state, &err));
    AC_REQUIRE_OK(ac_state_renewal_to_json(&state, &json, &err));
    CU_ASSERT_EQUAL(ac_json_count(json), 8);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "selected_at", ""),
                           "2025-01-02T04:00:15Z");
}

AC_SUITE("engine/state_file", AC_CASE(what_is_saved_is_loaded),
         AC_CASE(what_is_not_there_is_empty),
         AC_CASE(members_of_others_are_kept_and_ours_are_not_left_behind),
         AC_CASE(odd_members_are_not_known), AC_CASE(damage_is_told),
         AC_CASE(window_is_shown_once_there_is_one))
