/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/state.h"
#include "engine/run/run_parts.h"

#include "stage.h"

#define DIRECTORY                                                                      \
    "{\"newNonce\":\"" FAKE_NONCE_URL                                                  \
    "\",\"newAccount\":\"https://ca.test/new-account\",\"newOrder\":\"" FAKE_ORDER_URL \
    "\",\"revokeCert\":\"https://ca.test/revoke\"}"

/* What revoking the certificate that is held gives. */
struct scene {
    struct ac_store *store;
    struct ac_run *run;
    struct ac_chain *chain;
    struct ac_key *key;
};

static void scene_drop(struct scene *scene)
{
    ac_run_free(scene->run);
    ac_store_free(scene->store);
    ac_chain_free(scene->chain);
    ac_key_free(scene->key);
}
#define SCENE __attribute__((cleanup(scene_drop))) struct scene

static enum ac_code scene_begin(struct scene *scene, struct fake_rule rule,
                                struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_secret) key = { 0 };
    struct ac_run_settings settings = {
        .place = { .directory_url = FAKE_DIRECTORY },
        .registration = { .agrees_to_terms = true },
    };

    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule(
        (struct fake_rule){ .url = FAKE_DIRECTORY, .times = 99, .body = DIRECTORY });
    rule.url = "/revoke";
    rule.times = 99;
    fake_ca_rule(rule);
    AC_TRY(stage_run("http", err));
    AC_TRY(ac_store_open(ac_test_path("state"), &scene->store, err));
    AC_TRY(ac_version_load(scene->store, STAGE_CERT, "fullchain.pem", &pem, err));
    AC_TRY(ac_chain_parse(ac_text_get(&pem), pem.size, &scene->chain, err));
    AC_TRY(ac_file_read_secret(
        ac_test_path("state/certs/" STAGE_CERT "/current/privkey.pem"), 65536, &key,
        err));
    AC_TRY(ac_key_parse(&key, &scene->key, err));
    stage.turns = 0;
    settings.store = scene->store;
    settings.deadline_ms = ac_clock_after_ms((int64_t)STAGE_SECONDS * 1000);
    return ac_run_new(&settings, &scene->run, err);
}

static enum ac_code revoke_held(struct scene *scene, int reason, struct ac_key **key,
                                bool *ret_was_before, struct ac_error *err)
{
    const struct ac_revocation revocation = {
        .chain = scene->chain, .reason = reason, .key = key, .name = STAGE_CERT
    };

    return ac_run_revoke(scene->run, &revocation, ret_was_before, err);
}

AC_TEST(revocation_is_noted_with_its_reason)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    bool was_before = true;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(scene_begin(&scene, (struct fake_rule){ .body = "" }, &err));
    AC_REQUIRE_OK(revoke_held(&scene, 4, NULL, &was_before, &err));
    AC_REQUIRE_OK(ac_state_load(scene.store, STAGE_CERT, &state, &err));
    const struct ac_state_revoked *revoked =
        ac_state_find_revoked_set(&state, ac_chain_fingerprint(scene.chain));

    AC_REQUIRE(revoked != NULL);
    CU_ASSERT_FALSE(was_before);
    CU_ASSERT_STRING_EQUAL(revoked->reason, "superseded");
    CU_ASSERT_FALSE(revoked->is_key_compromised);
    CU_ASSERT_EQUAL(state.renewal.selected_at, 0);
}

AC_TEST(key_that_revoked_or_is_compromised_is_not_used_again)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (int by_key = 0; by_key < 2; by_key++) {
        SCENE scene = { 0 };
        AC_AUTO(ac_state) state = { 0 };
        bool was_before = true;

        AC_REQUIRE_OK(scene_begin(&scene, (struct fake_rule){ .body = "" }, &err));
        AC_REQUIRE_OK(revoke_held(
            &scene, by_key ? AC_REVOCATION_NO_REASON : AC_REVOCATION_KEY_COMPROMISE,
            by_key ? &scene.key : NULL, &was_before, &err));
        AC_REQUIRE_OK(ac_state_load(scene.store, STAGE_CERT, &state, &err));
        AC_REQUIRE(state.revoked_count > 0);
        const struct ac_state_revoked *last = &state.revoked[state.revoked_count - 1];
        CU_ASSERT(ac_state_is_compromised(&state, last->key_fingerprint));
    }
}

AC_TEST(certificate_that_was_revoked_before_is_noted_all_the_same)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    bool was_before = false;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(scene_begin(
        &scene,
        (struct fake_rule){ .status = 400,
                            .body = "{\"type\":\"" STAGE_ACME "alreadyRevoked\"}" },
        &err));
    AC_REQUIRE_OK(revoke_held(&scene, 0, NULL, &was_before, &err));
    AC_REQUIRE_OK(ac_state_load(scene.store, STAGE_CERT, &state, &err));

    CU_ASSERT(was_before);
    CU_ASSERT_EQUAL(state.revoked_count, 1);
}

AC_TEST(refusal_is_told_and_nothing_is_noted)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    bool was_before = false;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(scene_begin(
        &scene,
        (struct fake_rule){ .status = 403,
                            .body = "{\"type\":\"" STAGE_ACME "unauthorized\"}" },
        &err));
    AC_REQUIRE_CODE(revoke_held(&scene, 0, NULL, &was_before, &err), AC_E_PROBLEM);
    AC_REQUIRE_OK(ac_state_load(scene.store, STAGE_CERT, &state, &err));

    CU_ASSERT_EQUAL(state.revoked_count, 0);
}

AC_TEST(another_key_or_a_lock_ends_it_before_the_ca_is_asked)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    AC_AUTO(ac_key) *other = NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    bool was_before = false;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(scene_begin(&scene, (struct fake_rule){ .body = "" }, &err));
    AC_REQUIRE_OK(ac_key_generate(AC_KEY_ECDSA_P256, &other, &err));
    AC_REQUIRE_CODE(revoke_held(&scene, 0, &other, &was_before, &err), AC_E_USAGE);
    AC_REQUIRE_OK(
        ac_store_lock(scene.store, AC_STORE_CERTIFICATES, STAGE_CERT, &lock, &err));
    AC_REQUIRE_CODE(revoke_held(&scene, 0, NULL, &was_before, &err), AC_E_LOCKED);

    CU_ASSERT_EQUAL(stage_requests("/revoke"), 0);
}

AC_TEST(no_account_is_registered_to_revoke)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    AC_AUTO(ac_store) *empty = NULL;
    bool was_before = false;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(scene_begin(&scene, (struct fake_rule){ .body = "" }, &err));
    size_t accounts = stage.accounts;
    AC_REQUIRE_OK(ac_store_open(ac_test_path("empty"), &empty, &err));
    scene.run->settings.store = empty;
    AC_REQUIRE_CODE(revoke_held(&scene, 0, NULL, &was_before, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "--key FILE"));
    CU_ASSERT_EQUAL(stage.accounts, accounts);
    CU_ASSERT_EQUAL(stage_requests("/revoke"), 0);
}

AC_SUITE("engine/run_revoke", AC_CASE(revocation_is_noted_with_its_reason),
         AC_CASE(key_that_revoked_or_is_compromised_is_not_used_again),
         AC_CASE(certificate_that_was_revoked_before_is_noted_all_the_same),
         AC_CASE(refusal_is_told_and_nothing_is_noted),
         AC_CASE(another_key_or_a_lock_ends_it_before_the_ca_is_asked),
         AC_CASE(no_account_is_registered_to_revoke))
