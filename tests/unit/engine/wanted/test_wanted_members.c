/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/wanted_members.h"

#include <string.h>
#include <unistd.h>

#include "check.h"

static enum ac_code set(struct ac_wanted *wanted, const char *name, const char *value,
                        struct ac_error *err)
{
    return ac_wanted_member_set(wanted, ac_wanted_member_find(name), value, err);
}

static void refuse(const char *name, const char *value, const char *message)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_CODE(set(&wanted, name, value, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, message));
}

static enum ac_code fill(struct ac_wanted *wanted, struct ac_error *err)
{
    AC_TRY(set(wanted, "ca-file", "/roots.pem", err));
    AC_TRY(set(wanted, "insecure-http", "yes", err));
    AC_TRY(set(wanted, "self-check", "off", err));
    AC_TRY(set(wanted, "experimental", "dns-persist-01", err));
    return set(wanted, "challenge", "dns-01,dns-persist-01,dns-01", err);
}

AC_TEST(each_kind_takes_its_values)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(fill(&wanted, &err));

    CU_ASSERT_STRING_EQUAL(wanted.ca_file, "/roots.pem");
    CU_ASSERT_TRUE(wanted.can_use_plain_http);
    CU_ASSERT_STRING_EQUAL(wanted.self_check, "off");
    AC_REQUIRE(wanted.challenges.count == 2);
    CU_ASSERT_STRING_EQUAL(wanted.challenges.items[1], "dns-persist-01");
}

AC_TEST(days_are_a_number_or_none)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(set(&wanted, "persist-for", "90", &err));
    CU_ASSERT_STRING_EQUAL(wanted.persist_for, "90");
    AC_REQUIRE_OK(set(&wanted, "persist-for", "ever", &err));
    CU_ASSERT_PTR_NULL(wanted.persist_for);

    refuse("persist-for", "0", "no number of days from 1 to 3650");
    refuse("persist-for", "9 days", "no number of days");
}

AC_TEST(a_later_value_replaces_and_the_default_empties)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(fill(&wanted, &err));
    AC_REQUIRE_OK(set(&wanted, "ca-file", "/other.pem", &err));
    AC_REQUIRE_OK(set(&wanted, "self-check", "warn", &err));
    AC_REQUIRE_OK(set(&wanted, "insecure-http", "off", &err));

    CU_ASSERT_STRING_EQUAL(wanted.ca_file, "/other.pem");
    CU_ASSERT_PTR_NULL(wanted.self_check);
    CU_ASSERT_FALSE(wanted.can_use_plain_http);
}

AC_TEST(a_path_is_made_absolute)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    char here[512];

    AC_REQUIRE(getcwd(here, sizeof here) != NULL);
    AC_REQUIRE_OK(set(&wanted, "ca-file", "roots.pem", &err));

    CU_ASSERT_EQUAL(strncmp(wanted.ca_file, here, strlen(here)), 0);
    CU_ASSERT_STRING_EQUAL(wanted.ca_file + strlen(here), "/roots.pem");
}

AC_TEST(values_that_cannot_be_are_refused)
{
    refuse("self-check", "maybe", "\"maybe\" is none of warn, require and off");
    refuse("caa-check", "maybe", "\"maybe\" is none of auto, warn and off");
    refuse("insecure-http", "2", "\"2\" is neither true nor false");
    refuse("challenge", "dns-01,", "\"\" is no challenge type");
    refuse("experimental", "dns-01", "nothing is experimental");
    CU_ASSERT_PTR_NULL(ac_wanted_member_find("selfcheck"));
}

AC_TEST(what_is_experimental_must_be_allowed)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(set(&wanted, "challenge", "dns-persist-01", &err));
    AC_REQUIRE_CODE(ac_wanted_check(&wanted, &err), AC_E_USAGE);
    AC_REQUIRE_OK(set(&wanted, "experimental", "dns-persist-01", &err));
    AC_REQUIRE_OK(ac_wanted_check(&wanted, &err));
}

AC_TEST(a_copy_and_a_document_have_the_same_members)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) copy = { 0 };
    AC_AUTO(ac_wanted) loaded = { 0 };
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *other = NULL;
    AC_AUTO(ac_json) *third = NULL;

    AC_REQUIRE_OK(fill(&wanted, &err));
    AC_REQUIRE_OK(ac_json_new(&document, &err, "{}"));
    AC_REQUIRE_OK(ac_json_new(&other, &err, "{}"));
    AC_REQUIRE_OK(ac_json_new(&third, &err, "{}"));
    for (size_t i = 0; i < ac_wanted_member_count; i++) {
        AC_REQUIRE_OK(
            ac_wanted_member_copy(&copy, &wanted, &ac_wanted_members[i], &err));
    }
    AC_REQUIRE_OK(ac_wanted_members_to_json(&wanted, document, &err));
    AC_REQUIRE_OK(ac_wanted_members_to_json(&copy, other, &err));
    AC_REQUIRE_OK(ac_wanted_members_from_json(&loaded, document, &err));
    AC_REQUIRE_OK(ac_wanted_members_to_json(&loaded, third, &err));

    CU_ASSERT_EQUAL(ac_json_count(document), 5);
    CU_ASSERT_TRUE(ac_json_is_equal(document, other));
    CU_ASSERT_TRUE(ac_json_is_equal(document, third));
}

AC_TEST(a_document_with_another_type_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *other = NULL;

    AC_REQUIRE_OK(ac_json_new(&document, &err, "{s:i}", "insecure_http", 1));
    AC_REQUIRE_OK(ac_json_new(&other, &err, "{s:[i]}", "challenges", 1));

    AC_REQUIRE_CODE(ac_wanted_members_from_json(&wanted, document, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(ac_wanted_members_from_json(&wanted, other, &err), AC_E_INVALID);
}

AC_SUITE("engine/wanted_members", AC_CASE(each_kind_takes_its_values),
         AC_CASE(days_are_a_number_or_none),
         AC_CASE(a_later_value_replaces_and_the_default_empties),
         AC_CASE(a_path_is_made_absolute), AC_CASE(values_that_cannot_be_are_refused),
         AC_CASE(what_is_experimental_must_be_allowed),
         AC_CASE(a_copy_and_a_document_have_the_same_members),
         AC_CASE(a_document_with_another_type_is_refused))
