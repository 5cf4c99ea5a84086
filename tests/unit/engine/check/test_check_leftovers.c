/* SPDX-License-Identifier: Apache-2.0 */
#include "check_stage.h"

/* A sanitizer's allocator tells mallinfo2 nothing. */
#if defined(__SANITIZE_ADDRESS__)
#define HAS_OWN_HEAP true
#else
#define HAS_OWN_HEAP false
#endif

AC_TEST(what_leaks_descriptors_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("leak-descriptor", NULL, NULL, &check, &err));
    CU_ASSERT(fails_alone(&check, "leaks", "10 descriptors are left open"));
}

AC_TEST(what_leaks_memory_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    if (HAS_OWN_HEAP)
        return;
    AC_REQUIRE_OK(check_plugin("leak-memory", NULL, NULL, &check, &err));
    CU_ASSERT(fails_alone(&check, "leaks", "bytes are left over"));
}

AC_TEST(what_leaks_a_little_each_time_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    if (HAS_OWN_HEAP)
        return;
    AC_REQUIRE_OK(check_plugin("leak-little", NULL, NULL, &check, &err));
    CU_ASSERT(fails_alone(&check, "leaks", "bytes are left over after 10 rounds"));
}

AC_TEST(what_prints_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("print", NULL, NULL, &check, &err));

    CU_ASSERT(fails_alone(&check, "silence", "host->log"));
}

AC_TEST(what_leaves_a_process_behind_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("leave-child", NULL, NULL, &check, &err));

    CU_ASSERT(is_verdict(&check, "leftovers", AC_VERDICT_FAILED, "left behind"));
}

AC_TEST(a_thread_that_stays_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("leave-thread", NULL, NULL, &check, &err));

    CU_ASSERT(is_verdict(&check, "leftovers", AC_VERDICT_FAILED, "threads"));
}

AC_TEST(what_changes_the_process_around_it_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("change-surroundings", NULL, NULL, &check, &err));

    CU_ASSERT(fails_alone(&check, "surroundings", "umask"));
}

AC_TEST(a_crash_in_close_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(check_plugin("crash-close", NULL, NULL, &check, &err));

    CU_ASSERT(fails_alone(&check, "close", "crashed in close (SIGSEGV)"));
}

AC_SUITE("engine/check/check_leftovers", AC_CASE(what_leaks_descriptors_is_told),
         AC_CASE(what_leaks_memory_is_told),
         AC_CASE(what_leaks_a_little_each_time_is_told), AC_CASE(what_prints_is_told),
         AC_CASE(what_leaves_a_process_behind_is_told),
         AC_CASE(a_thread_that_stays_is_told),
         AC_CASE(what_changes_the_process_around_it_is_told),
         AC_CASE(a_crash_in_close_is_told))
