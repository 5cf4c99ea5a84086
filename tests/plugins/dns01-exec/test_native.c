/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

AC_TEST(argv_has_four_words_for_each_challenge)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "native", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv,
        "/hook|--first|present|dns-01|example.com|_acme-challenge.example.com|" VALUE_1
        "|dns-01|www.example.org|_acme-challenge.www.example.org|" VALUE_2 "|");
}

AC_TEST(environment_numbers_the_challenges)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "native", EXEC_CLEANUP, NULL));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_SCHEMA"), "1");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_OPERATION"), "cleanup");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_COUNT"), "2");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_REMAINING_MS"), "5000");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_IDENTIFIER_1"), "example.com");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_RECORD_ZONE_1"), "");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_RECORD_ZONE_2"), "example.org");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_RECORD_VALUE_2"), VALUE_2);
}

AC_TEST(stdin_is_one_json_document)
{
    VECTOR(v);
    const char *const notes[] = { NULL, "id 7" };

    v.job.challenges = two;
    AC_REQUIRE(vector_write(&v, "native", EXEC_CLEANUP, notes));

    CU_ASSERT_STRING_EQUAL(
        v.child.input,
        "{\"schema\":1,\"plugin\":\"dns01-exec\",\"operation\":\"cleanup\","
        "\"remaining_ms\":5000,\"challenges\":["
        "{\"type\":\"dns-01\",\"identifier\":\"example.com\",\"token\":\"token-1\","
        "\"key_authorization\":\"token-1.thumb\","
        "\"record_name\":\"_acme-challenge.example.com\","
        "\"record_value\":\"" VALUE_1 "\",\"record_zone\":null,\"data\":null},"
        "{\"type\":\"dns-01\",\"identifier\":\"www.example.org\","
        "\"token\":\"-token2\",\"key_authorization\":\"-token2.thumb\","
        "\"record_name\":\"_acme-challenge.www.example.org\","
        "\"record_value\":\"" VALUE_2
        "\",\"record_zone\":\"example.org\",\"data\":\"id 7\"}]}");
    CU_ASSERT_EQUAL(v.child.input_size, strlen(v.child.input));
}

AC_TEST(http_challenge_has_no_record)
{
    VECTOR(v);
    const struct acmecore_challenge *const challenges[] = { &http_1 };

    v.job.challenges = challenges;
    v.job.count = 1;
    AC_REQUIRE(vector_write(&v, "native", EXEC_PROBE, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv, "/hook|--first|probe|http-01|example.com|token-1|token-1.thumb|");
    CU_ASSERT_PTR_NOT_NULL(strstr(v.child.input, "\"record_name\":null"));
}

AC_TEST(record_that_stays_has_no_token)
{
    VECTOR(v);
    const struct acmecore_challenge *const challenges[] = { &persist_1 };

    v.job.challenges = challenges;
    v.job.count = 1;
    AC_REQUIRE(vector_write(&v, "native", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv,
        "/hook|--first|present|dns-persist-01|example.com|_validation-persist."
        "example.com|ca.example; accounturi=https://ca.example/1; policy=wildcard|");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_TOKEN_1"), "");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(v.child.input, "\"token\":null,\"key_authorization\":null"));
}

AC_SUITE("dns01-exec/native", AC_CASE(record_that_stays_has_no_token),
         AC_CASE(argv_has_four_words_for_each_challenge),
         AC_CASE(environment_numbers_the_challenges),
         AC_CASE(stdin_is_one_json_document), AC_CASE(http_challenge_has_no_record))
