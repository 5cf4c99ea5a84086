/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include "command_line.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <termios.h>

#define SHOWN_SIZE 4096
#define LONG_MS    20000 /* nothing here waits so long */

/* A pseudo terminal in the place of standard input and standard error. */
struct pty {
    int keyboard; /* the other side: types, and sees */
    int saved_in, saved_err;
    char shown[SHOWN_SIZE];
};

static bool pty_begin(struct pty *pty, const char *kind)
{
    struct winsize size = { .ws_row = 24, .ws_col = 40 };
    int terminal;

    *pty = (struct pty){ .saved_in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10),
                         .saved_err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10) };
    (void)setenv("TERM", kind, 1);
    (void)unsetenv("NO_COLOR");
    if (openpty(&pty->keyboard, &terminal, NULL, NULL, &size) != 0)
        return false;
    (void)dup2(terminal, STDIN_FILENO);
    (void)dup2(terminal, STDERR_FILENO);
    return close(terminal) == 0;
}

static void pty_type(const struct pty *pty, const char *text)
{
    CU_ASSERT_EQUAL(write(pty->keyboard, text, strlen(text)), (ssize_t)strlen(text));
}

/* Gives the descriptors back; what was shown is in pty->shown. */
static void pty_end(struct pty *pty)
{
    size_t used = 0;
    ssize_t size = 1;

    (void)dup2(pty->saved_in, STDIN_FILENO);
    (void)dup2(pty->saved_err, STDERR_FILENO);
    (void)close(pty->saved_in);
    (void)close(pty->saved_err);
    /* Nobody has the terminal any more: this ends where its output does. */
    while (size > 0 && used < sizeof pty->shown - 1) {
        size = read(pty->keyboard, pty->shown + used, sizeof pty->shown - 1 - used);
        used += size > 0 ? (size_t)size : 0;
    }
    pty->shown[used] = '\0';
    (void)close(pty->keyboard);
}

static int64_t minute_later(void)
{
    return 61234;
}

static int64_t at_zero(void)
{
    return 0;
}

/* ---- what is looked at */

AC_TEST(a_terminal_is_live_coloured_and_can_be_asked)
{
    struct pty pty;
    struct ac_terminal terminal;

    AC_REQUIRE(pty_begin(&pty, "xterm"));
    ac_terminal_init(&terminal, false, true);
    pty_end(&pty);

    CU_ASSERT_TRUE(terminal.is_live);
    CU_ASSERT_TRUE(terminal.has_color);
    CU_ASSERT_TRUE(terminal.can_ask);
}

AC_TEST(no_color_is_honoured_as_option_and_in_the_environment)
{
    struct pty pty;
    struct ac_terminal by_option;
    struct ac_terminal by_environment;
    struct ac_terminal by_empty_environment;

    AC_REQUIRE(pty_begin(&pty, "xterm"));
    ac_terminal_init(&by_option, false, false);
    (void)setenv("NO_COLOR", "1", 1);
    ac_terminal_init(&by_environment, false, true);
    (void)setenv("NO_COLOR", "", 1);
    ac_terminal_init(&by_empty_environment, false, true);
    (void)unsetenv("NO_COLOR");
    pty_end(&pty);

    CU_ASSERT_FALSE(by_option.has_color);
    CU_ASSERT_FALSE(by_environment.has_color);
    CU_ASSERT_TRUE(by_empty_environment.has_color);
}

AC_TEST(a_dumb_terminal_gets_plain_lines_and_can_be_asked)
{
    struct pty pty;
    struct ac_terminal terminal;

    AC_REQUIRE(pty_begin(&pty, "dumb"));
    ac_terminal_init(&terminal, false, true);
    pty_end(&pty);

    CU_ASSERT_FALSE(terminal.is_live || terminal.has_color);
    CU_ASSERT_TRUE(terminal.can_ask);
}

AC_TEST(a_closed_standard_stream_takes_no_other_files_number)
{
    int saved = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);

    (void)close(STDIN_FILENO);
    ac_terminal_guard();
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    char byte;
    ssize_t got = read(STDIN_FILENO, &byte, 1);
    (void)close(next);
    (void)dup2(saved, STDIN_FILENO);
    (void)close(saved);

    CU_ASSERT_TRUE(next > STDERR_FILENO);
    CU_ASSERT_EQUAL(got, -1);
}

/* ---- lines */

