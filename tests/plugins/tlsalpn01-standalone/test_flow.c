/* SPDX-License-Identifier: Apache-2.0 */
#include "flow.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

#define FLOOD ((size_t)4 * 1024 * 1024)

/* near_end -> flow.from ... flow.to -> far_end */
struct line {
    struct flow flow;
    int near_end, far_end;
};

static bool lay(struct line *line)
{
    int one[2], two[2];

    memset(line, 0, sizeof(*line));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, one) != 0
        || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, two) != 0)
        return false;
    line->near_end = one[0];
    line->flow.from = one[1];
    line->flow.to = two[0];
    line->far_end = two[1];
    return true;
}

static void take_up(struct line *line)
{
    flow_drop(&line->flow);
    (void)close(line->near_end);
    (void)close(line->flow.from);
    (void)close(line->flow.to);
    (void)close(line->far_end);
}

AC_TEST(bytes_pass_and_so_does_the_end)
{
    struct line line;
    char got[16] = "";

    AC_REQUIRE(lay(&line));
    CU_ASSERT_EQUAL(write(line.near_end, "hello", 5), 5);
    CU_ASSERT_EQUAL(flow_move(&line.flow), FLOW_OPEN);
    CU_ASSERT_EQUAL(read(line.far_end, got, sizeof(got)), 5);
    CU_ASSERT_STRING_EQUAL(got, "hello");
    CU_ASSERT_TRUE(flow_wants_input(&line.flow));

    (void)shutdown(line.near_end, SHUT_WR);
    CU_ASSERT_EQUAL(flow_move(&line.flow), FLOW_DONE);
    CU_ASSERT_EQUAL(read(line.far_end, got, sizeof(got)), 0);
    CU_ASSERT_FALSE(flow_wants_input(&line.flow));
    take_up(&line);
}

AC_TEST(end_is_passed_on_once_more_when_asked_again)
{
    struct line line;

    AC_REQUIRE(lay(&line));
    (void)shutdown(line.near_end, SHUT_WR);

    CU_ASSERT_EQUAL(flow_move(&line.flow), FLOW_DONE);
    CU_ASSERT_EQUAL(flow_move(&line.flow), FLOW_DONE);
    take_up(&line);
}

AC_TEST(what_is_not_taken_is_kept_and_no_more_is_read)
{
    static char bytes[FLOOD];
    struct line line;
    size_t sent = 0, got = 0;
    enum flow_state state = FLOW_OPEN;

    AC_REQUIRE(lay(&line));
    memset(bytes, 'x', sizeof(bytes));
    for (int i = 0; i < 1000 && !flow_wants_output(&line.flow); i++) {
        ssize_t size = write(line.near_end, bytes, sizeof(bytes));

        sent += size > 0 ? (size_t)size : 0;
        state = flow_move(&line.flow);
        AC_REQUIRE(state == FLOW_OPEN || ac_check_is_torture());
        if (state != FLOW_OPEN)
            break;
    }
    CU_ASSERT_TRUE(flow_wants_output(&line.flow));
    CU_ASSERT_FALSE(flow_wants_input(&line.flow));

    (void)shutdown(line.near_end, SHUT_WR);
    for (int i = 0; i < 10000 && state == FLOW_OPEN; i++) {
        ssize_t size = read(line.far_end, bytes, sizeof(bytes));

        got += size > 0 ? (size_t)size : 0;
        state = flow_move(&line.flow);
    }
    for (ssize_t size = 1; size > 0; got += size > 0 ? (size_t)size : 0)
        size = read(line.far_end, bytes, sizeof(bytes));
    CU_ASSERT_EQUAL(got, sent);
    take_up(&line);
}

AC_TEST(what_was_queued_comes_first)
{
    struct line line;
    char got[16] = "";

    AC_REQUIRE(lay(&line));
    CU_ASSERT_EQUAL(write(line.near_end, "second", 6), 6);
    AC_REQUIRE(flow_queue(&line.flow, "first ", 6) || ac_check_is_torture());
    CU_ASSERT_EQUAL(flow_move(&line.flow), FLOW_OPEN);

    CU_ASSERT_EQUAL(read(line.far_end, got, sizeof(got)), 12);
    CU_ASSERT_STRING_EQUAL(got, "first second");
    take_up(&line);
}

AC_TEST(taker_that_is_gone_breaks_it)
{
    struct line line;

    AC_REQUIRE(lay(&line));
    (void)close(line.far_end);
    line.far_end = open("/dev/null", O_RDONLY | O_CLOEXEC);
    CU_ASSERT_EQUAL(write(line.near_end, "hello", 5), 5);

    CU_ASSERT_EQUAL(flow_move(&line.flow), FLOW_BROKEN);
    take_up(&line);
}

AC_SUITE("tlsalpn01-standalone/flow", AC_CASE(bytes_pass_and_so_does_the_end),
         AC_CASE(end_is_passed_on_once_more_when_asked_again),
         AC_CASE(what_is_not_taken_is_kept_and_no_more_is_read),
         AC_CASE(what_was_queued_comes_first), AC_CASE(taker_that_is_gone_breaks_it))
