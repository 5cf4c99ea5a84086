/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "check.h"

#include <string.h>

static enum ac_code parse(const char *text, struct ac_json **ret_json,
                          struct ac_error *err)
{
    return ac_json_parse(text, strlen(text), ret_json, err);
}

/* "[[...]]", nested `depth` times. */
static enum ac_code parse_nested(size_t depth, struct ac_json **ret_json,
                                 struct ac_error *err)
{
    char bytes[4 * AC_JSON_DEPTH_MAX];

    memset(bytes, '[', depth);
    memset(bytes + depth, ']', depth);
    return ac_json_parse(bytes, 2 * depth, ret_json, err);
}

static void assert_refused(const char *bytes, size_t size, const char *reason)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_CODE(ac_json_parse(bytes, size, &json, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NULL(json);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, reason));
}

AC_TEST(any_type_may_stand_at_the_top)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *text = NULL;
    AC_AUTO(ac_json) *array = NULL;
    AC_AUTO(ac_json) *object = NULL;

    AC_REQUIRE_OK(parse(" \"a\" ", &text, &err));
    AC_REQUIRE_OK(parse("[1, 2]", &array, &err));
    AC_REQUIRE_OK(parse("{\"a\": null, \"b\": 1}", &object, &err));

    CU_ASSERT_STRING_EQUAL(ac_json_as_text(text), "a");
    CU_ASSERT_TRUE(ac_json_is_array(array));
    CU_ASSERT_EQUAL(ac_json_count(array), 2);
    CU_ASSERT_TRUE(ac_json_is_object(object));
    CU_ASSERT_EQUAL(ac_json_count(object), 2);
    CU_ASSERT_EQUAL(ac_json_count(text), 0);
}

AC_TEST(what_is_no_json_is_refused_with_its_place)
{
    assert_refused("", 0, "line 1, column 0");
    assert_refused("{\"a\":\n1,}", 9, "line 2, column 3");
    assert_refused("{\"a\":1} x", 9, "not valid JSON");
    assert_refused("{\"a\":1", 6, "not valid JSON");
    assert_refused("<html>", 6, "not valid JSON");
    assert_refused("]]]]", 4, "not valid JSON");
}

AC_TEST(a_duplicate_key_is_refused)
{
    assert_refused("{\"a\":1,\"b\":2,\"a\":3}", 19, "duplicate");
}

AC_TEST(nul_in_text_or_after_it_is_refused)
{
    assert_refused("\"a\\u0000b\"", 10, "NUL");
    assert_refused("{\"a\\u0000\":1}", 13, "NUL");
    assert_refused("\"a\0b\"", 5, "NUL at byte 3");
    assert_refused("\"a\\\0b\"", 6, "NUL at byte 4");
    assert_refused("1\0", 2, "NUL at byte 2");
    assert_refused("1\0garbage", 9, "NUL at byte 2");
}

AC_TEST(broken_utf8_is_refused)
{
    assert_refused("\"\xff\"", 3, "decode byte 0xff");
    assert_refused("\"\xc0\xaf\"", 4, "decode byte");
    assert_refused("\"\xed\xa0\x80\"", 5, "decode byte");
    assert_refused("\"\\ud800\"", 8, "not valid JSON");
}

AC_TEST(huge_numbers_are_refused)
{
    assert_refused("9223372036854775808", 19, "integer");
    assert_refused("1e999", 5, "overflow");
}

AC_TEST(nesting_is_taken_up_to_the_limit)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(parse_nested(AC_JSON_DEPTH_MAX, &json, &err));

    CU_ASSERT_TRUE(ac_json_is_array(json));
}

AC_TEST(nesting_over_the_limit_is_refused_with_its_place)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_CODE(parse_nested(AC_JSON_DEPTH_MAX + 1, &json, &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "JSON nested deeper than 64 at byte 65");
}

AC_TEST(brackets_within_text_are_not_nesting)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    char bytes[2 * AC_JSON_DEPTH_MAX] = "\"\\\"\\\\\\\"";
    size_t size = strlen(bytes);

    memset(bytes + size, '{', sizeof bytes - size);
    bytes[sizeof bytes - 1] = '"';
    AC_REQUIRE_OK(ac_json_parse(bytes, sizeof bytes, &json, &err));

    CU_ASSERT_EQUAL(strlen(ac_json_as_text(json)), sizeof bytes - 5);
}

AC_TEST(a_wide_array_is_not_nesting)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    char bytes[] = "[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],"
                   "[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],"
                   "[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]";

    AC_REQUIRE_OK(parse(bytes, &json, &err));

    CU_ASSERT_EQUAL(ac_json_count(json), 66);
}

