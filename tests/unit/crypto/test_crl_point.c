/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crls.h"
#include "keys.h"
#include "pki.h"

AC_TEST(leaf_says_where_revocations_are_published)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO_TEXT char *url = NULL;

    AC_REQUIRE_OK(ac_crls_chain(&chain, &err));
    AC_REQUIRE_OK(ac_crl_find_url(chain, &url, &err));

    CU_ASSERT_STRING_EQUAL(url, AC_CRLS_URL);
}

AC_TEST(leaf_without_distribution_point_has_none)
{
    static const char *const names[] = { "example.org", NULL };
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO_TEXT char *url = NULL;

    AC_REQUIRE_OK(ac_keys_load(AC_TEST_DATA "/keys/p256.pem", &key, &err));
    struct ac_pki_options options = { .key = key, .names = names };
    AC_REQUIRE_OK(ac_pki_chain(&options, &pem, &err));
    AC_REQUIRE_OK(ac_chain_parse(ac_text_get(&pem), pem.size, &chain, &err));
    enum ac_code code = ac_crl_find_url(chain, &url, &err);

    CU_ASSERT_EQUAL(code, AC_E_NOTFOUND);
}

AC_SUITE("crypto/crl_point", AC_CASE(leaf_says_where_revocations_are_published),
         AC_CASE(leaf_without_distribution_point_has_none))
