/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/command/user_command.h"

#include "check.h"

#include <string.h>
#include <sys/stat.h>

static struct ac_value words[] = { { (char *)"/bin/tell", 1 }, { (char *)"--to", 1 } };

static struct ac_config_command section(struct ac_value *timeout)
{
    return (struct ac_config_command){
        .name = "mail",
        .command = { .items = words, .count = 2, .place.line = 1 },
        .timeout = { .items = timeout, .count = timeout ? 1 : 0, .place.line = 1 },
    };
}

AC_TEST(section_gives_words_and_time)
{
    struct ac_error err = { 0 };
    struct ac_value seconds = { (char *)"7", 1 };
    const struct ac_config_command given = section(&seconds);
    AC_AUTO(ac_user_command) command = { 0 };

    AC_REQUIRE_OK(ac_user_command_read(&given, 5000, &command, &err));

    CU_ASSERT_STRING_EQUAL(command.name, "mail");
    AC_REQUIRE(command.words.count == 2);
    CU_ASSERT_STRING_EQUAL(command.words.items[1], "--to");
    CU_ASSERT_EQUAL(command.timeout_ms, 7000);
}

AC_TEST(time_that_is_not_given_is_the_callers)
{
    struct ac_error err = { 0 };
    const struct ac_config_command given = section(NULL);
    AC_AUTO(ac_user_command) command = { 0 };

    AC_REQUIRE_OK(ac_user_command_read(&given, 5000, &command, &err));

    CU_ASSERT_EQUAL(command.timeout_ms, 5000);
}

AC_TEST(time_that_is_none_is_refused)
{
    struct ac_error err = { 0 };
    struct ac_value seconds = { (char *)"0", 1 };
    const struct ac_config_command given = section(&seconds);
    AC_AUTO(ac_user_command) command = { 0 };

    AC_REQUIRE_CODE(ac_user_command_read(&given, 5000, &command, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail, "timeout is a number of seconds from 1 to 3600");
}

AC_TEST(path_is_a_command_without_arguments)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_user_command) command = { 0 };

    AC_REQUIRE_OK(ac_user_command_of_path("/bin/tell", 9, &command, &err));

    CU_ASSERT_STRING_EQUAL(command.name, "/bin/tell");
    CU_ASSERT_EQUAL(command.words.count, 1);
}

AC_TEST(reference_is_a_path_or_a_name)
{
    struct ac_error err = { 0 };

    CU_ASSERT_EQUAL(ac_user_command_check_reference("/a b", &err), AC_OK);
    CU_ASSERT_EQUAL(ac_user_command_check_reference("mail.1", &err), AC_OK);
    CU_ASSERT_EQUAL(ac_user_command_check_reference("none", &err), AC_OK);
    CU_ASSERT_EQUAL(ac_user_command_check_reference("./tell", &err), AC_E_USAGE);
    CU_ASSERT_EQUAL(ac_user_command_check_reference("", &err), AC_E_USAGE);
}

AC_TEST(program_must_be_there_ours_and_executable)
{
    struct ac_error err = { 0 };
    const char *path = ac_test_path("tell");

    AC_REQUIRE(ac_test_write_file(path, "#!/bin/sh\n", 10));
    CU_ASSERT_EQUAL(ac_user_command_check_file(path, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "no program that can be run"));
    AC_REQUIRE(chmod(path, 0722) == 0);
    CU_ASSERT_EQUAL(ac_user_command_check_file(path, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "not to be trusted"));
    AC_REQUIRE(chmod(path, 0700) == 0);
    CU_ASSERT_EQUAL(ac_user_command_check_file(path, &err), AC_OK);
    CU_ASSERT_EQUAL(ac_user_command_check_file("/nowhere/tell", &err), AC_E_USAGE);
    CU_ASSERT_EQUAL(ac_user_command_check_file("mail", &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "no section of the name \"mail\""));
    CU_ASSERT_EQUAL(ac_user_command_check_file(ac_test_folder(), &err), AC_E_USAGE);
}

AC_SUITE("engine/user_command", AC_CASE(section_gives_words_and_time),
         AC_CASE(time_that_is_not_given_is_the_callers),
         AC_CASE(time_that_is_none_is_refused),
         AC_CASE(path_is_a_command_without_arguments),
         AC_CASE(reference_is_a_path_or_a_name),
         AC_CASE(program_must_be_there_ours_and_executable))
