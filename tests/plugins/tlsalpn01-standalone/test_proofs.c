/* SPDX-License-Identifier: Apache-2.0 */
#include "proofs.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

static enum proofs_added add(struct proofs *proofs, const char *identifier,
                             const char *authorization)
{
    struct subject subject;
    int code = 0;

    (void)subject_read(identifier, &subject);
    return proofs_add(proofs, &subject, authorization, &code);
}

static void forget(struct proofs *proofs, const char *identifier,
                   const char *authorization)
{
    struct subject subject;

    (void)subject_read(identifier, &subject);
    proofs_remove(proofs, &subject, authorization);
}

static const char *shown(const struct proofs *proofs, const char *server_name)
{
    const struct proof *proof = proofs_find(proofs, server_name);

    return proof ? proof->key_authorization : "";
}

AC_TEST(what_was_added_is_found_until_it_is_removed)
{
    struct proofs proofs = { 0 };
    char name[32];

    for (int i = 0; i < 40; i++) {
        (void)snprintf(name, sizeof(name), "n%d.test", i * 7 % 40);
        AC_REQUIRE(add(&proofs, name, name) == PROOFS_ADDED || ac_check_is_torture());
    }
    CU_ASSERT_STRING_EQUAL(shown(&proofs, "n17.test"), "n17.test");
    CU_ASSERT_STRING_EQUAL(shown(&proofs, "n40.test"), "");
    forget(&proofs, "n17.test", "another one");
    CU_ASSERT_STRING_EQUAL(shown(&proofs, "n17.test"), "n17.test");
    forget(&proofs, "n17.test", "n17.test");
    forget(&proofs, "n17.test", "n17.test");
    CU_ASSERT_STRING_EQUAL(shown(&proofs, "n17.test"), "");
    CU_ASSERT_STRING_EQUAL(shown(&proofs, "n18.test"), "n18.test");
    CU_ASSERT_EQUAL(proofs.count, 39);
    proofs_drop(&proofs);
    CU_ASSERT_EQUAL(proofs.count, 0);
}

AC_TEST(address_is_found_by_its_reverse_name)
{
    struct proofs proofs = { 0 };

    (void)add(&proofs, "192.0.2.1", "x");

    CU_ASSERT_STRING_EQUAL(shown(&proofs, "1.2.0.192.in-addr.arpa"), "x");
    CU_ASSERT_STRING_EQUAL(shown(&proofs, "192.0.2.1"), "");
    proofs_drop(&proofs);
}

AC_TEST(same_proof_twice_is_one)
{
    struct proofs proofs = { 0 };

    (void)add(&proofs, "a.test", "x");
    (void)add(&proofs, "a.test", "x");

    CU_ASSERT_EQUAL(proofs.count, 1);
    proofs_drop(&proofs);
}

AC_TEST(second_order_for_a_name_waits_for_the_first)
{
    struct proofs proofs = { 0 };

    (void)add(&proofs, "a.test", "zz first");
    (void)add(&proofs, "a.test", "aa second");
    CU_ASSERT_STRING_EQUAL(shown(&proofs, "a.test"), "zz first");

    forget(&proofs, "a.test", "zz first");
    CU_ASSERT_STRING_EQUAL(shown(&proofs, "a.test"), "aa second");
    proofs_drop(&proofs);
}

AC_TEST(proof_in_use_outlives_its_cleanup)
{
    struct proofs proofs = { 0 };

    AC_REQUIRE(add(&proofs, "a.test", "x") == PROOFS_ADDED || ac_check_is_torture());
    struct proof *proof = proofs_find(&proofs, "a.test");
    if (proof)
        (void)proof_use(proof);
    forget(&proofs, "a.test", "x");

    CU_ASSERT_TRUE(proof && proof->credentials);
    proof_release(proof);
    proof_release(NULL);
    proofs_drop(&proofs);
}

AC_SUITE("tlsalpn01-standalone/proofs",
         AC_CASE(what_was_added_is_found_until_it_is_removed),
         AC_CASE(address_is_found_by_its_reverse_name),
         AC_CASE(same_proof_twice_is_one),
         AC_CASE(second_order_for_a_name_waits_for_the_first),
         AC_CASE(proof_in_use_outlives_its_cleanup))
