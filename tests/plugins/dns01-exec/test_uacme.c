/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

AC_TEST(begin_has_five_arguments_and_the_same_variables)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "uacme", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv, "/hook|--first|begin|dns-01|www.example.org|-token2|" VALUE_2 "|");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "UACME_METHOD"), "begin");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "UACME_TYPE"), "dns-01");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "UACME_IDENT"), "www.example.org");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "UACME_TOKEN"), "-token2");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "UACME_AUTH"), VALUE_2);
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "UACME_CONFDIR"), "/state");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "UACME_VERBOSE"), "0");
}

AC_TEST(http_answer_is_the_key_authorization)
{
    VECTOR(v);
    const struct acmecore_challenge *const challenges[] = { &http_1 };

    v.job.challenges = challenges;
    v.job.count = 1;
    AC_REQUIRE(vector_write(&v, "uacme", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv, "/hook|--first|begin|http-01|example.com|token-1|token-1.thumb|");
}

AC_TEST(cleanup_is_done)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "uacme", EXEC_CLEANUP, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv, "/hook|--first|done|dns-01|www.example.org|-token2|" VALUE_2 "|");
}

AC_TEST(cleanup_of_a_begin_that_broke_is_failed)
{
    VECTOR(v);
    const char *const notes[] = { NULL, "failed" };

    AC_REQUIRE(vector_write(&v, "uacme", EXEC_CLEANUP, notes));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "UACME_METHOD"), "failed");
}

AC_SUITE("dns01-exec/uacme", AC_CASE(begin_has_five_arguments_and_the_same_variables),
         AC_CASE(http_answer_is_the_key_authorization), AC_CASE(cleanup_is_done),
         AC_CASE(cleanup_of_a_begin_that_broke_is_failed))
