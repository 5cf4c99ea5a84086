/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

static const char *word_at(const struct vector *vector, size_t index)
{
    const char *word = exec_words_next(&vector->child.argv, NULL);

    for (size_t i = 0; word && i < index; i++)
        word = exec_words_next(&vector->child.argv, word);
    return word ? word : "(none)";
}

AC_TEST(shell_gets_a_constant_text_and_values_as_parameters)
{
    VECTOR(v);

    v.job.provider = "dns_x";
    AC_REQUIRE(vector_write(&v, "acme.sh", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(word_at(&v, 0), "/bin/sh");
    CU_ASSERT_STRING_EQUAL(word_at(&v, 1), "-c");
    CU_ASSERT_PTR_NULL(strstr(word_at(&v, 2), "example"));
    CU_ASSERT_STRING_EQUAL(word_at(&v, 4), "/hook"); /* the folder */
    CU_ASSERT_STRING_EQUAL(word_at(&v, 5), "/home/acme/dnsapi/dns_x.sh");
    CU_ASSERT_STRING_EQUAL(word_at(&v, 6), "dns_x_add");
    CU_ASSERT_STRING_EQUAL(word_at(&v, 7), "_acme-challenge.www.example.org");
    CU_ASSERT_STRING_EQUAL(word_at(&v, 8), VALUE_2);
    CU_ASSERT_STRING_EQUAL(word_at(&v, 9), "(none)");
}

AC_TEST(cleanup_calls_rm)
{
    VECTOR(v);

    v.job.provider = "dns_x";
    AC_REQUIRE(vector_write(&v, "acme.sh", EXEC_CLEANUP, NULL));

    CU_ASSERT_STRING_EQUAL(word_at(&v, 6), "dns_x_rm");
}

AC_TEST(what_scripts_save_goes_to_a_private_folder)
{
    VECTOR(v);

    v.job.provider = "dns_x";
    AC_REQUIRE(vector_write(&v, "acme.sh", EXEC_PRESENT, NULL));

    CU_ASSERT_STRING_EQUAL(vector_env(&v, "LE_WORKING_DIR"), "/state/acme.sh");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "DOMAIN_CONF"), "/state/acme.sh/domain.conf");
}

AC_SUITE("dns01-exec/acme_sh",
         AC_CASE(shell_gets_a_constant_text_and_values_as_parameters),
         AC_CASE(cleanup_calls_rm), AC_CASE(what_scripts_save_goes_to_a_private_folder))
