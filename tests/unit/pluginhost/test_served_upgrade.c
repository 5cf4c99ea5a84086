/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/served_parts.h"

#include "base/clock.h"
#include "check.h"
#include "http_server.h"

#include <stdio.h>
#include <string.h>

#define LIMIT_MS 10000

static const struct ac_serve_step refuses[] = { { AC_SERVE_SEND, "502 not here\r\n" },
                                                { AC_SERVE_HOLD, NULL } };
static const struct ac_serve_step begins[] = { { AC_SERVE_SEND,
                                                 "200 hello\r\n382 go\r\n" },
                                               { AC_SERVE_SEND, "no TLS at all\r\n" },
                                               { AC_SERVE_CLOSE, NULL } };
static const struct ac_serve_step keeps_silent[] = { { AC_SERVE_HOLD, NULL } };
static const struct ac_serve_step *const refusing[] = { refuses, NULL };
static const struct ac_serve_step *const beginning[] = { begins, NULL };
static const struct ac_serve_step *const silent[] = { keeps_silent, NULL };

/* What is said of a server that follows the script. */
static enum ac_code look(const struct ac_serve_step *const *scripts, int64_t limit_ms,
                         struct ac_served *item, struct ac_error *err)
{
    AC_AUTO(ac_http_server) *server = ac_http_server_start(scripts);
    char address[64];

    if (!server)
        return ac_fail(err, AC_E_SYSTEM, "the test has no server");
    (void)snprintf(address, sizeof address, "127.0.0.1:%d",
                   ac_http_server_port(server));
    *item = (struct ac_served){ .address = address,
                                .name = "a.example",
                                .starttls = "nntp" };
    enum ac_code code = ac_served_look(item, 1, ac_clock_after_ms(limit_ms), err);
    item->address = NULL;
    return code;
}

AC_TEST(server_that_refuses_is_told_in_its_words)
{
    struct ac_error err = { 0 };
    struct ac_served item;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(look(refusing, LIMIT_MS, &item, &err));

    CU_ASSERT_FALSE(item.is_seen);
    CU_ASSERT_STRING_EQUAL(item.reason,
                           "the server refuses STARTTLS (nntp): 502 not here");
}

AC_TEST(handshake_follows_the_talk_on_the_same_connection)
{
    struct ac_error err = { 0 };
    struct ac_served item;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(look(beginning, LIMIT_MS, &item, &err));

    CU_ASSERT_FALSE(item.is_seen);
    CU_ASSERT_PTR_NOT_NULL(strstr(item.reason, "SSL"));
}

AC_TEST(server_that_says_nothing_has_its_time)
{
    struct ac_error err = { 0 };
    struct ac_served item;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(look(silent, 200, &item, &err));

    CU_ASSERT_STRING_EQUAL(item.reason, "no answer within the time there was");
}

AC_SUITE("pluginhost/served_upgrade", AC_CASE(server_that_refuses_is_told_in_its_words),
         AC_CASE(handshake_follows_the_talk_on_the_same_connection),
         AC_CASE(server_that_says_nothing_has_its_time))
