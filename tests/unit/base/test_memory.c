/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

struct thing {
    int value;
};

static size_t freed;

static void thing_free(struct thing *thing)
{
    freed += thing != NULL;
    free(thing);
}

static void thing_done(struct thing *thing)
{
    freed += thing->value != 0;
}

struct held_thing {
    struct thing thing;
};

static void held_thing_done(struct held_thing *held)
{
    thing_done(&held->thing);
}

AC_DEFINE_DROP(thing, thing_free)
AC_DEFINE_DROP_VALUE(held_thing, held_thing_done)

AC_TEST(new_memory_is_zeroed)
{
    AC_AUTO_TEXT char *bytes = NULL;

    AC_REQUIRE_OK(ac_memory_new(16, 4, &bytes, NULL));

    for (size_t i = 0; i < 64; i++)
        CU_ASSERT_EQUAL(bytes[i], 0);
}

AC_TEST(new_memory_for_nothing_is_not_null)
{
    AC_AUTO_TEXT char *none = NULL;
    AC_AUTO_TEXT char *empty = NULL;

    AC_REQUIRE_OK(ac_memory_new(0, 8, &none, NULL));
    AC_REQUIRE_OK(ac_memory_new(8, 0, &empty, NULL));

    CU_ASSERT_PTR_NOT_NULL(none);
    CU_ASSERT_PTR_NOT_NULL(empty);
}

AC_TEST(new_memory_that_overflows_is_refused_and_the_pointer_is_left)
{
    struct ac_error err = { 0 };
    char *bytes = NULL;

    enum ac_code code = ac_memory_new(SIZE_MAX / 2, 4, &bytes, &err);

    CU_ASSERT_EQUAL(code, AC_E_NOMEM);
    CU_ASSERT_EQUAL(err.code, AC_E_NOMEM);
    CU_ASSERT_STRING_EQUAL(err.detail, "out of memory");
    CU_ASSERT_PTR_NULL(bytes);
}

AC_TEST(auto_frees_what_is_still_held)
{
    freed = 0;
    {
        AC_AUTO(thing) *thing = NULL;
        AC_REQUIRE_OK(ac_memory_new(1, sizeof *thing, &thing, NULL));
    }

    CU_ASSERT_EQUAL(freed, 1);
}

AC_TEST(take_hands_over_and_leaves_null)
{
    struct thing *taken = NULL;

    freed = 0;
    {
        AC_AUTO(thing) *thing = NULL;
        AC_REQUIRE_OK(ac_memory_new(1, sizeof *thing, &thing, NULL));
        taken = AC_TAKE(thing);
        CU_ASSERT_PTR_NULL(thing);
    }

    CU_ASSERT_EQUAL(freed, 0);
    CU_ASSERT_PTR_NOT_NULL(taken);
    thing_free(taken);
}

AC_TEST(auto_finishes_a_struct_by_value)
{
    freed = 0;
    {
        AC_AUTO(held_thing) held = { .thing.value = 1 };
        CU_ASSERT_EQUAL(freed, 0);
        CU_ASSERT_EQUAL(held.thing.value, 1);
    }

    CU_ASSERT_EQUAL(freed, 1);
}

AC_TEST(growing_makes_room_and_keeps_the_items)
{
    AC_AUTO_TEXT char *items = NULL;
    size_t capacity = 0;

    AC_REQUIRE_OK(ac_memory_grow(&items, &capacity, 3, 1, NULL));
    memset(items, 'a', 3);
    AC_REQUIRE_OK(ac_memory_grow(&items, &capacity, 1000, 1, NULL));

    CU_ASSERT_TRUE(capacity >= 1000);
    CU_ASSERT_NSTRING_EQUAL(items, "aaa", 3);
}

AC_TEST(grown_items_are_zeroed)
{
    AC_AUTO_TEXT char *items = NULL;
    size_t capacity = 0;

    AC_REQUIRE_OK(ac_memory_grow(&items, &capacity, 5, 4, NULL));
    memset(items, 'x', capacity * 4);
    size_t before = capacity * 4;
    AC_REQUIRE_OK(ac_memory_grow(&items, &capacity, capacity + 1, 4, NULL));

    CU_ASSERT_EQUAL(items[before - 1], 'x');
    for (size_t i = before; i < capacity * 4; i++)
        CU_ASSERT_EQUAL(items[i], 0);
}

AC_TEST(growing_doubles_so_that_many_small_steps_are_few_allocations)
{
    AC_AUTO_TEXT char *items = NULL;
    size_t capacity = 0;
    size_t changes = 0;

    for (size_t needed = 1; needed <= 4096; needed++) {
        size_t before = capacity;
        AC_REQUIRE_OK(ac_memory_grow(&items, &capacity, needed, 1, NULL));
        changes += capacity != before;
    }

    CU_ASSERT_TRUE(changes <= 13);
}

