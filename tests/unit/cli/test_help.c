/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/table.h"

#include "command_line.h"

static size_t longest_line(const char *text)
{
    size_t longest = 0;

    while (*text != '\0') {
        size_t size = strcspn(text, "\n");

        longest = size > longest ? size : longest;
        text += size + (text[size] == '\n');
    }
    return longest;
}

AC_TEST(the_general_help_has_every_command_and_the_options_of_issue)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_options_help(AC_COMMAND_ISSUE, true, &text, &err));

    for (size_t i = 0; i < AC_COMMAND_COUNT; i++)
        CU_ASSERT_TRUE(ac_capture_has(ac_text_get(&text), ac_command_rules[i].summary));
    CU_ASSERT_TRUE(ac_capture_has(ac_text_get(&text), "  -d, --domain NAME\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_text_get(&text), "  --json\n"));
    CU_ASSERT_TRUE(longest_line(ac_text_get(&text)) <= 79);
}

AC_TEST(what_a_command_takes_and_what_it_does_stand_apart)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_options_help(AC_COMMAND_ISSUE, true, &text, &err));

    for (size_t i = 0; i < AC_COMMAND_COUNT; i++) {
        char gap[128];

        (void)snprintf(gap, sizeof(gap), " %s\n", ac_command_rules[i].summary);
        CU_ASSERT_TRUE(ac_capture_has(ac_text_get(&text), gap));
    }
    CU_ASSERT_TRUE(ac_capture_has(ac_text_get(&text), "rollback NAME [VERSION] "));
}

AC_TEST(the_help_of_a_command_has_its_own_options_and_the_common_ones_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_options_help(AC_COMMAND_DIRECTORY, false, &text, &err));

    CU_ASSERT_EQUAL(ac_capture_count(ac_text_get(&text), "--server URL|ALIAS\n"), 1);
    CU_ASSERT_EQUAL(ac_capture_count(ac_text_get(&text), "--json\n"), 1);
    CU_ASSERT_FALSE(ac_capture_has(ac_text_get(&text), "--domain"));
    CU_ASSERT_FALSE(ac_capture_has(ac_text_get(&text), "account register"));
}

AC_TEST(options_that_change_nothing_for_a_command_are_not_in_its_help)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) list = { 0 };
    AC_AUTO(ac_text) plugins = { 0 };
    AC_AUTO(ac_text) renew = { 0 };

    AC_REQUIRE_OK(ac_options_help(AC_COMMAND_LIST, false, &list, &err));
    AC_REQUIRE_OK(ac_options_help(AC_COMMAND_RENEW, false, &renew, &err));
    AC_REQUIRE_OK(ac_options_help(AC_COMMAND_PLUGIN_LIST, false, &plugins, &err));

    CU_ASSERT_FALSE(ac_capture_has(ac_text_get(&list), "--timeout"));
    CU_ASSERT_FALSE(ac_capture_has(ac_text_get(&list), "--plugin-dir"));
    CU_ASSERT_TRUE(ac_capture_has(ac_text_get(&list), "--state-dir DIR"));
    CU_ASSERT_TRUE(ac_capture_has(ac_text_get(&plugins), "--plugin-dir DIR"));
    CU_ASSERT_TRUE(ac_capture_has(ac_text_get(&renew), "--plugin-dir DIR"));
    CU_ASSERT_FALSE(ac_capture_has(ac_text_get(&plugins), "--state-dir"));
}

AC_TEST(options_that_a_command_needs_are_in_its_help)
{
    static const struct {
        enum ac_command command;
        const char *option;
    } needs[] = {
        { AC_COMMAND_DEPLOY, "--plugin-dir DIR" },
        { AC_COMMAND_ROLLBACK, "--plugin-dir DIR" },
        { AC_COMMAND_PLUGIN_CHECK, "--plugin-dir DIR" },
        { AC_COMMAND_DELETE, "--trace\n" }, /* --revoke asks the CA */
    };

    for (size_t i = 0; i < AC_COUNT(needs); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_text) text = { 0 };

        AC_REQUIRE_OK(ac_options_help(needs[i].command, false, &text, &err));
        CU_ASSERT_TRUE(ac_capture_has(ac_text_get(&text), needs[i].option));
    }
}

AC_TEST(the_help_of_a_group_lists_its_commands)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_options_help_group("plugin", &text, &err));

    CU_ASSERT_TRUE(ac_capture_has(ac_text_get(&text), "plugin show"));
    CU_ASSERT_FALSE(ac_capture_has(ac_text_get(&text), "account"));
}

AC_TEST(every_help_ends_with_the_exit_codes_and_fits_a_terminal)
{
    for (size_t i = 0; i < AC_COMMAND_COUNT; i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_text) text = { 0 };

        AC_REQUIRE_OK(ac_options_help((enum ac_command)i, false, &text, &err));
        CU_ASSERT_EQUAL(ac_capture_count(ac_text_get(&text), "Exit status:"), 1);
        CU_ASSERT_EQUAL(strncmp(ac_text_get(&text), "acmecore ", 9), 0);
        CU_ASSERT_TRUE(longest_line(ac_text_get(&text)) <= 79);
    }
}

AC_SUITE("cli/help",
         AC_CASE(the_general_help_has_every_command_and_the_options_of_issue),
         AC_CASE(what_a_command_takes_and_what_it_does_stand_apart),
         AC_CASE(the_help_of_a_command_has_its_own_options_and_the_common_ones_once),
         AC_CASE(options_that_change_nothing_for_a_command_are_not_in_its_help),
         AC_CASE(options_that_a_command_needs_are_in_its_help),
         AC_CASE(the_help_of_a_group_lists_its_commands),
         AC_CASE(every_help_ends_with_the_exit_codes_and_fits_a_terminal))
