/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/staging.h"

#include "check.h"

#include <string.h>

static enum ac_code open_it(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

static enum ac_code save(struct ac_store *store, const char *certificate,
                         struct ac_error *err)
{
    AC_AUTO(ac_solver_spec) spec = { 0 };
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_memory_copy_text("web", &spec.name, err));
    AC_TRY(ac_memory_copy_text("installer-files", &spec.plugin, err));
    AC_TRY(ac_section_add(&spec.section, "key", "/tls/%n.key", "", err));
    AC_TRY(ac_words_add(&names, certificate, err));
    return ac_staging_save(store, AC_STAGING_BEGUN, &spec, &names, err);
}

AC_TEST(what_was_begun_is_found_as_it_was_begun)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_staging) staging = { 0 };
    AC_AUTO(ac_words) installers = { 0 };

    AC_REQUIRE_OK(open_it(&store, &err));
    AC_REQUIRE_OK(save(store, "www", &err));
    AC_REQUIRE_OK(ac_staging_list(store, &installers, &err));
    AC_REQUIRE_OK(ac_staging_load(store, AC_STAGING_BEGUN, "web", &staging, &err));

    AC_REQUIRE(installers.count == 1);
    CU_ASSERT_STRING_EQUAL(installers.items[0], "web");
    CU_ASSERT_STRING_EQUAL(staging.spec.name, "web");
    CU_ASSERT_STRING_EQUAL(staging.spec.plugin, "installer-files");
    AC_REQUIRE(staging.spec.section.count == 1);
    CU_ASSERT_STRING_EQUAL(staging.spec.section.items[0].value, "/tls/%n.key");
    CU_ASSERT_TRUE(ac_words_has(&staging.certificates, "www"));
}

AC_TEST(what_has_ended_is_gone)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_staging) staging = { 0 };
    AC_AUTO(ac_words) installers = { 0 };

    AC_REQUIRE_OK(open_it(&store, &err));
    AC_REQUIRE_OK(save(store, "www", &err));
    AC_REQUIRE_OK(ac_staging_remove(store, AC_STAGING_BEGUN, "web", &err));
    AC_REQUIRE_OK(ac_staging_remove(store, AC_STAGING_BEGUN, "web", &err));
    AC_REQUIRE_OK(ac_staging_list(store, &installers, &err));

    CU_ASSERT_EQUAL(installers.count, 0);
    AC_REQUIRE_CODE(ac_staging_load(store, AC_STAGING_BEGUN, "web", &staging, &err),
                    AC_E_NOTFOUND);
}

AC_TEST(name_that_is_a_path_makes_it_damaged)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_staging) staging = { 0 };

    AC_REQUIRE_OK(open_it(&store, &err));
    AC_REQUIRE_OK(save(store, "../www", &err));
    AC_REQUIRE_CODE(ac_staging_load(store, AC_STAGING_BEGUN, "web", &staging, &err),
                    AC_E_STORE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "installers/web/staged.json is damaged"));
}

AC_SUITE("engine/deploy/staging", AC_CASE(what_was_begun_is_found_as_it_was_begun),
         AC_CASE(what_has_ended_is_gone), AC_CASE(name_that_is_a_path_makes_it_damaged))
