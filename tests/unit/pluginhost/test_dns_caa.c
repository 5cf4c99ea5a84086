/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_caa.h"

#include "dns_bench.h"

#include <stdlib.h>

#define LIMIT   10000
#define ACCOUNT "https://ca.example/acct/1"
#define NAME    "www.example.org"

static void words_done(struct ac_words *words)
{
    ac_words_done(words);
}

static void names_done(struct ac_dns_caa_name *name)
{
    ac_dns_caa_names_done(name, 1);
}

/* What is found for one name in a zone whose apex has these records. */
static enum ac_code check(struct dns_bench *bench, const char *records,
                          struct ac_dns_caa_name *name, struct ac_error *err)
{
    __attribute__((cleanup(words_done))) struct ac_words identities = { 0 };
    struct ac_dns_caa_request request = { .identities = &identities,
                                          .account_url = ACCOUNT };
    const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, "example.org", "CAA", 0, 0, 0, records, NULL },
        { AC_DNS_ANY, NULL, "CAA", 0, AC_DNS_NXDOMAIN, 0, NULL, NULL },
    };

    AC_TRY(ac_words_add(&identities, "ca.example", err));
    AC_TRY(ac_words_add(&identities, "ca.example.net", err));
    AC_TRY(dns_bench_start(bench, rules, AC_COUNT(rules), err));
    return ac_dns_caa_check(&bench->resolvers, &request, name, 1,
                            ac_clock_after_ms(LIMIT), err);
}

#define CAA(v) "example.org 60 CAA " v
#define NAMED(...)                                                                     \
    __attribute__((cleanup(names_done))) struct ac_dns_caa_name name = { .name = NAME, \
                                                                         __VA_ARGS__ }

AC_TEST(sets_are_judged_as_a_ca_does)
{
    static const struct {
        const char *records;
        bool is_wildcard;
        const char *finding; /* NULL: none */
    } cases[] = {
        { NULL, false, NULL },
        { CAA("0 issue ca.example"), false, NULL },
        { CAA("0 ISSUE  CA.Example.NET ; foo=bar"), false, NULL },
        { CAA("0 issue other.example"), false, "do not let this CA" },
        { CAA("0 issue ;"), false, "do not let this CA" },
        { CAA("0 issue other.example\n") CAA("0 issue ca.example"), false, NULL },
        { CAA("0 iodef mailto:a@example.org"), false, NULL },
        { CAA("0 issuewild ;"), false, NULL },
        { CAA("0 issuewild ;\n") CAA("0 issue ca.example"), true, "issuewild" },
        { CAA("0 issue ;\n") CAA("0 issuewild ca.example"), true, NULL },
        { CAA("0 issue ca.example"), true, NULL },
        { CAA("0 issue ca.example; accounturi=" ACCOUNT), false, NULL },
        { CAA("0 issue ca.example; accounturi=" ACCOUNT "2"), false,
          "another account" },
        { CAA("0 issue ca.example; accounturi=" ACCOUNT "; accounturi=" ACCOUNT), false,
          "malformed" },
        { CAA("0 issue ca.example; nonsense"), false, "malformed" },
        { CAA("0 issue ca.example; validationmethods=http-01, DNS-01"), false, NULL },
        { CAA("0 issue ca.example; validationmethods=http-01"), false, "validate by" },
        { CAA("128 future x"), false, "critical" },
        { CAA("1 future x"), false, "critical" },
        { CAA("0 future x"), false, NULL },
        { CAA("128 issue ca.example"), false, NULL },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        DNS_BENCH(bench);
        NAMED(.method = "dns-01", .is_wildcard = cases[i].is_wildcard);
        AC_REQUIRE_OK(check(&bench, cases[i].records, &name, &err));
        CU_ASSERT(cases[i].finding
                      ? name.finding && strstr(name.finding, cases[i].finding)
                      : !name.finding);
    }
}

AC_TEST(set_is_looked_for_up_to_the_top)
{
    DNS_BENCH(bench);
    NAMED(.method = NULL);

    AC_REQUIRE_OK(check(&bench, NULL, &name, &err));

    CU_ASSERT_PTR_NULL(name.finding);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NAME, "CAA"), 1);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, "example.org", "CAA"), 1);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, "org", "CAA"), 1);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NULL, NULL), 3);
}

AC_TEST(lookup_that_fails_names_the_zone)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, "example.org", "CAA", 0, AC_DNS_SERVFAIL, 0, NULL, NULL },
        { AC_DNS_ANY, NULL, NULL, 0, 0, 0, NULL, NULL },
    };
    static const struct ac_words none;
    static const struct ac_dns_caa_request request = { .identities = &none };
    DNS_BENCH(bench);
    NAMED(.method = NULL);

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ac_dns_caa_check(&bench.resolvers, &request, &name, 1,
                                   ac_clock_after_ms(LIMIT), &err));

    AC_REQUIRE(name.finding != NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(name.finding, "of example.org cannot"));
    CU_ASSERT_PTR_NOT_NULL(strstr(name.finding, "SERVFAIL"));
}

/* A lab's names that our resolver cannot see: the CA may see them well. */
AC_TEST(zone_that_answers_nothing_is_passed_over)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, NULL, NULL, 0, AC_DNS_SERVFAIL, 0, NULL, NULL },
    };
    static const struct ac_words none;
    static const struct ac_dns_caa_request request = { .identities = &none };
    DNS_BENCH(bench);
    NAMED(.method = NULL);

    AC_REQUIRE_OK(dns_bench_start(&bench, rules, AC_COUNT(rules), &err));
    AC_REQUIRE_OK(ac_dns_caa_check(&bench.resolvers, &request, &name, 1,
                                   ac_clock_after_ms(LIMIT), &err));

    CU_ASSERT_PTR_NULL(name.finding);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, NAME, "SOA"), 1);
}

AC_TEST(ca_without_identities_is_not_judged)
{
    static char owner[] = "a";
    static char issuer[] = ";";
    static const struct ac_words none;
    static const struct ac_dns_caa_request request = { .identities = &none };
    struct ac_error err = { 0 };
    struct ac_dns_record record = { .owner = owner,
                                    .type = AC_DNS_CAA,
                                    .tag = "issue",
                                    .data = issuer,
                                    .data_size = 1 };
    struct ac_dns_answer answer = { .records = &record, .count = 1 };
    struct ac_dns_caa_name name = { .name = NAME };
    char *finding = NULL;

    AC_REQUIRE_OK(ac_dns_caa_judge(&request, &name, &answer, &finding, &err));

    CU_ASSERT_PTR_NULL(finding);
}

AC_SUITE("pluginhost/dns_caa", AC_CASE(sets_are_judged_as_a_ca_does),
         AC_CASE(set_is_looked_for_up_to_the_top),
         AC_CASE(lookup_that_fails_names_the_zone),
         AC_CASE(zone_that_answers_nothing_is_passed_over),
         AC_CASE(ca_without_identities_is_not_judged))
