/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

AC_TEST(present_has_name_with_dot_and_value)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "lego", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv, "/hook|--first|present|_acme-challenge.www.example.org.|" VALUE_2 "|");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "EXEC_PATH"), "/hook");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "EXEC_MODE"), "");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "EXEC_PROPAGATION_TIMEOUT"), "60");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "EXEC_POLLING_INTERVAL"), "3");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "EXEC_SEQUENCE_INTERVAL"), "60");
}

AC_TEST(cleanup_is_the_same_with_another_verb)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "lego", EXEC_CLEANUP, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv, "/hook|--first|cleanup|_acme-challenge.www.example.org.|" VALUE_2 "|");
}

AC_TEST(alias_is_where_the_record_goes)
{
    VECTOR(v);
    struct acmecore_challenge alias = dns_1;
    const struct acmecore_challenge *const challenges[] = { &alias };

    alias.record_name = "x.acme.example.net";
    v.job.challenges = challenges;
    v.job.count = 1;
    AC_REQUIRE(vector_write(&v, "lego", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(v.argv,
                           "/hook|--first|present|x.acme.example.net.|" VALUE_1 "|");
}

AC_TEST(raw_has_a_fence_before_the_token)
{
    VECTOR(v);

    exec_words_set(&v.extra, "EXEC_POLLING_INTERVAL", "7");
    AC_REQUIRE(vector_write(&v, "lego-raw", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv, "/hook|--first|present|--|www.example.org|-token2|-token2.thumb|");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "EXEC_MODE"), "RAW");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "EXEC_POLLING_INTERVAL"), "7");
}

AC_SUITE("dns01-exec/lego", AC_CASE(present_has_name_with_dot_and_value),
         AC_CASE(cleanup_is_the_same_with_another_verb),
         AC_CASE(alias_is_where_the_record_goes),
         AC_CASE(raw_has_a_fence_before_the_token))
