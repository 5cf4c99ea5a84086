/* SPDX-License-Identifier: Apache-2.0 */
#include "config/section.h"

#include "check.h"

#include <string.h>

static enum ac_code fill(struct ac_section *section, const char *origin,
                         struct ac_error *err)
{
    AC_TRY(ac_section_add(section, "path", "/srv/a", origin, err));
    AC_TRY(ac_section_add(section, "mode", "0644", origin, err));
    return ac_section_add(section, "path", "/srv/b", origin, err);
}

AC_TEST(settings_keep_their_order_and_origin)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };

    AC_REQUIRE_OK(fill(&section, "acmecore.conf:12", &err));

    AC_REQUIRE(section.count == 3);
    CU_ASSERT_STRING_EQUAL(section.items[0].value, "/srv/a");
    CU_ASSERT_STRING_EQUAL(section.items[1].name, "mode");
    CU_ASSERT_STRING_EQUAL(section.items[2].value, "/srv/b");
    CU_ASSERT_STRING_EQUAL(section.items[2].origin, "acmecore.conf:12");
}

AC_TEST(copy_is_equal_and_its_own)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_section) copy = { 0 };

    AC_REQUIRE_OK(fill(&section, "--set", &err));
    AC_REQUIRE_OK(ac_section_copy(&section, &copy, &err));

    CU_ASSERT(ac_section_is_equal(&section, &copy));
    CU_ASSERT_PTR_NOT_EQUAL(section.items[0].value, copy.items[0].value);
}

AC_TEST(origin_does_not_make_a_difference)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) a = { 0 };
    AC_AUTO(ac_section) b = { 0 };

    AC_REQUIRE_OK(fill(&a, "--set", &err));
    AC_REQUIRE_OK(fill(&b, "acmecore.conf:3", &err));

    CU_ASSERT(ac_section_is_equal(&a, &b));
}

AC_TEST(another_value_or_count_makes_a_difference)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) a = { 0 };
    AC_AUTO(ac_section) b = { 0 };
    AC_AUTO(ac_section) c = { 0 };

    AC_REQUIRE_OK(ac_section_add(&a, "path", "/a", "--set", &err));
    AC_REQUIRE_OK(ac_section_add(&b, "path", "/b", "--set", &err));

    CU_ASSERT_FALSE(ac_section_is_equal(&a, &b));
    CU_ASSERT_FALSE(ac_section_is_equal(&a, &c));
}

AC_TEST(json_groups_values_by_name_and_comes_back)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_section) back = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(fill(&section, "--set", &err));
    AC_REQUIRE_OK(ac_section_to_json(&section, &json, &err));
    AC_REQUIRE_OK(ac_json_write(json, &text, &err));
    AC_REQUIRE_OK(ac_section_from_json(json, "certificate.json", &back, &err));

    CU_ASSERT_STRING_EQUAL(text,
                           "{\"mode\":[\"0644\"],\"path\":[\"/srv/a\",\"/srv/b\"]}");
    CU_ASSERT_EQUAL(back.count, 3);
    CU_ASSERT_STRING_EQUAL(back.items[0].origin, "certificate.json");
}

AC_TEST(json_of_another_type_is_refused)
{
    static const char *const documents[] = { "[]", "\"x\"", "{\"path\":\"/srv\"}",
                                             "{\"path\":[1]}" };

    for (size_t i = 0; i < AC_COUNT(documents); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_json) *json = NULL;
        AC_AUTO(ac_section) section = { 0 };
        AC_REQUIRE_OK(ac_json_parse(documents[i], strlen(documents[i]), &json, &err));
        AC_REQUIRE_CODE(ac_section_from_json(json, "file", &section, &err),
                        AC_E_INVALID);
        CU_ASSERT_EQUAL(section.count, 0);
    }
}

AC_SUITE("config/section", AC_CASE(settings_keep_their_order_and_origin),
         AC_CASE(copy_is_equal_and_its_own), AC_CASE(origin_does_not_make_a_difference),
         AC_CASE(another_value_or_count_makes_a_difference),
         AC_CASE(json_groups_values_by_name_and_comes_back),
         AC_CASE(json_of_another_type_is_refused))
