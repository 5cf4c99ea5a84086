/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_locate.h"

#include "dns_bench.h"

#define LIMIT 10000
#define NAME  "_acme-challenge.a.example"
#define RULE(...)                                                                      \
    {                                                                                  \
        AC_DNS_ANY, __VA_ARGS__                                                        \
    }
#define SOA(zone) zone " 300 SOA ns." zone " 60"

static enum ac_code locate(struct dns_bench *bench, const char *name,
                           struct ac_dns_place *place, struct ac_error *err)
{
    if (!ac_dns_place_init(place, name))
        return ac_fail(err, AC_E_INVALID, "name");
    return ac_dns_locate(&bench->resolvers, place, 1, ac_clock_after_ms(LIMIT), err);
}

AC_TEST(apex_is_named_beside_a_negative_answer)
{
    static const struct ac_dns_rule rules[] = { RULE(NAME, "SOA", 0, AC_DNS_NXDOMAIN, 0,
                                                     NULL, SOA("example")) };
    DNS_BENCH(bench);
    struct ac_dns_place place;

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(locate(&bench, NAME, &place, &err));

    CU_ASSERT_EQUAL(place.status, ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(place.name, NAME);
    CU_ASSERT_STRING_EQUAL(place.zone, "example");
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NULL, NULL), 1);
}

AC_TEST(apex_is_found_by_climbing)
{
    static const struct ac_dns_rule rules[] = {
        RULE("b.example", "SOA", 0, 0, 0, SOA("b.example"), NULL),
        RULE("a.b.example", "SOA", 0, 0, 0, "a.b.example 9 CNAME elsewhere.test", NULL),
        RULE(NULL, "SOA", 0, AC_DNS_NXDOMAIN, 0, NULL, NULL),
    };
    DNS_BENCH(bench);
    struct ac_dns_place place;

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(locate(&bench, "_acme-challenge.a.b.example", &place, &err));

    CU_ASSERT_STRING_EQUAL(place.zone, "b.example");
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NULL, NULL), 3);
}

AC_TEST(alias_is_followed_in_one_question)
{
    static const struct ac_dns_rule rules[] = {
        RULE(NAME, "SOA", 0, AC_DNS_NXDOMAIN, 0,
             NAME " 60 CNAME X.Delegate.test\nx.delegate.TEST 60 CNAME y.other.test",
             SOA("other.test")),
    };
    DNS_BENCH(bench);
    struct ac_dns_place place;

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(locate(&bench, NAME, &place, &err));

    CU_ASSERT_STRING_EQUAL(place.name, "y.other.test");
    CU_ASSERT_STRING_EQUAL(place.zone, "other.test");
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NULL, NULL), 1);
}

AC_TEST(alias_that_the_resolver_does_not_follow_is_followed)
{
    static const struct ac_dns_rule rules[] = {
        RULE(NAME, "SOA", 0, 0, AC_DNS_AA, NAME " 60 CNAME x.other.test", NULL),
        RULE("x.other.test", "SOA", 0, AC_DNS_NXDOMAIN, 0, NULL, SOA("other.test")),
    };
    DNS_BENCH(bench);
    struct ac_dns_place place;

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(locate(&bench, NAME, &place, &err));

    CU_ASSERT_STRING_EQUAL(place.name, "x.other.test");
    CU_ASSERT_STRING_EQUAL(place.zone, "other.test");
}

AC_TEST(dname_without_its_cname_renames_the_end)
{
    static const struct ac_dns_rule rules[] = {
        RULE(NAME, "SOA", 0, 0, 0, "a.example 60 DNAME b.test", NULL),
        RULE("_acme-challenge.b.test", "SOA", 0, AC_DNS_NXDOMAIN, 0, NULL,
             SOA("b.test")),
    };
    DNS_BENCH(bench);
    struct ac_dns_place place;

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(locate(&bench, NAME, &place, &err));

    CU_ASSERT_STRING_EQUAL(place.name, "_acme-challenge.b.test");
    CU_ASSERT_STRING_EQUAL(place.zone, "b.test");
}

