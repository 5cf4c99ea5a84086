/* SPDX-License-Identifier: Apache-2.0 */
#include "option.h"

#include "hook_run.h"

AC_TEST(command_is_split_and_may_be_one_of_several)
{
    struct fake_host fake;
    EXEC_AUTO_WORDS words = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    fake_host_set(&fake, "reload", "/bin/false");
    fake_host_set(&fake, "reload", "/bin/true 'a b' c");
    AC_REQUIRE(exec_option_command(&fake.host, "reload", 1, &words) == ACMECORE_OK);

    CU_ASSERT_EQUAL(words.count, 3);
    CU_ASSERT_STRING_EQUAL(exec_words_next(&words, words.bytes), "a b");
}

AC_TEST(command_that_cannot_run_is_refused_by_name)
{
    struct fake_host fake;
    EXEC_AUTO_WORDS words = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    fake_host_set(&fake, "command", "/nonexistent");

    CU_ASSERT_NOT_EQUAL(exec_option_command(&fake.host, "command", 0, &words),
                        ACMECORE_OK);
    CU_ASSERT(fake_host_failed_with(&fake, "option command: \"/nonexistent\": No such")
              || ac_check_is_torture());
}

AC_TEST(environment_has_what_the_file_says_and_a_home)
{
    struct fake_host fake;
    EXEC_AUTO_WORDS extra = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    fake_host_set(&fake, "environment-file", "TOKEN='a b'\n");
    AC_REQUIRE(exec_option_environment(&fake.host, &extra) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(exec_words_get(&extra, "TOKEN"), "a b");
    CU_ASSERT_PTR_NOT_NULL(exec_words_get(&extra, "HOME"));
}

AC_TEST(line_of_the_environment_that_is_wrong_is_named)
{
    struct fake_host fake;
    EXEC_AUTO_WORDS extra = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    fake_host_set(&fake, "environment-file", "A=1\nB C\n");

    CU_ASSERT_NOT_EQUAL(exec_option_environment(&fake.host, &extra), ACMECORE_OK);
    CU_ASSERT(fake_host_failed_with(&fake, "option environment-file: line 2: ")
              || ac_check_is_torture());
}

AC_TEST(seconds_become_milliseconds)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));
    fake_host_set(&fake, "timeout", "12");

    CU_ASSERT_EQUAL(exec_option_ms(&fake.host, "timeout"), 12000);
    CU_ASSERT_EQUAL(exec_option_ms(&fake.host, "other"), 0);
}

AC_SUITE("common-exec/option", AC_CASE(command_is_split_and_may_be_one_of_several),
         AC_CASE(command_that_cannot_run_is_refused_by_name),
         AC_CASE(environment_has_what_the_file_says_and_a_home),
         AC_CASE(line_of_the_environment_that_is_wrong_is_named),
         AC_CASE(seconds_become_milliseconds))
