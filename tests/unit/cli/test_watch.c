/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/watch.h"

#include "command_line.h"
#include "engine/held/recall.h"
#include "fake_run.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#define LATER     INT64_C(1893456000) /* 2030: all that tests hold is over */
#define LONG_AGO  INT64_C(1000)
#define SAID_MAX  8
#define SAID_SIZE 512

static int64_t utc_later(void)
{
    return LATER;
}

static int64_t utc_long_ago(void)
{
    return LONG_AGO;
}

/* The signal is there when the first look is over: it is blocked before that. */
static void raise_blocked(int signal_number, sigset_t *old)
{
    sigset_t mask;

    sigemptyset(&mask);
    sigaddset(&mask, signal_number);
    (void)sigprocmask(SIG_BLOCK, &mask, old);
    (void)kill(getpid(), signal_number);
}

static enum ac_code watch_until(int signal_number, struct ac_error *err)
{
    AC_AUTO(ac_options) options = { 0 };
    sigset_t old;

    fake_reset();
    AC_TRY(parse(&options, IN_STATE("renew", "--watch", "-q"), err));
    raise_blocked(signal_number, &old);
    enum ac_code code = ac_watch(&options, err);
    (void)sigprocmask(SIG_SETMASK, &old, NULL);
    return code;
}

/* One look by this clock, and what it says of the next one; the exit code. */
static int look_once(int64_t (*utc)(void))
{
    sigset_t old;

    ac_clock_fake(NULL, utc);
    raise_blocked(SIGTERM, &old);
    int code = run_program(IN_STATE("renew", "--watch", "-v"));
    (void)sigprocmask(SIG_SETMASK, &old, NULL);
    ac_clock_fake(NULL, NULL);
    return code;
}

static bool sleeps_until(int64_t utc)
{
    char text[AC_CLOCK_TEXT_SIZE];
    char line[64];

    (void)snprintf(line, sizeof line, "watch.sleep until=%s",
                   ac_clock_format(utc, text));
    return ac_capture_has(ac_capture_err(), line);
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

AC_TEST(a_look_that_failed_is_followed_by_another_soon)
{
    AC_REQUIRE(!ac_check_is_torture());
    fake_reset();
    CU_ASSERT_EQUAL(look_once(utc_long_ago), 0);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "has not been set"));
    CU_ASSERT_TRUE(sleeps_until(LONG_AGO + AC_WATCH_TROUBLE_S));
}

AC_TEST(what_nothing_could_be_noted_of_is_not_done_again_at_once)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(look_once(utc_later), 0);

    CU_ASSERT_EQUAL(fake.loaded, 1);
    CU_ASSERT_TRUE(sleeps_until(LATER + AC_WATCH_TROUBLE_S));
}

/* Neither its window nor a list is to be asked for. */
static enum ac_code note_all(struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    AC_TRY(ac_recall_origin(store, "www", err));
    AC_TRY(ac_state_load(store, "www", &state, err));
    free(AC_TAKE(state.origin.renewal_id));
    state.crl.version = state.origin.version;
    return ac_state_save(&state, store, "www", err);
}

AC_TEST(with_nothing_to_do_it_sleeps_long)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE_OK(note_all(&err));
    CU_ASSERT_EQUAL(look_once(utc_of_pki), 0);

    CU_ASSERT_TRUE(sleeps_until(AC_PKI_NOW + AC_WATCH_LONGEST_S));
}

AC_TEST(a_look_is_noted_so_that_it_is_missed_when_there_are_no_more)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    struct ac_pace pace = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    fake_reset();
    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    CU_ASSERT_EQUAL(look_once(utc_of_pki), 0);
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_pace_load(store, &pace, &err));

    CU_ASSERT_EQUAL(pace.count, 0);
    CU_ASSERT_EQUAL(pace.watched_at, AC_PKI_NOW);
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        ac_memory_drop_fd(&fd);
    return fd;
}

AC_TEST(the_service_manager_does_not_wait_for_the_first_round)
{
    struct ac_error err = { 0 };
    AC_AUTO_FD int fd = listen_at(ac_test_path("notify"));
    char said[SAID_MAX][SAID_SIZE] = { "" };
    size_t count = 0;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE(fd >= 0 && setenv("NOTIFY_SOCKET", ac_test_path("notify"), 1) == 0);
    AC_REQUIRE_OK(watch_until(SIGTERM, &err));
    (void)unsetenv("NOTIFY_SOCKET");
    while (count < SAID_MAX && recv(fd, said[count], SAID_SIZE - 1, 0) > 0)
        count++;

    CU_ASSERT_EQUAL(count, 3);
    CU_ASSERT_STRING_EQUAL(said[0], "READY=1\nSTATUS=looks at what is due");
    CU_ASSERT_TRUE(strncmp(said[1], "READY=1\nSTATUS=looks again at ", 30) == 0);
    CU_ASSERT_TRUE(strncmp(said[2], "STOPPING=1", 10) == 0);
}

AC_SUITE("cli/watch", AC_CASE(it_looks_and_ends_well_when_it_is_asked_to),
         AC_CASE(what_would_be_done_again_and_again_is_refused),
         AC_CASE(a_look_that_failed_is_followed_by_another_soon),
         AC_CASE(what_nothing_could_be_noted_of_is_not_done_again_at_once),
         AC_CASE(with_nothing_to_do_it_sleeps_long),
         AC_CASE(a_look_is_noted_so_that_it_is_missed_when_there_are_no_more),
         AC_CASE(the_service_manager_does_not_wait_for_the_first_round))