AC_TEST(circle_of_aliases_ends)
{
    static const struct ac_dns_rule rules[] = {
        RULE(NULL, "SOA", 0, 0, 0, NAME " 60 CNAME x.test\nx.test 60 CNAME " NAME,
             NULL),
    };
    DNS_BENCH(bench);
    struct ac_dns_place place;

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(locate(&bench, NAME, &place, &err));

    CU_ASSERT_EQUAL(place.status, ACMECORE_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(place.reason, "circle"));
}

/* BIND says SERVFAIL, and each alias when it is asked for that. */
AC_TEST(circle_that_the_resolver_finds_first_is_called_so)
{
    static const struct ac_dns_rule rules[] = {
        RULE(NULL, "SOA", 0, AC_DNS_SERVFAIL, 0, NULL, NULL),
        RULE(NAME, "CNAME", 0, 0, 0, NAME " 60 CNAME x.test", NULL),
        RULE("x.test", "CNAME", 0, 0, 0, "x.test 60 CNAME " NAME, NULL),
    };
    DNS_BENCH(bench);
    struct ac_dns_place place;

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(locate(&bench, NAME, &place, &err));

    CU_ASSERT_EQUAL(place.status, ACMECORE_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(place.reason, "circle"));
}

AC_TEST(target_whose_zone_fails_is_named)
{
    static const struct ac_dns_rule rules[] = {
        RULE("test", "SOA", 0, 0, 0, SOA("test"), NULL),
        RULE(NULL, "SOA", 0, AC_DNS_SERVFAIL, 0, NULL, NULL),
        RULE(NAME, "CNAME", 0, 0, 0, NAME " 60 CNAME x.b.test", NULL),
        RULE(NULL, "CNAME", 0, AC_DNS_SERVFAIL, 0, NULL, NULL),
    };
    DNS_BENCH(bench);
    struct ac_dns_place place;

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(locate(&bench, NAME, &place, &err));

    CU_ASSERT_EQUAL(place.status, ACMECORE_E_REFUSED);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(place.reason, "SERVFAIL for b.test and all below it, x.b.test too"));
}

AC_TEST(referral_means_the_child_zone)
{
    static const struct ac_dns_rule rules[] = { RULE(NAME, "SOA", 0, 0, 0, NULL,
                                                     "a.example 60 NS ns.a.example") };
    DNS_BENCH(bench);
    struct ac_dns_place place;

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(locate(&bench, NAME, &place, &err));

    CU_ASSERT_STRING_EQUAL(place.zone, "a.example");
}

AC_TEST(upward_referral_and_foreign_soa_are_not_believed)
{
    static const struct ac_dns_rule rules[] = {
        RULE(NAME, "SOA", 0, 0, 0, NULL, ". 60 NS a.root\n" SOA("other.test")),
        RULE("a.example", "SOA", 0, 0, 0, SOA("a.example"), NULL),
    };
    DNS_BENCH(bench);
    struct ac_dns_place place;

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(locate(&bench, NAME, &place, &err));

    CU_ASSERT_STRING_EQUAL(place.zone, "a.example");
}

AC_TEST(each_failure_has_its_class)
{
    static const struct {
        struct ac_dns_rule rule;
        int status;
        const char *word;
    } cases[] = {
        { RULE(NULL, NULL, 0, AC_DNS_NXDOMAIN, 0, NULL, SOA(".")), ACMECORE_E_CONFIG,
          "no domain a.example, and no zone that _acme-challenge.a.example" },
        { RULE(NULL, NULL, 0, AC_DNS_NXDOMAIN, 0, NULL, NULL), ACMECORE_E_CONFIG,
          "no zone" },
        { RULE(NULL, NULL, 0, AC_DNS_SERVFAIL, 0, NULL, NULL), ACMECORE_E_REFUSED,
          "SERVFAIL" },
        { RULE(NULL, NULL, 0, AC_DNS_REFUSED, 0, NULL, NULL), ACMECORE_E_REFUSED,
          "REFUSED" },
    };
    struct ac_dns_place place;

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        DNS_BENCH(bench);
        AC_REQUIRE_OK(dns_bench_start(&bench, &cases[i].rule, 1, &err));
        AC_REQUIRE_OK(locate(&bench, NAME, &place, &err));
        CU_ASSERT_EQUAL(place.status, cases[i].status);
        CU_ASSERT_PTR_NOT_NULL(strstr(place.reason, cases[i].word));
    }
}

