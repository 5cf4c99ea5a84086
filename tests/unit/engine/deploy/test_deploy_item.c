/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "deploy_stage.h"

AC_TEST(plugin_is_told_paths_through_the_link)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_deploy_item) *item = NULL;
    AC_AUTO(ac_install_batch) batch = { 0 };

    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(ac_deploy_item_load(&stage.settings, "www", &item, &err));
    AC_REQUIRE(item != NULL);
    const struct ac_deploy_pair pair = { .item = item,
                                         .deployment =
                                             &item->held.state.deployments[0] };
    pair.deployment->live_version = 1;
    AC_REQUIRE_OK(ac_deploy_item_describe(&stage.settings, &pair, &batch, &err));

    const struct acmecore_certificate *told = batch.pointers[0];
    CU_ASSERT_STRING_EQUAL(told->key_path,
                           ac_test_path("state/certs/www/deployed/web/privkey.pem"));
    CU_ASSERT_STRING_EQUAL(told->previous_path,
                           ac_test_path("state/certs/www/versions/0001"));
    CU_ASSERT_STRING_EQUAL(told->fingerprint, item->held.fingerprint);
    CU_ASSERT_STRING_EQUAL(told->identifiers[0], "example.org");
}

AC_TEST(certificate_that_another_run_works_on_is_locked)
{
    struct ac_error err = { 0 };
    AC_AUTO(stage) stage = { 0 };
    AC_AUTO(ac_deploy_item) *item = NULL;
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE_OK(stage_new(&stage, "www", &err));
    AC_REQUIRE_OK(
        ac_store_lock(stage.store, AC_STORE_CERTIFICATES, "www", &lock, &err));
    AC_REQUIRE_CODE(ac_deploy_item_load(&stage.settings, "www", &item, &err),
                    AC_E_LOCKED);

    CU_ASSERT_PTR_NULL(item);
}

AC_SUITE("engine/deploy/deploy_item", AC_CASE(plugin_is_told_paths_through_the_link),
         AC_CASE(certificate_that_another_run_works_on_is_locked))
