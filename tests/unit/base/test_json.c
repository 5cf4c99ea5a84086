/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

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

static void assert_canonical(const char *text, const char *want)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *written = NULL;

    AC_REQUIRE_OK(parse(text, &json, &err));
    AC_REQUIRE_OK(ac_json_write(json, &written, &err));

    CU_ASSERT_STRING_EQUAL(written, want);
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

AC_TEST(a_missing_member_is_named)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    const char *text = NULL;

    AC_REQUIRE_OK(parse("{\"other\":\"x\"}", &json, &err));
    AC_REQUIRE_CODE(ac_json_get_text(json, "status", &text, &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "\"status\" is missing");
    CU_ASSERT_PTR_NULL(text);
}

AC_TEST(a_null_member_counts_as_missing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    int64_t number = 7;

    AC_REQUIRE_OK(parse("{\"status\":null}", &json, &err));
    AC_REQUIRE_CODE(ac_json_get_number(json, "status", &number, &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "\"status\" is missing");
    CU_ASSERT_PTR_NULL(ac_json_get(json, "status"));
    CU_ASSERT_EQUAL(number, 7);
}

AC_TEST(a_member_of_another_type_is_named)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    const char *text = NULL;
    int64_t number = 0;
    const struct ac_json *array = NULL;

    AC_REQUIRE_OK(parse("{\"status\":1.5}", &json, &err));

    AC_REQUIRE_CODE(ac_json_get_text(json, "status", &text, &err), AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "\"status\" is not text");
    AC_REQUIRE_CODE(ac_json_get_number(json, "status", &number, &err), AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "\"status\" is not a whole number");
    AC_REQUIRE_CODE(ac_json_get_array(json, "status", &array, &err), AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "\"status\" is not an array");
}

AC_TEST(what_is_no_object_has_no_members)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    const char *text = NULL;

    AC_REQUIRE_OK(parse("[\"status\"]", &json, &err));
    AC_REQUIRE_CODE(ac_json_get_text(json, "status", &text, &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "\"status\" is missing: this is not an object");
    CU_ASSERT_PTR_NULL(ac_json_get(NULL, "status"));
    CU_ASSERT_PTR_NULL(ac_json_at(json, 1));
    CU_ASSERT_EQUAL(ac_json_count(NULL), 0);
}

AC_TEST(required_members_are_given)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    const char *text = NULL;
    int64_t number = 0;
    const struct ac_json *array = NULL;

    AC_REQUIRE_OK(
        parse("{\"t\":\"x\",\"n\":-9223372036854775808,\"a\":[true]}", &json, &err));
    AC_REQUIRE_OK(ac_json_get_text(json, "t", &text, &err));
    AC_REQUIRE_OK(ac_json_get_number(json, "n", &number, &err));
    AC_REQUIRE_OK(ac_json_get_array(json, "a", &array, &err));

    CU_ASSERT_STRING_EQUAL(text, "x");
    CU_ASSERT_EQUAL(number, INT64_MIN);
    CU_ASSERT_EQUAL(ac_json_count(array), 1);
    CU_ASSERT_PTR_NULL(ac_json_as_text(ac_json_at(array, 0)));
}

AC_TEST(optional_members_fall_back)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(parse("{\"t\":\"x\",\"n\":3,\"yes\":true,\"no\":false,\"null\":null}",
                        &json, &err));

    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "t", "f"), "x");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "n", "f"), "f");
    CU_ASSERT_PTR_NULL(ac_json_text_or(json, "null", NULL));
    CU_ASSERT_EQUAL(ac_json_number_or(json, "n", 9), 3);
    CU_ASSERT_EQUAL(ac_json_number_or(json, "absent", 9), 9);
    CU_ASSERT_TRUE(ac_json_bool_or(json, "yes", false));
    CU_ASSERT_FALSE(ac_json_bool_or(json, "no", true));
    CU_ASSERT_TRUE(ac_json_bool_or(json, "t", true));
}

AC_TEST(members_are_walked_in_their_order)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    const char *first = NULL;
    const char *last = NULL;

    AC_REQUIRE_OK(parse("{\"z\":\"1\",\"a\":\"2\",\"m\":\"3\"}", &json, &err));

    CU_ASSERT_STRING_EQUAL(ac_json_as_text(ac_json_member(json, 0, &first)), "1");
    CU_ASSERT_STRING_EQUAL(ac_json_as_text(ac_json_member(json, 2, &last)), "3");
    CU_ASSERT_STRING_EQUAL(first, "z");
    CU_ASSERT_STRING_EQUAL(last, "m");
    CU_ASSERT_PTR_NULL(ac_json_member(json, 3, &last));
}

