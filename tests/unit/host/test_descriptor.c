/* SPDX-License-Identifier: Apache-2.0 */
#include "host/options.h"

#include "check.h"

#include <string.h>

#define OPTION                                                                         \
    "{\"name\":\"port\",\"type\":2,\"flags\":0,\"minimum\":1,\"maximum\":9,"           \
    "\"fallback\":\"8\",\"help\":\"h\"}"
#define CHOICE                                                                         \
    "{\"name\":\"mood\",\"type\":1,\"flags\":0,\"minimum\":0,\"maximum\":0,"           \
    "\"help\":\"\",\"choices\":[\"on\",\"off\"]}"
#define BEFORE_KIND "{\"name\":\"a\",\"version\":\"1\",\"path\":\"/a.so\",\"kind\":"
#define NUMBERS                                                                        \
    ",\"abi_major\":1,\"abi_minor\":0,\"needs_minor\":0,\"flags\":1,\"max_batch\":5,"  \
    "\"has_probe\":true,\"has_watch\":false,"
#define GOOD                                                                           \
    BEFORE_KIND "1" NUMBERS "\"types\":[\"dns-01\"],\"options\":[" OPTION "," CHOICE   \
                "]}"

static enum ac_code parse(const char *text, struct ac_descriptor *descriptor,
                          struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_parse(text, strlen(text), &json, err));
    return ac_descriptor_parse(json, descriptor, err);
}

AC_TEST(descriptor_is_read_field_by_field)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_descriptor) descriptor = { 0 };

    AC_REQUIRE_OK(parse(GOOD, &descriptor, &err));

    CU_ASSERT_STRING_EQUAL(descriptor.path, "/a.so");
    CU_ASSERT_EQUAL(descriptor.kind, ACMECORE_SOLVER);
    CU_ASSERT_EQUAL(descriptor.max_batch, 5);
    CU_ASSERT(descriptor.has_probe);
    CU_ASSERT(ac_words_has(&descriptor.types, "dns-01"));
    CU_ASSERT_FALSE(ac_words_has(&descriptor.types, "http-01"));
    AC_REQUIRE(descriptor.option_count == 2);
    CU_ASSERT_STRING_EQUAL(descriptor.options[0].fallback, "8");
    CU_ASSERT_EQUAL(descriptor.options[0].maximum, 9);
    CU_ASSERT_EQUAL(descriptor.options[0].choices.count, 0);
    CU_ASSERT(ac_words_has(&descriptor.options[1].choices, "off"));
}

AC_TEST(descriptor_goes_through_json_and_back)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_descriptor) descriptor = { 0 };
    AC_AUTO(ac_descriptor) back = { 0 };
    AC_AUTO(ac_json) *first = NULL;
    AC_AUTO(ac_json) *second = NULL;

    AC_REQUIRE_OK(parse(GOOD, &descriptor, &err));
    AC_REQUIRE_OK(ac_descriptor_to_json(&descriptor, &first, &err));
    AC_REQUIRE_OK(ac_descriptor_parse(first, &back, &err));
    AC_REQUIRE_OK(ac_descriptor_to_json(&back, &second, &err));

    CU_ASSERT(ac_json_is_equal(first, second));
}

AC_TEST(hostile_descriptors_are_refused)
{
    static const char *const documents[] = {
        "[]",
        "{}",
        "{\"name\":1}",
        BEFORE_KIND "0" NUMBERS "\"types\":[\"a\"],\"options\":[]}",
        BEFORE_KIND "4" NUMBERS "\"types\":[\"a\"],\"options\":[]}",
        BEFORE_KIND "-1" NUMBERS "\"types\":[\"a\"],\"options\":[]}",
        BEFORE_KIND "4294967297" NUMBERS "\"types\":[\"a\"],\"options\":[]}",
        BEFORE_KIND "1" NUMBERS "\"types\":[],\"options\":[]}",
        BEFORE_KIND "1" NUMBERS "\"types\":[\"A B\"],\"options\":[]}",
        BEFORE_KIND "1" NUMBERS "\"types\":[1],\"options\":[]}",
        BEFORE_KIND "1" NUMBERS "\"types\":[\"a\"],\"options\":{}}",
        BEFORE_KIND "1" NUMBERS "\"types\":[\"a\"],\"options\":[1]}",
        BEFORE_KIND "1" NUMBERS "\"types\":[\"a\"],\"options\":[" OPTION "," OPTION
                    "]}",
        BEFORE_KIND
        "1" NUMBERS "\"types\":[\"a\"],\"options\":[{\"name\":\"a b\","
        "\"type\":1,\"flags\":0,\"minimum\":0,\"maximum\":0,\"help\":\"\"}]}",
        BEFORE_KIND
        "1" NUMBERS "\"types\":[\"a\"],\"options\":[{\"name\":\"a\","
        "\"type\":6,\"flags\":0,\"minimum\":0,\"maximum\":0,\"help\":\"\"}]}",
        BEFORE_KIND
        "1" NUMBERS "\"types\":[\"a\"],\"options\":[{\"name\":\"a\","
        "\"type\":2,\"flags\":0,\"minimum\":9,\"maximum\":0,\"help\":\"\"}]}",
    };

    for (size_t i = 0; i < AC_COUNT(documents); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_descriptor) descriptor = { 0 };
        AC_REQUIRE_CODE(parse(documents[i], &descriptor, &err), AC_E_INVALID);
        CU_ASSERT_PTR_NULL(descriptor.name);
    }
}

AC_SUITE("host/descriptor", AC_CASE(descriptor_is_read_field_by_field),
         AC_CASE(descriptor_goes_through_json_and_back),
         AC_CASE(hostile_descriptors_are_refused))
