/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

AC_TEST(every_dialect_in_the_help_is_found_and_no_other)
{
    char names[] = EXEC_NAMES;
    char *rest = names;
    size_t count = 0;

    for (char *name = strsep(&rest, ","); name; name = strsep(&rest, ",")) {
        CU_ASSERT_PTR_NOT_NULL(exec_dialect_find(name + (*name == ' ')));
        count++;
    }
    CU_ASSERT_EQUAL(count, 11);
    CU_ASSERT_PTR_NULL(exec_dialect_find("Native"));
    CU_ASSERT_PTR_NULL(exec_dialect_find(""));
}

AC_TEST(child_gets_path_and_the_challenge_whatever_its_dialect)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "mod_md", EXEC_CLEANUP, NULL));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "LANG"), "C.UTF-8");
    CU_ASSERT_PTR_NOT_NULL(strstr(vector_env(&v, "PATH"), "/usr/bin"));
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_DIALECT"), "mod_md");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_OPERATION"), "teardown");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_IDENTIFIER"), "www.example.org");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_RECORD_NAME"),
                           "_acme-challenge.www.example.org");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "ACMECORE_RECORD_ZONE"), "example.org");
}

AC_TEST(users_path_wins_and_a_contracts_variable_wins_over_the_user)
{
    VECTOR(v);

    exec_words_set(&v.extra, "PATH", "/opt/bin");
    exec_words_set(&v.extra, "CERTBOT_DOMAIN", "evil.example");
    exec_words_set(&v.extra, "TOKEN", "abc");
    AC_REQUIRE(vector_write(&v, "certbot", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "PATH"), "/opt/bin");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "TOKEN"), "abc");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERTBOT_DOMAIN"), "www.example.org");
}

AC_SUITE("dns01-exec/dialect", AC_CASE(every_dialect_in_the_help_is_found_and_no_other),
         AC_CASE(child_gets_path_and_the_challenge_whatever_its_dialect),
         AC_CASE(users_path_wins_and_a_contracts_variable_wins_over_the_user))