AC_TEST(words_are_read_and_absent_ones_are_none)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_words) words = { 0 };

    AC_REQUIRE_OK(parse("{\"contact\":[\"a\",\"b\"]}", &json, &err));
    AC_REQUIRE_OK(ac_json_get_words(json, "contact", &words, &err));
    AC_REQUIRE_OK(ac_json_get_words(json, "absent", &words, &err));

    AC_REQUIRE(words.count == 2);
    CU_ASSERT_STRING_EQUAL(words.items[0], "a");
    CU_ASSERT_STRING_EQUAL(words.items[1], "b");
}

AC_TEST(words_with_another_type_among_them_are_refused_whole)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_words) words = { 0 };

    AC_REQUIRE_OK(parse("{\"contact\":[\"a\",7],\"other\":{}}", &json, &err));

    AC_REQUIRE_CODE(ac_json_get_words(json, "contact", &words, &err), AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "\"contact\"[1] is not text");
    AC_REQUIRE_CODE(ac_json_get_words(json, "other", &words, &err), AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "\"other\" is not an array");
    CU_ASSERT_EQUAL(words.count, 0);
}

AC_TEST(a_value_is_built_from_a_format)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *inner = NULL;
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(ac_json_new(&inner, &err, "[s]", "x"));
    AC_REQUIRE_OK(ac_json_new(&json, &err, "{s:s, s:I, s:b, s:o}", "url", "https://a/b",
                              "n", INT64_MAX, "flag", 1, "list", AC_TAKE(inner)));
    AC_REQUIRE_OK(ac_json_write(json, &text, &err));

    CU_ASSERT_STRING_EQUAL(text, "{\"flag\":true,\"list\":[\"x\"],"
                                 "\"n\":9223372036854775807,\"url\":\"https://a/b\"}");
}

AC_TEST(a_value_with_broken_utf8_is_not_built)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_CODE(ac_json_new(&json, &err, "{s:s}", "a", "\xff"), AC_E_INVALID);

    CU_ASSERT_PTR_NULL(json);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "UTF-8"));
}

AC_TEST(members_are_set_and_removed)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *value = NULL;
    AC_AUTO(ac_words) words = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(ac_words_add(&words, "w", &err));
    AC_REQUIRE_OK(ac_json_new(&json, &err, "{}"));
    AC_REQUIRE_OK(ac_json_new(&value, &err, "[]"));
    AC_REQUIRE_OK(ac_json_set(json, "a", &value, &err));
    AC_REQUIRE_OK(ac_json_set_text(json, "t", "x", &err));
    AC_REQUIRE_OK(ac_json_set_number(json, "n", -1, &err));
    AC_REQUIRE_OK(ac_json_set_words(json, "w", &words, &err));
    ac_json_unset(json, "t");
    ac_json_unset(json, "absent");
    AC_REQUIRE_OK(ac_json_write(json, &text, &err));

    CU_ASSERT_PTR_NULL(value);
    CU_ASSERT_STRING_EQUAL(text, "{\"a\":[],\"n\":-1,\"w\":[\"w\"]}");
}

AC_TEST(a_value_that_cannot_be_set_is_taken_all_the_same)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *array = NULL;
    AC_AUTO(ac_json) *value = NULL;
    AC_AUTO(ac_json) *item = NULL;

    AC_REQUIRE_OK(ac_json_new(&array, &err, "[]"));
    AC_REQUIRE_OK(ac_json_new(&value, &err, "{}"));
    AC_REQUIRE_OK(ac_json_new(&item, &err, "{}"));

    AC_REQUIRE_CODE(ac_json_set(array, "a", &value, &err), AC_E_INVALID);
    CU_ASSERT_PTR_NULL(value);
    AC_REQUIRE_CODE(ac_json_append(NULL, &item, &err), AC_E_INVALID);
    CU_ASSERT_PTR_NULL(item);
    AC_REQUIRE_CODE(ac_json_set_text(array, "a", "\xff", &err), AC_E_INVALID);
}

AC_TEST(values_are_appended_in_order)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *array = NULL;
    AC_AUTO(ac_json) *value = NULL;

    AC_REQUIRE_OK(ac_json_new(&array, &err, "[s]", "first"));
    AC_REQUIRE_OK(ac_json_new(&value, &err, "s", "second"));
    AC_REQUIRE_OK(ac_json_append(array, &value, &err));

    CU_ASSERT_STRING_EQUAL(ac_json_as_text(ac_json_at(array, 1)), "second");
}

AC_TEST(a_shared_value_outlives_its_first_owner)
{
    struct ac_error err = { 0 };
    struct ac_json *json = NULL;
    AC_AUTO(ac_json) *shared = NULL;

    AC_REQUIRE_OK(ac_json_new(&json, &err, "{s:s}", "a", "x"));
    shared = ac_json_share(json);
    ac_json_free(json);

    CU_ASSERT_STRING_EQUAL(ac_json_text_or(shared, "a", NULL), "x");
}

