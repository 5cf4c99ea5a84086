/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

AC_TEST(deploy_has_name_token_and_value)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "dehydrated", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv, "/hook|--first|deploy_challenge|www.example.org|-token2|" VALUE_2 "|");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CHALLENGETYPE"), "dns-01");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "COMMAND"), "sign_domain");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "altnames"), "example.com www.example.org");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "alias"), "example.com");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "BASEDIR"), "/state");
}

AC_TEST(clean_has_the_same_arguments)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "dehydrated", EXEC_CLEANUP, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv, "/hook|--first|clean_challenge|www.example.org|-token2|" VALUE_2 "|");
}

AC_TEST(chain_repeats_the_three_in_one_call)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "dehydrated-chain", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(v.argv,
                           "/hook|--first|deploy_challenge|example.com|token-1|" VALUE_1
                           "|www.example.org|-token2|" VALUE_2 "|");
}

AC_TEST(http_value_is_the_file_content)
{
    VECTOR(v);
    const struct acmecore_challenge *const challenges[] = { &http_1 };

    v.job.challenges = challenges;
    v.job.count = 1;
    AC_REQUIRE(vector_write(&v, "dehydrated", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv, "/hook|--first|deploy_challenge|example.com|token-1|token-1.thumb|");
}

AC_TEST(users_own_folder_stays)
{
    VECTOR(v);

    exec_words_set(&v.extra, "BASEDIR", "/etc/dehydrated");
    AC_REQUIRE(vector_write(&v, "dehydrated", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "BASEDIR"), "/etc/dehydrated");
}

AC_SUITE("dns01-exec/dehydrated", AC_CASE(deploy_has_name_token_and_value),
         AC_CASE(clean_has_the_same_arguments),
         AC_CASE(chain_repeats_the_three_in_one_call),
         AC_CASE(http_value_is_the_file_content), AC_CASE(users_own_folder_stays))