AC_TEST(zone_that_fails_is_named)
{
    static const struct ac_dns_rule rules[] = {
        RULE(NAME, NULL, 0, AC_DNS_SERVFAIL, 0, NULL, NULL),
        RULE("a.example", NULL, 0, AC_DNS_SERVFAIL, 0, NULL, NULL),
        RULE("example", "SOA", 0, 0, 0, SOA("example"), NULL),
    };
    DNS_BENCH(bench);
    struct ac_dns_place place;

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(locate(&bench, NAME, &place, &err));

    CU_ASSERT_EQUAL(place.status, ACMECORE_E_REFUSED);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(place.reason, "SERVFAIL for a.example and all below it, " NAME));
    CU_ASSERT_STRING_EQUAL(place.zone, "");
}

AC_TEST(silent_resolver_is_a_matter_of_the_network)
{
    static const struct ac_dns_rule rules[] = { RULE(NULL, NULL, 0, 0, AC_DNS_DROP,
                                                     NULL, NULL) };
    DNS_BENCH(bench);
    struct ac_dns_place place;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE(ac_dns_place_init(&place, NAME));
    AC_REQUIRE_OK(
        ac_dns_locate(&bench.resolvers, &place, 1, ac_clock_after_ms(700), &err));

    CU_ASSERT_EQUAL(place.status, ACMECORE_E_NETWORK);
    CU_ASSERT_PTR_NOT_NULL(strstr(place.reason, "no answer"));
}

AC_TEST(batch_is_looked_up_together)
{
    static const struct ac_dns_rule rules[] = { RULE(NULL, "SOA", 0, AC_DNS_NXDOMAIN, 0,
                                                     NULL, SOA("example")) };
    static struct ac_dns_place places[50];
    DNS_BENCH(bench);
    char name[64];

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    for (size_t i = 0; i < AC_COUNT(places); i++) {
        (void)snprintf(name, sizeof name, "_acme-challenge.%zu.example", i);
        AC_REQUIRE(ac_dns_place_init(&places[i], name));
    }
    AC_REQUIRE_OK(ac_dns_locate(&bench.resolvers, places, AC_COUNT(places),
                                ac_clock_after_ms(LIMIT), &err));

    CU_ASSERT_STRING_EQUAL(places[49].zone, "example");
    CU_ASSERT_STRING_EQUAL(places[49].name, "_acme-challenge.49.example");
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NULL, NULL), AC_COUNT(places));
}

AC_TEST(name_that_does_not_fit_is_refused)
{
    struct ac_dns_place place;
    char name[400];

    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';

    CU_ASSERT_FALSE(ac_dns_place_init(&place, name));
    CU_ASSERT_FALSE(ac_dns_place_init(&place, ""));
}

AC_SUITE("pluginhost/dns_locate", AC_CASE(apex_is_named_beside_a_negative_answer),
         AC_CASE(apex_is_found_by_climbing), AC_CASE(alias_is_followed_in_one_question),
         AC_CASE(alias_that_the_resolver_does_not_follow_is_followed),
         AC_CASE(dname_without_its_cname_renames_the_end),
         AC_CASE(circle_of_aliases_ends),
         AC_CASE(circle_that_the_resolver_finds_first_is_called_so),
         AC_CASE(target_whose_zone_fails_is_named),
         AC_CASE(referral_means_the_child_zone),
         AC_CASE(upward_referral_and_foreign_soa_are_not_believed),
         AC_CASE(each_failure_has_its_class), AC_CASE(zone_that_fails_is_named),
         AC_CASE(silent_resolver_is_a_matter_of_the_network),
         AC_CASE(batch_is_looked_up_together),
         AC_CASE(name_that_does_not_fit_is_refused))
