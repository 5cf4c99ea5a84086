/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

#define LINE_SIZE 4096

/* What the sink got. */
struct heard {
    size_t count;
    enum ac_log_level level;
    char line[LINE_SIZE];
};

static void hear(void *arg, enum ac_log_level level, const char *line)
{
    struct heard *heard = arg;

    heard->count++;
    heard->level = level;
    (void)snprintf(heard->line, sizeof heard->line, "%s", line);
}

AC_TEST(event_without_pairs_is_one_word)
{
    struct heard heard = { 0 };

    ac_log_to(hear, &heard, AC_LOG_INFO);
    ac_log(AC_LOG_INFO, "order.ready", NULL);

    CU_ASSERT_EQUAL(heard.count, 1);
    CU_ASSERT_EQUAL(heard.level, AC_LOG_INFO);
    CU_ASSERT_STRING_EQUAL(heard.line, "order.ready");
}

AC_TEST(pairs_follow_the_event_in_their_order)
{
    struct heard heard = { 0 };

    ac_log_to(hear, &heard, AC_LOG_INFO);
    ac_log(AC_LOG_INFO, "order.ready", "certificate", "www", "identifiers", "3", NULL);

    CU_ASSERT_STRING_EQUAL(heard.line, "order.ready certificate=www identifiers=3");
}

AC_TEST(pair_without_a_value_is_left_out)
{
    struct heard heard = { 0 };

    ac_log_to(hear, &heard, AC_LOG_INFO);
    ac_log(AC_LOG_INFO, "order.ready", "profile", (char *)NULL, "identifiers", "3",
           NULL);

    CU_ASSERT_STRING_EQUAL(heard.line, "order.ready identifiers=3");
}

AC_TEST(value_that_would_be_ambiguous_is_quoted)
{
    static const char *const pairs[][2] = {
        { "two words", "e k=\"two words\"" },
        { "a=b", "e k=\"a=b\"" },
        { "say \"no\"", "e k=\"say \\\"no\\\"\"" },
        { "back\\slash", "e k=\"back\\\\slash\"" },
        { "", "e k=\"\"" },
        { "https://ca/acme?x", "e k=https://ca/acme?x" },
        { "Gr\xC3\xBC\xC3\x9F", "e k=Gr\xC3\xBC\xC3\x9F" },
    };
    struct heard heard = { 0 };

    ac_log_to(hear, &heard, AC_LOG_INFO);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        ac_log(AC_LOG_INFO, "e", "k", pairs[i][0], NULL);
        CU_ASSERT_STRING_EQUAL(heard.line, pairs[i][1]);
    }
}

AC_TEST(hostile_value_cannot_start_a_line_or_move_the_cursor)
{
    struct heard heard = { 0 };

    ac_log_to(hear, &heard, AC_LOG_INFO);
    ac_log(AC_LOG_INFO, "problem", "detail", "no\norder.valid\x1b[2J", NULL);

    CU_ASSERT_STRING_EQUAL(heard.line, "problem detail=\"no\\x0Aorder.valid\\x1B[2J\"");
}

AC_TEST(sentence_is_formatted_and_cleaned)
{
    struct heard heard = { 0 };

    ac_log_to(hear, &heard, AC_LOG_WARN);
    ac_log_say(AC_LOG_WARN, "%s; trying again in %d s", "no\x1b[m answer", 60);

    CU_ASSERT_EQUAL(heard.level, AC_LOG_WARN);
    CU_ASSERT_STRING_EQUAL(heard.line, "no\\x1B[m answer; trying again in 60 s");
}

AC_TEST(lines_above_the_level_are_dropped)
{
    struct heard heard = { 0 };

    ac_log_to(hear, &heard, AC_LOG_INFO);
    ac_log(AC_LOG_DEBUG, "curl.opened", NULL);
    ac_log_say(AC_LOG_TRACE, "a long story");
    CU_ASSERT_EQUAL(heard.count, 0);

    ac_log(AC_LOG_ERROR, "order.failed", NULL);
    ac_log_say(AC_LOG_INFO, "done");
    CU_ASSERT_EQUAL(heard.count, 2);
}

AC_TEST(wanted_are_the_levels_up_to_the_chosen_one)
{
    struct heard heard = { 0 };

    ac_log_to(hear, &heard, AC_LOG_INFO);
    CU_ASSERT_TRUE(ac_log_wants(AC_LOG_ERROR));
    CU_ASSERT_TRUE(ac_log_wants(AC_LOG_INFO));
    CU_ASSERT_FALSE(ac_log_wants(AC_LOG_DEBUG));

    ac_log_to(hear, &heard, AC_LOG_TRACE);
    CU_ASSERT_TRUE(ac_log_wants(AC_LOG_TRACE));
}

AC_TEST(without_a_sink_lines_are_dropped)
{
    ac_log_to(NULL, NULL, AC_LOG_TRACE);
    ac_log(AC_LOG_ERROR, "order.failed", "why", "nobody listens", NULL);
    ac_log_say(AC_LOG_ERROR, "nobody %s", "listens");

    CU_ASSERT_FALSE(ac_log_wants(AC_LOG_ERROR));
}