AC_TEST(on_a_dumb_terminal_a_status_is_a_line_when_it_changed)
{
    struct pty pty;
    struct ac_terminal terminal;

    AC_REQUIRE(pty_begin(&pty, "dumb"));
    ac_terminal_init(&terminal, false, true);
    ac_terminal_status(&terminal, "one");
    ac_terminal_status(&terminal, "one");
    ac_terminal_log(&terminal, AC_LOG_INFO, "a line");
    ac_terminal_status(&terminal, "two");
    terminal.is_verbose = true; /* the log says it already */
    ac_terminal_status(&terminal, "three");
    ac_terminal_clear(&terminal);
    pty_end(&pty);

    CU_ASSERT_STRING_EQUAL(pty.shown, "one\r\na line\r\ntwo\r\n");
}

AC_TEST(where_nobody_watches_only_what_must_be_known_is_said)
{
    struct ac_terminal terminal;

    ac_capture_start();
    ac_terminal_init(&terminal, false, true);
    ac_terminal_status(&terminal, "one");
    ac_terminal_log(&terminal, AC_LOG_WARN, "issue.warning certificate=a text=\"b c\"");
    ac_terminal_log(&terminal, AC_LOG_ERROR, "a sentence");
    terminal.is_verbose = true;
    ac_terminal_log(&terminal, AC_LOG_WARN, "issue.warning certificate=a text=\"b c\"");
    ac_capture_stop();

    CU_ASSERT_STRING_EQUAL(ac_capture_err(),
                           "acmecore: warning: a: b c\n"
                           "acmecore: error: a sentence\n"
                           "issue.warning certificate=a text=\"b c\"\n");
    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "");
}

AC_TEST(a_quiet_one_shows_no_status)
{
    struct ac_terminal terminal;

    ac_capture_start();
    ac_terminal_init(&terminal, true, true);
    ac_terminal_status(&terminal, "one");
    ac_capture_stop();

    CU_ASSERT_STRING_EQUAL(ac_capture_err(), "");
}

AC_TEST(on_a_terminal_the_status_is_rewritten_with_the_time_and_taken_away)
{
    struct pty pty;
    struct ac_terminal terminal;

    AC_REQUIRE(pty_begin(&pty, "xterm"));
    ac_clock_fake(at_zero, NULL);
    ac_terminal_init(&terminal, false, false);
    ac_terminal_status(&terminal, "one");
    ac_clock_fake(minute_later, NULL);
    ac_terminal_status(&terminal, "two");
    ac_terminal_status(&terminal, "two"); /* nothing is new */
    ac_terminal_log(&terminal, AC_LOG_INFO, "a line");
    ac_terminal_status(&terminal, "two");
    ac_terminal_clear(&terminal);
    ac_clock_fake(NULL, NULL);
    pty_end(&pty);

    CU_ASSERT_STRING_EQUAL(pty.shown, "\r[  0.0 s] one\033[K"
                                      "\r[ 61.2 s] two\033[K"
                                      "\r\033[Ka line\r\n"
                                      "\r[ 61.2 s] two\033[K\r\033[K");
}

AC_TEST(a_status_is_cut_to_the_terminals_width_but_not_within_a_character)
{
    struct pty pty;
    struct ac_terminal terminal;

    AC_REQUIRE(pty_begin(&pty, "xterm"));
    ac_clock_fake(at_zero, NULL);
    ac_terminal_init(&terminal, false, false);
    ac_terminal_status(&terminal, "12345678901234567890123456789\xC3\xA9");
    ac_clock_fake(NULL, NULL);
    pty_end(&pty);

    CU_ASSERT_STRING_EQUAL(pty.shown,
                           "\r[  0.0 s] 12345678901234567890123456789\033[K");
    CU_ASSERT_EQUAL(terminal.shown_size, 39);
}

AC_TEST(a_warning_has_a_colour_of_its_own)
{
    struct pty pty;
    struct ac_terminal terminal;

    AC_REQUIRE(pty_begin(&pty, "xterm"));
    ac_terminal_init(&terminal, false, true);
    ac_terminal_log(&terminal, AC_LOG_WARN, "careful");
    ac_terminal_log(&terminal, AC_LOG_INFO, "plain");
    pty_end(&pty);

    CU_ASSERT_STRING_EQUAL(pty.shown,
                           "acmecore: \033[33mwarning:\033[0m careful\r\nplain\r\n");
}

/* ---- the question */

/* The question is answered by what is typed before; NULL: nothing is. */
static bool ask(struct pty *pty, const char *typed, int64_t deadline_ms)
{
    struct ac_terminal terminal;
    bool is_yes;

    if (!pty_begin(pty, "xterm"))
        return false;
    if (typed)
        pty_type(pty, typed);
    ac_terminal_init(&terminal, false, true);
    is_yes = ac_terminal_ask(&terminal, "Really?", deadline_ms);
    pty_end(pty);
    return is_yes;
}

