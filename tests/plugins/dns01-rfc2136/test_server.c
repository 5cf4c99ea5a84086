/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include "check.h"
#include "fake_host.h"

#include <string.h>

static struct fake_host fake;
static struct server server;
static struct server_address addresses[SERVER_ADDRESSES_MAX];
static const char *why;

static bool parses_as(const char *text, const char *host, const char *port)
{
    memset(&server, 0, sizeof server);
    return server_parse(text, &server) && strcmp(server.host, host) == 0
           && strcmp(server.port, port) == 0;
}

static size_t resolve(const char *text)
{
    if (!fake_host_start(&fake, NULL) || !server_parse(text, &server))
        return 0;
    return server_resolve(&fake.host, &server, 5000, addresses, &why);
}

AC_TEST(every_way_to_write_a_server_is_understood)
{
    CU_ASSERT_TRUE(parses_as("ns1.example.com", "ns1.example.com", "53"));
    CU_ASSERT_FALSE(server.is_literal);
    CU_ASSERT_TRUE(parses_as("ns1.example.com:5353", "ns1.example.com", "5353"));
    CU_ASSERT_TRUE(parses_as("192.0.2.1", "192.0.2.1", "53"));
    CU_ASSERT_TRUE(server.is_literal);
    CU_ASSERT_TRUE(parses_as("192.0.2.1:1", "192.0.2.1", "1"));
    CU_ASSERT_TRUE(parses_as("2001:db8::1", "2001:db8::1", "53"));
    CU_ASSERT_TRUE(server.is_literal);
    CU_ASSERT_TRUE(parses_as("[2001:db8::1]", "2001:db8::1", "53"));
    CU_ASSERT_TRUE(parses_as("[2001:db8::1]:65535", "2001:db8::1", "65535"));
}

AC_TEST(what_is_no_server_is_refused)
{
    static const char *const texts[] = {
        "",       ":53",    "ns1:",    "ns1:0",     "ns1:65536", "ns1:5x",
        "ns1:-1", "[::1",   "[]:53",   "[::1]53",   "[::1]:",    "[ns1]:a:53",
        "a:b:c",  "[::1]x", "::1::2g", "ns1:000053"
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CU_ASSERT_FALSE(server_parse(texts[i], &server));
}

AC_TEST(name_that_is_too_long_is_refused)
{
    char text[SERVER_HOST_MAX + 2];

    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';

    CU_ASSERT_FALSE(server_parse(text, &server));
}

AC_TEST(address_is_shown_as_it_is)
{
    CU_ASSERT_EQUAL(resolve("192.0.2.1:5353"), 1);
    CU_ASSERT_STRING_EQUAL(addresses[0].text, "192.0.2.1:5353");
    CU_ASSERT_EQUAL(resolve("2001:db8::1"), 1);
    CU_ASSERT_STRING_EQUAL(addresses[0].text, "[2001:db8::1]:53");
}

AC_TEST(name_is_shown_with_its_address)
{
    size_t count = resolve("localhost:53");

    AC_REQUIRE(count >= 1);

    CU_ASSERT_PTR_NOT_NULL(strstr(addresses[0].text, "localhost ("));
    CU_ASSERT_PTR_NOT_NULL(strstr(addresses[0].text, ":53)"));
}

AC_TEST(spent_deadline_does_not_wait)
{
    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(server_parse("server.invalid", &server));
    fake.ctx.remaining_ms = 0;

    CU_ASSERT_EQUAL(server_resolve(&fake.host, &server, 5000, addresses, &why), 0);
    CU_ASSERT_PTR_NOT_NULL(why);
}

AC_SUITE("dns01-rfc2136/server", AC_CASE(every_way_to_write_a_server_is_understood),
         AC_CASE(what_is_no_server_is_refused),
         AC_CASE(name_that_is_too_long_is_refused), AC_CASE(address_is_shown_as_it_is),
         AC_CASE(name_is_shown_with_its_address), AC_CASE(spent_deadline_does_not_wait))
