/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "command_line.h"
#include "fake_run.h"

#include <acmecore/plugin.h>

static int check_text(const char *text, const char *option)
{
    const char *path = ac_test_path("acmecore.conf");
    struct ac_error err = { 0 };

    fake_reset();
    fake.descriptor =
        (struct ac_descriptor){ .name = (char *)"web", .kind = ACMECORE_SOLVER };
    if (ac_words_add(&fake.descriptor.types, "http-01", &err) != AC_OK
        || !ac_test_write_file(path, text, strlen(text)))
        return -1;
    int exit_code = run_program(WORDS("config", "check", "--config", path, option));
    ac_words_done(&fake.descriptor.types);
    return exit_code;
}

AC_TEST(nothing_wrong_says_what_there_is)
{
    char line[512];

    CU_ASSERT_EQUAL(check_text("solver w { plugin = web }\n"
                               "certificate c { identifiers = a.test solvers = w }",
                               NULL),
                    0);

    (void)snprintf(line, sizeof line,
                   "%s: nothing is wrong (1 certificate, 0 CAs, 1 solver, 0 "
                   "installers; 1 file)\n",
                   ac_test_path("acmecore.conf"));
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), line);
}

AC_TEST(all_that_is_wrong_is_printed_in_the_order_of_the_lines)
{
    char lines[1024];
    const char *path = ac_test_path("acmecore.conf");

    CU_ASSERT_EQUAL(check_text("solvers = x\nagree-tos = perhaps\n", NULL), 2);

    (void)snprintf(lines, sizeof lines,
                   "%s:1: there is no solver \"x\": solver \"x\" { plugin = … } makes "
                   "one\n%s:2: agree-tos is true or false, not \"perhaps\"\n",
                   path, path);
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), lines);
    (void)snprintf(lines, sizeof lines, "acmecore: 2 things are wrong with %s\n", path);
    CU_ASSERT_STRING_EQUAL(ac_capture_err(), lines);
}

AC_TEST(json_has_each_fault_with_its_place)
{
    CU_ASSERT_EQUAL(check_text("agree-tos = perhaps\n", "--json"), 2);

    AC_AUTO(ac_json) *json = printed();
    const struct ac_json *fault = ac_json_at(ac_json_get(json, "faults"), 0);
    CU_ASSERT_EQUAL(ac_json_number_or(fault, "line", 0), 1);
    CU_ASSERT_STRING_EQUAL(text_of(fault, "file"), ac_test_path("acmecore.conf"));
    CU_ASSERT_STRING_EQUAL(text_of(fault, "message"),
                           "agree-tos is true or false, not \"perhaps\"");
    CU_ASSERT_EQUAL(ac_json_number_or(ac_json_get(json, "error"), "exit", 0), 2);
}

AC_TEST(folders_that_are_not_there_are_faults)
{
    CU_ASSERT_EQUAL(check_text("plugin-dir = {/nowhere/plugins}\n", NULL), 2);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(),
                                  ":1: plugin-dir /nowhere/plugins: No such file"));
}

AC_TEST(file_that_is_not_there_is_a_wrong_option)
{
    CU_ASSERT_EQUAL(
        run_program(WORDS("config", "check", "--config", "/nowhere/a.conf")), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "/nowhere/a.conf"));
}

AC_SUITE("cli/config", AC_CASE(nothing_wrong_says_what_there_is),
         AC_CASE(all_that_is_wrong_is_printed_in_the_order_of_the_lines),
         AC_CASE(json_has_each_fault_with_its_place),
         AC_CASE(folders_that_are_not_there_are_faults),
         AC_CASE(file_that_is_not_there_is_a_wrong_option))
