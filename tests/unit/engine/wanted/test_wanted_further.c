/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/wanted_further.h"

#include "engine/wanted/wanted_members.h"

#include <string.h>

#include "check.h"

#define FIRST  "https://one.example/dir"
#define SECOND "https://two.example/dir"
#define THIRD  "https://three.example/dir"

static enum ac_code set(struct ac_wanted *wanted, const char *name, const char *value,
                        struct ac_error *err)
{
    return ac_wanted_member_set(wanted, ac_wanted_member_find(name), value, err);
}

static enum ac_code add(struct ac_wanted *wanted, const char *url, const char *name,
                        const char *value, struct ac_error *err)
{
    AC_AUTO(ac_wanted) own = { 0 };

    if (name)
        AC_TRY(set(&own, name, value, err));
    return ac_wanted_add_further(wanted, url, &own, err);
}

/* Asked second with a file and a profile of its own, third with nothing. */
static enum ac_code make(struct ac_wanted *wanted, struct ac_error *err)
{
    AC_TRY(ac_memory_copy_text(FIRST, &wanted->directory_url, err));
    AC_TRY(set(wanted, "ca-file", "/one.pem", err));
    AC_TRY(set(wanted, "insecure-http", "yes", err));
    AC_TRY(set(wanted, "key", "/key.pem", err));
    AC_TRY(add(wanted, SECOND, "ca-file", "/two.pem", err));
    AC_TRY(set(&wanted->further_own[0], "profile", "short", err));
    return add(wanted, THIRD, NULL, NULL, err);
}

AC_TEST(each_ca_has_what_was_said_of_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(make(&wanted, &err));

    CU_ASSERT_PTR_EQUAL(ac_wanted_at_url(&wanted, FIRST), &wanted);
    CU_ASSERT_STRING_EQUAL(ac_wanted_at_url(&wanted, SECOND)->ca_file, "/two.pem");
    CU_ASSERT_PTR_NULL(ac_wanted_at_url(&wanted, THIRD)->ca_file);
    CU_ASSERT_PTR_NULL(ac_wanted_at_url(&wanted, "https://four.example/dir"));
    CU_ASSERT_PTR_NULL(ac_wanted_at_url(&wanted, NULL));
    CU_ASSERT_PTR_EQUAL(ac_wanted_at(&wanted, 2), &wanted.further_own[1]);
}

AC_TEST(where_nothing_was_said_of_any_all_are_as_the_first)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(ac_memory_copy_text(FIRST, &wanted.directory_url, &err));
    AC_REQUIRE_OK(ac_words_add(&wanted.further, SECOND, &err));

    CU_ASSERT_PTR_EQUAL(ac_wanted_at_url(&wanted, SECOND), &wanted);
    CU_ASSERT_PTR_EQUAL(ac_wanted_at(&wanted, 1), &wanted);
}

AC_TEST(a_copy_is_lent_what_is_of_a_ca_and_no_more)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(make(&wanted, &err));
    struct ac_wanted here = wanted;
    ac_wanted_lend(&here, ac_wanted_at(&wanted, 1));

    CU_ASSERT_STRING_EQUAL(here.ca_file, "/two.pem");
    CU_ASSERT_STRING_EQUAL(here.profile, "short");
    CU_ASSERT_FALSE(here.can_use_plain_http);
    CU_ASSERT_STRING_EQUAL(here.key, "/key.pem");
    ac_wanted_lend(&here, ac_wanted_at(&wanted, 0));
    CU_ASSERT_STRING_EQUAL(here.ca_file, "/one.pem");
    CU_ASSERT_TRUE(here.can_use_plain_http);
    CU_ASSERT_PTR_NULL(here.profile);
}

AC_TEST(a_copy_and_a_document_have_the_same_cas)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) copy = { 0 };
    AC_AUTO(ac_wanted) loaded = { 0 };
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *other = NULL;
    AC_AUTO(ac_json) *third = NULL;

    AC_REQUIRE_OK(make(&wanted, &err));
    AC_REQUIRE_OK(ac_json_new(&document, &err, "{}"));
    AC_REQUIRE_OK(ac_json_new(&other, &err, "{}"));
    AC_REQUIRE_OK(ac_json_new(&third, &err, "{}"));
    AC_REQUIRE_OK(ac_wanted_copy_further(&copy, &wanted, &err));
    AC_REQUIRE_OK(ac_wanted_further_to_json(&wanted, document, &err));
    AC_REQUIRE_OK(ac_wanted_further_to_json(&copy, other, &err));
    AC_REQUIRE_OK(ac_wanted_further_from_json(&loaded, document, &err));
    AC_REQUIRE_OK(ac_wanted_further_to_json(&loaded, third, &err));

    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(document, "further_settings")), 2);
    CU_ASSERT_TRUE(ac_json_is_equal(document, other));
    CU_ASSERT_TRUE(ac_json_is_equal(document, third));
}

AC_TEST(settings_that_fit_no_ca_are_damage)
{
    static const char *const documents[] = {
        "{\"further_settings\":[{}]}",
        "{\"further_directories\":[\"" SECOND "\"],\"further_settings\":[]}",
        "{\"further_directories\":[\"" SECOND "\"],\"further_settings\":[1]}",
        "{\"further_directories\":[\"" SECOND "\"],\"further_settings\":{}}",
        "{\"further_directories\":[\"" SECOND "\"],"
        "\"further_settings\":[{\"profile\":1}]}",
        "{\"further_directories\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\"]}",
    };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(documents); i++) {
        AC_AUTO(ac_wanted) wanted = { 0 };
        AC_AUTO(ac_json) *document = NULL;

        AC_REQUIRE_OK(
            ac_json_parse(documents[i], strlen(documents[i]), &document, &err));
        AC_REQUIRE_CODE(ac_wanted_further_from_json(&wanted, document, &err),
                        AC_E_INVALID);
    }
}

AC_SUITE("engine/wanted_further", AC_CASE(each_ca_has_what_was_said_of_it),
         AC_CASE(where_nothing_was_said_of_any_all_are_as_the_first),
         AC_CASE(a_copy_is_lent_what_is_of_a_ca_and_no_more),
         AC_CASE(a_copy_and_a_document_have_the_same_cas),
         AC_CASE(settings_that_fit_no_ca_are_damage))
