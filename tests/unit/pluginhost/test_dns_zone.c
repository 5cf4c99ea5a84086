/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_zone.h"

#include "dns_bench.h"

#include <stdio.h>

#define LIMIT     10000
#define PORT      5300
#define TEXT_SIZE 8192

static enum ac_code fetch(struct dns_bench *bench, struct ac_dns_zones *zones,
                          struct ac_error *err)
{
    size_t index = 0;

    AC_TRY(ac_dns_zones_index(zones, "example", &index, err));
    return ac_dns_zones_fetch(zones, &bench->resolvers, PORT, ac_clock_after_ms(LIMIT),
                              err);
}

AC_TEST(every_address_of_every_server_is_found)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, "example", "NS", 0, 0, 0,
          "example 60 NS ns1.example\nexample 60 NS ns2.test\nother 60 NS ns3.test",
          NULL },
        { AC_DNS_ANY, "ns1.example", "A", 0, 0, 0,
          "ns1.example 60 A 192.0.2.1\nns1.example 60 A 192.0.2.2", NULL },
        { AC_DNS_ANY, "ns1.example", "AAAA", 0, 0, 0, "ns1.example 60 AAAA 2001:db8::1",
          NULL },
        { AC_DNS_ANY, "ns2.test", "A", 0, 0, 0, "ns2.test 60 A 192.0.2.3", NULL },
        { AC_DNS_ANY, "ns2.test", "AAAA", 0, 0, 0, NULL, NULL },
    };
    DNS_BENCH(bench);
    AC_AUTO(ac_dns_zones) zones = { 0 };
    char text[AC_DNS_ADDRESS_SIZE];

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(fetch(&bench, &zones, &err));

    const struct ac_dns_zone *zone = &zones.items[0];
    AC_REQUIRE(zone->is_fetched && zone->server_count == 2);
    CU_ASSERT_EQUAL(ac_dns_zone_address_count(zone), 4);
    AC_REQUIRE(zone->servers[0].address_count == 3);
    CU_ASSERT_STRING_EQUAL(ac_dns_address_text(&zone->servers[0].addresses[2], text),
                           "[2001:db8::1]:5300");
}

AC_TEST(known_zone_is_not_asked_for_again)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, "example", "NS", 0, 0, 0, "example 60 NS ns1.example", NULL },
        { AC_DNS_ANY, "ns1.example", "A", 0, 0, 0, "ns1.example 60 A 192.0.2.1", NULL },
        { AC_DNS_ANY, "ns1.example", "AAAA", 0, 0, 0, NULL, NULL },
    };
    DNS_BENCH(bench);
    AC_AUTO(ac_dns_zones) zones = { 0 };

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(fetch(&bench, &zones, &err));
    AC_REQUIRE_OK(fetch(&bench, &zones, &err));

    CU_ASSERT_EQUAL(zones.count, 1);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NULL, NULL), 3);
}

/* A slow resolver may have no time for both in one call. */
AC_TEST(names_of_servers_are_kept_while_addresses_are_missing)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, "example", "NS", 0, 0, 0, "example 60 NS ns1.example", NULL },
        { AC_DNS_ANY, "ns1.example", "A", 1, AC_DNS_SERVFAIL, 0, NULL, NULL },
        { AC_DNS_ANY, "ns1.example", "A", 0, 0, 0, "ns1.example 60 A 192.0.2.1", NULL },
        { AC_DNS_ANY, "ns1.example", "AAAA", 0, 0, 0, NULL, NULL },
    };
    DNS_BENCH(bench);
    AC_AUTO(ac_dns_zones) zones = { 0 };

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(fetch(&bench, &zones, &err));
    CU_ASSERT_FALSE(zones.items[0].is_fetched);
    AC_REQUIRE_OK(fetch(&bench, &zones, &err));

    CU_ASSERT_TRUE(zones.items[0].is_fetched);
    CU_ASSERT_STRING_EQUAL(zones.items[0].trouble, "");
    CU_ASSERT_EQUAL(ac_dns_server_count(0, "example", "NS"), 1);
}

AC_TEST(zone_without_servers_or_addresses_has_its_trouble)
{
    static const struct {
        struct ac_dns_rule rules[2];
        const char *trouble;
    } cases[] = {
        { { { AC_DNS_ANY, NULL, NULL, 0, AC_DNS_SERVFAIL, 0, NULL, NULL } },
          "SERVFAIL" },
        { { { AC_DNS_ANY, NULL, NULL, 0, 0, 0, NULL, NULL } }, "there are none" },
        { { { AC_DNS_ANY, "example", "NS", 0, 0, 0, "example 60 NS ns1.example", NULL },
            { AC_DNS_ANY, NULL, NULL, 0, AC_DNS_NXDOMAIN, 0, NULL, NULL } },
          "has an address" },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        DNS_BENCH(bench);
        AC_AUTO(ac_dns_zones) zones = { 0 };
        AC_REQUIRE_OK(dns_bench_start(&bench, cases[i].rules, 2, &err));
        AC_REQUIRE_OK(fetch(&bench, &zones, &err));
        CU_ASSERT_FALSE(zones.items[0].is_fetched);
        CU_ASSERT_PTR_NOT_NULL(strstr(zones.items[0].trouble, cases[i].trouble));
    }
}

static char servers[TEXT_SIZE];
static char addresses[TEXT_SIZE];

static void add_line(char text[TEXT_SIZE], const char *before, size_t number,
                     const char *after)
{
    size_t used = strlen(text);

    (void)snprintf(text + used, TEXT_SIZE - used, "%s%zu%s\n", before, number, after);
}

AC_TEST(servers_and_addresses_are_bounded)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, "example", "NS", 0, 0, AC_DNS_TC, servers, NULL },
        { AC_DNS_ANY, NULL, "A", 0, 0, AC_DNS_TC, addresses, NULL },
        { AC_DNS_ANY, NULL, "AAAA", 0, 0, 0, NULL, NULL },
    };
    DNS_BENCH(bench);
    AC_AUTO(ac_dns_zones) zones = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < 100; i++) {
        add_line(servers, "example 60 NS ns", i, ".test");
        add_line(addresses, "x.test 60 A 192.0.2.", i, "");
    }
    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(fetch(&bench, &zones, &err));

    CU_ASSERT_EQUAL(zones.items[0].server_count, AC_DNS_SERVERS_MAX);
    CU_ASSERT_EQUAL(zones.items[0].servers[0].address_count, AC_DNS_ADDRESSES_MAX);
}

AC_SUITE("pluginhost/dns_zone", AC_CASE(every_address_of_every_server_is_found),
         AC_CASE(known_zone_is_not_asked_for_again),
         AC_CASE(names_of_servers_are_kept_while_addresses_are_missing),
         AC_CASE(zone_without_servers_or_addresses_has_its_trouble),
         AC_CASE(servers_and_addresses_are_bounded))
