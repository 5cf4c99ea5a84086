/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/accounts/account_file.h"
#include "engine/authority.h"
#include "keys.h"

#define OTHER_DIRECTORY "https://other.test/dir"

struct scene {
    struct ac_store *store;
    struct ac_store *temporary; /* or NULL */
    struct ac_loop *loop;
    struct ac_http *http;
    const char *eab_kid;
    ac_know_authority *know; /* or NULL */
    struct ac_authorities *authorities;
};

static void scene_drop(struct scene *scene)
{
    ac_authorities_free(scene->authorities);
    ac_loop_free(scene->loop);
    ac_store_free(scene->temporary);
    ac_store_free(scene->store);
}

#define SCENE __attribute__((cleanup(scene_drop))) struct scene

static enum ac_code scene_begin(struct scene *scene, struct ac_error *err)
{
    struct ac_http_settings http = { .user_agent = "test" };

    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_TRY(ac_store_open(ac_test_path("state"), &scene->store, err));
    AC_TRY(ac_loop_new(&scene->loop, err));
    AC_TRY(ac_loop_http(scene->loop, &http, &scene->http, err));
    struct ac_authorities_settings settings = {
        .loop = scene->loop,
        .store = scene->store,
        .temporary = scene->temporary,
        .http = scene->http,
        .deadline_ms = ac_clock_after_ms((int64_t)STAGE_SECONDS * 1000),
        .registration = { .agrees_to_terms = true, .eab_kid = scene->eab_kid },
        .know = scene->know,
    };
    return ac_authorities_new(&settings, &scene->authorities, err);
}

AC_TEST(one_place_is_one_authority_however_often_it_is_asked_for)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    char url[] = FAKE_DIRECTORY;
    struct ac_authority_place place = { .directory_url = FAKE_DIRECTORY };
    struct ac_authority_place again = { .directory_url = url };
    struct ac_authority *first = NULL;
    struct ac_authority *second = NULL;

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(ac_authorities_get(scene.authorities, &place, &first, &err));
    AC_REQUIRE_OK(ac_authorities_get(scene.authorities, &again, &second, &err));

    CU_ASSERT_PTR_EQUAL(first, second);
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_TEST(places_that_differ_in_anything_share_nothing)
{
    static const struct ac_authority_place places[] = {
        { .directory_url = FAKE_DIRECTORY },
        { .directory_url = OTHER_DIRECTORY },
        { .directory_url = FAKE_DIRECTORY, .account = "ops" },
        { .directory_url = FAKE_DIRECTORY, .ca_file = "/roots.pem" },
        { .directory_url = FAKE_DIRECTORY, .can_use_plain_http = true },
    };
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    struct ac_authority *all[AC_COUNT(places)] = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    for (size_t i = 0; i < AC_COUNT(places); i++)
        AC_REQUIRE_OK(ac_authorities_get(scene.authorities, &places[i], &all[i], &err));

    for (size_t i = 0; i < AC_COUNT(places); i++) {
        for (size_t j = 0; j < i; j++) {
            CU_ASSERT_PTR_NOT_EQUAL(ac_authority_client(all[i]),
                                    ac_authority_client(all[j]));
            CU_ASSERT_PTR_NOT_EQUAL(ac_authority_registration(all[i]),
                                    ac_authority_registration(all[j]));
        }
    }
}

static enum ac_code know_ca_file(void *arg, const char *directory_url,
                                 struct ac_authority_terms *ret_terms,
                                 struct ac_error *err)
{
    (void)arg, (void)directory_url;
    return ac_memory_copy_text(STAGE_NO_CA_FILE, &ret_terms->ca_file, err);
}

AC_TEST(what_is_known_of_a_ca_counts_before_what_is_for_another)
{
    struct ac_error err = { 0 };
    SCENE scene = { .know = know_ca_file };
    struct ac_authority_place own = { .directory_url = FAKE_DIRECTORY,
                                      .ca_file = "/roots.pem" };
    struct ac_authority_place borrowed = own;
    struct ac_authority *authority = NULL;

    borrowed.is_borrowed = true;
    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(ac_authorities_get(scene.authorities, &own, &authority, &err));
    AC_REQUIRE_CODE(ac_authorities_get(scene.authorities, &borrowed, &authority, &err),
                    AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, STAGE_NO_CA_FILE));
}

