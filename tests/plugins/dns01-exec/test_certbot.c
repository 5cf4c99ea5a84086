/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

AC_TEST(auth_gets_what_certbot_gives)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "certbot", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(v.argv, "/hook|--first|");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_IDENTIFIER"), "www.example.org");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_DOMAIN"), "www.example.org");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_VALIDATION"), VALUE_2);
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_TOKEN"), "(none)");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_REMAINING_CHALLENGES"), "0");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_ALL_IDENTIFIERS"),
                           "example.com,www.example.org");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_ALL_DOMAINS"),
                           "example.com,www.example.org");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_AUTH_OUTPUT"), "(none)");
}

AC_TEST(cleanup_gets_what_auth_printed_with_its_lines)
{
    VECTOR(v);
    const char *const notes[] = { "first", "line 1\nline 2" };

    AC_REQUIRE(vector_write(&v, "certbot", EXEC_CLEANUP, notes));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_AUTH_OUTPUT"), "line 1\nline 2");
}

AC_TEST(cleanup_without_a_note_gets_empty_output)
{
    VECTOR(v);
    const char *const notes[] = { NULL, NULL };

    AC_REQUIRE(vector_write(&v, "certbot", EXEC_CLEANUP, notes));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_AUTH_OUTPUT"), "");
}

AC_TEST(http_gets_token_and_key_authorization)
{
    VECTOR(v);
    const struct acmecore_challenge *const challenges[] = { &http_1, &http_1, &http_1 };

    v.job.challenges = challenges;
    v.job.count = 3;
    AC_REQUIRE(vector_write(&v, "certbot", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_TOKEN"), "token-1");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_VALIDATION"), "token-1.thumb");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_REMAINING_CHALLENGES"), "2");
}

AC_SUITE("dns01-exec/certbot", AC_CASE(auth_gets_what_certbot_gives),
         AC_CASE(cleanup_gets_what_auth_printed_with_its_lines),
         AC_CASE(cleanup_without_a_note_gets_empty_output),
         AC_CASE(http_gets_token_and_key_authorization))
