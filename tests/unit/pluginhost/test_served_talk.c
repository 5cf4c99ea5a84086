/* SPDX-License-Identifier: Apache-2.0 */
#include "talking.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static bool pair(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0;
}

AC_TEST(talk_goes_on_as_the_socket_is_ready)
{
    int ends[2];
    char got[64] = "";

    AC_REQUIRE(pair(ends));
    talk_in("nntp");
    CU_ASSERT_EQUAL(ac_talk_step(&talk, ends[0]), AC_TALK_MORE);
    CU_ASSERT_EQUAL(ac_talk_events(&talk), POLLIN);
    CU_ASSERT_EQUAL(write(ends[1], "200 hello\r\n", 11), 11);
    CU_ASSERT_EQUAL(ac_talk_step(&talk, ends[0]), AC_TALK_MORE);
    CU_ASSERT_EQUAL(read(ends[1], got, sizeof got), 10);
    CU_ASSERT_STRING_EQUAL(got, "STARTTLS\r\n");
    CU_ASSERT_EQUAL(write(ends[1], "382 go\r\n", 8), 8);

    CU_ASSERT_EQUAL(ac_talk_step(&talk, ends[0]), AC_TALK_READY);
    CU_ASSERT_EQUAL(close(ends[0]) + close(ends[1]), 0);
}

AC_TEST(last_word_of_ours_begins_tls_once_it_is_sent)
{
    static const char greeting[] = "\x13\x00\x00\x00\x0a"
                                   "8\x00"
                                   "\x01\x00\x00\x00"
                                   "saltsalt"
                                   "\x00\xff\xff!";
    int ends[2];
    char got[64];

    AC_REQUIRE(pair(ends));
    talk_in("mysql");
    CU_ASSERT_EQUAL(write(ends[1], greeting, sizeof greeting - 1), 23);

    CU_ASSERT_EQUAL(ac_talk_step(&talk, ends[0]), AC_TALK_READY);
    CU_ASSERT_EQUAL(read(ends[1], got, sizeof got), 36);
    CU_ASSERT_EQUAL(close(ends[0]) + close(ends[1]), 0);
}

AC_TEST(server_that_hangs_up_is_told)
{
    int ends[2];

    AC_REQUIRE(pair(ends));
    talk_in("postgres");
    CU_ASSERT_EQUAL(ac_talk_events(&talk), POLLIN | POLLOUT);
    CU_ASSERT_EQUAL(close(ends[1]), 0);

    CU_ASSERT_EQUAL(ac_talk_step(&talk, ends[0]), AC_TALK_FAILED);
    CU_ASSERT_TRUE(has_reason("hung up before TLS began (postgres)"));
    CU_ASSERT_EQUAL(close(ends[0]), 0);
}

AC_TEST(flood_is_bounded_though_its_lines_are_forgotten)
{
    static char line[1000];
    enum ac_talk_state state = AC_TALK_MORE;
    int lines = 0;

    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    talk_in("sieve");
    for (; state == AC_TALK_MORE && lines < 100; lines++)
        state = ac_talk_take(&talk, line, sizeof line);

    CU_ASSERT_EQUAL(lines, 17);
    CU_ASSERT_TRUE(has_reason("more than 16384 bytes before TLS (sieve)"));
}

AC_TEST(protocol_that_is_not_here_is_none)
{
    CU_ASSERT_PTR_NOT_NULL(ac_talk_find("xmpp-server"));
    CU_ASSERT_PTR_NULL(ac_talk_find("smtp"));
    CU_ASSERT_PTR_NULL(ac_talk_find(""));
}

/* There is nothing to read, which is no reason. */
AC_TEST(connection_that_takes_no_more_words_is_told_with_the_true_reason)
{
    int ends[2];

    AC_REQUIRE(pair(ends));
    talk_in("postgres");
    CU_ASSERT_EQUAL(shutdown(ends[0], SHUT_WR), 0);

    CU_ASSERT_EQUAL(ac_talk_step(&talk, ends[0]), AC_TALK_FAILED);
    CU_ASSERT_STRING_EQUAL(talk.reason, "the connection broke: Broken pipe");
    CU_ASSERT_EQUAL(close(ends[0]) + close(ends[1]), 0);
}

AC_SUITE("pluginhost/served_talk", AC_CASE(talk_goes_on_as_the_socket_is_ready),
         AC_CASE(last_word_of_ours_begins_tls_once_it_is_sent),
         AC_CASE(server_that_hangs_up_is_told),
         AC_CASE(flood_is_bounded_though_its_lines_are_forgotten),
         AC_CASE(protocol_that_is_not_here_is_none),
         AC_CASE(connection_that_takes_no_more_words_is_told_with_the_true_reason))
