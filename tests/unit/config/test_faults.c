/* SPDX-License-Identifier: Apache-2.0 */
#include "config/faults.h"

#include "check.h"

#include <string.h>

static struct ac_place at(const char *path, unsigned line)
{
    return (struct ac_place){ .path = path, .line = line };
}

AC_TEST(faults_are_sorted_by_file_as_they_came_then_by_line)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    AC_REQUIRE_OK(ac_faults_add(&faults, at("z", 9), &err, "1"));
    AC_REQUIRE_OK(ac_faults_add(&faults, at("a", 5), &err, "2"));
    AC_REQUIRE_OK(ac_faults_add(&faults, at("z", 2), &err, "3"));
    AC_REQUIRE_OK(ac_faults_add(&faults, at("a", 1), &err, "4"));
    AC_REQUIRE_OK(ac_faults_add(&faults, at("z", 2), &err, "5"));
    ac_faults_sort(&faults);

    AC_REQUIRE(faults.count == 5);
    CU_ASSERT_STRING_EQUAL(faults.items[0].message, "3");
    CU_ASSERT_STRING_EQUAL(faults.items[1].message, "5");
    CU_ASSERT_STRING_EQUAL(faults.items[2].message, "1");
    CU_ASSERT_STRING_EQUAL(faults.items[3].message, "4");
    CU_ASSERT_STRING_EQUAL(faults.items[4].message, "2");
}

AC_TEST(a_command_that_cannot_begin_tells_the_first_and_how_many)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    CU_ASSERT_EQUAL(ac_faults_fail(&faults, &err), AC_OK);
    AC_REQUIRE_OK(ac_faults_add(&faults, at("x.conf", 3), &err, "is %s", "wrong"));
    AC_REQUIRE_CODE(ac_faults_fail(&faults, &err), AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail, "x.conf:3: is wrong");
    AC_REQUIRE_OK(ac_faults_add(&faults, at("x.conf", 0), &err, "more"));
    AC_REQUIRE_CODE(ac_faults_fail(&faults, &err), AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(
        err.detail, "x.conf:3: is wrong (and 1 more; acmecore config check tells all)");
}

AC_TEST(message_is_clean)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    AC_REQUIRE_OK(ac_faults_add(&faults, at("x", 1), &err, "\x1b[2J"));

    CU_ASSERT_PTR_NULL(strchr(faults.items[0].message, '\x1b'));
}

AC_TEST(number_of_faults_is_bounded)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    for (unsigned i = 0; i < AC_FAULTS_MAX; i++)
        AC_REQUIRE_OK(ac_faults_add(&faults, at("x", i), &err, "no"));
    CU_ASSERT_FALSE(faults.has_more);
    AC_REQUIRE_OK(ac_faults_add(&faults, at("x", 1), &err, "no"));
    CU_ASSERT_FALSE(faults.has_more);
    AC_REQUIRE_OK(ac_faults_add(&faults, at("x", 1), &err, "nor"));

    CU_ASSERT_EQUAL(faults.count, AC_FAULTS_MAX);
    CU_ASSERT_TRUE(faults.has_more);
}

AC_TEST(failures_a_person_mends_become_faults_and_others_pass)
{
    struct ac_error err = { 0 };
    struct ac_error why = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    enum ac_code code = ac_fail(&why, AC_E_STORE, "cannot be read");
    AC_REQUIRE_OK(ac_faults_take(&faults, at("x", 1), &why, code, &err));
    AC_REQUIRE_OK(ac_faults_take(&faults, at("x", 1), &why, AC_OK, &err));
    code = ac_fail(&why, AC_E_CANCELLED, "ended");
    AC_REQUIRE_CODE(ac_faults_take(&faults, at("x", 1), &why, code, &err),
                    AC_E_CANCELLED);

    AC_REQUIRE(faults.count == 1);
    CU_ASSERT_STRING_EQUAL(faults.items[0].message, "cannot be read");
    CU_ASSERT_STRING_EQUAL(err.detail, "ended");
}

AC_TEST(document_has_file_line_and_message)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(ac_faults_add(&faults, at("x", 7), &err, "no"));
    AC_REQUIRE_OK(ac_faults_to_json(&faults, &json, &err));
    AC_REQUIRE_OK(ac_json_write(json, &text, &err));

    CU_ASSERT_STRING_EQUAL(text, "[{\"file\":\"x\",\"line\":7,\"message\":\"no\"}]");
}

AC_SUITE("config/faults", AC_CASE(faults_are_sorted_by_file_as_they_came_then_by_line),
         AC_CASE(a_command_that_cannot_begin_tells_the_first_and_how_many),
         AC_CASE(message_is_clean), AC_CASE(number_of_faults_is_bounded),
         AC_CASE(failures_a_person_mends_become_faults_and_others_pass),
         AC_CASE(document_has_file_line_and_message))
