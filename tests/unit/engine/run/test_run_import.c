/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_account.h"

#include "run_stage.h"

static bool ask_and_say_no(void *arg, const char *url)
{
    (void)arg, (void)url;
    return false;
}

static enum ac_code import(struct run_stage *scene, const char *url,
                           struct ac_import_outcome *ret_outcome, struct ac_error *err)
{
    AC_AUTO(ac_imported_key) imported = { 0 };

    AC_TRY(ac_keys_of_jwk(AC_KEYS_EC, &imported.key, err));
    if (url)
        AC_TRY(ac_memory_copy_text(url, &imported.url, err));
    return ac_run_import_account(scene->run, &imported, ret_outcome, err);
}

static bool has_key(const struct run_stage *scene)
{
    return ac_account_file_has(scene->store, scene->folder, AC_ACCOUNT_KEY);
}

AC_TEST(account_of_the_key_is_found_and_held)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_import_outcome) outcome = { 0 };

    AC_REQUIRE_OK(run_stage_begin(&scene, false, &err));
    AC_REQUIRE_OK(import(&scene, NULL, &outcome, &err));

    CU_ASSERT_FALSE(outcome.was_held);
    CU_ASSERT_STRING_EQUAL(outcome.account.url, FAKE_KID);
    CU_ASSERT_STRING_EQUAL(fake_ca.requests[fake_ca.request_count - 1].payload,
                           "{\"onlyReturnExisting\":true}");
    CU_ASSERT(has_key(&scene));
    CU_ASSERT(run_stage_says(&scene, scene.folder, "url", FAKE_KID));
}

AC_TEST(same_key_again_is_held_and_another_one_is_refused)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_import_outcome) outcome = { 0 };
    AC_AUTO(ac_imported_key) other = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_stage_begin(&scene, false, &err));
    AC_REQUIRE_OK(import(&scene, NULL, &outcome, &err));
    ac_import_outcome_done(&outcome);
    size_t requests = fake_ca.request_count;
    AC_REQUIRE_OK(import(&scene, NULL, &outcome, &err));
    CU_ASSERT(outcome.was_held);
    AC_REQUIRE_OK(ac_keys_of_jwk(AC_KEYS_ED, &other.key, &err));
    AC_REQUIRE_CODE(ac_run_import_account(scene.run, &other, &outcome, &err),
                    AC_E_USAGE);

    CU_ASSERT_EQUAL(fake_ca.request_count, requests);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "--account"));
}

AC_TEST(key_that_the_ca_does_not_know_is_registered_by_who_agrees)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_import_outcome) outcome = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_stage_begin(&scene, false, &err));
    run_says("/new-account", 2, 400, PROBLEM("accountDoesNotExist"));
    AC_REQUIRE_CODE(import(&scene, NULL, &outcome, &err), AC_E_NOTFOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "--agree-tos"));
    CU_ASSERT_FALSE(has_key(&scene));
    AC_REQUIRE_OK(run_stage_new(
        &scene, &(struct ac_registration_settings){ .agrees_to_terms = true }, &err));
    AC_REQUIRE_OK(import(&scene, NULL, &outcome, &err));

    CU_ASSERT(outcome.account.is_new);
    CU_ASSERT(has_key(&scene));
    CU_ASSERT(run_stage_says(&scene, scene.folder, "url", FAKE_KID));
}

AC_TEST(nobody_agrees_and_nothing_is_left_behind)
{
    struct ac_registration_settings asked = { .ask_terms = ask_and_say_no };
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_import_outcome) outcome = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_stage_begin(&scene, false, &err));
    AC_REQUIRE_OK(run_stage_new(&scene, &asked, &err));
    run_says("/new-account", 1, 400, PROBLEM("accountDoesNotExist"));
    AC_REQUIRE_CODE(import(&scene, NULL, &outcome, &err), AC_E_USAGE);

    CU_ASSERT_FALSE(has_key(&scene));
}

/* EAB may be wanted of each newAccount: then the URL beside the key is of use. */
AC_TEST(ca_that_finds_none_by_key_is_asked_for_the_url_of_its_own)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_import_outcome) outcome = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run_stage_begin(&scene, false, &err));
    run_says("/new-account", 2, 403, PROBLEM("externalAccountRequired"));
    AC_REQUIRE_CODE(import(&scene, "https://elsewhere.test/account/1", &outcome, &err),
                    AC_E_PROBLEM);
    CU_ASSERT_EQUAL(stage_requests("elsewhere"), 0);
    AC_REQUIRE_OK(import(&scene, FAKE_KID, &outcome, &err));

    CU_ASSERT_STRING_EQUAL(outcome.account.url, FAKE_KID);
}

AC_TEST(key_of_a_certificate_is_no_account_key)
{
    struct ac_error err = { 0 };
    RUN_STAGE scene = { 0 };
    AC_AUTO(ac_import_outcome) outcome = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_secret) pem = { 0 };

    AC_REQUIRE_OK(run_stage_begin(&scene, true, &err));
    AC_REQUIRE_OK(ac_keys_of_jwk(AC_KEYS_EC, &key, &err));
    AC_REQUIRE_OK(ac_key_export(key, &pem, &err));
    AC_REQUIRE_OK(ac_store_create_key(scene.store, AC_STORE_CERTIFICATES, "www",
                                      "order-key.pem", &pem, &err));
    AC_REQUIRE_CODE(import(&scene, NULL, &outcome, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "\"www\""));
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_SUITE("engine/run_import", AC_CASE(account_of_the_key_is_found_and_held),
         AC_CASE(same_key_again_is_held_and_another_one_is_refused),
         AC_CASE(key_that_the_ca_does_not_know_is_registered_by_who_agrees),
         AC_CASE(nobody_agrees_and_nothing_is_left_behind),
         AC_CASE(ca_that_finds_none_by_key_is_asked_for_the_url_of_its_own),
         AC_CASE(key_of_a_certificate_is_no_account_key))
