/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include "check.h"

#include <string.h>

AC_TEST(every_command_says_what_it_is)
{
    for (size_t i = 0; i < AC_COMMAND_COUNT; i++) {
        const struct ac_command_rule *rule = &ac_command_rules[i];

        CU_ASSERT_PTR_NOT_NULL_FATAL(rule->words);
        CU_ASSERT_TRUE(rule->words[0] != '\0' && rule->summary[0] != '\0');
        CU_ASSERT_TRUE(rule->minimum <= rule->maximum);
        CU_ASSERT_EQUAL(rule->arguments[0] != '\0', rule->maximum > 0);
    }
}

AC_TEST(no_command_begins_with_another_ones_words)
{
    for (size_t i = 0; i < AC_COMMAND_COUNT; i++) {
        size_t size = strlen(ac_command_rules[i].words);

        for (size_t j = 0; j < AC_COMMAND_COUNT; j++) {
            const char *other = ac_command_rules[j].words;

            CU_ASSERT_FALSE(i != j
                            && strncmp(other, ac_command_rules[i].words, size) == 0
                            && (other[size] == '\0' || other[size] == ' '));
        }
    }
}

AC_TEST(names_and_letters_of_options_are_unique)
{
    for (size_t i = 0; i < ac_option_rule_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct ac_option_rule *a = &ac_option_rules[i];
            const struct ac_option_rule *b = &ac_option_rules[j];

            CU_ASSERT_STRING_NOT_EQUAL(a->name, b->name);
            CU_ASSERT_FALSE(a->letter && a->letter == b->letter);
            CU_ASSERT_NOT_EQUAL(a->offset, b->offset);
        }
    }
}

AC_TEST(an_option_takes_a_value_unless_it_is_a_flag)
{
    for (size_t i = 0; i < ac_option_rule_count; i++) {
        const struct ac_option_rule *rule = &ac_option_rules[i];
        bool is_flag = rule->kind == AC_OPTION_FLAG || rule->kind == AC_OPTION_COUNT;

        CU_ASSERT_EQUAL(rule->argument == NULL, is_flag);
        CU_ASSERT_TRUE(rule->help[0] != '\0' && rule->commands != 0);
        CU_ASSERT_TRUE(rule->offset < sizeof(struct ac_options));
    }
}

AC_TEST(a_number_has_a_range)
{
    for (size_t i = 0; i < ac_option_rule_count; i++) {
        const struct ac_option_rule *rule = &ac_option_rules[i];
        bool has_range = rule->minimum < rule->maximum;

        CU_ASSERT_EQUAL(has_range, rule->kind == AC_OPTION_NUMBER);
    }
}

AC_SUITE("cli/table", AC_CASE(every_command_says_what_it_is),
         AC_CASE(no_command_begins_with_another_ones_words),
         AC_CASE(names_and_letters_of_options_are_unique),
         AC_CASE(an_option_takes_a_value_unless_it_is_a_flag),
         AC_CASE(a_number_has_a_range))