AC_TEST(growing_to_less_changes_nothing)
{
    AC_AUTO_TEXT char *items = NULL;
    size_t capacity = 0;

    AC_REQUIRE_OK(ac_memory_grow(&items, &capacity, 20, 1, NULL));
    char *items_before = items;
    size_t capacity_before = capacity;
    AC_REQUIRE_OK(ac_memory_grow(&items, &capacity, 7, 1, NULL));

    CU_ASSERT_PTR_EQUAL(items, items_before);
    CU_ASSERT_EQUAL(capacity, capacity_before);
}

AC_TEST(growing_that_overflows_is_refused_and_nothing_changes)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *items = NULL;
    size_t capacity = 0;

    AC_REQUIRE_OK(ac_memory_grow(&items, &capacity, 8, 16, &err));
    char *before = items;
    size_t capacity_before = capacity;
    enum ac_code product = ac_memory_grow(&items, &capacity, SIZE_MAX / 4, 16, &err);
    enum ac_code all = ac_memory_grow(&items, &capacity, SIZE_MAX, 1, &err);

    CU_ASSERT_EQUAL(product, AC_E_NOMEM);
    CU_ASSERT_EQUAL(all, AC_E_NOMEM);
    CU_ASSERT_PTR_EQUAL(items, before);
    CU_ASSERT_EQUAL(capacity, capacity_before);
}

AC_TEST(copied_text_is_equal_and_its_own)
{
    AC_AUTO_TEXT char *copy = NULL;
    const char text[] = "example.org";

    AC_REQUIRE_OK(ac_memory_copy_text(text, &copy, NULL));

    CU_ASSERT_STRING_EQUAL(copy, text);
    CU_ASSERT_PTR_NOT_EQUAL(copy, text);
}

AC_TEST(copied_bytes_keep_nuls_and_end_with_one)
{
    AC_AUTO_TEXT char *copy = NULL;

    AC_REQUIRE_OK(ac_memory_copy_bytes("a\0bc", 3, &copy, NULL));

    CU_ASSERT_EQUAL(memcmp(copy, "a\0b", 4), 0);
}

AC_TEST(copy_of_no_bytes_is_empty_text)
{
    AC_AUTO_TEXT char *copy = NULL;

    AC_REQUIRE_OK(ac_memory_copy_bytes(NULL, 0, &copy, NULL));

    CU_ASSERT_STRING_EQUAL(copy, "");
}

AC_TEST(copy_of_an_impossible_size_is_refused)
{
    struct ac_error err = { 0 };
    char *copy = NULL;

    enum ac_code code = ac_memory_copy_bytes("a", SIZE_MAX, &copy, &err);

    CU_ASSERT_EQUAL(code, AC_E_NOMEM);
    CU_ASSERT_PTR_NULL(copy);
}

AC_TEST(formatted_text_is_what_printf_says)
{
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(ac_memory_format(&text, NULL, "%s-%04d", "versions", 7));

    CU_ASSERT_STRING_EQUAL(text, "versions-0007");
}

AC_TEST(dropped_descriptor_is_closed_and_errno_stays)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    AC_REQUIRE(fd >= 0);

    errno = ENOSPC;
    ac_memory_drop_fd(&fd);

    CU_ASSERT_EQUAL(errno, ENOSPC);
    CU_ASSERT_EQUAL(fcntl(fd, F_GETFD), -1);
}

AC_TEST(dropping_no_descriptor_is_harmless)
{
    int none = -1;

    errno = 0;
    ac_memory_drop_fd(&none);

    CU_ASSERT_EQUAL(errno, 0);
}

AC_SUITE("base/memory", AC_CASE(new_memory_is_zeroed),
         AC_CASE(new_memory_for_nothing_is_not_null),
         AC_CASE(new_memory_that_overflows_is_refused_and_the_pointer_is_left),
         AC_CASE(auto_frees_what_is_still_held),
         AC_CASE(take_hands_over_and_leaves_null),
         AC_CASE(auto_finishes_a_struct_by_value),
         AC_CASE(growing_makes_room_and_keeps_the_items),
         AC_CASE(grown_items_are_zeroed),
         AC_CASE(growing_doubles_so_that_many_small_steps_are_few_allocations),
         AC_CASE(growing_to_less_changes_nothing),
         AC_CASE(growing_that_overflows_is_refused_and_nothing_changes),
         AC_CASE(copied_text_is_equal_and_its_own),
         AC_CASE(copied_bytes_keep_nuls_and_end_with_one),
         AC_CASE(copy_of_no_bytes_is_empty_text),
         AC_CASE(copy_of_an_impossible_size_is_refused),
         AC_CASE(formatted_text_is_what_printf_says),
         AC_CASE(dropped_descriptor_is_closed_and_errno_stays),
         AC_CASE(dropping_no_descriptor_is_harmless))
