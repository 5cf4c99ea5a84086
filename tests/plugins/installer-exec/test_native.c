/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

AC_TEST(whole_batch_is_one_document)
{
    static const char *const parts[] = {
        "{\"schema\":1,",
        "\"operation\":\"commit\",",
        "\"remaining_ms\":5000,",
        "\"folder\":\"/state\",",
        ("\"certificates\":[{\"name\":\"www\",\"identifiers\":[\"example.com\","
         "\"*.example.com\"],\"key_path\":\"/s/www/privkey.pem\","),
        "\"previous_path\":\"/s/old\",\"not_after\":2000000000,",
        "{\"name\":\"mail\",\"identifiers\":[\"*.example.com\"],\"key_path\":null,",
    };
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "native", PHASE_COMMIT));

    CU_ASSERT_STRING_EQUAL(v.argv, "/hook|--first|commit|");
    CU_ASSERT_EQUAL(v.child.input_size, strlen(v.child.input));
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        CU_ASSERT_PTR_NOT_NULL(strstr(v.child.input, parts[i]));
}

AC_TEST(shells_find_numbered_variables)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "native", PHASE_STAGE));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_COUNT"), "2");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_KEY_PATH_1"), "/s/www/privkey.pem");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_PREVIOUS_PATH_1"), "/s/old");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_IDENTIFIERS_2"), "*.example.com");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_KEY_PATH_2"), "");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_OPERATION"), "stage");
}

AC_SUITE("installer-exec/native", AC_CASE(whole_batch_is_one_document),
         AC_CASE(shells_find_numbered_variables))
