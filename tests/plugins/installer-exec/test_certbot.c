/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

AC_TEST(hook_finds_lineage_and_domains)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "certbot", PHASE_COMMIT));

    CU_ASSERT_STRING_EQUAL(v.argv, "/hook|--first|");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "RENEWED_LINEAGE"), "/state/live/www");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "RENEWED_DOMAINS"),
                           "example.com *.example.com");
}

AC_SUITE("installer-exec/certbot", AC_CASE(hook_finds_lineage_and_domains))