AC_TEST(yes_and_y_are_a_yes)
{
    struct pty pty;

    CU_ASSERT_TRUE(ask(&pty, "yes\n", ac_clock_after_ms(LONG_MS)));
    CU_ASSERT_TRUE(ac_capture_has(pty.shown, "Really? [y/N] "));
    CU_ASSERT_TRUE(ask(&pty, "y\n", ac_clock_after_ms(LONG_MS)));
    CU_ASSERT_TRUE(ask(&pty, "YES\n", ac_clock_after_ms(LONG_MS)));
}

AC_TEST(anything_else_is_a_no)
{
    struct pty pty;

    CU_ASSERT_FALSE(ask(&pty, "n\n", ac_clock_after_ms(LONG_MS)));
    CU_ASSERT_FALSE(ask(&pty, "\n", ac_clock_after_ms(LONG_MS)));
    CU_ASSERT_FALSE(ask(&pty, "yes please\n", ac_clock_after_ms(LONG_MS)));
    CU_ASSERT_FALSE(
        ask(&pty, "yyyyyyyyyyyyyyyyyyyyyyyy\n", ac_clock_after_ms(LONG_MS)));
    CU_ASSERT_FALSE(ask(&pty, "\004", ac_clock_after_ms(LONG_MS)));
}

AC_TEST(the_rest_of_a_long_answer_is_not_left_for_the_shell)
{
    struct pty pty;
    struct ac_terminal terminal;
    char rest[64];
    int flags;

    AC_REQUIRE(pty_begin(&pty, "xterm"));
    pty_type(&pty, "no thank you very much\n");
    ac_terminal_init(&terminal, false, true);
    bool is_yes = ac_terminal_ask(&terminal, "Really?", ac_clock_after_ms(LONG_MS));
    flags = fcntl(STDIN_FILENO, F_GETFL);
    (void)fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK);
    ssize_t left = read(STDIN_FILENO, rest, sizeof rest);
    pty_end(&pty);

    CU_ASSERT_FALSE(is_yes);
    CU_ASSERT_EQUAL(left, -1);
}

AC_TEST(the_deadline_is_a_no)
{
    struct pty pty;

    CU_ASSERT_FALSE(ask(&pty, NULL, ac_clock_now_ms()));
    CU_ASSERT_STRING_EQUAL(pty.shown, "Really? [y/N] \r\n");
}

AC_TEST(a_signal_is_a_no_and_the_end_of_the_run)
{
    struct pty pty;
    sigset_t blocked;
    sigset_t before;

    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &blocked, &before); /* as the loop does */
    (void)raise(SIGINT);
    CU_ASSERT_FALSE(ask(&pty, NULL, ac_clock_after_ms(LONG_MS)));
    (void)sigprocmask(SIG_SETMASK, &before, NULL); /* none is left to end the test */

    CU_ASSERT_EQUAL(ac_clock_cancelled(), SIGINT);
    ac_clock_cancel(0);
}

AC_TEST(nobody_is_asked_where_there_is_no_terminal)
{
    struct ac_terminal terminal;
    bool is_yes;

    ac_capture_start();
    ac_terminal_init(&terminal, false, true);
    is_yes = ac_terminal_ask(&terminal, "Really?", ac_clock_after_ms(LONG_MS));
    ac_capture_stop();

    CU_ASSERT_FALSE(is_yes);
    CU_ASSERT_STRING_EQUAL(ac_capture_err(), "");
}

AC_SUITE("cli/terminal", AC_CASE(a_terminal_is_live_coloured_and_can_be_asked),
         AC_CASE(no_color_is_honoured_as_option_and_in_the_environment),
         AC_CASE(a_dumb_terminal_gets_plain_lines_and_can_be_asked),
         AC_CASE(a_closed_standard_stream_takes_no_other_files_number),
         AC_CASE(on_a_dumb_terminal_a_status_is_a_line_when_it_changed),
         AC_CASE(where_nobody_watches_only_what_must_be_known_is_said),
         AC_CASE(a_quiet_one_shows_no_status),
         AC_CASE(on_a_terminal_the_status_is_rewritten_with_the_time_and_taken_away),
         AC_CASE(a_status_is_cut_to_the_terminals_width_but_not_within_a_character),
         AC_CASE(a_warning_has_a_colour_of_its_own), AC_CASE(yes_and_y_are_a_yes),
         AC_CASE(anything_else_is_a_no),
         AC_CASE(the_rest_of_a_long_answer_is_not_left_for_the_shell),
         AC_CASE(the_deadline_is_a_no),
         AC_CASE(a_signal_is_a_no_and_the_end_of_the_run),
         AC_CASE(nobody_is_asked_where_there_is_no_terminal))
