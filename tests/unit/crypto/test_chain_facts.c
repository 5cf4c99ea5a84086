/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/chain.h"
#include "crypto/digest.h"
#include "crypto/pem.h"
#include "keys.h"
#include "pki.h"

#include <string.h>

#define KEYS AC_TEST_DATA "/keys/"

static enum ac_code make(int more_count, struct ac_chain **ret_chain,
                         struct ac_error *err)
{
    static const char *const names[] = { "example.org", NULL };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) pem = { 0 };
    struct ac_pki_options options = { .names = names, .more_count = more_count };

    AC_TRY(ac_keys_load(KEYS "p256.pem", &key, err));
    options.key = key;
    AC_TRY(ac_pki_chain(&options, &pem, err));
    return ac_chain_parse(pem.bytes, pem.size, ret_chain, err);
}

/* SHA-256 of the index-th certificate, with colons when a mark is given. */
static enum ac_code digest(const struct ac_chain *chain, size_t index, const char *mark,
                           char text[3 * AC_SHA256_HEX_SIZE], struct ac_error *err)
{
    const char *pem = ac_chain_full_pem(chain);
    struct ac_pem reader = { pem, pem + strlen(pem) };
    char digits[AC_SHA256_HEX_SIZE];
    size_t size = 0;

    for (size_t i = 0; i <= index; i++) {
        AC_AUTO(ac_text) der = { 0 };

        AC_TRY(ac_pem_next(&reader, &der, err));
        (void)ac_sha256_hex(der.bytes, der.size, digits);
    }
    for (size_t i = 0; digits[i]; i += 2)
        size +=
            (size_t)snprintf(text + size, 4, "%s%.2s", i > 0 ? mark : "", digits + i);
    return AC_OK;
}

AC_TEST(issuers_are_listed_from_the_leaf_up)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_words) names = { 0 };

    AC_REQUIRE_OK(make(1, &chain, &err));
    AC_REQUIRE_OK(ac_chain_add_issuers(chain, &names, &err));

    CU_ASSERT_EQUAL(names.count, ac_chain_count(chain));
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_chain_issuer(chain), names.items[0]));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(ac_chain_top_issuer(chain), names.items[names.count - 1]));
}

AC_TEST(chain_leads_to_each_of_its_issuers_in_any_case)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_words) names = { 0 };

    AC_REQUIRE_OK(make(1, &chain, &err));
    AC_REQUIRE_OK(ac_chain_add_issuers(chain, &names, &err));

    for (size_t i = 0; i < names.count; i++) {
        CU_ASSERT(ac_chain_leads_to(chain, names.items[i]));
        names.items[i][0] ^= 0x20;
        CU_ASSERT(ac_chain_leads_to(chain, names.items[i]));
    }
    CU_ASSERT_FALSE(ac_chain_leads_to(chain, "Nobody"));
    CU_ASSERT_FALSE(ac_chain_leads_to(chain, ""));
    CU_ASSERT_FALSE(ac_chain_leads_to(chain, "example.org"));
}

AC_TEST(chain_leads_to_each_fingerprint_but_that_of_the_leaf)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    char text[3 * AC_SHA256_HEX_SIZE];

    AC_REQUIRE_OK(make(1, &chain, &err));
    for (size_t i = 0; i < ac_chain_count(chain); i++) {
        AC_REQUIRE_OK(digest(chain, i, "", text, &err));
        CU_ASSERT_EQUAL(ac_chain_leads_to(chain, text), i > 0);
        AC_REQUIRE_OK(digest(chain, i, ":", text, &err));
        CU_ASSERT_EQUAL(ac_chain_leads_to(chain, text), i > 0);
    }
    text[strlen(text) - 1] = '\0';
    CU_ASSERT_FALSE(ac_chain_leads_to(chain, text));
    text[0] = 'g';
    CU_ASSERT_FALSE(ac_chain_leads_to(chain, text));
}

AC_TEST(der_of_the_leaf_is_what_its_fingerprint_is_of)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_text) der = { 0 };
    char digits[AC_SHA256_HEX_SIZE];

    AC_REQUIRE_OK(make(0, &chain, &err));
    AC_REQUIRE_OK(ac_chain_leaf_der(chain, &der, &err));

    CU_ASSERT_STRING_EQUAL(ac_sha256_hex(der.bytes, der.size, digits),
                           ac_chain_fingerprint(chain));
}

AC_SUITE("crypto/chain_facts", AC_CASE(issuers_are_listed_from_the_leaf_up),
         AC_CASE(chain_leads_to_each_of_its_issuers_in_any_case),
         AC_CASE(chain_leads_to_each_fingerprint_but_that_of_the_leaf),
         AC_CASE(der_of_the_leaf_is_what_its_fingerprint_is_of))
