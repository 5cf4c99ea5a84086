/* SPDX-License-Identifier: Apache-2.0 */
#include "config/document.h"

#include "check.h"

#include <string.h>

static enum ac_code parse(const char *text, struct ac_faults *faults,
                          struct ac_document **ret_document, struct ac_error *err)
{
    return ac_document_parse("x.conf", text, strlen(text), faults, ret_document, err);
}

/* The one fault of this text is this one. */
static bool has_fault(const char *text, unsigned line, const char *message)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_document) *document = NULL;

    return parse(text, &faults, &document, &err) == AC_OK && faults.count == 1
           && faults.items[0].line == line
           && strcmp(faults.items[0].path, "x.conf") == 0
           && strcmp(faults.items[0].message, message) == 0;
}

AC_TEST(settings_and_sections_become_a_tree_with_lines)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_document) *document = NULL;

    AC_REQUIRE_OK(parse("a = 1\ns \"t\" {\n  b = {2,\n 3,}\n  o { c = 4 }\n}\nd = {}",
                        &faults, &document, &err));

    AC_REQUIRE(faults.count == 0 && document->entry_count == 6);
    const struct ac_entry *entries = document->entries;
    CU_ASSERT_STRING_EQUAL(entries[0].name, "a");
    CU_ASSERT_EQUAL(entries[0].end, 1);
    CU_ASSERT_STRING_EQUAL(entries[1].title, "t");
    CU_ASSERT_EQUAL(entries[1].end, 5);
    CU_ASSERT_EQUAL(entries[1].line, 2);
    CU_ASSERT_EQUAL(entries[3].end, 5);
    CU_ASSERT_EQUAL(entries[5].line, 7);
    struct ac_values values = ac_document_values(document, &entries[2]);
    AC_REQUIRE(values.count == 2 && values.is_list);
    CU_ASSERT_STRING_EQUAL(values.items[1].text, "3");
    CU_ASSERT_EQUAL(values.items[1].line, 4);
    CU_ASSERT_EQUAL(values.place.line, 3);
}

AC_TEST(what_cannot_be_read_is_told_and_the_rest_is_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_document) *document = NULL;

    AC_REQUIRE_OK(parse("a 1\nb = \"x\nc = {1 2}\nd = 4;\ne = 5\n= 6\n", &faults,
                        &document, &err));

    AC_REQUIRE(faults.count == 5);
    CU_ASSERT_EQUAL(faults.items[0].line, 1);
    CU_ASSERT_STRING_EQUAL(document->entries[document->entry_count - 1].name, "e");
    CU_ASSERT_EQUAL(document->entry_count, 5);
}

AC_TEST(missing_sign_names_what_stands_there)
{
    CU_ASSERT(
        has_fault("a\n", 2, "after a comes \"=\" or \"{\", not the end of the file"));
    CU_ASSERT(has_fault("a , b", 1, "after a comes \"=\" or \"{\", not \",\""));
    CU_ASSERT(
        has_fault("a \"t\" = 1", 1,
                  "a \"t\": a setting has \"=\" before its value, a section \"{\" "
                  "after its name"));
    CU_ASSERT(has_fault("a = = b", 1, "after \"=\" comes a value, not \"=\""));
    CU_ASSERT(has_fault("{", 1, "here comes the name of a setting, not \"{\""));
}

AC_TEST(missing_comma_is_told_at_the_next_word)
{
    CU_ASSERT(has_fault("a = {b c}", 1,
                        "after a value of a list comes \",\" or \"}\", not \"c\""));
    CU_ASSERT(has_fault("a = {,}", 1, "here comes a value or \"}\", not \",\""));
}

AC_TEST(list_that_is_not_closed_does_not_swallow_the_next_setting)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_document) *document = NULL;

    AC_REQUIRE_OK(parse("a = {b\nc = d\n", &faults, &document, &err));

    AC_REQUIRE(faults.count == 1 && document->entry_count == 2);
    CU_ASSERT_STRING_EQUAL(document->entries[1].name, "c");
}

static size_t values_of_first(const char *text)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_document) *document = NULL;

    if (parse(text, &faults, &document, &err) != AC_OK || faults.count == 0
        || document->entry_count == 0)
        return SIZE_MAX;
    return document->entries[0].value_count;
}

/* Half a command must not be run. */
AC_TEST(setting_that_is_half_read_has_no_values)
{
    AC_REQUIRE(!ac_check_is_torture());

    CU_ASSERT_EQUAL(values_of_first("c = {1 2}\n"), 0);
    CU_ASSERT_EQUAL(values_of_first("c = {1, 2\nd = 4\n"), 0);
    CU_ASSERT_EQUAL(values_of_first("c = 1 2\n"), 0);
    CU_ASSERT_EQUAL(values_of_first("c = 1 2 3\n"), 0);
    CU_ASSERT_EQUAL(values_of_first("c = 1, 2\n"), 0);
    CU_ASSERT_EQUAL(values_of_first("c = {1}, 2\n"), 0);
    CU_ASSERT_EQUAL(values_of_first("c = 1; 2\n"), 0);
    CU_ASSERT_EQUAL(values_of_first("c = 1 \"2\n"), 0);
    CU_ASSERT_EQUAL(values_of_first("c = 1 = 2\n"), 0);
    CU_ASSERT_EQUAL(values_of_first("c = 1 --d=2\n"), 0);
    CU_ASSERT_EQUAL(values_of_first("c = 1 d = 2\n= 3\n"), 1);
    CU_ASSERT_EQUAL(values_of_first("c = 1\n, 2\n"), 1);
}

AC_TEST(braces_must_match)
{
    CU_ASSERT(has_fault("s \"x\" {\n a = 1\n", 1,
                        "s \"x\" is not closed: a \"}\" is missing"));
    CU_ASSERT(has_fault("a = 1\n}", 2, "this \"}\" closes nothing"));
}

AC_TEST(odd_name_is_refused)
{
    CU_ASSERT(has_fault("a/b = 1", 1, "\"a/b\" is not the name of a setting"));
}

AC_TEST(depth_has_a_limit)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_document) *document = NULL;

    AC_REQUIRE_OK(parse("a{b{c{d{e{f{g{h{\na{a{a{a{a{a{a{", &faults, &document, &err));

    AC_REQUIRE(faults.count == 1 + AC_DOCUMENT_DEPTH_MAX);
    CU_ASSERT_EQUAL(faults.items[0].line, 2);
    CU_ASSERT_STRING_EQUAL(faults.items[0].message,
                           "sections go no deeper; is a \"}\" missing before?");
}

AC_TEST(empty_file_has_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_document) *document = NULL;

    AC_REQUIRE_OK(parse("", &faults, &document, &err));

    CU_ASSERT_EQUAL(document->entry_count, 0);
    CU_ASSERT_EQUAL(faults.count, 0);
}

AC_SUITE("config/document", AC_CASE(settings_and_sections_become_a_tree_with_lines),
         AC_CASE(what_cannot_be_read_is_told_and_the_rest_is_read),
         AC_CASE(missing_sign_names_what_stands_there),
         AC_CASE(missing_comma_is_told_at_the_next_word),
         AC_CASE(list_that_is_not_closed_does_not_swallow_the_next_setting),
         AC_CASE(setting_that_is_half_read_has_no_values), AC_CASE(braces_must_match),
         AC_CASE(odd_name_is_refused), AC_CASE(depth_has_a_limit),
         AC_CASE(empty_file_has_nothing))
