/* SPDX-License-Identifier: Apache-2.0 */
#include "net/link.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

/* The targets with a space between them, "-" when there is none. */
static enum ac_code find(const char *value, const char *relation, char **ret_targets,
                         struct ac_error *err)
{
    AC_AUTO(ac_words) targets = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_TRY(ac_link_find(value, relation, &targets, err));
    AC_TRY(ac_words_join(&targets, " ", &text, err));
    return ac_memory_copy_text(targets.count > 0 ? ac_text_get(&text) : "-",
                               ret_targets, err);
}

static void expect(const char *value, const char *relation, const char *want)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *targets = NULL;

    AC_REQUIRE_OK(find(value, relation, &targets, &err));

    CU_ASSERT_TRUE(targets != NULL && strcmp(targets, want) == 0);
}

AC_TEST(quoted_relation_is_found)
{
    expect("<https://ca.example/dir>;rel=\"index\"", "index", "https://ca.example/dir");
}

AC_TEST(token_relation_is_found)
{
    expect("<https://ca.example/dir> ; rel = index", "index", "https://ca.example/dir");
}

AC_TEST(relation_is_compared_without_case)
{
    expect("</up>;REL=\"UP\"", "up", "/up");
}

AC_TEST(one_of_several_relations_is_found)
{
    expect("</a>;rel=\"next  alternate\"", "alternate", "/a");
    expect("</a>;rel=\"next alternate\"", "altern", "-");
}

AC_TEST(all_links_of_one_header_are_found)
{
    expect("</1>;rel=alternate, </i>;rel=\"index\",</2>; title=\"x\" ;rel=alternate",
           "alternate", "/1 /2");
}

AC_TEST(separators_inside_target_and_quotes_do_not_separate)
{
    expect("</a,b;c>; title=\"x, </no>; rel=up \\\" \"; rel=up", "up", "/a,b;c");
}

AC_TEST(only_first_rel_of_a_link_counts)
{
    expect("</a>;rel=index;rel=up", "up", "-");
    expect("</a>;rel=index;rel=up", "index", "/a");
}

AC_TEST(link_about_something_else_is_left_out)
{
    expect("</a>;rel=up;anchor=\"#x\", </b>;rel=up", "up", "/b");
}

AC_TEST(parameter_without_value_is_skipped)
{
    expect("</a>;crossorigin;rel=up", "up", "/a");
}

AC_TEST(empty_elements_are_skipped)
{
    expect(" , ,</a>;rel=up,, ", "up", "/a");
}

AC_TEST(garbage_ends_the_reading_quietly)
{
    expect("", "up", "-");
    expect("/a;rel=up", "up", "-");
    expect("</a;rel=up", "up", "-");
    expect("</a>;rel=\"up", "up", "-");
    expect("</a>;rel=\"up\\", "up", "-");
    expect("</a>;rel=up garbage, </b>;rel=up", "up", "-");
    expect("</a>;rel=up, garbage, </b>;rel=up", "up", "/a");
}

AC_TEST(value_that_is_too_long_ends_the_reading)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) value = { 0 };

    AC_REQUIRE_OK(ac_text_addf(&value, &err, "</a>;rel=up,</b>;x=%01100d;rel=up", 0));

    expect(ac_text_get(&value), "up", "/a");
}

AC_TEST(long_target_is_taken_whole)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) value = { 0 };
    AC_AUTO(ac_words) targets = { 0 };

    AC_REQUIRE_OK(ac_text_addf(&value, &err, "<%09000d>;rel=up", 0));
    AC_REQUIRE_OK(ac_link_find(ac_text_get(&value), "up", &targets, &err));

    CU_ASSERT_EQUAL(targets.count, 1);
    CU_ASSERT_EQUAL(strlen(targets.items[0]), 9000);
}

AC_SUITE("net/link", AC_CASE(quoted_relation_is_found),
         AC_CASE(token_relation_is_found), AC_CASE(relation_is_compared_without_case),
         AC_CASE(one_of_several_relations_is_found),
         AC_CASE(all_links_of_one_header_are_found),
         AC_CASE(separators_inside_target_and_quotes_do_not_separate),
         AC_CASE(only_first_rel_of_a_link_counts),
         AC_CASE(link_about_something_else_is_left_out),
         AC_CASE(parameter_without_value_is_skipped),
         AC_CASE(empty_elements_are_skipped), AC_CASE(garbage_ends_the_reading_quietly),
         AC_CASE(value_that_is_too_long_ends_the_reading),
         AC_CASE(long_target_is_taken_whole))
