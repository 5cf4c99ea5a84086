/* SPDX-License-Identifier: Apache-2.0 */
#include "../crl_holding.h"

#include <string.h>

AC_TEST(where_revocations_are_published_is_read_from_the_files)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(crl_open_and_hold(&store, false, &err));
    AC_REQUIRE_OK(ac_state_load(store, "www", &state, &err));
    CU_ASSERT_FALSE(ac_state_knows_crl(&state));
    AC_REQUIRE_OK(ac_crl_known_read(&state, store, "www", &err));

    CU_ASSERT_TRUE(ac_state_knows_crl(&state));
    AC_REQUIRE(state.crl.count == 1);
    CU_ASSERT_STRING_EQUAL(state.crl.items[0].url, AC_CRLS_URL);
    CU_ASSERT_EQUAL(strlen(state.crl.items[0].issuer), 64);
    CU_ASSERT_STRING_EQUAL(state.crl.items[0].serial, state.origin.serial);
}

AC_TEST(what_is_known_outlives_the_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(crl_open_and_hold(&store, true, &err));
    AC_REQUIRE_OK(ac_state_load(store, "www", &state, &err));

    CU_ASSERT_TRUE(ac_state_knows_crl(&state));
    AC_REQUIRE(state.crl.count == 1);
    CU_ASSERT_STRING_EQUAL(state.crl.items[0].url, AC_CRLS_URL);
}

AC_TEST(another_version_is_not_known)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(crl_open_and_hold(&store, true, &err));
    AC_REQUIRE_OK(ac_state_load(store, "www", &state, &err));
    state.origin.version = 2;

    CU_ASSERT_FALSE(ac_state_knows_crl(&state));
}

/* Nobody could check a list of it. */
AC_TEST(leaf_without_its_issuer_has_no_list)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_chain) *leaf = NULL;
    AC_AUTO(ac_state) state = { .origin.version = 1 };

    AC_REQUIRE_OK(ac_crls_chain(&chain, &err));
    const char *pem = ac_chain_leaf_pem(chain);
    AC_REQUIRE_OK(ac_chain_parse(pem, strlen(pem), &leaf, &err));
    AC_REQUIRE_OK(ac_crl_known_add(&state, leaf, &err));

    CU_ASSERT_TRUE(ac_state_knows_crl(&state));
    CU_ASSERT_PTR_NULL(state.crl.items[0].url);
}

AC_SUITE("engine/crl_known",
         AC_CASE(where_revocations_are_published_is_read_from_the_files),
         AC_CASE(what_is_known_outlives_the_run), AC_CASE(another_version_is_not_known),
         AC_CASE(leaf_without_its_issuer_has_no_list))
