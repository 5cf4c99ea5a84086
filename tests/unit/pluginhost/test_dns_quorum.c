/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_quorum.h"

#include "check.h"

#include <string.h>

#define NO  AC_DNS_SEEN_NOTHING
#define BAD AC_DNS_SEEN_MISSING
#define YES AC_DNS_SEEN_VALUE

/* Three servers: one address, IPv4 with IPv6, one address. */
static char names[3][16] = { "ns1", "ns2", "ns3" };
static struct ac_dns_server servers[3];
static const struct ac_dns_zone zone = { .servers = servers, .server_count = 3 };

static void set_up(void)
{
    for (size_t i = 0; i < 3; i++) {
        servers[i].name = names[i];
        servers[i].address_count = i == 1 ? 2 : 1;
        servers[i].addresses[0].at.ipv4 = (struct sockaddr_in){ .sin_family = AF_INET };
        servers[i].addresses[1].at.ipv6 =
            (struct sockaddr_in6){ .sin6_family = AF_INET6 };
    }
}

/* Sights in the order ns1, ns2 over IPv4, ns2 over IPv6, ns3. */
static bool is_met(const char *rule, const enum ac_dns_seen seen[4], bool is_patient)
{
    struct ac_dns_quorum quorum = { .rule = AC_DNS_QUORUM_ALL };
    struct ac_dns_sight sights[4];

    set_up();
    for (size_t i = 0; i < 4; i++)
        sights[i] = (struct ac_dns_sight){ .seen = seen[i] };
    return ac_dns_quorum_parse(rule, &quorum)
           && ac_dns_quorum_is_met(&quorum, &zone, sights, is_patient);
}

AC_TEST(rules_say_what_is_enough)
{
    static const struct {
        enum ac_dns_seen seen[4];
        /* rule: none, none and nobody left to wait for, all, majority, 1 */
        bool waiting, impatient, all, majority, one;
    } cases[] = {
        { { YES, YES, YES, YES }, true, true, true, true, true },
        { { YES, YES, NO, YES }, true, true, true, true, true }, /* no IPv6 here */
        { { YES, NO, YES, YES }, false, true, false, true, true },
        { { YES, YES, YES, NO }, false, true, false, true, true },
        { { YES, YES, YES, BAD }, false, false, false, true, true },
        { { YES, YES, BAD, YES }, false, false, false, true, true },
        { { YES, NO, NO, NO }, false, false, false, false, true },
        { { YES, BAD, BAD, BAD }, false, false, false, false, true },
        { { NO, NO, NO, NO }, false, false, false, false, false },
        { { BAD, BAD, BAD, BAD }, false, false, false, false, false },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        CU_ASSERT_EQUAL(is_met(NULL, cases[i].seen, true), cases[i].waiting);
        CU_ASSERT_EQUAL(is_met(NULL, cases[i].seen, false), cases[i].impatient);
        CU_ASSERT_EQUAL(is_met("all", cases[i].seen, false), cases[i].all);
        CU_ASSERT_EQUAL(is_met("majority", cases[i].seen, false), cases[i].majority);
        CU_ASSERT_EQUAL(is_met("1", cases[i].seen, false), cases[i].one);
    }
}

AC_TEST(number_over_the_servers_means_all_of_them)
{
    static const enum ac_dns_seen all[] = { YES, YES, YES, YES };
    static const enum ac_dns_seen some[] = { YES, YES, YES, NO };

    CU_ASSERT(is_met("16", all, true));
    CU_ASSERT_FALSE(is_met("16", some, false));
}

AC_TEST(zone_without_servers_is_never_seen)
{
    static const struct ac_dns_zone none;
    struct ac_dns_quorum quorum = { .rule = AC_DNS_QUORUM_ANSWERING };

    CU_ASSERT_FALSE(ac_dns_quorum_is_met(&quorum, &none, NULL, true));
    CU_ASSERT_FALSE(ac_dns_quorum_is_met(&quorum, &none, NULL, false));
    quorum.rule = AC_DNS_QUORUM_ALL;
    CU_ASSERT_FALSE(ac_dns_quorum_is_met(&quorum, &none, NULL, false));
}

AC_TEST(rules_are_words_or_small_numbers)
{
    static const char *const bad[] = { "", "ALL", "0", "17", "-1", "half" };
    struct ac_dns_quorum quorum;

    CU_ASSERT(ac_dns_quorum_parse(NULL, &quorum));
    CU_ASSERT(ac_dns_quorum_parse("majority", &quorum));
    for (size_t i = 0; i < AC_COUNT(bad); i++)
        CU_ASSERT_FALSE(ac_dns_quorum_parse(bad[i], &quorum));
}

AC_TEST(report_begins_with_those_that_lack_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) lines = { 0 };
    struct ac_dns_sight sights[4] = { { YES, "has it" },
                                      { BAD, "no TXT record yet" },
                                      { NO, NULL },
                                      { NO, "no answer" } };

    set_up();
    AC_REQUIRE_OK(ac_dns_quorum_report(&zone, sights, &lines, &err));

    AC_REQUIRE(lines.count == 4);
    CU_ASSERT_STRING_EQUAL(lines.items[0], "ns2 (0.0.0.0:0): no TXT record yet");
    CU_ASSERT_STRING_EQUAL(lines.items[1], "ns2 ([::]:0): not asked yet");
    CU_ASSERT_STRING_EQUAL(lines.items[3], "ns1 (0.0.0.0:0): has it");
}

AC_TEST(server_without_address_is_in_the_report)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) lines = { 0 };
    struct ac_dns_server lost = { .name = names[0] };
    struct ac_dns_zone lone = { .servers = &lost, .server_count = 1 };

    AC_REQUIRE_OK(ac_dns_quorum_report(&lone, NULL, &lines, &err));

    AC_REQUIRE(lines.count == 1);
    CU_ASSERT_STRING_EQUAL(lines.items[0], "ns1: has no address");
}

AC_SUITE("pluginhost/dns_quorum", AC_CASE(rules_say_what_is_enough),
         AC_CASE(number_over_the_servers_means_all_of_them),
         AC_CASE(zone_without_servers_is_never_seen),
         AC_CASE(rules_are_words_or_small_numbers),
         AC_CASE(report_begins_with_those_that_lack_it),
         AC_CASE(server_without_address_is_in_the_report))
