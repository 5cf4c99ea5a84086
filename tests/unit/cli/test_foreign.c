/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/foreign.h"

#include "cli/table.h"
#include "command_line.h"

AC_TEST(a_word_of_another_client_has_its_counterpart)
{
    CU_ASSERT_STRING_EQUAL(ac_foreign_option("--email"), "here it is --contact");
    CU_ASSERT_TRUE(ac_capture_has(ac_foreign_option("-w"), "http01-webroot.path"));
    CU_ASSERT_TRUE(ac_capture_has(ac_foreign_command("certonly"), "acmecore -d NAME"));
}

AC_TEST(what_is_not_built_yet_is_said_to_be)
{
    CU_ASSERT_TRUE(ac_capture_has(ac_foreign_command("doctor"), "not built yet"));
}

AC_TEST(a_word_nobody_knows_has_none)
{
    CU_ASSERT_PTR_NULL(ac_foreign_option("--nonsense"));
    CU_ASSERT_PTR_NULL(ac_foreign_option("email"));
    CU_ASSERT_PTR_NULL(ac_foreign_command("list"));
}

/* What is built must not be said to be missing. */
AC_TEST(no_word_of_our_own_is_foreign)
{
    for (size_t i = 0; i < AC_COMMAND_COUNT; i++) {
        CU_ASSERT_PTR_NULL(ac_foreign_command(ac_command_name((enum ac_command)i)));
    }
    for (size_t i = 0; i < ac_option_rule_count; i++) {
        char word[64];

        (void)snprintf(word, sizeof word, "--%s", ac_option_rules[i].name);
        CU_ASSERT_PTR_NULL(ac_foreign_option(word));
        (void)snprintf(word, sizeof word, "-%c", ac_option_rules[i].letter);
        CU_ASSERT_PTR_NULL(ac_foreign_option(word));
    }
}

AC_SUITE("cli/foreign", AC_CASE(a_word_of_another_client_has_its_counterpart),
         AC_CASE(what_is_not_built_yet_is_said_to_be),
         AC_CASE(a_word_nobody_knows_has_none), AC_CASE(no_word_of_our_own_is_foreign))
