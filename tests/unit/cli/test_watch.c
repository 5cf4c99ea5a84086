/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/watch.h"

#include "command_line.h"
#include "fake_run.h"

#include <signal.h>

/* The signal is there when the first look is over: it is blocked before that. */
static enum ac_code watch_until(int signal_number, struct ac_error *err)
{
    AC_AUTO(ac_options) options = { 0 };
    sigset_t mask;
    sigset_t old;

    fake_reset();
    AC_TRY(parse(&options, IN_STATE("renew", "--watch", "-q"), err));
    sigemptyset(&mask);
    sigaddset(&mask, signal_number);
    (void)sigprocmask(SIG_BLOCK, &mask, &old);
    (void)kill(getpid(), signal_number);
    enum ac_code code = ac_watch(&options, err);
    (void)sigprocmask(SIG_SETMASK, &old, NULL);
    return code;
}

AC_TEST(it_looks_and_ends_well_when_it_is_asked_to)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(watch_until(SIGTERM, &err));
    CU_ASSERT_EQUAL(ac_clock_cancelled(), 0);
}

AC_TEST(what_would_be_done_again_and_again_is_refused)
{
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--watch", "--force")), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "neither --force nor --dry-run"));
    CU_ASSERT_EQUAL(run_program(IN_STATE("renew", "--watch", "--dry-run")), 2);
}

AC_SUITE("cli/watch", AC_CASE(it_looks_and_ends_well_when_it_is_asked_to),
         AC_CASE(what_would_be_done_again_and_again_is_refused))
