/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "engine/loop.h"
#include "fake_caa.h"
#include "fake_solver.h"
#include "keys.h"

#include <signal.h>

#define SOON_MS 20
#define LATE_MS 60000

static bool is_blocked(int signal_number)
{
    sigset_t mask;

    return sigprocmask(SIG_BLOCK, NULL, &mask) == 0
           && sigismember(&mask, signal_number) == 1;
}

AC_TEST(signals_are_blocked_while_there_is_a_loop)
{
    struct ac_error err = { 0 };

    {
        AC_AUTO(ac_loop) *loop = NULL;
        AC_REQUIRE_OK(ac_loop_new(&loop, &err));
        CU_ASSERT(is_blocked(SIGINT));
        CU_ASSERT(is_blocked(SIGTERM));
        CU_ASSERT(is_blocked(SIGHUP));
    }
    CU_ASSERT_FALSE(is_blocked(SIGINT));
    CU_ASSERT_FALSE(is_blocked(SIGTERM));
}

AC_TEST(signal_ends_the_wait_and_the_first_one_counts)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_loop) *loop = NULL;

    ac_clock_cancel(0);
    AC_REQUIRE_OK(ac_loop_new(&loop, &err));
    AC_REQUIRE_OK(ac_loop_turn(loop, ac_clock_now_ms(), &err));
    (void)raise(SIGTERM);
    int64_t began_ms = ac_clock_now_ms();
    AC_REQUIRE_OK(ac_loop_turn(loop, began_ms + LATE_MS, &err));
    CU_ASSERT(ac_clock_now_ms() - began_ms < LATE_MS / 2);
    CU_ASSERT_EQUAL(ac_clock_cancelled(), SIGTERM);

    (void)raise(SIGINT);
    AC_REQUIRE_OK(ac_loop_turn(loop, ac_clock_now_ms() + LATE_MS, &err));
    CU_ASSERT_EQUAL(ac_clock_cancelled(), SIGTERM);
    ac_clock_cancel(0);
}

AC_TEST(wait_ends_at_its_time)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_loop) *loop = NULL;

    AC_REQUIRE_OK(ac_loop_new(&loop, &err));
    int64_t wake_at_ms = ac_clock_now_ms() + SOON_MS;
    AC_REQUIRE_OK(ac_loop_turn(loop, wake_at_ms, &err));

    CU_ASSERT(ac_clock_now_ms() >= wake_at_ms);
    CU_ASSERT(ac_clock_now_ms() < wake_at_ms + LATE_MS / 2);
}

AC_TEST(wait_is_cut_short_for_a_solver_and_all_solvers_are_stepped)
{
    static const struct ac_section none;
    struct ac_plugin_settings settings = { .name = "http",
                                           .plugin = "http",
                                           .section = &none };
    struct ac_error err = { 0 };
    AC_AUTO(ac_loop) *loop = NULL;
    AC_AUTO(ac_solver) *first = NULL;
    AC_AUTO(ac_solver) *second = NULL;

    fake_solvers_begin();
    AC_REQUIRE_OK(ac_loop_new(&loop, &err));
    AC_REQUIRE_OK(ac_solver_start(&settings, &first, &err));
    AC_REQUIRE_OK(ac_solver_start(&settings, &second, &err));
    AC_REQUIRE_OK(ac_loop_attach_solver(loop, first, &err));
    AC_REQUIRE_OK(ac_loop_attach_solver(loop, second, &err));
    int64_t began_ms = ac_clock_now_ms();
    AC_REQUIRE_OK(ac_loop_turn(loop, began_ms + LATE_MS, &err));
    CU_ASSERT(ac_clock_now_ms() - began_ms < LATE_MS / 2); /* they load */
    CU_ASSERT_EQUAL(first->steps, 1);
    CU_ASSERT_EQUAL(second->steps, 1);

    ac_loop_detach_solver(loop, first);
    AC_REQUIRE_OK(ac_loop_turn(loop, ac_clock_now_ms(), &err));
    CU_ASSERT_EQUAL(first->steps, 1);
    CU_ASSERT_EQUAL(second->steps, 2);
    ac_loop_detach_solver(loop, second);
}

AC_TEST(caa_is_stepped_while_it_is_attached)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_loop) *loop = NULL;
    struct ac_caa *caa = &fake_caa.caa;

    caa->steps = 0;
    fake_caa.steps = 2;
    AC_REQUIRE_OK(ac_loop_new(&loop, &err));
    AC_REQUIRE_OK(ac_loop_attach_caa(loop, caa, &err));
    int64_t began_ms = ac_clock_now_ms();
    AC_REQUIRE_OK(ac_loop_turn(loop, began_ms + LATE_MS, &err));
    CU_ASSERT(ac_clock_now_ms() - began_ms < LATE_MS / 2);
    CU_ASSERT_EQUAL(caa->steps, 1);

    ac_loop_detach_caa(loop, caa);
    AC_REQUIRE_OK(ac_loop_turn(loop, ac_clock_now_ms(), &err));
    CU_ASSERT_EQUAL(caa->steps, 1);
}

AC_TEST(http_is_made_once_and_counts_from_zero)
{
    struct ac_http_settings settings = { .user_agent = "test" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_loop) *loop = NULL;
    struct ac_http *first = NULL, *second = NULL;

    AC_REQUIRE_OK(ac_loop_new(&loop, &err));
    CU_ASSERT_EQUAL(ac_loop_counters(loop).requests, 0);
    AC_REQUIRE_OK(ac_loop_http(loop, &settings, &first, &err));
    AC_REQUIRE_OK(ac_loop_http(loop, &settings, &second, &err));

    CU_ASSERT_PTR_EQUAL(first, second);
    CU_ASSERT_EQUAL(ac_loop_counters(loop).requests, 0);
    AC_REQUIRE_OK(ac_loop_turn(loop, ac_clock_now_ms(), &err));
}

AC_TEST(client_that_is_attached_is_stepped)
{
    struct ac_http_settings http_settings = { .user_agent = "test" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_loop) *loop = NULL;
    AC_AUTO(ac_client) *client = NULL;
    struct ac_client_settings settings = { .directory_url = "http://ca.test/dir",
                                           .deadline_ms = AC_CLOCK_NEVER };

    AC_REQUIRE_OK(ac_loop_new(&loop, &err));
    AC_REQUIRE_OK(ac_loop_http(loop, &http_settings, &settings.http, &err));
    AC_REQUIRE_OK(ac_client_new(&settings, &client, &err));
    AC_REQUIRE_OK(ac_loop_attach_client(loop, client, &err));
    ac_client_open(client); /* plain http: fails without a connection */
    AC_REQUIRE_OK(ac_loop_turn(loop, ac_clock_now_ms(), &err));

    CU_ASSERT(ac_client_is_open(client));
    ac_loop_detach_client(loop, client);
}

AC_SUITE("engine/loop", AC_CASE(signals_are_blocked_while_there_is_a_loop),
         AC_CASE(signal_ends_the_wait_and_the_first_one_counts),
         AC_CASE(wait_ends_at_its_time),
         AC_CASE(wait_is_cut_short_for_a_solver_and_all_solvers_are_stepped),
         AC_CASE(caa_is_stepped_while_it_is_attached),
         AC_CASE(http_is_made_once_and_counts_from_zero),
         AC_CASE(client_that_is_attached_is_stepped))