AC_TEST(place_of_a_ca_is_as_its_certificate_has_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(ac_memory_copy_text(FAKE_DIRECTORY, &wanted.directory_url, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("ops", &wanted.account, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("/roots.pem", &wanted.ca_file, &err));
    AC_REQUIRE_OK(ac_words_add(&wanted.further, OTHER_DIRECTORY, &err));
    struct ac_authority_place first = ac_authority_place_of(&wanted, FAKE_DIRECTORY);
    struct ac_authority_place other = ac_authority_place_of(&wanted, OTHER_DIRECTORY);
    struct ac_authority_place none = ac_authority_place_of(&wanted, "https://x.test/d");

    CU_ASSERT_STRING_EQUAL(first.account, "ops");
    CU_ASSERT_STRING_EQUAL(first.ca_file, "/roots.pem");
    CU_ASSERT_FALSE(first.is_borrowed);
    CU_ASSERT_STRING_EQUAL(other.ca_file, "/roots.pem");
    CU_ASSERT_TRUE(other.is_borrowed);
    CU_ASSERT_STRING_EQUAL(none.directory_url, "https://x.test/d");
    CU_ASSERT_PTR_NULL(none.account);
    CU_ASSERT_PTR_NULL(none.ca_file);
}

AC_TEST(ca_file_that_cannot_be_used_is_told_and_costs_the_others_nothing)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    struct ac_authority_place bad = { .directory_url = FAKE_DIRECTORY,
                                      .ca_file = STAGE_NO_CA_FILE };
    struct ac_authority_place good = { .directory_url = FAKE_DIRECTORY };
    struct ac_authority *authority = NULL;

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_CODE(ac_authorities_get(scene.authorities, &bad, &authority, &err),
                    AC_E_USAGE);
    AC_REQUIRE_OK(ac_authorities_get(scene.authorities, &good, &authority, &err));

    CU_ASSERT_PTR_NOT_NULL(ac_authority_client(authority));
}

/* ---- of a dry run */

static enum ac_code register_at(struct scene *scene, const char *directory_url,
                                struct ac_error *err)
{
    struct ac_authority_place place = { .directory_url = directory_url };
    struct ac_authority *authority;

    AC_TRY(ac_authorities_get(scene->authorities, &place, &authority, err));
    struct ac_registration *registration = ac_authority_registration(authority);
    for (int turn = 0; turn < 100 && !ac_registration_is_done(registration); turn++) {
        ac_registration_step(registration);
        if (!ac_registration_is_done(registration))
            AC_TRY(ac_loop_turn(scene->loop, ac_clock_after_ms(1000), err));
    }
    return ac_registration_result(registration, err);
}

static bool has_account(const struct ac_store *store)
{
    AC_AUTO(ac_words) names = { 0 };
    struct ac_error ignored;

    return store && ac_store_list(store, AC_STORE_ACCOUNTS, &names, &ignored) == AC_OK
           && names.count > 0;
}

AC_TEST(account_that_a_dry_run_needs_is_made_where_it_goes_again)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(ac_store_open(ac_test_path("dry"), &scene.temporary, &err));
    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(register_at(&scene, FAKE_DIRECTORY, &err));

    CU_ASSERT_TRUE(has_account(scene.temporary));
    CU_ASSERT_FALSE(has_account(scene.store));
}

/* Of an account that the CA may know: the run that made it did not hear of it. */
static enum ac_code have_key(struct ac_store *store, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO_TEXT char *folder = NULL;

    AC_TRY(ac_keys_of_jwk(AC_KEYS_EC, &key, err));
    AC_TRY(ac_account_file_folder(FAKE_DIRECTORY, NULL, &folder, err));
    return ac_account_file_create_key(store, folder, AC_ACCOUNT_KEY, key, err);
}

AC_TEST(account_that_is_there_is_used_by_a_dry_run)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(ac_store_open(ac_test_path("dry"), &scene.temporary, &err));
    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(have_key(scene.store, &err));
    AC_REQUIRE_OK(register_at(&scene, FAKE_DIRECTORY, &err));

    CU_ASSERT_FALSE(has_account(scene.temporary));
}

static enum ac_code know_lost_binding(void *arg, const char *directory_url,
                                      struct ac_authority_terms *ret_terms,
                                      struct ac_error *err)
{
    (void)arg, (void)directory_url;
    ret_terms->agrees_to_terms = true;
    (void)!ac_fail(&ret_terms->trouble, AC_E_USAGE, "X is not set");
    return ac_memory_copy_text("kid-1", &ret_terms->eab_kid, err);
}

AC_TEST(binding_that_is_gone_is_missed_by_a_new_account_alone)
{
    struct ac_error err = { 0 };
    SCENE fresh = { .know = know_lost_binding };
    SCENE first = { 0 };
    SCENE again = { .know = know_lost_binding };

    AC_REQUIRE_OK(scene_begin(&fresh, &err));
    AC_REQUIRE_CODE(register_at(&fresh, FAKE_DIRECTORY, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "cannot be made: X is not set"));
    AC_REQUIRE_OK(scene_begin(&first, &err));
    AC_REQUIRE_OK(register_at(&first, FAKE_DIRECTORY, &err));
    AC_REQUIRE_OK(scene_begin(&again, &err));
    AC_REQUIRE_OK(register_at(&again, FAKE_DIRECTORY, &err));

    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_TEST(binding_is_not_used_up_by_a_dry_run)
{
    struct ac_error err = { 0 };
    SCENE scene = { .eab_kid = "kid-1" };
    struct ac_authority_place place = { .directory_url = FAKE_DIRECTORY };
    struct ac_authority *authority = NULL;

    AC_REQUIRE_OK(ac_store_open(ac_test_path("dry"), &scene.temporary, &err));
    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_CODE(ac_authorities_get(scene.authorities, &place, &authority, &err),
                    AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "acmecore account register"));
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_SUITE("engine/authority",
         AC_CASE(account_that_a_dry_run_needs_is_made_where_it_goes_again),
         AC_CASE(account_that_is_there_is_used_by_a_dry_run),
         AC_CASE(binding_is_not_used_up_by_a_dry_run),
         AC_CASE(one_place_is_one_authority_however_often_it_is_asked_for),
         AC_CASE(places_that_differ_in_anything_share_nothing),
         AC_CASE(what_is_known_of_a_ca_counts_before_what_is_for_another),
         AC_CASE(place_of_a_ca_is_as_its_certificate_has_it),
         AC_CASE(binding_that_is_gone_is_missed_by_a_new_account_alone),
         AC_CASE(ca_file_that_cannot_be_used_is_told_and_costs_the_others_nothing))
