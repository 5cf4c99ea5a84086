/* SPDX-License-Identifier: Apache-2.0 */
#include "list.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static bool has(const char *text, const char *path)
{
    char copy[256];
    struct files_blob blob = { copy, strlen(text), 0 };

    (void)snprintf(copy, sizeof(copy), "%s", text);
    return list_has(&blob, path);
}

AC_TEST(file_is_found_at_the_beginning_of_a_line)
{
    CU_ASSERT_TRUE(has("/a.pem", "/a.pem"));
    CU_ASSERT_TRUE(has("/b\n  /a.pem [alpn h2] www\n", "/a.pem"));
    CU_ASSERT_TRUE(has("/a.pem[alpn h2]\r\n", "/a.pem"));
    CU_ASSERT_FALSE(has("#/a.pem\n", "/a.pem"));
    CU_ASSERT_FALSE(has("/a.pem.old\n/b /a.pem\n", "/a.pem"));
    CU_ASSERT_FALSE(has("/a.p", "/a.pem"));
    CU_ASSERT_FALSE(list_has(&(struct files_blob){ 0 }, "/a.pem"));
}

AC_TEST(line_is_added_at_the_end)
{
    FILES_AUTO_BLOB list = { 0 };

    AC_REQUIRE(files_blob_add(&list, "/b www", 6));
    AC_REQUIRE(list_add(&list, "/a.pem") && list_add(&list, "/c.pem"));

    CU_ASSERT_STRING_EQUAL(list.bytes, "/b www\n/a.pem\n/c.pem\n");
}

AC_TEST(lines_of_a_file_are_taken_out_and_no_others)
{
    FILES_AUTO_BLOB list = { 0 };
    static const char text[] = "/a.pem www\n/a.pem.old\n#/a.pem\n  /a.pem[alpn h2]";

    AC_REQUIRE(files_blob_add(&list, text, sizeof(text) - 1));
    list_remove(&list, "/b.pem");
    CU_ASSERT_STRING_EQUAL(list.bytes, text);
    list_remove(&list, "/a.pem");

    CU_ASSERT_STRING_EQUAL(list.bytes, "/a.pem.old\n#/a.pem\n");
    CU_ASSERT_EQUAL(list.size, strlen(list.bytes));
    list_remove(&(struct files_blob){ 0 }, "/a.pem");
}

AC_SUITE("installer-haproxy/list", AC_CASE(file_is_found_at_the_beginning_of_a_line),
         AC_CASE(line_is_added_at_the_end),
         AC_CASE(lines_of_a_file_are_taken_out_and_no_others))
