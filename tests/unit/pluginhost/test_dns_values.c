/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_values.h"

#include "dns_bench.h"

#include <stdlib.h>

#define LIMIT 5000
#define NAME  "_validation-persist.a.example"

static const struct ac_dns_rule zone_rules[] = {
    { AC_DNS_ANY, "example", "NS", 0, 0, 0, "example 60 NS ns1.example", NULL },
    { AC_DNS_ANY, "ns1.example", "A", 0, 0, 0,
      "ns1.example 60 A 127.0.77.2\nns1.example 60 A 127.0.77.3", NULL },
    { AC_DNS_ANY, "ns1.example", "AAAA", 0, 0, 0, NULL, NULL },
};

/* The rules for the zone and one more. */
struct bench {
    struct ac_dns_rule rules[8];
    struct dns_bench servers;
    struct ac_dns_values values;
};

static void bench_done(struct bench *bench)
{
    ac_words_done(&bench->values.texts);
    dns_bench_done(&bench->servers);
}
#define BENCH(name) __attribute__((cleanup(bench_done))) struct bench name = { 0 }

static enum ac_code fetch(struct bench *bench, enum ac_dns_mode mode,
                          const struct ac_dns_rule *more, size_t more_count,
                          struct ac_error *err)
{
    struct ac_dns_place place = { .name = NAME, .zone = "example", .is_done = true };

    for (size_t i = 0; i < more_count; i++)
        bench->rules[i] = more[i];
    for (size_t i = 0; i < AC_COUNT(zone_rules); i++)
        bench->rules[more_count + i] = zone_rules[i];
    AC_TRY(dns_bench_start(&bench->servers, bench->rules,
                           more_count + AC_COUNT(zone_rules), err));
    struct ac_dns_visible_settings settings = { .mode = mode,
                                                .resolvers = bench->servers.resolvers,
                                                .port = ac_dns_server_port() };
    bench->values.is_wanted = true;
    return ac_dns_values_fetch(&settings, &place, &bench->values, 1,
                               ac_clock_after_ms(LIMIT), err);
}

AC_TEST(servers_of_the_zone_are_asked_and_not_the_resolver)
{
    static const struct ac_dns_rule rules[] = {
        { 0, NAME, "TXT", 0, 0, AC_DNS_AA, NAME " 60 TXT old", NULL },
        { 1, NAME, "TXT", 0, 0, AC_DNS_AA, NAME " 60 TXT new\n" NAME " 60 TXT b|c",
          NULL },
    };
    struct ac_error err = { 0 };
    BENCH(bench);

    AC_REQUIRE_OK(fetch(&bench, AC_DNS_AUTHORITATIVE, rules, AC_COUNT(rules), &err));

    AC_REQUIRE(bench.values.is_known && bench.values.texts.count == 2);
    CU_ASSERT_STRING_EQUAL(bench.values.texts.items[0], "new");
    CU_ASSERT_STRING_EQUAL(bench.values.texts.items[1], "bc");
}

AC_TEST(next_server_is_asked_where_one_fails)
{
    static const struct ac_dns_rule rules[] = {
        { 1, NAME, "TXT", 0, 2, 0, NULL, NULL },
        { 2, NAME, "TXT", 0, 0, AC_DNS_AA, NAME " 60 TXT new", NULL },
    };
    struct ac_error err = { 0 };
    BENCH(bench);

    AC_REQUIRE_OK(fetch(&bench, AC_DNS_AUTHORITATIVE, rules, AC_COUNT(rules), &err));

    CU_ASSERT_TRUE(bench.values.is_known);
    CU_ASSERT_EQUAL(bench.values.texts.count, 1);
}

AC_TEST(resolver_is_asked_where_the_zone_is_not_looked_at)
{
    static const struct ac_dns_rule rules[] = {
        { 0, NAME, "TXT", 0, 0, 0, NAME " 60 TXT seen", NULL },
    };
    struct ac_error err = { 0 };
    BENCH(bench);

    AC_REQUIRE_OK(fetch(&bench, AC_DNS_RESOLVER, rules, AC_COUNT(rules), &err));

    AC_REQUIRE(bench.values.texts.count == 1);
    CU_ASSERT_STRING_EQUAL(bench.values.texts.items[0], "seen");
}

AC_TEST(no_answer_is_not_no_record)
{
    static const struct {
        struct ac_dns_rule rule;
        bool is_known;
    } cases[] = {
        { { AC_DNS_ANY, NAME, "TXT", 0, 3, AC_DNS_AA, NULL, NULL }, true },
        { { AC_DNS_ANY, NAME, "TXT", 0, 0, AC_DNS_AA, NULL, NULL }, true },
        { { AC_DNS_ANY, NAME, "TXT", 0, 0, 0, NAME " 60 TXT x", NULL }, false },
        { { AC_DNS_ANY, NAME, "TXT", 0, 5, 0, NULL, NULL }, false },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        BENCH(bench);
        AC_REQUIRE_OK(fetch(&bench, AC_DNS_AUTHORITATIVE, &cases[i].rule, 1, &err));
        CU_ASSERT_EQUAL(bench.values.is_known, cases[i].is_known);
        CU_ASSERT_EQUAL(bench.values.texts.count, 0);
    }
}

AC_TEST(bytes_that_are_no_text_are_left_out)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, NAME, "TXT", 0, 0, AC_DNS_AA,
          NAME " 60 HEX 0361006200\n" NAME " 60 HEX 031b5b6d\n" NAME " 60 HEX 00\n" NAME
               " 60 TXT good",
          NULL },
    };
    struct ac_error err = { 0 };
    BENCH(bench);

    AC_REQUIRE_OK(fetch(&bench, AC_DNS_AUTHORITATIVE, rules, AC_COUNT(rules), &err));

    AC_REQUIRE(bench.values.is_known && bench.values.texts.count == 1);
    CU_ASSERT_STRING_EQUAL(bench.values.texts.items[0], "good");
}

AC_TEST(what_is_not_wanted_or_has_no_place_is_not_asked)
{
    struct ac_dns_place places[] = {
        { .name = NAME, .zone = "example" },
        { .name = NAME, .zone = "example", .status = ACMECORE_E_NOTFOUND },
    };
    struct ac_dns_values values[2] = { { 0 }, { .is_wanted = true } };
    DNS_BENCH(bench);

    AC_REQUIRE_OK(dns_bench_start(&bench, NULL, 0, &err));
    struct ac_dns_visible_settings settings = { .resolvers = bench.resolvers };
    AC_REQUIRE_OK(ac_dns_values_fetch(&settings, places, values, 2,
                                      ac_clock_after_ms(LIMIT), &err));

    CU_ASSERT_FALSE(values[0].is_known || values[1].is_known);
    CU_ASSERT_EQUAL(ac_dns_server_count(AC_DNS_ANY, NULL, NULL), 0);
}

AC_SUITE("pluginhost/dns_values",
         AC_CASE(servers_of_the_zone_are_asked_and_not_the_resolver),
         AC_CASE(next_server_is_asked_where_one_fails),
         AC_CASE(resolver_is_asked_where_the_zone_is_not_looked_at),
         AC_CASE(no_answer_is_not_no_record),
         AC_CASE(bytes_that_are_no_text_are_left_out),
         AC_CASE(what_is_not_wanted_or_has_no_place_is_not_asked))
