/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_memory.h"

#include "check.h"

#include <jansson.h>

AC_TEST(what_is_within_the_room_is_made)
{
    ac_json_memory_begin(4096);
    json_t *made = json_object();

    if (!ac_check_is_torture())
        CU_ASSERT_PTR_NOT_NULL(made);
    CU_ASSERT_FALSE(ac_json_memory_is_over());
    CU_ASSERT_EQUAL(ac_json_memory_has_failed(), made == NULL);
    json_decref(made);
}

AC_TEST(what_is_over_the_room_is_not_made)
{
    ac_json_memory_begin(32);
    json_t *made = json_object();

    CU_ASSERT_PTR_NULL(made);
    CU_ASSERT_TRUE(ac_json_memory_is_over());
    CU_ASSERT_TRUE(ac_json_memory_has_failed());
    json_decref(made);
}

AC_TEST(what_is_freed_gives_no_room_back)
{
    size_t made = 0;

    ac_json_memory_begin(4096);
    for (; made < 4096 && !ac_json_memory_has_failed(); made++)
        json_decref(json_integer((json_int_t)made));

    AC_REQUIRE(!ac_check_is_torture());
    CU_ASSERT_TRUE(ac_json_memory_is_over());
    CU_ASSERT(made > 4096 / 64 && made < 4096 / 24);
}

AC_TEST(a_failure_lasts_until_the_next_beginning)
{
    ac_json_memory_begin(0);
    json_t *first = json_integer(1);
    json_t *second = json_integer(2);
    CU_ASSERT_PTR_NULL(first);
    CU_ASSERT_PTR_NULL(second);

    ac_json_memory_begin(AC_JSON_MEMORY_ANY);
    json_t *third = json_integer(3);

    CU_ASSERT_FALSE(ac_json_memory_is_over());
    CU_ASSERT_EQUAL(ac_json_memory_has_failed(), third == NULL);
    json_decref(first);
    json_decref(second);
    json_decref(third);
}

AC_TEST(the_first_that_fails_gets_the_spare_and_no_other_does)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(ac_json_memory_spare(64, &err));
    ac_json_memory_begin(0);
    json_t *first = json_integer(1);
    json_t *second = json_integer(2);
    ac_json_memory_drop_spare();

    CU_ASSERT_PTR_NOT_NULL(first);
    CU_ASSERT_PTR_NULL(second);
    CU_ASSERT_TRUE(ac_json_memory_has_failed());
    json_decref(first);
    json_decref(second);
}

AC_SUITE("base/json_memory", AC_CASE(what_is_within_the_room_is_made),
         AC_CASE(what_is_over_the_room_is_not_made),
         AC_CASE(what_is_freed_gives_no_room_back),
         AC_CASE(a_failure_lasts_until_the_next_beginning),
         AC_CASE(the_first_that_fails_gets_the_spare_and_no_other_does))
