/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crls.h"
#include "crypto/digest.h"

#include <string.h>

AC_TEST(issuer_is_known_by_its_key)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_chain) *issuer = NULL;
    AC_AUTO(ac_text) key = { 0 };
    char digits[65];
    char own[65];

    AC_REQUIRE_OK(ac_crls_chain(&chain, &err));
    const char *rest = ac_chain_rest_pem(chain);
    AC_REQUIRE_OK(ac_chain_parse(rest, strlen(rest), &issuer, &err));
    AC_REQUIRE_OK(ac_chain_public_der(issuer, &key, &err));
    AC_REQUIRE_OK(ac_crl_issuer_key(chain, digits, &err));

    CU_ASSERT_STRING_EQUAL(digits, ac_sha256_hex(key.bytes, key.size, own));
}

AC_TEST(leaf_alone_has_nobody_who_could_sign)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_chain) *leaf = NULL;
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO(ac_crl) *crl = NULL;
    char digits[65];

    AC_REQUIRE_OK(ac_crls_chain(&chain, &err));
    const char *pem = ac_chain_leaf_pem(chain);
    AC_REQUIRE_OK(ac_chain_parse(pem, strlen(pem), &leaf, &err));
    AC_REQUIRE_OK(ac_crls_load("clean", &der, &err));
    enum ac_code key_code = ac_crl_issuer_key(leaf, digits, &err);
    enum ac_code code = ac_crl_read(&der, leaf, AC_CRLS_WITHIN, &crl, &err);

    CU_ASSERT_EQUAL(key_code, AC_E_NOTFOUND);
    CU_ASSERT_EQUAL(code, AC_E_NOTFOUND);
}

AC_SUITE("crypto/crl_check", AC_CASE(issuer_is_known_by_its_key),
         AC_CASE(leaf_alone_has_nobody_who_could_sign))
