/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

AC_TEST(create_names_the_zone_that_was_found)
{
    VECTOR(v);

    v.job.provider = "cloudflare";
    AC_REQUIRE(vector_write(&v, "lexicon", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv,
        "/hook|--first|--delegated=example.org|cloudflare|create|example.org|TXT|"
        "--name=_acme-challenge.www.example.org.|--content=" VALUE_2 "|");
}

AC_TEST(without_a_zone_the_identifier_is_given)
{
    VECTOR(v);

    v.job.provider = "cloudflare";
    v.job.challenges = two;
    v.job.count = 1;
    AC_REQUIRE(vector_write(&v, "lexicon", EXEC_CLEANUP, NULL));

    CU_ASSERT_STRING_EQUAL(
        v.argv, "/hook|--first|cloudflare|delete|example.com|TXT|"
                "--name=_acme-challenge.example.com.|--content=" VALUE_1 "|");
}

AC_SUITE("dns01-exec/lexicon", AC_CASE(create_names_the_zone_that_was_found),
         AC_CASE(without_a_zone_the_identifier_is_given))
