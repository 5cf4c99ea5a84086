/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

AC_TEST(setup_has_name_and_value)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "mod_md", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(v.argv, "/hook|--first|setup|www.example.org|" VALUE_2 "|");
}

AC_TEST(teardown_of_version_1_has_the_name_only)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "mod_md", EXEC_CLEANUP, NULL));

    CU_ASSERT_STRING_EQUAL(v.argv, "/hook|--first|teardown|www.example.org|");
}

AC_TEST(teardown_of_version_2_has_the_value_too)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "mod_md-2", EXEC_CLEANUP, NULL));

    CU_ASSERT_STRING_EQUAL(v.argv,
                           "/hook|--first|teardown|www.example.org|" VALUE_2 "|");
}

AC_SUITE("dns01-exec/mod_md", AC_CASE(setup_has_name_and_value),
         AC_CASE(teardown_of_version_1_has_the_name_only),
         AC_CASE(teardown_of_version_2_has_the_value_too))
