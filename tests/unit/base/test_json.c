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

static void assert_canonical(const char *text, const char *want)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *written = NULL;

    AC_REQUIRE_OK(parse(text, &json, &err));
    AC_REQUIRE_OK(ac_json_write(json, &written, &err));

    CU_ASSERT_STRING_EQUAL(written, want);
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

AC_SUITE("base/json", AC_CASE(a_missing_member_is_named),
         AC_CASE(a_null_member_counts_as_missing),
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