AC_TEST(long_lines_are_cut_with_dots)
{
    struct heard heard = { 0 };
    char value[3000];

    memset(value, 'v', sizeof value);
    value[sizeof value - 1] = '\0';
    ac_log_to(hear, &heard, AC_LOG_INFO);
    ac_log(AC_LOG_INFO, "e", "first", "1", "second", value, "third", "3", NULL);

    CU_ASSERT_EQUAL(strlen(heard.line), 2047);
    CU_ASSERT_NSTRING_EQUAL(heard.line, "e first=1 second=vvv", 20);
    CU_ASSERT_STRING_EQUAL(heard.line + 2043, "v...");

    ac_log_say(AC_LOG_INFO, "%s", value);
    CU_ASSERT_EQUAL(strlen(heard.line), 2047);
    CU_ASSERT_STRING_EQUAL(heard.line + 2043, "v...");
}

AC_TEST(long_lines_of_escapes_are_cut_between_them)
{
    struct heard heard = { 0 };
    char value[3000];

    memset(value, '\n', sizeof value);
    value[sizeof value - 1] = '\0';
    ac_log_to(hear, &heard, AC_LOG_INFO);
    ac_log_say(AC_LOG_INFO, "%s", value);

    CU_ASSERT_TRUE(strlen(heard.line) <= 2047);
    CU_ASSERT_STRING_EQUAL(heard.line + strlen(heard.line) - 7, "\\x0A...");
}

static void keep_record(void *arg, const struct ac_log_record *record)
{
    struct heard *heard = arg;

    heard->count = record->count;
    heard->level = record->level;
    (void)snprintf(heard->line, sizeof heard->line, "%s|%s|%s=%s",
                   record->event ? record->event : "-", record->line,
                   record->count > 0 ? record->pairs[0].key : "",
                   record->count > 0 ? record->pairs[0].value : "");
}

AC_TEST(record_has_the_pairs_as_they_came_and_the_clean_line)
{
    struct heard heard = { 0 };

    ac_log_records_to(keep_record, &heard, AC_LOG_INFO);
    ac_log(AC_LOG_INFO, "order.ready", "certificate", "a\nb", "gone", NULL, "n", "3",
           NULL);
    CU_ASSERT_EQUAL(heard.count, 2);
    CU_ASSERT_STRING_EQUAL(
        heard.line,
        "order.ready|order.ready certificate=\"a\\x0Ab\" n=3|certificate=a\nb");
    ac_log_say(AC_LOG_WARN, "mind the %s", "gap");
    CU_ASSERT_STRING_EQUAL(heard.line, "-|mind the gap|=");
    ac_log_to(hear, &heard, AC_LOG_INFO);
    ac_log_say(AC_LOG_WARN, "a line again");
    ac_log_to(NULL, NULL, AC_LOG_ERROR);

    CU_ASSERT_STRING_EQUAL(heard.line, "a line again");
}

AC_TEST(record_has_a_bounded_number_of_pairs)
{
    struct heard heard = { 0 };

    ac_log_records_to(keep_record, &heard, AC_LOG_INFO);
    ac_log(AC_LOG_INFO, "e", "a", "1", "b", "1", "c", "1", "d", "1", "e", "1", "f", "1",
           "g", "1", "h", "1", "i", "1", "j", "1", "k", "1", "l", "1", "m", "1", "n",
           "1", "o", "1", "p", "1", "q", "1", NULL);
    ac_log_to(NULL, NULL, AC_LOG_ERROR);

    CU_ASSERT_EQUAL(heard.count, 16);
}

static void copy_line(void *arg, const struct ac_log_record *record)
{
    (void)snprintf(arg, 64, "%s: %s", ac_log_level_name(record->level), record->line);
}

AC_TEST(line_beside_the_log_is_passed_on_to_a_sink_of_records_alone)
{
    char passed[64] = "";

    ac_log_to(NULL, NULL, AC_LOG_ERROR);
    ac_log_pass(AC_LOG_WARN, "nobody");
    CU_ASSERT_FALSE(ac_log_takes_records());
    ac_log_records_to(copy_line, passed, AC_LOG_ERROR);
    CU_ASSERT_TRUE(ac_log_takes_records());
    ac_log_pass(AC_LOG_WARN, "all the same");
    ac_log_to(NULL, NULL, AC_LOG_ERROR);

    CU_ASSERT_STRING_EQUAL(passed, "warning: all the same");
}

AC_TEST(levels_have_names)
{
    CU_ASSERT_STRING_EQUAL(ac_log_level_name(AC_LOG_ERROR), "error");
    CU_ASSERT_STRING_EQUAL(ac_log_level_name(AC_LOG_WARN), "warning");
    CU_ASSERT_STRING_EQUAL(ac_log_level_name(AC_LOG_TRACE), "trace");
}

AC_SUITE("base/log", AC_CASE(event_without_pairs_is_one_word),
         AC_CASE(pairs_follow_the_event_in_their_order),
         AC_CASE(pair_without_a_value_is_left_out),
         AC_CASE(value_that_would_be_ambiguous_is_quoted),
         AC_CASE(hostile_value_cannot_start_a_line_or_move_the_cursor),
         AC_CASE(sentence_is_formatted_and_cleaned),
         AC_CASE(lines_above_the_level_are_dropped),
         AC_CASE(wanted_are_the_levels_up_to_the_chosen_one),
         AC_CASE(without_a_sink_lines_are_dropped),
         AC_CASE(long_lines_are_cut_with_dots),
         AC_CASE(long_lines_of_escapes_are_cut_between_them),
         AC_CASE(record_has_the_pairs_as_they_came_and_the_clean_line),
         AC_CASE(record_has_a_bounded_number_of_pairs),
         AC_CASE(line_beside_the_log_is_passed_on_to_a_sink_of_records_alone),
         AC_CASE(levels_have_names))
