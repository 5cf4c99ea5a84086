/* SPDX-License-Identifier: Apache-2.0 */
#include "edit.h"

#include "check.h"

#include <string.h>

AC_TEST(only_what_is_named_changes)
{
    AUTO_EDITS edits = { 0 };
    FILES_AUTO_BLOB text = { 0 };
    FILES_AUTO_BLOB changed = { 0 };
    const struct edit second = { 0, 0, 4, 7, "NEW" }, first = { 0, 1, 2, 2, "+" };
    const struct edit other = { 1, 0, 0, 1, "x" };

    AC_REQUIRE(files_blob_add(&text, "a b cde f\n", 10));
    AC_REQUIRE(edits_add(&edits, &second) == EDIT_DONE
               && edits_add(&edits, &other) == EDIT_DONE
               && edits_add(&edits, &first) == EDIT_DONE);
    AC_REQUIRE(edits_apply(&edits, 0, &text, &changed));

    CU_ASSERT_STRING_EQUAL(changed.bytes, "a +b NEW f\n");
    CU_ASSERT_TRUE(edits_has(&edits, 1));
    CU_ASSERT_FALSE(edits_has(&edits, 2));
}

AC_TEST(same_twice_is_once_and_another_a_conflict)
{
    AUTO_EDITS edits = { 0 };
    const struct edit one = { 0, 0, 4, 7, "NEW" }, other = { 0, 1, 4, 7, "OTHER" };

    AC_REQUIRE(edits_add(&edits, &one) == EDIT_DONE);

    CU_ASSERT_EQUAL(edits_add(&edits, &one), EDIT_DONE);
    CU_ASSERT_EQUAL(edits_add(&edits, &other), EDIT_CONFLICT);
    CU_ASSERT_EQUAL(edits.count, 1);
    CU_ASSERT_STRING_EQUAL(edits_find(&edits, 0, 4)->text, "NEW");
}

AC_TEST(those_of_one_certificate_are_forgotten)
{
    AUTO_EDITS edits = { 0 };
    const struct edit one = { 0, 0, 4, 7, "A" }, other = { 0, 1, 9, 9, "B" };

    AC_REQUIRE(edits_add(&edits, &one) == EDIT_DONE
               && edits_add(&edits, &other) == EDIT_DONE);
    edits_forget(&edits, 0);

    CU_ASSERT_EQUAL(edits.count, 1);
    CU_ASSERT_PTR_NULL(edits_find(&edits, 0, 4));
    CU_ASSERT_STRING_EQUAL(edits_find(&edits, 0, 9)->text, "B");
}

AC_TEST(path_is_quoted_where_it_needs_it)
{
    char text[EDIT_TEXT_MAX];

    CU_ASSERT_TRUE(edit_quote("/var/lib/a-b_c.pem", text));
    CU_ASSERT_STRING_EQUAL(text, "/var/lib/a-b_c.pem");
    CU_ASSERT_TRUE(edit_quote("/a b;\"c\\", text));
    CU_ASSERT_STRING_EQUAL(text, "\"/a b;\\\"c\\\\\"");
    CU_ASSERT_FALSE(edit_quote("/a$b", text));
    CU_ASSERT_FALSE(edit_quote("/a\nb", text));
}

AC_SUITE("installer-nginx/edit", AC_CASE(only_what_is_named_changes),
         AC_CASE(same_twice_is_once_and_another_a_conflict),
         AC_CASE(those_of_one_certificate_are_forgotten),
         AC_CASE(path_is_quoted_where_it_needs_it))
