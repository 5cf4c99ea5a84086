/* SPDX-License-Identifier: Apache-2.0 */
#include "host/caa_pool.h"

#include "base/clock.h"
#include "check.h"

#define LIMIT_MS 20000
#define EACH     2 /* questions for each process */
#define ALL      ((size_t)EACH * AC_CAA_POOL_MAX)

static enum ac_code take(struct ac_caa_pool *pool, struct ac_process **processes,
                         size_t count, struct ac_error *err)
{
    for (size_t i = 0; i < count; i++)
        AC_TRY(ac_caa_pool_take(pool, &processes[i], err));
    return AC_OK;
}

static void leave(struct ac_caa_pool *pool, struct ac_process *const *processes,
                  size_t count)
{
    for (size_t i = 0; i < count; i++)
        ac_caa_pool_leave(pool, processes[i]);
}

static void wait_for_end(struct ac_process *process)
{
    int64_t until_ms = ac_clock_after_ms(LIMIT_MS);

    while (ac_process_is_alive(process) && ac_clock_now_ms() < until_ms) {
        struct pollfd fds[AC_PROCESS_FDS];
        size_t count = ac_process_fds(process, fds);

        (void)poll(fds, (nfds_t)count, LIMIT_MS);
        ac_process_step(process);
    }
}

AC_TEST(process_that_is_left_is_used_again)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_caa_pool) *pool = NULL;
    struct ac_process *first = NULL;
    struct ac_process *second = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_caa_pool_new(AC_TEST_PLUGIN_HOST, &pool, &err));
    AC_REQUIRE_OK(ac_caa_pool_take(pool, &first, &err));
    ac_caa_pool_leave(pool, first);
    AC_REQUIRE_OK(ac_caa_pool_take(pool, &second, &err));
    ac_caa_pool_leave(pool, second);

    CU_ASSERT_PTR_EQUAL(first, second);
}

AC_TEST(when_all_are_busy_the_questions_are_spread)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_caa_pool) *pool = NULL;
    struct ac_process *taken[ALL] = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_caa_pool_new(AC_TEST_PLUGIN_HOST, &pool, &err));
    AC_REQUIRE_OK(take(pool, taken, ALL, &err));

    for (size_t i = 0; i < ALL; i++) {
        size_t shared = 0;

        for (size_t k = 0; k < ALL; k++)
            shared += taken[k] == taken[i];
        CU_ASSERT_EQUAL(shared, EACH);
    }
    leave(pool, taken, ALL);
}

AC_TEST(process_that_died_is_replaced_when_nobody_looks_at_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_caa_pool) *pool = NULL;
    struct ac_process *taken[AC_CAA_POOL_MAX] = { 0 };
    struct ac_process *another = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_caa_pool_new("/bin/false", &pool, &err));
    AC_REQUIRE_OK(take(pool, taken, AC_CAA_POOL_MAX, &err));
    for (size_t i = 0; i < AC_CAA_POOL_MAX; i++)
        wait_for_end(taken[i]);
    AC_REQUIRE_CODE(ac_caa_pool_take(pool, &another, &err), AC_E_PLUGIN);
    leave(pool, taken, AC_CAA_POOL_MAX);

    AC_REQUIRE_OK(ac_caa_pool_take(pool, &another, &err));
    ac_caa_pool_leave(pool, another);
}

AC_TEST(nothing_is_started_before_it_is_asked_for)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_caa_pool) *pool = NULL;
    struct ac_process *process = NULL;

    AC_REQUIRE_OK(ac_caa_pool_new("/nonexistent/host", &pool, &err));
    AC_REQUIRE_CODE(ac_caa_pool_take(pool, &process, &err), AC_E_SYSTEM);
    ac_caa_pool_leave(pool, process);

    CU_ASSERT_PTR_NULL(process);
}

AC_SUITE("host/caa_pool", AC_CASE(process_that_is_left_is_used_again),
         AC_CASE(when_all_are_busy_the_questions_are_spread),
         AC_CASE(process_that_died_is_replaced_when_nobody_looks_at_it),
         AC_CASE(nothing_is_started_before_it_is_asked_for))
