/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/served.h"

#include "base/clock.h"
#include "check.h"
#include "http_server.h"

#include <stdio.h>
#include <string.h>

#define LIMIT_MS 10000
#define DATA     AC_TEST_DATA "/net/"

static const struct ac_serve_step holds[] = { { AC_SERVE_HOLD, NULL } };
static const struct ac_serve_step closes[] = { { AC_SERVE_CLOSE, NULL } };
static const struct ac_serve_step *const hold[] = { holds, NULL };
static const struct ac_serve_step *const hang_up[] = { closes, NULL };

AC_TEST(certificates_of_several_handshakes_are_seen)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server =
        ac_http_server_start_tls(hold, DATA "server.pem", DATA "server-key.pem");
    char address[64];

    AC_REQUIRE(!ac_check_is_torture() && server != NULL);
    (void)snprintf(address, sizeof address, "127.0.0.1:%d",
                   ac_http_server_port(server));
    struct ac_served items[] = { { .address = address, .name = "a.example" },
                                 { .address = address, .name = "b.example" },
                                 { .address = address, .name = "192.0.2.1" } };
    AC_REQUIRE_OK(ac_served_look(items, 3, ac_clock_after_ms(LIMIT_MS), &err));

    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_TRUE(items[i].is_seen);
        CU_ASSERT_STRING_EQUAL(items[i].facts.fingerprint, items[0].facts.fingerprint);
    }
}

AC_TEST(server_without_tls_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_http_server) *server = ac_http_server_start(hang_up);
    char address[64];

    AC_REQUIRE(!ac_check_is_torture() && server != NULL);
    (void)snprintf(address, sizeof address, "127.0.0.1:%d",
                   ac_http_server_port(server));
    struct ac_served item = { .address = address, .name = "a.example" };
    AC_REQUIRE_OK(ac_served_look(&item, 1, ac_clock_after_ms(LIMIT_MS), &err));

    CU_ASSERT_FALSE(item.is_seen);
    CU_ASSERT_STRING_NOT_EQUAL(item.reason, "");
}

AC_TEST(protocols_are_those_of_libcurl_and_ours)
{
    CU_ASSERT_TRUE(ac_served_is_protocol("imap"));
    CU_ASSERT_TRUE(ac_served_is_protocol("ldap"));
    CU_ASSERT_FALSE(ac_served_is_protocol("gopher"));
    CU_ASSERT_FALSE(ac_served_is_protocol(NULL));
}

AC_SUITE("pluginhost/served", AC_CASE(certificates_of_several_handshakes_are_seen),
         AC_CASE(server_without_tls_is_told),
         AC_CASE(protocols_are_those_of_libcurl_and_ours))