AC_TEST(a_copy_is_equal_and_its_own)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *copy = NULL;

    AC_REQUIRE_OK(parse("{\"a\":[{\"b\":\"x\"}],\"c\":1}", &json, &err));
    AC_REQUIRE_OK(ac_json_copy(json, &copy, &err));

    CU_ASSERT_TRUE(ac_json_is_equal(json, copy));
    ac_json_unset(copy, "c");
    CU_ASSERT_FALSE(ac_json_is_equal(json, copy));
    CU_ASSERT_EQUAL(ac_json_number_or(json, "c", 0), 1);
    CU_ASSERT_FALSE(ac_json_is_equal(json, NULL));
}

/* RFC 7638 3.1 and PROTOCOL F.2: required members, sorted, nothing between. */
AC_TEST(written_text_is_canonical)
{
    assert_canonical(
        "{\"kty\":\"EC\", \"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
        "\"crv\":\"P-256\","
        "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
        "{\"crv\":\"P-256\",\"kty\":\"EC\","
        "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}");
    assert_canonical("{\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\","
                     "\"kty\":\"OKP\",\n\"crv\":\"Ed25519\"}",
                     "{\"crv\":\"Ed25519\",\"kty\":\"OKP\","
                     "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
    assert_canonical("{\"n\":\"0vx7\",\"kty\":\"RSA\",\"e\":\"AQAB\"}",
                     "{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"0vx7\"}");
}

AC_TEST(written_text_escapes_only_what_it_must)
{
    assert_canonical("\"https:\\/\\/a\\/b\"", "\"https://a/b\"");
    assert_canonical("\"m\\u00fcnchen \xe2\x82\xac\"",
                     "\"m\xc3\xbcnchen \xe2\x82\xac\"");
    assert_canonical("\"\\u0001\\n\\\"\\\\\"", "\"\\u0001\\n\\\"\\\\\"");
}

AC_TEST(written_keys_are_in_code_point_order)
{
    assert_canonical("{\"b\":1,\"aa\":2,\"a\":3,\"B\":4,\"\xc3\xa9\":5,\"_\":6}",
                     "{\"B\":4,\"_\":6,\"a\":3,\"aa\":2,\"b\":1,\"\xc3\xa9\":5}");
}

AC_TEST(pretty_text_is_indented_and_keeps_the_order)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(parse("{\"z\":1,\"a\":[\"x\"]}", &json, &err));
    AC_REQUIRE_OK(ac_json_write_pretty(json, &text, &err));

    CU_ASSERT_STRING_EQUAL(text, "{\n  \"z\": 1,\n  \"a\": [\n    \"x\"\n  ]\n}\n");
}

AC_SUITE("base/json", AC_CASE(any_type_may_stand_at_the_top),
         AC_CASE(what_is_no_json_is_refused_with_its_place),
         AC_CASE(a_duplicate_key_is_refused),
         AC_CASE(nul_in_text_or_after_it_is_refused), AC_CASE(broken_utf8_is_refused),
         AC_CASE(huge_numbers_are_refused), AC_CASE(nesting_is_taken_up_to_the_limit),
         AC_CASE(nesting_over_the_limit_is_refused_with_its_place),
         AC_CASE(brackets_within_text_are_not_nesting),
         AC_CASE(a_wide_array_is_not_nesting), AC_CASE(a_long_text_arrives_whole),
         AC_CASE(a_missing_member_is_named), AC_CASE(a_null_member_counts_as_missing),
         AC_CASE(a_member_of_another_type_is_named),
         AC_CASE(what_is_no_object_has_no_members), AC_CASE(required_members_are_given),
         AC_CASE(optional_members_fall_back),
         AC_CASE(members_are_walked_in_their_order),
         AC_CASE(words_are_read_and_absent_ones_are_none),
         AC_CASE(words_with_another_type_among_them_are_refused_whole),
         AC_CASE(a_value_is_built_from_a_format),
         AC_CASE(a_value_with_broken_utf8_is_not_built),
         AC_CASE(members_are_set_and_removed),
         AC_CASE(a_value_that_cannot_be_set_is_taken_all_the_same),
         AC_CASE(values_are_appended_in_order),
         AC_CASE(a_shared_value_outlives_its_first_owner),
         AC_CASE(a_copy_is_equal_and_its_own), AC_CASE(written_text_is_canonical),
         AC_CASE(written_text_escapes_only_what_it_must),
         AC_CASE(written_keys_are_in_code_point_order),
         AC_CASE(pretty_text_is_indented_and_keeps_the_order))
