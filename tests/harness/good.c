/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "check.h"

static void free_text(char **text)
{
    free(*text);
}

static enum ac_code copy_twice(const char *text, char **ret_first, char **ret_second)
{
    char *first = strdup(text);
    char *second = malloc(strlen(text) + 1);

    if (first == NULL || second == NULL) {
        free(first);
        free(second);
        return AC_E_NOMEM;
    }
    memcpy(second, text, strlen(text) + 1);
    *ret_first = first;
    *ret_second = second;
    return AC_OK;
}

AC_TEST(what_is_allocated_is_freed)
{
    __attribute__((cleanup(free_text))) char *first = NULL;
    __attribute__((cleanup(free_text))) char *second = NULL;

    AC_REQUIRE_OK(copy_twice("text", &first, &second));

    CU_ASSERT_STRING_EQUAL(first, second);
}

AC_TEST(every_member_of_the_family_is_counted)
{
    char *text = NULL;
    char *grown = NULL;

    AC_REQUIRE(asprintf(&text, "%d", 42) == 2);
    grown = reallocarray(text, 8, 8);
    if (grown == NULL)
        free(text);
    AC_REQUIRE(grown != NULL);
    CU_ASSERT_STRING_EQUAL(grown, "42");
    free(grown);
}

AC_TEST(jansson_goes_through_the_same_gate)
{
    json_t *object = json_object();

    AC_REQUIRE(object != NULL);
    CU_ASSERT(json_object_set_new(object, "key", json_string("value")) == 0);
    json_decref(object);
}

AC_TEST(many_allocations_are_all_found_again)
{
    void *blocks[300] = { NULL };
    size_t made = 0;

    for (size_t i = 0; i < 300; i++)
        blocks[i] = malloc(i + 1);
    for (size_t i = 0; i < 300; i++)
        made += blocks[i * 7 % 300] != NULL;
    for (size_t i = 0; i < 300; i++)
        free(blocks[i * 7 % 300]);

    CU_ASSERT_EQUAL(made, 300);
}

AC_TEST(a_test_has_a_folder_of_its_own)
{
    char buffer[8] = "";

    AC_REQUIRE(ac_test_write_file(ac_test_path("a"), "hello", 5));

    CU_ASSERT_EQUAL(ac_test_read_file(ac_test_path("a"), buffer, sizeof(buffer)), 5);
    CU_ASSERT_EQUAL(ac_test_read_file(ac_test_path("a"), buffer, 5), -1);
    CU_ASSERT_EQUAL(ac_test_read_file(ac_test_path("b"), buffer, sizeof(buffer)), -1);
}

AC_SUITE("harness/good", AC_CASE(what_is_allocated_is_freed),
         AC_CASE(every_member_of_the_family_is_counted),
         AC_CASE(jansson_goes_through_the_same_gate),
         AC_CASE(many_allocations_are_all_found_again),
         AC_CASE(a_test_has_a_folder_of_its_own))
