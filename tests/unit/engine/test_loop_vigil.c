/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/loop_vigil.h"

#include "base/clock.h"
#include "check.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define LONG_S 3600

static int times_set; /* the clock, of which the timer has not been asked yet */

/* The kernel arms the timer, too, when it says that the clock was set. */
int timerfd_settime(int ufd, int flags, const struct itimerspec *utmr,
                    struct itimerspec *otmr)
{
    long code = syscall(SYS_timerfd_settime, ufd, flags, utmr, otmr);

    if (code != 0 || times_set == 0)
        return (int)code;
    times_set--;
    errno = ECANCELED;
    return -1;
}

static enum ac_vigil_reason sleep_with(int signal_number, int64_t until_utc,
                                       struct ac_error *err)
{
    AC_AUTO(ac_vigil) *vigil = NULL;
    enum ac_vigil_reason reason = AC_VIGIL_TIME;

    if (ac_vigil_new(&vigil, err) != AC_OK)
        return AC_VIGIL_END;
    if (signal_number)
        (void)kill(getpid(), signal_number);
    return ac_vigil_sleep(vigil, until_utc, &reason, err) == AC_OK ? reason
                                                                   : AC_VIGIL_END;
}

AC_TEST(a_moment_that_lies_behind_is_no_sleep)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    CU_ASSERT_EQUAL(sleep_with(0, ac_clock_utc() - 1, &err), AC_VIGIL_TIME);
    CU_ASSERT_EQUAL(sleep_with(0, 0, &err), AC_VIGIL_TIME);
}

AC_TEST(signals_end_the_sleep_and_say_what_is_asked)
{
    struct ac_error err = { 0 };
    int64_t later = ac_clock_utc() + LONG_S;

    AC_REQUIRE(!ac_check_is_torture());
    CU_ASSERT_EQUAL(sleep_with(SIGHUP, later, &err), AC_VIGIL_RELOAD);
    CU_ASSERT_EQUAL(sleep_with(SIGTERM, later, &err), AC_VIGIL_END);
    CU_ASSERT_EQUAL(sleep_with(SIGINT, later, &err), AC_VIGIL_END);
}

AC_TEST(the_moment_ends_the_sleep)
{
    struct ac_error err = { 0 };
    int64_t began_ms = ac_clock_now_ms();

    AC_REQUIRE(!ac_check_is_torture());
    CU_ASSERT_EQUAL(sleep_with(0, ac_clock_utc() + 1, &err), AC_VIGIL_TIME);

    CU_ASSERT_TRUE(ac_clock_now_ms() - began_ms < 5000);
}

AC_TEST(a_clock_that_was_set_meanwhile_is_no_failure_and_no_sleep)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_vigil) *vigil = NULL;
    enum ac_vigil_reason reason = AC_VIGIL_END;
    int64_t began_ms = ac_clock_now_ms();

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_vigil_new(&vigil, &err));
    times_set = 1;
    AC_REQUIRE_OK(ac_vigil_sleep(vigil, ac_clock_utc() + LONG_S, &reason, &err));

    CU_ASSERT_EQUAL(reason, AC_VIGIL_TIME);
    CU_ASSERT_TRUE(ac_clock_now_ms() - began_ms < 5000);
    AC_REQUIRE_OK(ac_vigil_sleep(vigil, ac_clock_utc() + 1, &reason, &err));
    CU_ASSERT_EQUAL(reason, AC_VIGIL_TIME);
}

AC_SUITE("engine/loop_vigil", AC_CASE(a_moment_that_lies_behind_is_no_sleep),
         AC_CASE(signals_end_the_sleep_and_say_what_is_asked),
         AC_CASE(the_moment_ends_the_sleep),
         AC_CASE(a_clock_that_was_set_meanwhile_is_no_failure_and_no_sleep))