AC_TEST(a_long_text_arrives_whole)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    const char *long_text = "\"0123456789abcdef0123456789abcdef0123456789abcdef"
                            "0123456789abcdef0123456789abcdef0123456789abcdef\"";

    AC_REQUIRE_OK(parse(long_text, &json, &err));

    AC_REQUIRE(strlen(ac_json_as_text(json)) == strlen(long_text) - 2);
    CU_ASSERT_EQUAL(memcmp(ac_json_as_text(json), long_text + 1, strlen(long_text) - 2),
                    0);
}

/* `open`, `count` times `unit`, and `close`. */
static enum ac_code repeat(const char *open, const char *unit, size_t count,
                           const char *close, struct ac_text *text,
                           struct ac_error *err)
{
    AC_TRY(ac_text_add(text, open, strlen(open), err));
    for (size_t i = 0; i < count; i++)
        AC_TRY(ac_text_add(text, unit, strlen(unit), err));
    return ac_text_add(text, close, strlen(close), err);
}

/* The first is plain, the second is for Jansson. */
static const char *const openings[] = { "{\"a\":[", "{\"\\u0061\":[" };

/* A torture of so many allocations takes hours. */
AC_TEST(values_that_take_many_times_their_bytes_are_refused)
{
    static const struct {
        const char *unit, *last;
    } units[] = { { "{},", "{}]}" }, { "[],", "[]]}" }, { "\"\",", "\"\"]}" } };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(units) * AC_COUNT(openings); i++) {
        AC_AUTO(ac_text) text = { .limit = 4u << 20 };
        size_t unit = i / AC_COUNT(openings);

        AC_REQUIRE_OK(repeat(openings[i % AC_COUNT(openings)], units[unit].unit, 100000,
                             units[unit].last, &text, &err));
        assert_refused(ac_text_get(&text), text.size, "bytes has too many values");
    }
}

AC_TEST(a_refusal_takes_no_room_from_the_next_document)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) many = { 0 };
    AC_AUTO(ac_text) few = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(repeat(openings[0], "{},", 100000, "{}]}", &many, &err));
    AC_REQUIRE_OK(repeat(openings[0], "{},", 5000, "{}]}", &few, &err));
    assert_refused(ac_text_get(&many), many.size, "bytes has too many values");
    AC_REQUIRE_OK(ac_json_parse(ac_text_get(&few), few.size, &json, &err));

    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(json, "a")), 5001);
}

/* A thousand certificates of a hundred names each: the largest message there is. */
AC_TEST(a_hundred_thousand_names_are_taken)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(openings); i++) {
        AC_AUTO(ac_text) text = { .limit = 4u << 20 };
        AC_AUTO(ac_json) *json = NULL;

        AC_REQUIRE_OK(repeat(openings[i], "\"a12.example\",", 100000,
                             "\"a12.example\"]}", &text, &err));
        AC_REQUIRE_OK(ac_json_parse(ac_text_get(&text), text.size, &json, &err));
        CU_ASSERT_EQUAL(ac_json_count(ac_json_get(json, "a")), 100001);
    }
}

/* The answer about the largest batch of challenges. */
AC_TEST(a_thousand_small_objects_are_taken)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(openings); i++) {
        AC_AUTO(ac_text) text = { .limit = 4u << 20 };
        AC_AUTO(ac_json) *json = NULL;

        AC_REQUIRE_OK(repeat(openings[i], "{\"status\":0},", 999, "{\"status\":0}]}",
                             &text, &err));
        AC_REQUIRE_OK(ac_json_parse(ac_text_get(&text), text.size, &json, &err));
        CU_ASSERT_EQUAL(ac_json_count(ac_json_get(json, "a")), 1000);
    }
}

AC_SUITE("base/json_parse", AC_CASE(any_type_may_stand_at_the_top),
         AC_CASE(what_is_no_json_is_refused_with_its_place),
         AC_CASE(a_duplicate_key_is_refused),
         AC_CASE(nul_in_text_or_after_it_is_refused), AC_CASE(broken_utf8_is_refused),
         AC_CASE(huge_numbers_are_refused), AC_CASE(nesting_is_taken_up_to_the_limit),
         AC_CASE(nesting_over_the_limit_is_refused_with_its_place),
         AC_CASE(brackets_within_text_are_not_nesting),
         AC_CASE(a_wide_array_is_not_nesting), AC_CASE(a_long_text_arrives_whole),
         AC_CASE(values_that_take_many_times_their_bytes_are_refused),
         AC_CASE(a_refusal_takes_no_room_from_the_next_document),
         AC_CASE(a_hundred_thousand_names_are_taken),
         AC_CASE(a_thousand_small_objects_are_taken))
