/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

AC_TEST(each_dialect_that_is_offered_is_there_and_commits)
{
    static const char *const names[] = { "native", "certbot", "dehydrated",
                                         "lego",   "acme.sh", "acme.sh-reload" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        AC_REQUIRE(dialect_find(names[i]) != NULL);
        CU_ASSERT_PTR_NOT_NULL(dialect_find(names[i])->verbs[PHASE_COMMIT]);
        CU_ASSERT_PTR_NOT_NULL(strstr(DIALECT_NAMES, names[i]));
    }
    CU_ASSERT_PTR_NULL(dialect_find("uacme"));
}

AC_TEST(all_children_find_more_than_their_contract_has)
{
    VECTOR(v);

    exec_words_set(&v.extra, "TOKEN", "secret");
    exec_words_set(&v.extra, "RENEWED_DOMAINS", "mine");
    AC_REQUIRE(vector_write(&v, "certbot", PHASE_COMMIT));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "TOKEN"), "secret");
    CU_ASSERT_STRING_NOT_EQUAL(vector_env(&v, "RENEWED_DOMAINS"), "mine");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_DIALECT"), "certbot");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_OPERATION"), "deploy");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_FINGERPRINT"), VECTOR_FINGERPRINT);
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_PREVIOUS_PATH"), "/s/old");
    CU_ASSERT_STRING_NOT_EQUAL(vector_env(&v, "PATH"), "(none)");
}

AC_SUITE("installer-exec/dialect",
         AC_CASE(each_dialect_that_is_offered_is_there_and_commits),
         AC_CASE(all_children_find_more_than_their_contract_has))
