/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fake_host.h"

AC_TEST(text_grows_and_stays_a_string)
{
    APACHE_AUTO_TEXT text = { 0 };

    for (size_t i = 0; i < 300; i++)
        AC_REQUIRE(apache_text_add(&text, "0123456789", 10));

    CU_ASSERT_EQUAL(text.size, 3000);
    CU_ASSERT_EQUAL(strlen(text.bytes), 3000);
}

AC_TEST(a_format_is_added_behind)
{
    APACHE_AUTO_TEXT text = { 0 };

    AC_REQUIRE(apache_text_format(&text, "%s=%d", "port", 443));
    AC_REQUIRE(apache_text_format(&text, ";"));

    CU_ASSERT_STRING_EQUAL(text.bytes, "port=443;");
}

AC_TEST(a_size_beyond_all_memory_is_refused)
{
    APACHE_AUTO_TEXT text = { 0 };

    CU_ASSERT_FALSE(apache_text_add(&text, "x", (size_t)-2));
    CU_ASSERT_PTR_NULL(text.bytes);
}

AC_TEST(a_sink_adds_what_it_is_given)
{
    APACHE_AUTO_TEXT text = { 0 };

    AC_REQUIRE(apache_text_sink(&text, "ab", 2) == ACMECORE_OK);
    AC_REQUIRE(apache_text_sink(&text, "c", 1) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(text.bytes, "abc");
}

AC_TEST(a_list_finds_its_words_in_either_case)
{
    APACHE_AUTO_LIST list = { 0 };

    for (size_t i = 0; i < 20; i++)
        AC_REQUIRE(apache_list_add(&list, "a.test:443", 6));

    CU_ASSERT_EQUAL(list.count, 20);
    CU_ASSERT_TRUE(apache_list_has(&list, "A.Test"));
    CU_ASSERT_FALSE(apache_list_has(&list, "a.test:443"));
}

AC_TEST(lack_of_memory_is_recorded)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));

    CU_ASSERT_EQUAL(apache_no_memory(&fake.host), ACMECORE_E_SYSTEM);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "out of memory"));
}

AC_SUITE("installer-apache/text", AC_CASE(text_grows_and_stays_a_string),
         AC_CASE(a_format_is_added_behind),
         AC_CASE(a_size_beyond_all_memory_is_refused),
         AC_CASE(a_sink_adds_what_it_is_given),
         AC_CASE(a_list_finds_its_words_in_either_case),
         AC_CASE(lack_of_memory_is_recorded))
