/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "some_status.h"

#include <string.h>

AC_TEST(table_has_a_line_for_each_and_what_failed_below)
{
    const struct ac_status_look look = { .has_color = false };
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_status_table(&some_status, &look, &text, &err));

    CU_ASSERT_STRING_EQUAL(
        ac_text_get(&text),
        "         NAME       VALID               LIFE USED        NEXT\n"
        "expired  gone.test  expired 3 h ago     ########## 100%  in 60 min (its age, "
        "after a failure)\n"
        "    failed 2 times in a row, last 5 h ago: <b>\\x1B[31m & \"no\"</b>\n"
        "failing  late.test  expires in 27 d     #######---  70%  overdue for 3 d (its "
        "age)\n"
        "due      new.test   not issued yet                       now (not issued "
        "yet)\n"
        "fine     www.test   expires in 60 d     ###-------  33%  in 30 d (the CA's "
        "window)\n"
        "4 certificates: 1 expired, 1 failing, 1 due, 1 fine\n");
}

AC_TEST(terminal_gets_colours_and_finer_bars)
{
    const struct ac_status_look look = { .has_color = true, .has_blocks = true };
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_status_table(&some_status, &look, &text, &err));

    CU_ASSERT_PTR_NOT_NULL(strstr(ac_text_get(&text), "\x1b[1;31mexpired\x1b[0m"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(ac_text_get(&text), "\x1b[32m\u2588\u2588\u2588\u2591"));
    CU_ASSERT_PTR_NULL(strstr(ac_text_get(&text), "<b>\x1b[31m"));
}

AC_TEST(nothing_held_says_so)
{
    const struct ac_status_look look = { .has_color = false };
    const struct ac_status none = { .utc = NOW };
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_status_table(&none, &look, &text, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&text), "No certificates are held or wanted.\n");
}

AC_TEST(lengths_are_told_in_what_fits)
{
    char phrase[AC_STATUS_PHRASE_SIZE];

    CU_ASSERT_STRING_EQUAL(ac_status_length(3 * DAY, phrase), "3 d");
    CU_ASSERT_STRING_EQUAL(ac_status_length(2 * DAY - 1, phrase), "47 h");
    CU_ASSERT_STRING_EQUAL(ac_status_length(2 * HOUR - 1, phrase), "119 min");
    CU_ASSERT_STRING_EQUAL(ac_status_length(0, phrase), "1 min");
}

AC_TEST(what_is_not_wanted_any_more_has_nothing_to_come)
{
    const struct ac_status_item item = { .name = "x", .is_unwanted = true };
    char phrase[AC_STATUS_PHRASE_SIZE];

    CU_ASSERT_STRING_EQUAL(ac_status_next(&item, NOW, phrase),
                           "nothing: the configuration has it no more");
}

AC_TEST(one_that_nobody_looks_at_says_so)
{
    struct ac_status_item item = some_items[2];
    char phrase[AC_STATUS_PHRASE_SIZE];

    item.is_overdue = true;
    CU_ASSERT_STRING_EQUAL(ac_status_next(&item, NOW, phrase),
                           "overdue: nobody looks (not issued yet)");
}

AC_SUITE("cli/status_table", AC_CASE(table_has_a_line_for_each_and_what_failed_below),
         AC_CASE(terminal_gets_colours_and_finer_bars), AC_CASE(nothing_held_says_so),
         AC_CASE(lengths_are_told_in_what_fits),
         AC_CASE(what_is_not_wanted_any_more_has_nothing_to_come),
         AC_CASE(one_that_nobody_looks_at_says_so))
