/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/log_json.h"

#include "check.h"

#include <string.h>

#define NOW INT64_C(1735790400)

/* Parses the line again: one object, and no line break in it. */
static enum ac_code make(const struct ac_log_record *record, struct ac_json **ret_json,
                         struct ac_error *err)
{
    AC_AUTO_TEXT char *line = NULL;

    AC_TRY(ac_log_json_line(record, NOW, &line, err));
    if (strchr(line, '\n'))
        return ac_fail(err, AC_E_INVALID, "it is not one line");
    return ac_json_parse(line, strlen(line), ret_json, err);
}

AC_TEST(event_has_its_pairs_as_members)
{
    const struct ac_log_pair pairs[] = { { "certificate", "www" },
                                         { "text", "no answer" } };
    const struct ac_log_record record = {
        .level = AC_LOG_WARN,
        .event = "issue.warning",
        .line = "issue.warning certificate=www text=\"no answer\"",
        .pairs = pairs,
        .count = 2,
    };
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(make(&record, &json, &err));

    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "time", ""), "2025-01-02T04:00:00Z");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "level", ""), "warning");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "event", ""), "issue.warning");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "certificate", ""), "www");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "message", ""), "www: no answer");
}

AC_TEST(sentence_has_no_event)
{
    const struct ac_log_record record = { .level = AC_LOG_ERROR, .line = "it broke" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(make(&record, &json, &err));

    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "message", ""), "it broke");
    CU_ASSERT_PTR_NULL(ac_json_get(json, "event"));
}

AC_TEST(control_characters_and_broken_octets_are_escaped)
{
    const struct ac_log_pair pairs[] = { { "text", "a\033[31m\nb\xFF\xC2\x9B" },
                                         { "level", "mine" } };
    const struct ac_log_record record = {
        .level = AC_LOG_INFO, .event = "x", .line = "x", .pairs = pairs, .count = 2
    };
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(make(&record, &json, &err));

    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "text", ""),
                           "a\\x1B[31m\\x0Ab\\xFF\\u{9B}");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "level", ""), "info");
}

AC_SUITE("cli/log_json", AC_CASE(event_has_its_pairs_as_members),
         AC_CASE(sentence_has_no_event),
         AC_CASE(control_characters_and_broken_octets_are_escaped))
